"""The curve as a picture: median end across, turns cut off upwards. `templates/curve.html` draws it.

Places are shares of the picture's width and height, in per cent, from the top left.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from math import inf
from typing import Final

import msgspec

from stt_monitor.core.metrics.units import Unit
from stt_monitor.core.sweep.letters import letter
from stt_monitor.core.sweep.result import Figure, Figures, Part, SettingResult, Verdict
from stt_monitor.core.text.wording import plural
from stt_monitor.report.formatting import bare_value, percentage
from stt_monitor.report.html.charts import round_up
from stt_monitor.report.sweep.columns import milliseconds

_LEAST_CUT: Final = 0.05
"""Share of cut-offs at which the axis ends at the earliest: it is what budgets are about."""
_TICKS: Final = 4
_FINE: Final = 0.2
"""Below this share the marks of the axis have a decimal."""


class Line(msgspec.Struct, frozen=True):
    """A straight line."""

    x1: float
    y1: float
    x2: float
    y2: float


class Dot(msgspec.Struct, frozen=True):
    """A setting, with its intervals both ways."""

    x: float
    y: float
    mark: str
    """Its letter in the table."""
    kind: str
    """`front`, `recommended`, or `beaten`."""
    title: str
    across: Line | None
    upwards: Line | None


class Tick(msgspec.Struct, frozen=True):
    """A mark of an axis."""

    at: float
    text: str


class Curve(msgspec.Struct, frozen=True):
    """The picture."""

    label: str
    dots: tuple[Dot, ...]
    front: tuple[Line, ...]
    silence: tuple[Line, ...]
    """The plain detector, as far as it is in the picture."""
    across: tuple[Tick, ...]
    upwards: tuple[Tick, ...]


class _Scale(msgspec.Struct, frozen=True):
    """From seconds and shares to places."""

    latest: float
    most: float

    def place(self, latency: float, cut: float) -> tuple[float, float]:
        return 100 * min(latency / self.latest, 1), 100 - 100 * min(cut / self.most, 1)

    def line(self, first: tuple[float, float], last: tuple[float, float]) -> Line:
        return Line(*self.place(*first), *self.place(*last))

    def holds(self, point: tuple[float, float]) -> bool:
        return point[0] <= self.latest and point[1] <= self.most


def curve(part: Part) -> Curve | None:
    """Draw the settings of a part that are compared; None without any."""
    placed = [
        (letter(place), each, each.compared, point)
        for place, each in enumerate(part.settings)
        if each.compared is not None and (point := _point(each.compared)) is not None
    ]
    if not placed:
        return None
    compared = [figures for _, _, figures, _ in placed]
    scale = _Scale(
        round_up(max(_reach(each.eot_p50) for each in compared)),
        min(round_up(max(_LEAST_CUT, *(_reach(each.cut_turns) for each in compared))), 1.0),
    )
    found = part.recommendation
    recommended = found.label if found is not None and found.verdict is Verdict.RECOMMENDED else ""
    front = sorted({point for _, each, _, point in placed if each.on_front})
    floor = [point for each in part.floor if (point := _point(each.figures)) is not None]
    return Curve(
        label=f"{plural(len(placed), 'setting')}: median time to the end, and share of turns cut off",
        dots=tuple(_dot(scale, mark, each, figures, recommended) for mark, each, figures, _ in placed),
        front=tuple(_lines(scale, front)),
        silence=tuple(_lines(scale, floor)),
        across=tuple(_ticks(scale.latest, Unit.MILLISECONDS)),
        upwards=tuple(Tick(100 - each.at, each.text) for each in _ticks(scale.most, Unit.PERCENT)),
    )


def _point(figures: Figures) -> tuple[float, float] | None:
    latency, cut = figures.eot_p50.value, figures.cut_turns.value
    return None if latency is None or cut is None else (latency, cut)


def _reach(figure: Figure) -> float:
    """Return how far a figure and its interval reach, without turns that never ended."""
    high = inf if figure.interval is None else figure.interval.high
    return max(figure.value or 0.0, 0.0 if high == inf else high)


def _dot(scale: _Scale, mark: str, each: SettingResult, figures: Figures, recommended: str) -> Dot:
    latency, cut = figures.eot_p50.value or 0.0, figures.cut_turns.value or 0.0
    x, y = scale.place(latency, cut)
    across, upwards = figures.eot_p50.interval, figures.cut_turns.interval
    kind = "recommended" if each.label == recommended else "front" if each.on_front else "beaten"
    share = percentage(cut, figures.cut_turns.n)
    return Dot(
        x,
        y,
        mark,
        kind,
        f"{each.label}: eot p50 {milliseconds(latency)}, {share} % of turns cut off",
        None if across is None else scale.line((across.low, cut), (across.high, cut)),
        None if upwards is None else scale.line((latency, upwards.low), (latency, upwards.high)),
    )


def _lines(scale: _Scale, points: Sequence[tuple[float, float]]) -> Iterator[Line]:
    """Yield the lines between points, in order, as far as both ends are in the picture."""
    for first, last in pairwise(points):
        if first != last and scale.holds(first) and scale.holds(last):
            yield scale.line(first, last)


def _ticks(end: float, unit: Unit) -> Iterable[Tick]:
    values = (end * part / _TICKS for part in range(_TICKS + 1))
    digits = 1 if unit is Unit.PERCENT and end < _FINE else None
    return [Tick(100 * value / end, f"{bare_value(value, unit, digits)}{unit.suffix}") for value in values]
