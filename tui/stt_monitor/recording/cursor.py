"""A recording as a tape: read forwards, entry by entry; backwards is from the beginning, but fast."""

from collections.abc import Callable, Iterator
from typing import Final

from stt_monitor.core.events import Likelihood
from stt_monitor.core.journal import Entry, Received
from stt_monitor.recording.reader import Recording
from stt_monitor.recording.replay import begin, completed

_NEARBY_S: Final = 0.5
"""Who goes back within this time of a turn's beginning means the turn before."""


class Cursor:
    """Where it stands, and what its monitor knows there. Knows nothing of speed; times are seconds of session.

    The recording is read bit by bit, never held in memory as a whole. Methods raise InputError where it is damaged.
    """

    def __init__(self, recording: Recording, on_entry: Callable[[Entry], object]) -> None:
        """Stand at the beginning; `on_entry` gets every entry once, when it is first read: played, or wound past."""
        self._recording = recording
        self._on_entry = on_entry
        self._furthest = 0  # entries that were ever read
        self.rewind()

    def rewind(self) -> None:
        """Go back to the beginning."""
        self._entries: Iterator[Entry] = completed(self._recording.entries())
        self.monitor = begin(next(self._entries))
        self._next: Entry | None = next(self._entries, None)
        self._number = 0  # of the entry that was read last
        self.at = 0.0
        """When what was read last happened."""
        self.events = 0
        """What the service had said by then of its own accord about turns."""

    @property
    def next_at(self) -> float | None:
        """When what comes next happened; None at the end."""
        return None if self._next is None else self._next.at

    def play(self, until: float, at_most: int) -> None:
        """Read what happened until a time, and not more than so many entries of it."""
        for _ in range(at_most):
            if self._next is None or self._next.at > until:
                break
            self._read(self._next)

    def play_to_event(self, number: int) -> None:
        """Read until there have been so many events."""
        while self._next is not None and self.events < number:
            self._read(self._next)

    def wind(self, until: float) -> None:
        """Pass what happened until a time."""
        while self._next is not None and self._next.at <= until:
            self._read(self._next)

    def wind_to_next_turn(self) -> None:
        """Pass what happened before the next turn, up to its beginning."""
        before = self._turns_begun
        while self._next is not None and self._turns_begun == before:
            self._read(self._next)

    def turn_before(self, position: float) -> float:
        """Return when the turn began that goes on at a time, or the one before, if that was just now."""
        shown = self.monitor.snapshot(position, running=False)
        starts = [finished.turn.started_at for finished in shown.finished]
        starts += [shown.open_turn.started_at] if shown.open_turn is not None else []
        return max((start for start in starts if start < position - _NEARBY_S), default=0.0)

    @property
    def _turns_begun(self) -> int:
        return self.monitor.turns + self.monitor.in_turn

    def _read(self, entry: Entry) -> None:
        self.monitor.take(entry)
        self.at = max(self.at, entry.at)
        self.events += isinstance(entry, Received) and not isinstance(self.monitor.event, Likelihood)
        self._next = next(self._entries, None)
        self._number += 1
        if self._number > self._furthest:
            self._furthest = self._number
            self._on_entry(entry)
