"""Beneath the turns: the summary, how the chosen figure is spread, what it means and between which moments it lies."""

from collections.abc import Sequence
from typing import Final

from textual.content import Content

from stt_monitor.core.metrics.anchors import anchors
from stt_monitor.core.metrics.definitions import HEADLINE
from stt_monitor.core.metrics.inclusion import Inclusion, inclusion
from stt_monitor.core.metrics.metric import Metric, Need
from stt_monitor.core.metrics.percentiles import Histogram, histogram
from stt_monitor.core.snapshot import FinishedTurn, Snapshot
from stt_monitor.core.text.sanitize import clean
from stt_monitor.core.text.wording import NO_VALUE
from stt_monitor.ui.formatting import clock_ms, measured
from stt_monitor.ui.toolkit.line_widget import LineWidget
from stt_monitor.ui.toolkit.turn_list import index_of
from stt_monitor.ui.toolkit.wrapping import wrap
from stt_monitor.ui.widgets.metrics_table import bars, first_row, summary_row

_NAME: Final = 5
"""Cells for the name of a line."""

_FEWEST_PARTS: Final = 5
"""Bars of a spread; there are no more than values where those are few."""

_ALWAYS: Final = 2
"""So many statistics stay beside an explanation, but for one that would have no line."""
_MOST_WANTED: Final = ("p50", "p90", "max", "n", "spread", "p95", "1st*")
_ORDER: Final = ("n", "p50", "p90", "p95", "max", "1st*", "spread")


class MetricsSummary(LineWidget):
    """The summary of all turns but each connection's first."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name for it
        super().__init__(id=id)
        self._snapshot: Snapshot | None = None
        self._figure = HEADLINE
        self._explained = False
        self._chosen: int | None = None
        self._spread: tuple[object, Histogram | None] = (None, None)

    def show(self, snapshot: Snapshot) -> None:
        """Show a snapshot."""
        old, self._snapshot = self._snapshot, snapshot
        if old is None or old.summaries is not snapshot.summaries or old.finished is not snapshot.finished:
            self.redraw()

    def choose_figure(self, metric: Metric, *, explained: bool) -> None:
        """Show the spread of another metric; say what it means when that was asked for."""
        self._figure, self._explained = metric, explained
        self.redraw()

    def choose(self, number: int | None) -> None:
        """Explain the figure by another turn."""
        self._chosen = number
        if self._explained:
            self.redraw()

    def compose_lines(self, width: int, height: int) -> Sequence[Content]:
        """Compose the explanation, if it was asked for, and as many statistics as there are lines left."""
        kept = min(_ALWAYS, height - 1)
        explanation = _begun(self._explanation(width), height - kept, width) if self._explained else []
        wanted = _MOST_WANTED[: height - len(explanation)]
        return [*(self._line(name, width) for name in _ORDER if name in wanted), *explanation]

    def _line(self, name: str, width: int) -> Content:
        snapshot = self._snapshot
        if name == "spread":
            return self._spread_line(width)
        if name == "1st*":
            return first_row(snapshot.first_turn if snapshot else None, width, self._figure)
        return summary_row(name, snapshot.summaries if snapshot else {}, width, self._figure)

    def _spread_line(self, width: int) -> Content:
        label = Content.assemble((f"{self._figure.label:>{_NAME - 1}} ", ".label"))
        spread = self._spread_in(max(1, width - _NAME - 16))
        if spread is None:
            return Content.assemble(label, (f" {NO_VALUE}", ".faint")).truncate(width)
        span = f"  {measured(spread.low, self._figure.unit)} to {measured(spread.high, self._figure.unit)}"
        return Content.assemble(label, "  ", (bars(spread.counts), ".chart"), (span, ".label")).truncate(width)

    def _spread_in(self, cells: int) -> Histogram | None:
        """Return the spread of the figure; looked at anew only when there is another value, or another place for it."""
        if self._snapshot is None:
            return None
        key = (id(self._snapshot.summaries), self._figure, cells)
        if self._spread[0] != key:
            figures = (
                one.metrics for one in self._snapshot.finished if inclusion(one.turn, one.metrics) is Inclusion.SUMMARY
            )
            values = [value for one in figures if (value := getattr(one, self._figure.key)) is not None]
            self._spread = key, histogram(values, min(cells, max(_FEWEST_PARTS, len(values))))
        return self._spread[1]

    def _explanation(self, width: int) -> list[Content]:
        text = Content.assemble((f"{self._figure.label}: ", ".headline"), self._figure.meaning)
        lines = [text[start:stop] for start, stop in wrap(text.plain, width - 2)]
        turn = self._turn
        if turn is not None:
            measured = Content.assemble((self._measured(turn), ".label"))
            lines += [measured[start:stop] for start, stop in wrap(measured.plain, width - 2)]
        return [Content.assemble(" ", line).truncate(width, ellipsis=True) for line in lines]

    @property
    def _turn(self) -> FinishedTurn | None:
        """The turn that is chosen, or the newest."""
        finished = self._snapshot.finished if self._snapshot else ()
        index = index_of(finished, self._chosen)
        return finished[-1 if index is None else index] if finished else None

    def _measured(self, turn: FinishedTurn) -> str:
        """Say between which moments the metric of a turn was measured, and who knows of them."""
        name, metric = f"turn {turn.turn.number}", self._figure
        reference = self._snapshot.session.reference if self._snapshot else ""
        value = getattr(turn.metrics, metric.key)
        if value is None:
            return f"{name}: {NO_VALUE}, {_why_none(metric, turn, reference)}"
        pair = anchors(turn, metric)
        if pair is None:
            return f"{name}: {measured(value, metric.unit)}{metric.unit.suffix}"
        begin, end = pair
        source = f" ({clean(reference)})" if begin.moment.of_reference else ""
        return f"{name}: {begin.moment.value} {clock_ms(begin.at)}{source} → {end.moment.value} {clock_ms(end.at)}"


def _begun(lines: list[Content], room: int, width: int) -> list[Content]:
    """Return as many lines as there is room for; the last one says that there are more."""
    if len(lines) <= room:
        return lines
    return [*lines[: room - 1], Content.assemble(lines[room - 1].truncate(width - 1), "…")]


def _why_none(metric: Metric, turn: FinishedTurn, reference: str) -> str:
    if Need.REFERENCE in metric.needs and reference == "none":
        return f"for there is no {Need.REFERENCE.value}"
    if Need.EAGER_ENDS in metric.needs and turn.turn.confirmed_eager_end is None:
        return "for no eager end stood"
    return "for its anchors are missing or disagree"
