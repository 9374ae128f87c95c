"""Small charts: distributions and spreads. `templates/charts.html` draws them.

Places are shares of the chart's width and height, in per cent, so that a chart is as wide as there is room and its text
keeps its size.
"""

from collections.abc import Sequence
from typing import Final

import msgspec

from stt_monitor.core.metrics.intervals import Interval
from stt_monitor.core.metrics.percentiles import percentile
from stt_monitor.core.metrics.units import Unit
from stt_monitor.core.text.wording import plural
from stt_monitor.report.formatting import bare_value

_BARS: Final = 32
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


def scale_of(*samples: Sequence[float]) -> float:
    """Return the round number at which an axis from 0 ends that shows sets of values in ascending order."""
    return round_up(max((values[-1] for values in samples if values), default=0.0))


def round_up(value: float) -> float:
    """Return the next of 1, 1.5, 2, 3, 4, 5, 6, 8 times a power of ten."""
    step = 0.01
    while True:
        for factor in (1, 1.5, 2, 3, 4, 5, 6, 8):
            if value <= factor * step * 1.000_001:  # 200 ms, measured, are 200.00001
                return factor * step
        step *= 10


def histogram(ordered: Sequence[float], unit: Unit, end: float) -> Histogram:
    """Return the distribution of measured values (ascending, at least one) on an axis from 0 to `end`."""
    counts = [0] * _BARS
    for value in ordered:
        counts[min(int(value / end * _BARS), _BARS - 1)] += 1
    most, width = max(counts), 100 / _BARS
    bars = (Bar(place * width, width, 100 * count / most) for place, count in enumerate(counts) if count)
    return Histogram(_label(ordered, unit), tuple(bars), 100 * percentile(ordered, 0.5) / end)


def spread(ordered: Sequence[float], unit: Unit, interval: Interval | None, end: float) -> Spread:
    """Return measured values (ascending, at least one) as dots on an axis from 0 to `end`."""
    step = max(len(ordered) / _DOTS, 1.0)
    shown = (ordered[int(place * step)] for place in range(int(len(ordered) / step)))
    sure = None
    if interval is not None:
        sure = Band(100 * interval.low / end, 100 * (interval.high - interval.low) / end)
    return Spread(
        _label(ordered, unit),
        tuple(100 * value / end for value in shown),
        100 * percentile(ordered, 0.5) / end,
        sure,
    )


def slope_chart(pairs: Sequence[tuple[float, float]], unit: Unit, names: tuple[str, str]) -> SlopeChart:
    """Return values of turns before and after (at least one turn); of very many turns, an even choice."""
    step = max(len(pairs) / _DOTS, 1.0)
    shown = [pairs[int(place * step)] for place in range(int(len(pairs) / step))]
    end = round_up(max(value for pair in pairs for value in pair))

    def slope(before: float, after: float) -> Slope:
        told = bare_value(before, unit), bare_value(after, unit)
        kind = "equal" if told[0] == told[1] else "faster" if after < before else "slower"
        return Slope(100 - 100 * before / end, 100 - 100 * after / end, kind)

    middle = [percentile(sorted(values), 0.5) for values in zip(*pairs, strict=True)]
    return SlopeChart(
        label=f"{plural(len(pairs), 'turn')} from {names[0]} to {names[1]}: medians "
        f"{bare_value(middle[0], unit)} and {bare_value(middle[1], unit)}{unit.suffix}",
        names=names,
        end=f"{bare_value(end, unit)}{unit.suffix}",
        slopes=tuple(slope(*pair) for pair in shown),
        median=slope(middle[0], middle[1]),
    )


def _label(ordered: Sequence[float], unit: Unit) -> str:
    return f"{plural(len(ordered), 'value')}, median {bare_value(percentile(ordered, 0.5), unit)}{unit.suffix}"
