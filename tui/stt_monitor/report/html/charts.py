"""Small charts: distributions and spreads. `templates/charts.html` draws them.

Places are shares of the chart's width and height, in per cent, so that a chart is as wide as there is room and its text
keeps its size.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Final

import msgspec

from stt_monitor.core.metrics.intervals import Interval
from stt_monitor.core.metrics.percentiles import percentile
from stt_monitor.core.metrics.units import Unit
from stt_monitor.core.text.wording import plural
from stt_monitor.report.formatting import bare_value

_BARS: Final = 32
_FAR: Final = 4
"""Values above so many medians are very far from the others,"""
_FEW: Final = 0.1
"""if they are at most this share of all, or one,"""
_WORTH_IT: Final = 2
"""and so many times the highest of the others."""
_TOLD: Final = 3
"""Values beyond the axis that are listed."""
_ROUNDED: Final = 1.000_001
"""200 ms, measured, are 200.00001."""
_DOTS: Final = 150
"""Dots of a spread at most, picked evenly: more tell no more."""


class Bar(msgspec.Struct, frozen=True):
    """How many values lie in a part of the axis."""

    x: float
    width: float
    height: float


class Histogram(msgspec.Struct, frozen=True):
    """The distribution of values, on an axis from 0."""

    label: str
    bars: tuple[Bar, ...]
    median: float
    beyond: str
    """How many values lie beyond the end of the axis, and which; empty without any."""


class Band(msgspec.Struct, frozen=True):
    """A part of the axis."""

    x: float
    width: float


class Spread(msgspec.Struct, frozen=True):
    """Values as dots on an axis from 0, their median, and its confidence interval."""

    label: str
    dots: tuple[float, ...]
    median: float
    interval: Band | None
    beyond: str
    """As of a histogram."""


class Slope(msgspec.Struct, frozen=True):
    """The value of a turn before and after; places are heights from above."""

    before: float
    after: float
    kind: str
    """Class in the style sheet: `faster`, `slower` or `equal`."""


class SlopeChart(msgspec.Struct, frozen=True):
    """A line from before to after for each turn, and one for the medians, on an axis from 0."""

    label: str
    names: tuple[str, str]
    end: str
    """Where the axis ends."""
    slopes: tuple[Slope, ...]
    median: Slope
    beyond: str
    """As of a histogram: values of either."""


def scale_of(*samples: Sequence[float]) -> float:
    """Return the round number at which an axis from 0 ends that shows sets of values in ascending order.

    A few values that are very far from the others lie beyond it: they would leave no room for these.
    """
    return round_up(max((_highest_near(values) for values in samples if values), default=0.0))


def _highest_near(ordered: Sequence[float]) -> float:
    """Return the highest value that is not very far from the others."""
    highest, near = ordered[-1], bisect_right(ordered, _FAR * percentile(ordered, 0.5))
    if not 0 < len(ordered) - near <= max(1, len(ordered) * _FEW):
        return highest
    return ordered[near - 1] if near and 0 < ordered[near - 1] * _WORTH_IT < highest else highest


def _beyond(ordered: Iterable[float], unit: Unit, end: float) -> str:
    """Say which values lie beyond the end of an axis."""
    found = sorted((value for value in ordered if value > end * _ROUNDED), reverse=True)
    if not found:
        return ""
    told = ", ".join(bare_value(value, unit) for value in found[:_TOLD]) + (", …" if len(found) > _TOLD else "")
    return f"{len(found)} beyond: {told}{unit.suffix}"


def round_up(value: float) -> float:
    """Return the next of 1, 1.5, 2, 3, 4, 5, 6, 8 times a power of ten."""
    step = 0.01
    while True:
        for factor in (1, 1.5, 2, 3, 4, 5, 6, 8):
            if value <= factor * step * _ROUNDED:
                return factor * step
        step *= 10


def histogram(ordered: Sequence[float], unit: Unit, end: float) -> Histogram:
    """Return the distribution of measured values (ascending, at least one) on an axis from 0 to `end`."""
    counts = [0] * _BARS
    for value in ordered[: bisect_right(ordered, end * _ROUNDED)]:
        counts[min(int(value / end * _BARS), _BARS - 1)] += 1
    most, width = max(counts), 100 / _BARS
    bars = (Bar(place * width, width, 100 * count / most) for place, count in enumerate(counts) if count)
    beyond = _beyond(ordered, unit, end)
    return Histogram(_label(ordered, unit), tuple(bars), 100 * percentile(ordered, 0.5) / end, beyond)


def spread(ordered: Sequence[float], unit: Unit, interval: Interval | None, end: float) -> Spread:
    """Return measured values (ascending, at least one) as dots on an axis from 0 to `end`."""
    step = max(len(ordered) / _DOTS, 1.0)
    shown = (ordered[int(place * step)] for place in range(int(len(ordered) / step)))
    sure = None
    if interval is not None:
        low, high = (min(100 * side / end, 100.0) for side in (interval.low, interval.high))
        sure = Band(low, high - low)
    return Spread(
        _label(ordered, unit),
        tuple(100 * value / end for value in shown if value <= end * _ROUNDED),
        100 * percentile(ordered, 0.5) / end,
        sure,
        _beyond(ordered, unit, end),
    )


def slope_chart(pairs: Sequence[tuple[float, float]], unit: Unit, names: tuple[str, str]) -> SlopeChart:
    """Return values of turns before and after (at least one turn); of very many turns, an even choice."""
    step = max(len(pairs) / _DOTS, 1.0)
    shown = [pairs[int(place * step)] for place in range(int(len(pairs) / step))]
    samples = [sorted(values) for values in zip(*pairs, strict=True)]
    end = scale_of(*samples)

    def slope(before: float, after: float) -> Slope:
        told = bare_value(before, unit), bare_value(after, unit)
        kind = "equal" if told[0] == told[1] else "faster" if after < before else "slower"
        before, after = (max(100 - 100 * value / end, 0.0) for value in (before, after))
        return Slope(before, after, kind)

    middle = [percentile(values, 0.5) for values in samples]
    return SlopeChart(
        label=f"{plural(len(pairs), 'turn')} from {names[0]} to {names[1]}: medians "
        f"{bare_value(middle[0], unit)} and {bare_value(middle[1], unit)}{unit.suffix}",
        names=names,
        end=f"{bare_value(end, unit)}{unit.suffix}",
        slopes=tuple(slope(*pair) for pair in shown),
        median=slope(middle[0], middle[1]),
        beyond=_beyond(chain.from_iterable(samples), unit, end),
    )


def _label(ordered: Sequence[float], unit: Unit) -> str:
    return f"{plural(len(ordered), 'value')}, median {bare_value(percentile(ordered, 0.5), unit)}{unit.suffix}"
