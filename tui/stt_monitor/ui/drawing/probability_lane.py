"""Draws the likelihood that a turn continues as a curve of dots, with its thresholds."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import Final

from stt_monitor.core.settings import Schema, TurnSettings
from stt_monitor.core.settings_editor import effective
from stt_monitor.core.sound.likelihood import LikelihoodPoint
from stt_monitor.ui.drawing.lanes import EMPTY, Cell

DOTS: Final = 4
"""Dots in a column of a cell; a cell has two columns."""

_BRAILLE: Final = 0x2800
_DOT_BITS: Final = ((0x01, 0x02, 0x04, 0x40), (0x08, 0x10, 0x20, 0x80))
"""Bits by column of dots, from the top."""

_STATES: Final = {"speaking": ".speaking", "eager_end": ".eager", "idle": ".idle"}
"""Style of a threshold by the state that it leads to."""
_CURVE: Final = ".chart"

_JOINED_S: Final = 0.25
"""Points farther apart (s) are not joined: what lies between them is unknown. They come every 32 ms."""


def draw_likelihood(
    points: Sequence[LikelihoodPoint],
    schema: Schema,
    settings: TurnSettings,
    *,
    start: float,
    step: float,
    columns: int,
    rows: int,
) -> list[list[Cell]]:
    """Draw the curve in `rows` lines of `columns` cells.

    Args:
        points: by the time at which their audio was spoken, oldest first.
        schema: of the settings.
        settings: the active ones; unset ones are drawn at the published default, those that are off are not drawn.
        start: session time of the left edge, seconds.
        step: seconds per cell.
        columns: cells per line.
        rows: lines.
    """
    levels = rows * DOTS
    bits = [[0] * columns for _ in range(rows)]
    for column, (low, high) in _ranges(points, start, step / 2, 2 * columns, levels).items():
        for level in range(low, high + 1):
            row, dot = divmod(levels - 1 - level, DOTS)
            bits[row][column // 2] |= _DOT_BITS[column % 2][dot]
    lanes: list[list[Cell]] = [[(chr(_BRAILLE | cell), _CURVE) if cell else EMPTY for cell in row] for row in bits]
    for row, marks in enumerate(_thresholds(schema, settings, levels)):
        if marks:  # two in one line alternate, by cells that move with the window
            first = round(start / step)
            lanes[row] = [
                cell if cell[1] or first + column < 0 else marks[(first + column) % len(marks)]
                for column, cell in enumerate(lanes[row])
            ]
    return lanes


def _thresholds(schema: Schema, settings: TurnSettings, levels: int) -> list[list[Cell]]:
    """Return the marks of the thresholds in each line."""
    lines: list[list[Cell]] = [[] for _ in range(levels // DOTS)]
    for each in schema.settings:
        value = effective(schema, settings, each.name)
        if each.leads_to and value is not None:
            row, dot = divmod(levels - 1 - _level(each.likelihood(value), levels), DOTS)
            lines[row].append((chr(_BRAILLE | _DOT_BITS[0][dot]), _STATES[each.leads_to]))
    return lines


def _ranges(
    points: Sequence[LikelihoodPoint], start: float, step: float, columns: int, levels: int
) -> dict[int, tuple[int, int]]:
    """Return lowest and highest dot of the curve by column, so that the curve is connected."""
    first = bisect_left(points, start, key=_time)
    last = bisect_right(points, start + step * columns, key=_time)
    ranges: dict[int, tuple[int, int]] = {}
    before: tuple[float, int, int] | None = None
    for point in points[max(0, first - 1) : last + 1]:  # one point before and after: the curve continues outside
        column, level = int((point.at - start) // step), _level(point.value, levels)
        told_at, since, low = before or (point.at, column, level)
        if point.at - told_at > _JOINED_S:
            since, low = column, level
        for each in range(min(since + 1, column), column + 1):
            high = level if each == column else low + round((level - low) / (column - each + 1))
            known = ranges.get(each, (low, low))
            ranges[each] = min(*known, low, high), max(*known, low, high)
            low = high
        before = point.at, column, level
    return {column: ranges[column] for column in ranges if 0 <= column < columns}


def _level(value: float, levels: int) -> int:
    return round(min(1.0, max(0.0, value)) * (levels - 1))


def _time(point: LikelihoodPoint) -> float:
    return point.at
