"""Replay controller: same interface as live sessions, plus seek, step and speed."""

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from functools import cached_property, partial
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Final

import msgspec

from stt_monitor.core.commands import (
    NOT_LIVE,
    Command,
    FindOptions,
    Mute,
    RetryNow,
    Seek,
    SeekTo,
    SeekTurn,
    Speed,
    Start,
    Step,
    Stop,
)
from stt_monitor.core.errors import InputError
from stt_monitor.core.journal import Entry
from stt_monitor.core.listeners import ignore
from stt_monitor.core.monitoring.wire_log import frame_of
from stt_monitor.core.session_options import Available, SourceKind
from stt_monitor.core.settings.requested import TurnSettings
from stt_monitor.core.snapshot import Playback, Snapshot
from stt_monitor.core.wire_frame import WireFrame
from stt_monitor.recording.cursor import Cursor, Track
from stt_monitor.recording.pace import Pace
from stt_monitor.recording.reader import Recording
from stt_monitor.recording.saved_sessions import SavedSession
from stt_monitor.services.registry import service_of
from stt_monitor.system.clock import Clock

BATCH: Final = 500
"""Most entries to read between two commands: some milliseconds of work."""


class Player:
    """Replays a saved session at any speed; going back means folding again from the start.

    Services side by side play together, with one clock: the snapshot is that of the first, with all in its `lanes`.
    Methods return at once and may be called from any thread. Snapshots are the same at any speed.
    """

    def __init__(
        self, session: SavedSession, *, speed: float = 1.0, paused: bool = False, clock: Clock = time.monotonic
    ) -> None:
        """Start the thread; playback waits for `Start`.

        Args:
            session: the one to play.
            speed: seconds of session per second; infinite: as fast as possible.
            paused: wait at the beginning.
            clock: of playback; while it stands, only `Seek` goes on.
        """
        self._session = session
        self._pace = Pace(clock, speed, paused=paused)
        self._on_snapshot: Callable[[Snapshot], None] = ignore
        self._on_frame: Callable[[WireFrame], None] | None = None
        self._running = False
        self._error = ""
        self._cursor = Cursor(session, self._show_frame)
        self._shown = self._snapshot()
        self._commands: SimpleQueue[Command | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._serve, name="player", daemon=True)
        self._thread.start()

    @property
    def running(self) -> bool:
        """Whether it plays or is paused, before the end."""
        return self._running

    @property
    def service(self) -> str:
        """Name of the service that was recorded."""
        return service_of(self._shown.session).name

    @property
    def services(self) -> tuple[str, ...]:
        """Names of the services that were recorded; several: side by side."""
        return tuple(service_of(lane.manifest.session).name for lane in self._session.lanes)

    @property
    def recordings(self) -> tuple[Recording, ...]:
        """What it plays: several of services side by side."""
        return self._session.lanes

    @property
    def folder(self) -> Path:
        """Folder of the saved session."""
        return self._session.path

    @property
    def model(self) -> str:
        """Model that was asked for."""
        return self._shown.session.settings.model

    @property
    def settings(self) -> TurnSettings:
        """Empty: a replay asks nothing of a service."""
        return TurnSettings()

    def subscribe(
        self, on_snapshot: Callable[[Snapshot], None], *, on_frame: Callable[[WireFrame], None] | None = None
    ) -> None:
        """Hand snapshots and frames to callbacks on the player's thread; each frame once, whatever is sought."""
        self._on_snapshot, self._on_frame = on_snapshot, on_frame

    def send(self, command: Command) -> None:
        """Carry out a command on the player's thread; one that needs a live session shows `NOT_LIVE`."""
        if isinstance(command, Start):
            if self._running:
                return
            self._running = True  # at once: the caller may ask
        self._commands.put(command)

    def close(self) -> None:
        """End the thread."""
        self._commands.put(None)
        self._thread.join(1.0)

    # On the player's thread

    def _serve(self) -> None:
        while True:
            try:
                command = self._commands.get(timeout=self._pause_until_next())
            except Empty:
                do = self._advance
            else:
                if command is None:
                    return
                do = partial(self._execute, command)
            try:
                do()
            except InputError as error:  # the recording is damaged further on
                self._fail(str(error))
            except Exception as error:  # noqa: BLE001  the screen must not wait for a thread that has ended
                from stt_monitor.system.bugs import report_bug  # only now that something went wrong

                with suppress(Exception):  # the bug may be in a callback
                    self._fail(report_bug(error, "the replay has stopped"))

    def _execute(self, command: Command) -> None:
        match command:
            case Start():
                self._start()
            case Stop():
                self._stop()
            case Mute(on):
                self._pace.pause(paused=on)
                self._show()
            case Speed(by):
                self._pace.change_speed(by)
                self._show()
            case Step(by):
                self._step(by)
            case Seek() | SeekTo() | SeekTurn():
                self._seek(command)
            case FindOptions(on_found):
                on_found(Available((), NOT_LIVE, (), vendor_key_set=False, key_variable="", title=""))
            case RetryNow():
                pass  # nothing waits for a connection here
            case _:
                self._error = NOT_LIVE
                self._show()

    def _pause_until_next(self) -> float | None:
        """Return for how many seconds only a command needs work; None: for good."""
        next_at = self._cursor.next_at
        return None if not self._running or next_at is None else self._pace.seconds_until(next_at)

    def _rewind(self) -> None:
        self._cursor.rewind()
        self._pace.go_on_from(0.0)

    @cached_property
    def _bytes_per_second(self) -> dict[Path, int]:
        return {lane.path: lane.sent_as.bytes_per_second for lane in self._session.lanes}  # loads numpy: late

    def _show_frame(self, track: Track, entry: Entry) -> None:
        if self._on_frame is None:
            return
        recording = track.recording
        service = service_of(recording.manifest.session).name
        frame = frame_of(entry, self._bytes_per_second[recording.path], track.monitor.message, service)
        if frame is not None:
            self._on_frame(frame)

    def _advance(self) -> None:
        """Read the entries that are due, and show the result."""
        now = self._pace.due
        self._cursor.play(now, BATCH)
        next_at = self._cursor.next_at
        self._running = next_at is not None
        if next_at is None or next_at <= now:  # at the end, or more is due than one batch
            now = self._cursor.at
        self._pace.go_on_from(max(now, self._pace.position))
        self._show()

    def _go_to(self, position: float) -> None:
        if position < self._pace.position:
            self._rewind()
        self._cursor.skip_to(position)
        self._arrive(position if self._cursor.next_at is not None else min(position, self._cursor.at))

    def _arrive(self, position: float) -> None:
        self._running = self._cursor.next_at is not None
        self._pace.go_on_from(position)
        self._show()

    def _start(self) -> None:
        if self._cursor.next_at is None:
            self._rewind()
        self._error = ""
        self._pace.go_on_from(self._pace.position)
        self._show()

    def _stop(self) -> None:
        if self._running:
            self._running = False
            self._show()

    def _step(self, by: int) -> None:
        self._pace.paused = True
        number = max(0, self._cursor.events + by)
        if number < self._cursor.events:
            self._rewind()
        self._cursor.play_to_event(number)
        self._arrive(max(self._pace.position, self._cursor.at))

    def _seek(self, command: Seek | SeekTo | SeekTurn) -> None:
        match command:
            case Seek(by):
                self._go_to(max(0.0, self._pace.position + by))
            case SeekTo(at):
                self._go_to(max(0.0, at))
            case SeekTurn(by):
                self._seek_turn(by)

    def _seek_turn(self, by: int) -> None:
        if by > 0:
            self._cursor.skip_to_next_turn()
            self._arrive(max(self._pace.position, self._cursor.at))
        else:
            self._go_to(self._cursor.turn_start_before(self._pace.position))

    def _fail(self, sentence: str) -> None:
        """Stop with an error; shown over the last snapshot where a new one cannot be made."""
        self._running, self._error = False, sentence
        try:
            self._show()
        except Exception:  # noqa: BLE001  this failure is the one being reported
            self._on_snapshot(msgspec.structs.replace(self._shown, running=False, error=sentence))

    def _show(self) -> None:
        self._shown = self._snapshot()
        self._on_snapshot(self._shown)

    def _snapshot(self) -> Snapshot:
        lanes = tuple(map(self._replayed, self._cursor.snapshots(self._pace.position, running=self._running)))
        return lanes[0] if len(lanes) == 1 else msgspec.structs.replace(lanes[0], lanes=lanes, running=self._running)

    def _replayed(self, shown: Snapshot) -> Snapshot:
        return msgspec.structs.replace(
            shown,
            audio=msgspec.structs.replace(shown.audio, kind=SourceKind.REPLAY, quiet=self._pace.paused),
            recording=None,
            error=self._error or shown.error,
            playback=Playback(self._pace.speed, self._pace.paused, self._session.seconds, self._session.name),
        )
