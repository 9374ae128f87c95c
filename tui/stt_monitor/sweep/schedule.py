"""Which cell runs next, how many at once, and what follows from how one ended. Pure: no sessions, no clock."""

from collections import deque
from collections.abc import Mapping
from typing import Final

from stt_monitor.core.settings.requested import TurnSettings

SLOW_SHARE: Final = 0.1
"""A cell of which more turns were slow than this is run again."""


MOST_REFUSED: Final = 3
"""Settings that are tried, one after another, while all are refused: a key that is wrong is not sent with each."""


class Schedule:
    """The cells that are left of a sweep, by their numbers.

    Those that failed or were slow come again once, when all others are over.
    """

    def __init__(self, cells: Mapping[int, tuple[float, TurnSettings]], at_once: int) -> None:
        """Begin.

        Args:
            cells: length, seconds, and settings of each cell to run.
            at_once: most cells to run at once.
        """
        self.limit = at_once
        """Most cells at once, for now."""
        self._cells = cells
        # The longest first, so that none of them is left alone at the end.
        self._waiting = deque(sorted(cells, key=lambda number: -cells[number][0]))
        self._again: list[int] = []
        self._left = set(cells)
        self._waiting_s = sum(seconds for seconds, _ in cells.values())
        self._is_second_round = False
        self._was_slow = False
        self._running: set[int] = set()
        self._heard: set[int] = set()
        self._accepted: set[TurnSettings] = set()
        self._refused: list[int] = []
        self._is_away = False

    @property
    def running(self) -> int:
        """How many cells run."""
        return len(self._running)

    @property
    def is_settled(self) -> bool:
        """Whether the service takes part in all cells that run."""
        return self._heard == self._running

    @property
    def waiting(self) -> tuple[int, float, float]:
        """How many cells wait or come again, their length together, and that of the longest; seconds."""
        longest = self._cells[self._waiting[0]][0] if self._waiting else 0.0
        return len(self._waiting) + len(self._again), self._waiting_s, longest

    def is_left(self, number: int) -> bool:
        """Return whether a cell waits, or comes again."""
        return number in self._left

    def start(self) -> int | None:
        """Return the cell to start now; None if none is to be started before another one ends."""
        if not (self._running or self._waiting) and self._again and not self._is_second_round:
            self._is_second_round = True
            self.limit = max(1, self.limit // 2) if self._was_slow else self.limit
            self._waiting, self._again = deque(self._again), []
        is_held = self._running and (self._is_away or self._refused)
        if not self._waiting or len(self._running) >= self.limit or is_held:
            return None
        number = self._waiting.popleft()
        self._left.discard(number)
        self._waiting_s -= self._cells[number][0]
        self._running.add(number)
        return number

    def hears(self, number: int) -> None:
        """Note that the service takes part in a running cell, and is there."""
        self._heard.add(number)
        self._accepted.add(self._cells[number][1])
        self._is_away = False

    def done(self, number: int) -> None:
        """End a cell that counts."""
        self._leave(number)

    def failed(self, number: int, *, slow: bool = False) -> bool:
        """End a cell that does not count; returns whether it comes again. Slow ones come again with fewer at once."""
        self._leave(number)
        if self._is_second_round:
            return False
        self._again.append(number)
        self._comes_again(number)
        self._was_slow = self._was_slow or slow
        return True

    def put_back(self, number: int) -> None:
        """End a cell as if it had not begun."""
        self._leave(number)
        self._waiting.appendleft(number)
        self._comes_again(number)

    def busy(self, number: int) -> bool:
        """Put back a cell that a busy service did not take; returns whether fewer run at once from now on.

        Of the others some may be refused yet: each lowers the number again. The last one waits for the service alone.
        """
        self.put_back(number)
        before, self.limit = self.limit, min(self.limit, max(1, len(self._running)))
        return self.limit < before

    def unreached(self, number: int) -> bool:
        """Put back a cell that did not reach the service; returns whether that is the end of the sweep.

        While others run, the service may come back to them.
        """
        self.put_back(number)
        self._is_away = True
        return not self._running

    def refused(self, number: int) -> bool:
        """End a cell that was refused for good; returns whether that is the end of the sweep.

        It is, if nothing of the cell itself can be the reason: its settings were taken before, or no others are, of
        `MOST_REFUSED` that were tried or of all that there are.
        """
        self._leave(number)
        self._refused.append(number)
        if self._cells[number][1] in self._accepted:
            return True
        if self._accepted or self._running:
            return False
        tried = {self._cells[each][1] for each in self._refused}
        return len(tried) >= MOST_REFUSED or all(self._cells[each][1] in tried for each in self._waiting)

    def settle(self) -> list[int]:
        """Return the refused cells whose own settings are the reason, once others are taken; they do not come again."""
        if not self._accepted:
            return []
        own, self._refused = self._refused, []
        return own

    def _comes_again(self, number: int) -> None:
        self._left.add(number)
        self._waiting_s += self._cells[number][0]

    def _leave(self, number: int) -> None:
        self._running.discard(number)
        self._heard.discard(number)
