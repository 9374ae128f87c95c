"""All of a call's session for who looks at it: read from where it is saved, then followed as it goes on."""

import threading
import time
from collections.abc import Callable
from functools import partial
from itertools import islice
from typing import Final

import msgspec

from stt_monitor.core.errors import InputError
from stt_monitor.core.journal import Entry
from stt_monitor.core.listeners import Observer
from stt_monitor.core.metrics.session_result import SessionResult
from stt_monitor.core.monitoring.monitor import Monitor
from stt_monitor.core.records.session import RecordingState
from stt_monitor.core.snapshot import Snapshot
from stt_monitor.recording.reader import open_recording
from stt_monitor.recording.recorder import Recorder
from stt_monitor.recording.replay import begin
from stt_monitor.system.bugs import report_bug

_WRITTEN_S: Final = 5.0
"""How long to wait until the disk has what came before."""
_LOOK_EVERY_S: Final = 0.05
_BATCH: Final = 200
_PAUSE_S: Final = 0.001
"""So many entries are read, then nothing for so long: the calls go on meanwhile."""

NOT_SAVED: Final = "this call is not saved: only its newest {} turns can be shown; figures are of all of them"
INCOMPLETE: Final = "the saved session of this call is not complete: only its newest turns can be shown"
ENDED: Final = "this call has ended: open it again to see all of its turns"

Run = Callable[[Callable[[], object]], object]
"""Has a step run on the thread of the calls."""


class WholeCalls:
    """The sessions of calls as they are shown: with all of their turns, where they are saved.

    Args:
        run: has a step run on the thread of the calls, which is that of all methods.
        unsaved_turns: turns that the session of a call keeps that is not saved.
    """

    def __init__(self, run: Run, unsaved_turns: int | None) -> None:
        self._run = run
        self._not_saved = NOT_SAVED.format(unsaved_turns)
        self._saved: dict[int, _SavedCall] = {}
        self._seen: int | None = None

    def observe(self, call: int, recorder: Recorder | None) -> Observer | None:
        """Return the observer of a call: that which records it, and lets it be shown."""
        if recorder is None:
            return None
        self._saved[call] = _SavedCall(recorder, self._run)
        return self._saved[call]

    def end(self, call: int) -> Recorder | None:
        """Forget a call that is over; returns what records it, if anything."""
        saved = self._saved.pop(call, None)
        return None if saved is None else saved.recorder

    def look_at(self, call: int | None) -> None:
        """Forget what was read of another call: nobody looks at it any more."""
        if self._seen not in (None, call) and (before := self._saved.get(self._seen)) is not None:
            before.look_away()
        self._seen = call

    def shown(self, call: int, kept: Snapshot) -> Snapshot:
        """Return a snapshot of the whole call; until it is read, or if it cannot be, of what its session has `kept`."""
        saved = self._saved.get(call)
        return _without_first(kept, self._not_saved) if saved is None else saved.shown(kept)


class _SavedCall:
    """Records a call, and serves the whole of it while it is open on the screen. An `Observer`.

    Args:
        recorder: records it.
        run: has a step run on that thread.
    """

    def __init__(self, recorder: Recorder, run: Run) -> None:
        self.recorder = recorder
        self._run = run
        self._entries = 0
        self._whole: _Whole | None = None

    def shown(self, kept: Snapshot) -> Snapshot:
        """Return a snapshot of all of it, once that is read."""
        if self._whole is None:
            self._whole = _Whole(self.recorder, self._entries, self._run)
        return self._whole.shown(kept)

    def look_away(self) -> None:
        """Forget what was read."""
        if self._whole is not None:
            self._whole.close()
            self._whole = None

    # As an observer

    def on_entry(self, entry: Entry) -> None:
        """Record an entry, and show it."""
        self.recorder.on_entry(entry)
        self._entries += 1
        if self._whole is not None:
            self._whole.follow(entry)

    def on_audio(self, position: int, data: bytes) -> None:
        """Record audio."""
        self.recorder.on_audio(position, data)

    def on_result(self, result: SessionResult) -> None:
        """Record what the session came to."""
        self.recorder.on_result(result)

    @property
    def state(self) -> RecordingState | None:
        """State of the recording."""
        return self.recorder.state

    def close(self) -> None:
        """Wait until all is saved."""
        self.recorder.close()


class _Whole:
    """Reads what is saved of a session on a thread of its own, then goes on with what came meanwhile.

    Args:
        recorder: writes it.
        entries: how many of its entries have come.
        run: has a step run on the thread of the calls.
    """

    def __init__(self, recorder: Recorder, entries: int, run: Run) -> None:
        self._recorder = recorder
        self._entries = entries
        self._taken = recorder.taken_bytes
        self._run = run
        self._monitor: Monitor | None = None
        self._ahead: list[Entry] = []  # came while those before them are read
        self._over = False  # nothing is read any more
        threading.Thread(target=self._read, name="call-reading", daemon=True).start()

    def follow(self, entry: Entry) -> None:
        """Take the next entry."""
        if self._monitor is not None:
            self._monitor.apply(entry)
        elif not self._over:
            self._ahead.append(entry)

    def shown(self, kept: Snapshot) -> Snapshot:
        """Return all of the session at the time of a snapshot of what is kept; else that, and why it is not all."""
        if self._monitor is not None:
            return self._monitor.snapshot(kept.at, running=kept.running)
        if self._over:
            return _without_first(kept, INCOMPLETE)
        return kept if kept.running else _without_first(kept, ENDED)

    def close(self) -> None:
        """Stop reading."""
        self._over = True

    def _read(self) -> None:
        monitor: Monitor | None = None
        try:
            monitor = self._folded()
        except InputError:
            pass  # the screen says so
        except Exception as error:  # noqa: BLE001  it is shown with what its own session has kept
            report_bug(error)
        self._run(partial(self._take, monitor))

    def _folded(self) -> Monitor | None:
        """Read the entries that had come at the beginning; returns None where they cannot all be read."""
        until = time.monotonic() + _WRITTEN_S
        while self._recorder.written_bytes < self._taken:
            if self._over or time.monotonic() > until:
                return None
            time.sleep(_LOOK_EVERY_S)
        if self._recorder.folder is None:
            return None
        entries = islice(open_recording(self._recorder.folder).entries(), self._entries)
        monitor, read = begin(next(entries)), 1
        while batch := list(islice(entries, _BATCH)):
            for entry in batch:
                monitor.apply(entry)
            read += len(batch)
            if self._over:
                return None
            time.sleep(_PAUSE_S)
        return monitor if read == self._entries else None

    def _take(self, monitor: Monitor | None) -> None:
        """Go on from what was read."""
        if monitor is not None:
            for entry in self._ahead:
                monitor.apply(entry)
        self._ahead = []
        self._over, self._monitor = True, monitor


def _without_first(kept: Snapshot, sentence: str) -> Snapshot:
    """Return a snapshot that says why it lacks turns, if it does."""
    if kept.warning or len(kept.finished) >= kept.counts.turns:
        return kept
    return msgspec.structs.replace(kept, warning=sentence)
