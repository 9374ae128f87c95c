"""Draws the likelihood that a turn continues as a curve of dots, with its thresholds, past or drafted."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import Final

import msgspec

from stt_monitor.core.settings.editor import effective
from stt_monitor.core.settings.requested import Schema, TurnSettings
from stt_monitor.core.sound.likelihood import LikelihoodPoint
from stt_monitor.ui.drawing.lanes import EMPTY, Lane, Window, is_free, write
from stt_monitor.ui.formatting import setting_text, short_number

DOTS: Final = 4
"""Dots in a column of a cell; a cell has two columns."""

_BRAILLE: Final = 0x2800
_DOT_BITS: Final = ((0x01, 0x02, 0x04, 0x40), (0x08, 0x10, 0x20, 0x80))
"""Bits by column of dots, from the top."""

_STATES: Final = {"speaking": ".speaking", "eager_end": ".eager", "idle": ".idle"}
"""Style of a threshold by the state that it leads to."""
_CURVE: Final = ".chart"
_DRAFT: Final = "╌"
"""Mark of thresholds that are not applied."""

_LABEL_SHARE: Final = 1 / 8
"""Part of the curve's width that a label may cover."""

Since = tuple[float, TurnSettings]
"""Settings, and the session time from which they apply."""

_JOINED_S: Final = 0.25
"""Points farther apart (s) are not joined: what lies between them is unknown. They come every 32 ms."""


class Threshold(msgspec.Struct, frozen=True):
    """A threshold: the line that it lies in, its mark in a cell, its value, its label, and the style of all."""

    row: int
    mark: str
    value: str
    label: str
    style: str


def draw_likelihood(
    points: Sequence[LikelihoodPoint],
    schema: Schema,
    in_force: Sequence[Since],
    window: Window,
    rows: int,
    *,
    draft: TurnSettings | None = None,
) -> list[Lane]:
    """Draw the curve in `rows` lines.

    Args:
        points: by the time at which their audio was spoken, oldest first.
        schema: of the settings.
        in_force: the settings, oldest first; unset ones are drawn at the published default, those that are off are
            not drawn.
        window: the visible part.
        rows: lines.
        draft: settings whose thresholds are drawn beside them, where they differ from those in force last.
    """
    levels = rows * DOTS
    bits = [[0] * window.columns for _ in range(rows)]
    for column, (low, high) in _ranges(points, window.start, window.step / 2, 2 * window.columns, levels).items():
        for level in range(low, high + 1):
            row, dot = divmod(levels - 1 - level, DOTS)
            bits[row][column // 2] |= _DOT_BITS[column % 2][dot]
    lanes: list[Lane] = [[(chr(_BRAILLE | cell), _CURVE) if cell else EMPTY for cell in row] for row in bits]
    stops = [*(min(window.columns, window.column(since)) for since, _ in in_force[1:]), window.columns]
    begin = max(0, window.column(0.0))
    drafted = [] if draft is None else _drafted(schema, draft, in_force[-1][1], levels)
    whole = range(begin, window.columns)
    for each in drafted:  # first, for the lines in force leave no room for a label
        _label(lanes[each.row], whole, each)
    named: list[Threshold] = []
    for (_, settings), stop in zip(in_force, stops, strict=True):
        if stop > begin:
            thresholds = _thresholds(schema, settings, levels)
            named = [each for each in thresholds if each in named]  # a change names again what it changes
            named += _draw_thresholds(lanes, thresholds, window, range(begin, stop), named)
            begin = stop
    for each in drafted:
        _draw_draft(lanes[each.row], window, whole, each)
    return lanes


def _draw_thresholds(
    lanes: list[Lane], thresholds: Sequence[Threshold], window: Window, columns: range, named: Sequence[Threshold]
) -> list[Threshold]:
    """Draw thresholds where the curve is not, with labels but for those `named` before; return those that got one."""
    first = round(window.start / window.step)
    labelled: list[Threshold] = []
    for row, lane in enumerate(lanes):
        across = [each for each in thresholds if each.row == row]
        labelled += [each for each in across if each not in named and _label(lane, columns, each)]
        if across:  # two in one line alternate, by cells that move with the window
            marks = [(each.mark, each.style) for each in across]
            lane[columns.start : columns.stop] = [
                marks[(first + at) % len(marks)] if lane[at] == EMPTY and not _touches(lane, at) else lane[at]
                for at in columns
            ]
    return labelled


def _drafted(schema: Schema, draft: TurnSettings, in_force: TurnSettings, levels: int) -> list[Threshold]:
    """Return the changed thresholds of a draft that are not applied yet."""
    present = _thresholds(schema, in_force, levels)
    return [
        msgspec.structs.replace(each, mark=_DRAFT, label=f"{each.label}?", value=f"{each.value}?")
        for each in _thresholds(schema, draft, levels)
        if each not in present
    ]


def _draw_draft(lane: Lane, window: Window, columns: range, threshold: Threshold) -> None:
    """Draw a drafted threshold where the curve is not, and into every other cell of an applied one."""
    first = round(window.start / window.step)
    for at in columns:
        in_force = lane[at][1] in _STATES.values() and "\u2800" < lane[at][0] <= "\u28ff"
        if (lane[at] == EMPTY and not _touches(lane, at)) or (in_force and (first + at) % 2):
            lane[at] = (threshold.mark, threshold.style)


def _label(lane: Lane, columns: range, threshold: Threshold) -> bool:
    """Label a threshold at the first place that the curve leaves free, else over the older half of the curve.

    In a narrow window the value has to do. Returns whether there was room.
    """
    for label in (threshold.label, threshold.value):
        places = range(columns.start + (columns.start > 0), columns.stop - len(label) + 1)
        place = next((at for at in places if is_free(lane, at, label)), None)
        if place is None and len(label) <= len(lane) * _LABEL_SHARE:
            older = range(places.start, min(places.stop, len(lane) // 2 - len(label)))
            place = next((at for at in older if is_free(lane, at, label, over=_CURVE)), None)
        if place is not None:
            write(lane, place, label, threshold.style)
            return True
    return False


def _touches(lane: Lane, place: int) -> bool:
    """Return whether a cell is next to a label."""
    sides = (side for side in (place - 1, place + 1) if 0 <= side < len(lane))
    return any(lane[side] != EMPTY and lane[side][1] != _CURVE and lane[side][0] != _DRAFT for side in sides)


def _thresholds(schema: Schema, settings: TurnSettings, levels: int) -> list[Threshold]:
    """Return the current thresholds, in the order of the schema."""
    found: list[Threshold] = []
    for each in schema.settings:
        value = effective(schema, settings, each.name)
        if each.leads_to and value is not None:
            row, dot = divmod(levels - 1 - _level(each.likelihood(value), levels), DOTS)
            text, mark = short_number(setting_text(each, value)), chr(_BRAILLE | _DOT_BITS[0][dot])
            found.append(Threshold(row, mark, text, f"{text} {each.word}", _STATES[each.leads_to]))
    return found


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
