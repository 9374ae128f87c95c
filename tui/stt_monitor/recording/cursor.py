"""Position in a recording: reads forwards entry by entry; going back means folding again from the start."""

from collections.abc import Callable, Iterator
from typing import Final

from stt_monitor.core.journal import Entry, Received
from stt_monitor.core.monitoring.monitor import Monitor
from stt_monitor.core.snapshot import Snapshot
from stt_monitor.recording.reader import Recording
from stt_monitor.recording.replay import begin, with_end
from stt_monitor.recording.saved_sessions import SavedSession

_NEARBY_S: Final = 0.5
"""Going back this soon after a turn's start leads to the turn before it."""


class Track:
    """Reads one session entry by entry."""

    def __init__(self, recording: Recording) -> None:
        """Start at the beginning."""
        self.recording = recording
        self._furthest = 0  # entries read so far, rewinds aside
        self.rewind()

    def rewind(self) -> None:
        """Go back to the beginning."""
        self._entries: Iterator[Entry] = with_end(self.recording)
        self.monitor: Monitor = begin(next(self._entries))
        self.next: Entry | None = next(self._entries, None)
        """The next entry; None at the end."""
        self._number = 0  # of the last entry read
        self.events = 0
        """Turn events of the service so far."""

    @property
    def turns_begun(self) -> int:
        """Turns so far."""
        return self.monitor.turns + self.monitor.in_turn

    def read(self) -> bool:
        """Read the next entry; return whether it was never read before."""
        entry = self.next
        assert entry is not None, "there is one"
        self.monitor.apply(entry)
        self.events += isinstance(entry, Received) and not self.monitor.message.streams
        self.next = next(self._entries, None)
        self._number += 1
        is_new = self._number > self._furthest
        self._furthest = max(self._furthest, self._number)
        return is_new


class Cursor:
    """Read position in a saved session, and the monitor's state there. Times are seconds of session.

    Sessions side by side are read together, in the order of time. Streams; never holds a whole recording in memory.
    Methods raise InputError where it is damaged.
    """

    def __init__(self, session: SavedSession, on_entry: Callable[[Track, Entry], object]) -> None:
        """Start at the beginning; call `on_entry` once for each entry, when it is first read."""
        self._on_entry = on_entry
        self.tracks = tuple(Track(lane) for lane in session.lanes)
        self._leading = next((track for track in self.tracks if track.recording.manifest.turns), self.tracks[0])
        self.at = 0.0
        """Time of the last entry read."""

    def rewind(self) -> None:
        """Go back to the beginning."""
        for track in self.tracks:
            track.rewind()
        self.at = 0.0

    @property
    def monitor(self) -> Monitor:
        """The monitor of the first session."""
        return self.tracks[0].monitor

    @property
    def events(self) -> int:
        """Turn events of the services so far."""
        return sum(track.events for track in self.tracks)

    @property
    def next_at(self) -> float | None:
        """Time of the next entry; None at the end."""
        return min((track.next.at for track in self.tracks if track.next is not None), default=None)

    def snapshots(self, position: float, *, running: bool) -> tuple[Snapshot, ...]:
        """Return a snapshot of each session; one that is over runs no more."""
        return tuple(
            track.monitor.snapshot(position, running=running and track.next is not None) for track in self.tracks
        )

    def play(self, until: float, at_most: int) -> None:
        """Read entries up to a time, `at_most` so many."""
        for _ in range(at_most):
            if not self._is_due(until):
                break
            self._read()

    def play_to_event(self, number: int) -> None:
        """Read up to and including event `number`."""
        while self.events < number and self.next_at is not None:
            self._read()

    def skip_to(self, until: float) -> None:
        """Read all entries up to a time."""
        while self._is_due(until):
            self._read()

    def skip_to_next_turn(self) -> None:
        """Read up to the start of the next turn of the first session that has any."""
        before = self._leading.turns_begun
        while self._leading.turns_begun == before and self.next_at is not None:
            self._read()

    def turn_start_before(self, position: float) -> float:
        """Return the start of the turn open at a time, or of the turn before where that start is very near; else 0."""
        shown = self._leading.monitor.snapshot(position, running=False)
        starts = [finished.turn.started_at for finished in shown.finished]
        starts += [shown.open_turn.started_at] if shown.open_turn is not None else []
        return max((start for start in starts if start < position - _NEARBY_S), default=0.0)

    def _is_due(self, until: float) -> bool:
        next_at = self.next_at
        return next_at is not None and next_at <= until

    def _read(self) -> None:
        """Read the earliest entry."""
        track = min((each for each in self.tracks if each.next is not None), key=_next_at)
        entry = track.next
        assert entry is not None, "as above"
        self.at = max(self.at, entry.at)
        if track.read():
            self._on_entry(track, entry)


def _next_at(track: Track) -> float:
    return 0.0 if track.next is None else track.next.at
