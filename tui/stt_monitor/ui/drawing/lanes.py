"""Lanes of cells by session time, and how to put something into them."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Final

import msgspec
from textual.content import Content

Cell = tuple[str, str]
"""A character, and its style."""
Lane = list[Cell]
EMPTY: Final = (" ", "")


class Window(msgspec.Struct, frozen=True):
    """The stretch of session that is seen: `columns` cells of `step` seconds each, up to `end`."""

    end: float
    """Lies on the edge of a cell."""
    step: float
    columns: int

    @property
    def start(self) -> float:
        """Session time of the left edge."""
        return self.end - self.step * self.columns

    @property
    def cells(self) -> Iterator[tuple[float, float]]:
        """From when to when each cell goes; to the last digit the same wherever the window has moved."""
        first = round(self.end / self.step) - self.columns
        return ((cell * self.step, (cell + 1) * self.step) for cell in range(first, first + self.columns))

    def column(self, at: float) -> int:
        """Return the cell that a session time falls in; it may lie outside."""
        return int((at - self.start) // self.step)

    def __contains__(self, at: float) -> bool:
        """Whether a session time can be seen."""
        return 0 <= self.column(at) < self.columns


def blank(window: Window, cell: Cell = EMPTY) -> Lane:
    """Return a lane of one cell, again and again."""
    return [cell] * window.columns


def paint(lane: Lane, window: Window, start: float, stop: float, cell: Cell) -> None:
    """Fill the cells from `start` to `stop`, at least one."""
    first, last = window.column(start), max(window.column(start), window.column(stop))
    for column in range(max(first, 0), min(last + 1, window.columns)):
        lane[column] = cell


def write(lane: Lane, column: int, text: str, style: str) -> None:
    """Put text into a lane, if all of it is inside."""
    if fits(lane, column, text):
        lane[column : column + len(text)] = [(char, style) for char in text]


def fits(lane: Lane, column: int, text: str) -> bool:
    """Whether all of a text is inside."""
    return column >= 0 and column + len(text) <= len(lane)


def is_free(lane: Lane, column: int, text: str, *, besides: Sequence[str] = ()) -> bool:
    """Whether a text has room and nothing stands there or directly beside it, but for characters that do not matter."""
    around = lane[max(0, column - 1) : column + len(text) + 1]
    return fits(lane, column, text) and all(char == " " or char in besides for char, _ in around)


def joined(lane: Lane) -> Content:
    """Return a lane as it is drawn."""
    runs = groupby(lane, key=lambda cell: cell[1])
    return Content.assemble(*(("".join(char for char, _ in run), style) for style, run in runs))
