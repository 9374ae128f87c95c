"""Position in a recording: reads forwards entry by entry; going back means folding again from the start."""

from collections.abc import Callable, Iterator
from typing import Final

from stt_monitor.core.journal import Entry, Received
from stt_monitor.recording.reader import Recording
from stt_monitor.recording.replay import begin, with_end

_NEARBY_S: Final = 0.5
"""Going back this soon after a turn's start leads to the turn before it."""


class Cursor:
    """Read position in a recording, and the monitor's state there. Times are seconds of session.

    Streams the recording; never holds all of it in memory. Methods raise InputError where it is damaged.
    """

    def __init__(self, recording: Recording, on_entry: Callable[[Entry], object]) -> None:
        """Start at the beginning; call `on_entry` once for each entry, when it is first read."""
        self._recording = recording
        self._on_entry = on_entry
        self._furthest = 0  # entries read so far, rewinds aside
        self.rewind()

    def rewind(self) -> None:
        """Go back to the beginning."""
        self._entries: Iterator[Entry] = with_end(self._recording.entries())
        self.monitor = begin(next(self._entries))
        self._next: Entry | None = next(self._entries, None)
        self._number = 0  # of the last entry read
        self.at = 0.0
        """Time of the last entry read."""
        self.events = 0
        """Turn events of the service up to there."""

    @property
    def next_at(self) -> float | None:
        """Time of the next entry; None at the end."""
        return None if self._next is None else self._next.at

    def play(self, until: float, at_most: int) -> None:
        """Read entries up to a time, `at_most` so many."""
        for _ in range(at_most):
            if self._next is None or self._next.at > until:
                break
            self._read(self._next)

    def play_to_event(self, number: int) -> None:
        """Read up to and including event `number`."""
        while self._next is not None and self.events < number:
            self._read(self._next)

    def skip_to(self, until: float) -> None:
        """Read all entries up to a time."""
        while self._next is not None and self._next.at <= until:
            self._read(self._next)

    def skip_to_next_turn(self) -> None:
        """Read up to the start of the next turn."""
        before = self._turns_begun
        while self._next is not None and self._turns_begun == before:
            self._read(self._next)

    def turn_start_before(self, position: float) -> float:
        """Return the start of the turn open at a time, or of the turn before where that start is very near; else 0."""
        shown = self.monitor.snapshot(position, running=False)
        starts = [finished.turn.started_at for finished in shown.finished]
        starts += [shown.open_turn.started_at] if shown.open_turn is not None else []
        return max((start for start in starts if start < position - _NEARBY_S), default=0.0)

    @property
    def _turns_begun(self) -> int:
        return self.monitor.turns + self.monitor.in_turn

    def _read(self, entry: Entry) -> None:
        self.monitor.apply(entry)
        self.at = max(self.at, entry.at)
        self.events += isinstance(entry, Received) and not self.monitor.message.streams
        self._next = next(self._entries, None)
        self._number += 1
        if self._number > self._furthest:
            self._furthest = self._number
            self._on_entry(entry)
