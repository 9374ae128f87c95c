"""The figures that the field compares itself by: the service's, and those of silence alone."""

from collections.abc import Sequence
from typing import Final

from textual.content import Content

from stt_monitor.core.sweep.result import OperatingPoint, OperatingPoints, Part
from stt_monitor.core.text.sanitize import clean
from stt_monitor.core.text.wording import NO_VALUE
from stt_monitor.ui.formatting import milliseconds
from stt_monitor.ui.toolkit.line_widget import LineWidget

_NAME_CELLS: Final = 26
_CELLS: Final = 10
_PERCENT: Final = 100
_ABOVE: Final = ("cut-offs", "", "latency", "")
_BENEATH: Final = ("at 300 ms", "at 600 ms", "at 5 %", "at 10 %")


class SweepPoints(LineWidget):
    """Fewest cut-offs within a latency, least latency within a share of cut-offs: of the service, and of silence."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name for it
        super().__init__(id=id)
        self._part: Part | None = None
        self._service = ""

    def show(self, part: Part | None, service: str) -> None:
        """Show the figures of a part of the result."""
        if (part, service) != (self._part, self._service):
            self._part, self._service = part, service
            self.redraw()

    def compose_lines(self, width: int, height: int) -> Sequence[Content]:
        """Compose two headings, and a line for each of the two."""
        if self._part is None:
            return []
        headings = ("".join(f"{name:>{_CELLS}}" for name in names) for names in (_ABOVE, _BENEATH))
        lines = [Content.assemble((f"{'':{_NAME_CELLS}}{line}", ".label")) for line in headings]
        for name, points, style in (
            (clean(self._service), self._part.points, ".headline"),
            ("silence alone", self._part.floor_points, ""),
        ):
            title = Content(name).truncate(_NAME_CELLS - 1, ellipsis=True)
            values = "".join(f"{value:>{_CELLS}}" for value in _values(points))
            lines.append(Content.assemble(title.pad_right(_NAME_CELLS - title.cell_length), (values, style)))
        return [Content.assemble("  ", line).truncate(width) for line in lines][:height]


def _values(points: OperatingPoints) -> list[str]:
    return [
        _cutoffs(points.cutoffs_at_300_ms),
        _cutoffs(points.cutoffs_at_600_ms),
        _latency(points.latency_at_5_percent),
        _latency(points.latency_at_10_percent),
    ]


def _cutoffs(point: OperatingPoint | None) -> str:
    return NO_VALUE if point is None or point.cutoffs.value is None else f"{point.cutoffs.value * _PERCENT:.1f} %"


def _latency(point: OperatingPoint | None) -> str:
    return NO_VALUE if point is None or point.latency.value is None else f"{milliseconds(point.latency.value)} ms"
