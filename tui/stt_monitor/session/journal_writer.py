"""Dispatches journal entries to the observer and the monitor, and the resulting records to listeners."""

from typing import TYPE_CHECKING, Final

import msgspec

from stt_monitor.audio.formats import AudioFormat, Encoding
from stt_monitor.core.dialect import Dialect
from stt_monitor.core.journal import (
    Addressed,
    Began,
    ConnectionChanged,
    Entry,
    Failed,
    Finished,
    FramePassed,
    RecordingChanged,
    received,
)
from stt_monitor.core.kept import FOR_SCREEN, Kept
from stt_monitor.core.listeners import Listeners, ignore
from stt_monitor.core.metrics.session_result import result_of
from stt_monitor.core.monitoring.monitor import Monitor
from stt_monitor.core.monitoring.wire_log import frame_of
from stt_monitor.core.records.session import Connection, RecordingState, SessionRecord
from stt_monitor.core.snapshot import Retry
from stt_monitor.services.registry import name_of
from stt_monitor.system.clock import Clock

if TYPE_CHECKING:
    from stt_monitor.transport.connection import Frame

_PENDING_AT_MOST: Final = 50
"""Most turns without final metrics; a snapshot measures each of them."""


class JournalWriter:
    """Holds the session's monitor and its clock: seconds since the session began."""

    def __init__(
        self,
        session: SessionRecord,
        dialect: Dialect,
        duration: float | None,
        listeners: Listeners,
        *,
        began: float,
        clock: Clock,
        kept: Kept = FOR_SCREEN,
    ) -> None:
        """Begin.

        Args:
            session: the first record.
            dialect: the service's.
            duration: of the audio, seconds; None if unknown.
            listeners: who is told what happens.
            began: when the session began, by the clock.
            clock: tells the time.
            kept: how much of what is past stays in memory.
        """
        self._clock = clock
        self.began = began
        self._first = Began(session, duration)
        self.monitor = Monitor.begin(
            self._first,
            dialect,
            on_final=listeners.on_final,
            kept=kept,
            tells_others=listeners.on_record is not ignore,
        )
        self._listeners = listeners
        self._service = name_of(session)
        self._bytes_per_second = AudioFormat(Encoding(session.encoding), session.sample_rate).bytes_per_second
        self.is_open = False
        self._addressed = False
        self._kept: RecordingState | None = None

    @property
    def is_kept(self) -> bool:
        """Whether there is an observer."""
        return self._listeners.observer is not None

    def now(self) -> float:
        """Return seconds since the session began."""
        return self._clock() - self.began

    def open(self) -> None:
        """Pass the first entry to the observer; after that, entries can be appended."""
        self.is_open = True
        if self._listeners.observer is not None:
            self._listeners.observer.on_entry(self._first)

    def append(self, entry: Entry) -> None:
        """Append an entry: pass it to the observer and the monitor, its records and its frame to the listeners."""
        if self._listeners.observer is not None:
            self._listeners.observer.on_entry(entry)
        for record in self.monitor.apply(entry):
            self._listeners.on_record(record)
        if self._listeners.on_frame is not None:
            frame = frame_of(entry, self._bytes_per_second, self.monitor.message, self._service)
            if frame is not None:
                self._listeners.on_frame(frame)

    def show(self) -> None:
        """Pass a snapshot of the running session to the listeners."""
        self._listeners.on_snapshot(self.monitor.snapshot(self.now(), running=True))

    def show_event(self) -> None:
        """Pass a snapshot on at once, unless so many turns are pending that it is costly."""
        if self.monitor.pending <= _PENDING_AT_MOST:
            self.show()

    def address(self, url: str, *, local: bool) -> None:
        """Append the service's address, and whether it is the local server of this program.

        The first time that puts the session itself on record.
        """
        self.append(Addressed(self.now(), url, local))
        if not self._addressed:
            self._addressed = True
            self.tell(Connection.CONNECTING)

    def tell(self, state: Connection, detail: str = "", retry: Retry | None = None, *, local: bool = False) -> None:
        """Append a change of the connection and show it; `local`: the server says that it is the local server."""
        self.append(ConnectionChanged(self.now(), state, detail, retry, local))
        self.show()

    def complain(self, sentence: str) -> None:
        """Show the user an error; the session goes on. Without effect once it is over."""
        if not self.monitor.over:
            self.append(Failed(self.now(), sentence))
            self.show()

    def received(self, frame: "Frame") -> None:
        """Append a frame from the service; the caller shows it."""
        self.append(received(frame.received_at - self.began, frame.payload))

    def passed(self, frame: FramePassed) -> None:
        """Append another frame, neither a message from the service nor audio; its `at` is the clock's."""
        self.append(msgspec.structs.replace(frame, at=frame.at - self.began))

    def sent_audio(self, position: int, data: bytes) -> None:
        """Pass sent audio to the observer; `position` is the index of its first sample."""
        if self._listeners.observer is not None:
            self._listeners.observer.on_audio(position, data)

    def check_recording(self) -> None:
        """Append a change of the recording, once the session itself is on record."""
        state = self._listeners.observer.state if self._listeners.observer is not None else None
        if self._addressed and state is not None and state != self._kept:
            self._kept = state
            self.append(RecordingChanged(self.now(), state))

    def finish(self, sentence: str, *, failed: bool) -> None:
        """Append the last entries; `sentence` says how the session ended, if there is anything to say."""
        if failed:
            self.append(Failed(self.now(), sentence))
        if not self._addressed:
            self.append(Addressed(self.now(), ""))
        self.append(ConnectionChanged(self.now(), Connection.CLOSED, sentence))
        self.check_recording()
        end = Finished(self.now(), self.monitor.turns)
        self.append(end)
        last = self.monitor.snapshot(end.at, running=False)
        if self._listeners.observer is not None:
            self._listeners.observer.on_result(result_of(last))
        self._listeners.on_snapshot(last)

    def close(self) -> None:
        """Close the observer; blocks while it writes."""
        if self._listeners.observer is not None:
            self._listeners.observer.close()

    def check_closed_recording(self) -> str:
        """Show a failure of the recording while it was closed; returns it, or nothing if it was shown before.

        The summary, the last record, is out by then.
        """
        state = self._listeners.observer.state if self._listeners.observer is not None else None
        if state is None or not state.stopped or state == self._kept:
            return ""
        self._kept = state
        at = self.now()
        self.monitor.apply(RecordingChanged(at, state))
        self._listeners.on_snapshot(self.monitor.snapshot(at, running=False))
        return state.stopped
