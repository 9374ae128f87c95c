"""A chart of points with labelled axes, made of cells."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from math import ceil, floor, log10
from typing import Final

import msgspec
from textual.content import Content

from stt_monitor.ui.drawing.lanes import EMPTY, Cell, Lane

_STEPS: Final = (1.0, 2.0, 5.0, 10.0)
"""Distances between ticks, times a power of ten."""
_AXIS_LINES: Final = 2
"""The horizontal axis, and its numbers."""
_LEAST_PLOT: Final = (12, 3)
"""Cells and lines below which nothing can be read from a chart."""
_TICK_CELLS: Final = 9
"""Cells between numbers on the horizontal axis, at least."""
_TICK_LINES: Final = 2
_MOST_TICKS: Final = 8
_AXIS: Final = ".faint"
_NUMBER: Final = ".label"


class Point(msgspec.Struct, frozen=True):
    """A point, in the units of the axes. Points that come later are drawn over earlier ones."""

    x: float
    y: float
    mark: str
    """One cell."""
    style: str
    x_range: tuple[float, float] | None = None
    """Interval to draw through it; None for none."""
    y_range: tuple[float, float] | None = None


class Scale(msgspec.Struct, frozen=True):
    """An axis: its range, and the distance of its numbers."""

    low: float
    high: float
    step: float

    @property
    def ticks(self) -> Iterator[float]:
        """The numbers on it."""
        number = round((self.high - self.low) / self.step)
        return (self.low + self.step * place for place in range(number + 1))

    def place(self, value: float, cells: int) -> int:
        """Return the cell of a value, counted from the low end; values beyond the ends stay on them."""
        share = (value - self.low) / (self.high - self.low)
        return min(max(0, round(share * (cells - 1))), cells - 1)


def scale(values: Sequence[float], ticks: int, *, least: float, from_zero: bool = False) -> Scale:
    """Return an axis that holds all values, with round numbers.

    Args:
        values: what is drawn; may be empty.
        ticks: how many numbers there is room for, at least 1.
        least: shortest range worth an axis.
        from_zero: begin at 0.
    """
    low = 0.0 if from_zero or not values else min(values)
    high = max([*values, low + least])
    width = (high - low) / max(1, ticks)
    power = 10 ** floor(log10(width))
    step = next(each * power for each in _STEPS if each * power >= width * (1 - 1e-9))
    return Scale(floor(low / step) * step, ceil(high / step - 1e-9) * step, step)


def scatter(points: Sequence[Point], width: int, height: int, *, title: str, least_x: float) -> list[Content]:
    """Draw points over two axes, the vertical one from 0.

    Args:
        points: later ones over earlier ones.
        width: cells.
        height: lines.
        title: what the axes show, with their units.
        least_x: shortest range of the horizontal axis.
    """
    lines = height - _AXIS_LINES - 1
    y = scale([point.y for point in points], max(1, min(lines // _TICK_LINES, _MOST_TICKS)), least=1.0, from_zero=True)
    gutter = max(len(f"{tick:g}") for tick in y.ticks) + 2
    columns = width - gutter - 1
    if columns < _LEAST_PLOT[0] or lines < _LEAST_PLOT[1]:
        return [Content.assemble(("no room for the curve", ".faint")).truncate(max(0, width))]
    x = scale([point.x for point in points], max(1, columns // _TICK_CELLS), least=least_x)
    plot = _plot(points, x, y, columns, lines)
    rows = {lines - 1 - y.place(tick, lines): f"{tick:g}" for tick in y.ticks}
    left = [f"{rows.get(row, ''):>{gutter - 1}} " for row in range(lines)]
    marks = {x.place(tick, columns): tick for tick in x.ticks}
    axis = "".join("┴" if column in marks else "─" for column in range(columns))
    return [
        Content.assemble((title, _NUMBER)).truncate(width, ellipsis=True),
        *(
            Content.assemble((left[row], _NUMBER), ("┤" if row in rows else "│", _AXIS), *_joined(plot[row]))
            for row in range(lines)
        ),
        Content.assemble((f"{'':{gutter}}└{axis}", _AXIS)),
        Content.assemble((_numbers(marks, gutter + 1, width), _NUMBER)),
    ]


def _plot(points: Sequence[Point], x: Scale, y: Scale, columns: int, lines: int) -> list[Lane]:
    plot: list[Lane] = [[EMPTY] * columns for _ in range(lines)]
    for point in points:
        column, row = x.place(point.x, columns), lines - 1 - y.place(point.y, lines)
        if point.x_range is not None:
            start, stop = (x.place(value, columns) for value in point.x_range)
            for place in range(start, stop + 1):
                plot[row][place] = ("─", point.style)
        if point.y_range is not None:
            bottom, top = (lines - 1 - y.place(value, lines) for value in point.y_range)
            for place in range(top, bottom + 1):
                plot[place][column] = ("│", point.style)
    for point in points:
        plot[lines - 1 - y.place(point.y, lines)][x.place(point.x, columns)] = (point.mark, point.style)
    return plot


def _joined(lane: Lane) -> Iterator[Cell]:
    """Yield the cells of a line, those of one style together."""
    edges = [0, *(place for place, (one, two) in enumerate(pairwise(lane), 1) if one[1] != two[1]), len(lane)]
    return (("".join(cell for cell, _ in lane[start:stop]), lane[start][1]) for start, stop in pairwise(edges))


def _numbers(marks: dict[int, float], left: int, width: int) -> str:
    """Return the line of numbers beneath the axis, those that have room."""
    line = ""
    for column, tick in marks.items():
        text = f"{tick:g}"
        start = min(max(0, left + column - len(text) // 2), width - len(text))
        if not line or start > len(line):
            line = f"{line:<{start}}{text}"
    return line
