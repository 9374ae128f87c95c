"""The curve of a sweep: cut-offs against latency, a point for each setting, beside a plain silence detector."""

from collections.abc import Iterator, Sequence
from math import isfinite
from typing import ClassVar, Final

from textual.content import Content

from stt_monitor.core.sweep.letters import letter
from stt_monitor.core.sweep.result import Figure, Figures, Part
from stt_monitor.ui.drawing.scatter import Point, scatter
from stt_monitor.ui.styles import Section
from stt_monitor.ui.toolkit.line_widget import LineWidget

_TITLE: Final = "cut-offs, % of turns  over  eot p50, ms"
_NOTHING: Final = "no figure yet: no turn counts under all settings"
_LEAST_MS: Final = 100.0
_BESIDE: Final = 1.5
"""How far silence is shown beyond the settings, and"""
_LEAST_SHOWN: Final = 20.0
"""percent of cut-offs that are shown of it in any case."""
_MS: Final = 1000
_PERCENT: Final = 100
_BEYOND: Final = "•"
SILENCE: Final = "·"
"""A detector that ends a turn after some silence."""


class SweepCurve(LineWidget):
    """The curve of one part of the result."""

    ABOUT: ClassVar[Section] = (
        "Curve",
        (
            ("a b c", "settings, by their letters in the table: lower left is better"),
            ("bright", "on the front: no other is faster with as few cut-offs, or as fast with fewer"),
            ("─ │", "95 % intervals of the chosen setting"),
            (SILENCE, "for comparison: a plain detector that ends a turn after some silence"),
        ),
    )

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name for it
        super().__init__(id=id)
        self._part: Part | None = None
        self._chosen = 0

    def show(self, part: Part | None, chosen: int) -> None:
        """Show a part of the result, with the chosen setting's intervals."""
        if (part, chosen) != (self._part, self._chosen):
            self._part, self._chosen = part, chosen
            self.redraw()

    def compose_lines(self, width: int, height: int) -> Sequence[Content]:
        """Compose the chart."""
        if self._part is None:
            return [Content.assemble(("no cell is done yet", ".faint")).truncate(width)]
        points = list(_settings(self._part, self._chosen))
        if not points:
            return [Content.assemble((_NOTHING, ".faint")).truncate(width, ellipsis=True)]
        points[:0] = _floor(self._part, points)
        return scatter(points, width, height, title=_TITLE, least_x=_LEAST_MS)


def _floor(part: Part, settings: Sequence[Point]) -> Iterator[Point]:
    """Yield the points of the silence detector, as far as they leave room for the settings."""
    latest = _BESIDE * max(point.x for point in settings)
    most = max(_LEAST_SHOWN, _BESIDE * max(point.y for point in settings))
    for each in part.floor:
        place = _place(each.figures)
        if place is not None and place[0] <= latest and place[1] <= most:
            yield Point(*place, SILENCE, ".label")


def _settings(part: Part, chosen: int) -> Iterator[Point]:
    """Yield the points of the settings, the most important last."""
    numbered = sorted(enumerate(part.settings), key=lambda each: (each[0] == chosen, each[1].on_front))
    for number, setting in numbered:
        figures = setting.shown
        place = _place(figures)
        if place is None:
            continue
        if number == chosen:
            ranges = _range(figures.eot_p50, _MS), _range(figures.cut_turns, _PERCENT)
            yield Point(*place, _mark(number), ".flash", *ranges)
        else:
            yield Point(*place, _mark(number), ".good" if setting.on_front else ".label")


def _mark(place: int) -> str:
    """Return the letter of a setting, or a point where it has no cell for it."""
    found = letter(place)
    return found if len(found) == 1 else _BEYOND


def _place(figures: Figures) -> tuple[float, float] | None:
    """Return latency in milliseconds and cut-offs in percent; None without one of them."""
    latency, cut = figures.eot_p50.value, figures.cut_turns.value
    if latency is None or cut is None or not isfinite(latency):
        return None
    return latency * _MS, cut * _PERCENT


def _range(figure: Figure, factor: int) -> tuple[float, float] | None:
    if figure.interval is None or not isfinite(figure.interval.high):
        return None
    return figure.interval.low * factor, figure.interval.high * factor
