"""Lanes of cells by session time, and functions that draw into them."""

from collections.abc import Iterator
from itertools import groupby
from typing import Final

import msgspec
from textual.content import Content

Cell = tuple[str, str]
"""A character, and its style."""
Lane = list[Cell]
EMPTY: Final = (" ", "")
_HEARD: Final = ("┃", ".flash")


class Window(msgspec.Struct, frozen=True):
    """The visible part of a session: `columns` cells of `step` seconds each, up to `end`."""

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
        """Start and stop of each cell; exactly the same numbers wherever the window has moved."""
        first = round(self.end / self.step) - self.columns
        return ((cell * self.step, (cell + 1) * self.step) for cell in range(first, first + self.columns))

    def column(self, at: float) -> int:
        """Return the column of a session time; it may lie outside."""
        return int((at - self.start) // self.step)

    def __contains__(self, at: float) -> bool:
        """Return whether a session time is visible."""
        return 0 <= self.column(at) < self.columns


def blank(window: Window, cell: Cell = EMPTY) -> Lane:
    """Return a lane filled with one cell."""
    return [cell] * window.columns


def paint(lane: Lane, window: Window, start: float, stop: float, cell: Cell) -> None:
    """Fill the cells from `start` to `stop`, at least one."""
    first, last = window.column(start), max(window.column(start), window.column(stop))
    for column in range(max(first, 0), min(last + 1, window.columns)):
        lane[column] = cell


def write(lane: Lane, column: int, text: str, style: str) -> None:
    """Write text into a lane, if all of it fits inside."""
    if fits(lane, column, text):
        lane[column : column + len(text)] = [(char, style) for char in text]


def mark(lane: Lane, window: Window, at: float | None) -> Lane:
    """Mark the time of what is heard now, if it is visible."""
    if at is not None and at in window:
        lane[window.column(at)] = _HEARD
    return lane


def fits(lane: Lane, column: int, text: str) -> bool:
    """Return whether all of a text fits inside."""
    return column >= 0 and column + len(text) <= len(lane)


def is_free(lane: Lane, column: int, text: str, *, besides: str = "", edges: str = "", over: str = "") -> bool:
    """Return whether a text fits into blank cells with a blank on each side.

    Characters in `besides` count as blank, and cells of the style `over`; on the sides those in `edges` do too.
    """
    free, around = f" {besides}", f" {besides}{edges}"
    sides = [lane[place] for place in (column - 1, column + len(text)) if 0 <= place < len(lane)]
    return (
        fits(lane, column, text)
        and all(char in free or style == over != "" for char, style in lane[column : column + len(text)])
        and all(char in around or style == over != "" for char, style in sides)
    )


def joined(lane: Lane) -> Content:
    """Return a lane as content."""
    runs = groupby(lane, key=lambda cell: cell[1])
    return Content.assemble(*(("".join(char for char, _ in run), style) for style, run in runs))
