"""The sound of a sweep: read and degraded once for each recording and arm, and shared by the cells that play it."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable
from functools import partial

from stt_monitor.audio.sources.held_sound import HeldSound
from stt_monitor.core.sweep.grid import Cell
from stt_monitor.session.aside import aside

Load = Callable[[str, str], HeldSound]
"""Reads a recording, given its path and the arm; blocks. Raises InputError."""


class Sounds:
    """Holds the sounds that running and waiting cells play. For use inside the event loop."""

    def __init__(self, cells: Iterable[Cell], load: Load) -> None:
        """Prepare.

        Args:
            cells: those that will play, each once.
            load: reads a recording.
        """
        self._left = Counter(map(_key, cells))
        self._load = load
        self._held: dict[tuple[str, str], asyncio.Task[HeldSound]] = {}

    async def get(self, cell: Cell) -> HeldSound:
        """Return what a cell plays.

        Raises:
            InputError: it cannot be read any more.
        """
        key = _key(cell)
        if key not in self._held:
            self._held[key] = asyncio.create_task(aside(partial(self._load, *key)))
        return await asyncio.shield(self._held[key])

    def release(self, cell: Cell) -> None:
        """Forget what a cell played, unless others will play it."""
        key = _key(cell)
        self._left[key] -= 1
        if self._left[key] <= 0:
            self._held.pop(key, None)


def _key(cell: Cell) -> tuple[str, str]:
    return cell.recording, cell.arm
