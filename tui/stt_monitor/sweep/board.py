"""What is shown of a sweep while it runs: each cell's state, and how long the rest takes."""

import asyncio
from collections.abc import Callable
from typing import Final

from stt_monitor.core.sweep.result import CellProgress, CellState, SweepState
from stt_monitor.core.text.sanitize import legible
from stt_monitor.sweep.folder import SweepFolder
from stt_monitor.sweep.schedule import Schedule

SHOW_EVERY_S: Final = 0.5
AROUND_S: Final = 1.5
"""What a session takes beside its audio: connecting, the last events, closing its files."""


class Board:
    """Keeps the states of all cells, and shows them when they have changed. For use inside the event loop."""

    def __init__(
        self, folder: SweepFolder, seconds: list[float], schedule: Schedule, show: Callable[[SweepState], object]
    ) -> None:
        """Begin.

        Args:
            folder: of the sweep; cells that count there are done.
            seconds: length of each cell.
            schedule: knows which cells wait.
            show: called with each state.
        """
        self.note = ""
        """What people should know of the sweep now."""
        self._folder = folder
        self._seconds = seconds
        self._schedule = schedule
        self._show_state = show
        self._cells = [CellProgress(cell) for cell in folder.cells]
        self._running: set[int] = set()
        self._is_stale = True
        for number in range(len(self._cells)):
            if folder.counts(number):
                self.mark(number, CellState.DONE, played=1.0, saved=True)

    def mark(self, number: int, state: CellState, *, played: float = 0.0, saved: bool = False, note: str = "") -> None:
        """Set the state of a cell: how much of it is played (0 to 1), whether its session is saved, what to say."""
        folder = legible(str(self._folder.session(number))) if saved else ""
        self._cells[number] = CellProgress(self._folder.cells[number], state, played, folder, note)
        (self._running.add if state is CellState.RUNNING else self._running.discard)(number)
        self._is_stale = True

    def plays(self, number: int, seconds: float, *, saved: bool) -> None:
        """Note how much of a running cell is played."""
        self.mark(number, CellState.RUNNING, played=min(1.0, seconds / self._seconds[number]), saved=saved)

    def state(self, number: int) -> CellState:
        """Return the state of a cell."""
        return self._cells[number].state

    def note_of(self, number: int) -> str:
        """Return what there is to say of a cell."""
        return self._cells[number].note

    async def keep_showing(self) -> None:
        """Show what has changed, again and again."""
        while True:
            if self._is_stale:
                self.show()
            await asyncio.sleep(SHOW_EVERY_S)

    def show(self) -> None:
        """Show how it is now."""
        self._is_stale = False
        names = [each.name for each in self._folder.plan.recordings]
        source = names[0] if len(names) == 1 else ""
        self._show_state(
            SweepState(tuple(self._cells), self._schedule.limit, self._seconds_left(), self.note, source=source)
        )

    def _seconds_left(self) -> float:
        """Estimate how long the rest takes: its audio, in as many sessions as run at once."""
        count, waiting_s, longest_s = self._schedule.waiting
        rest = [(1 - self._cells[number].played) * self._seconds[number] + AROUND_S for number in self._running]
        if not (rest or count):
            return 0.0
        return max((waiting_s + count * AROUND_S + sum(rest)) / self._schedule.limit, longest_s, *rest)
