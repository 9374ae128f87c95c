"""Summary beneath the turns: statistics, and spread, definition and anchors of the chosen metric."""

from collections.abc import Sequence
from typing import Final

from textual.content import Content

from stt_monitor.core.finished_turn import FinishedTurn, index_of
from stt_monitor.core.metrics.anchors import anchors
from stt_monitor.core.metrics.definitions import HEADLINE
from stt_monitor.core.metrics.inclusion import Inclusion, inclusion
from stt_monitor.core.metrics.marks import Marks
from stt_monitor.core.metrics.metric import Metric, Moment, Need
from stt_monitor.core.metrics.percentiles import Histogram, histogram
from stt_monitor.core.snapshot import Snapshot
from stt_monitor.core.text.sanitize import clean
from stt_monitor.core.turns.turn import Begin
from stt_monitor.ui.drawing.metric_rows import bars, first_row, summary_row
from stt_monitor.ui.formatting import clock_ms, figure, onset_words
from stt_monitor.ui.toolkit.line_widget import LineWidget
from stt_monitor.ui.toolkit.wrapping import wrap

_NAME: Final = 5
"""Cells for the name of a line."""

_FEWEST_PARTS: Final = 5
"""Fewest bars of a spread, unless there are fewer values."""

_ALWAYS: Final = 2
"""Statistics that stay above an explanation, which has at least one line."""
_MOST_WANTED: Final = ("p50", "p90", "max", "n", "spread", "p95", "1st*")
_ORDER: Final = ("n", "p50", "p90", "p95", "max", "1st*", "spread")


class MetricsSummary(LineWidget):
    """Statistics of all turns but the first of each connection."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name for it
        super().__init__(id=id)
        self._snapshot: Snapshot | None = None
        self._metric = HEADLINE
        self._explained = False
        self._chosen: int | None = None
        self._spread: tuple[object, Histogram | None] = (None, None)

    def show(self, snapshot: Snapshot) -> None:
        """Show a snapshot."""
        old, self._snapshot = self._snapshot, snapshot
        if old is None or old.summaries is not snapshot.summaries or old.finished is not snapshot.finished:
            self.redraw()

    def choose_metric(self, metric: Metric, *, explained: bool) -> None:
        """Show the spread of another metric; with `explained`, its definition too."""
        self._metric, self._explained = metric, explained
        self.redraw()

    def choose(self, number: int | None) -> None:
        """Explain the metric by another turn."""
        self._chosen = number
        if self._explained:
            self.redraw()

    def compose_lines(self, width: int, height: int) -> Sequence[Content]:
        """Compose the explanation, if requested, and the statistics that fit."""
        kept = min(_ALWAYS, height - 1)
        explanation = _begun(self._explanation(width), height - kept, width) if self._explained else []
        wanted = _MOST_WANTED[: height - len(explanation)]
        return [*(self._line(name, width) for name in _ORDER if name in wanted), *explanation]

    def _line(self, name: str, width: int) -> Content:
        snapshot = self._snapshot
        if name == "spread":
            return self._spread_line(width)
        if name == "1st*":
            return first_row(snapshot.first_turn if snapshot else None, width, self._metric, self._marks)
        return summary_row(name, snapshot.summaries if snapshot else {}, width, self._metric, self._marks)

    @property
    def _marks(self) -> Marks:
        return self._snapshot.marks if self._snapshot else Marks()

    def _spread_line(self, width: int) -> Content:
        label = Content.assemble((f"{self._metric.label:>{_NAME - 1}} ", ".label"))
        spread = self._spread_in(max(1, width - _NAME - 16))
        if spread is None:
            return Content.assemble(label, (f" {self._marks.sign(self._metric, None)}", ".faint")).truncate(width)
        low, high = (figure(self._metric, value, self._marks) for value in (spread.low, spread.high))
        span = f"  {low} to {high}"
        return Content.assemble(label, "  ", (bars(spread.counts), ".chart"), (span, ".label")).truncate(width)

    def _spread_in(self, cells: int) -> Histogram | None:
        """Return the spread of the metric; computed again only for other values or another width."""
        if self._snapshot is None:
            return None
        key = (id(self._snapshot.summaries), self._metric, cells)
        if self._spread[0] != key:
            figures = (
                one.metrics for one in self._snapshot.finished if inclusion(one.turn, one.metrics) is Inclusion.SUMMARY
            )
            values = [value for one in figures if (value := getattr(one, self._metric.key)) is not None]
            self._spread = key, histogram(values, min(cells, max(_FEWEST_PARTS, len(values))))
        return self._spread[1]

    def _explanation(self, width: int) -> list[Content]:
        text = Content.assemble((f"{self._metric.label}: ", ".headline"), self._metric.meaning, self._about_start)
        lines = [text[start:stop] for start, stop in wrap(text.plain, width - 2)]
        turn = self._turn
        if turn is not None:
            measured = Content.assemble((self._measured(turn), ".label"))
            lines += [measured[start:stop] for start, stop in wrap(measured.plain, width - 2)]
        return [Content.assemble(" ", line).truncate(width, ellipsis=True) for line in lines]

    @property
    def _about_start(self) -> str:
        """Return what makes the service start a turn, for a metric that depends on it."""
        anchors = self._metric.anchors
        if self._snapshot is None or anchors is None or Moment.TURN_START not in anchors:
            return ""
        return f" {onset_words(self._snapshot.session)}"

    @property
    def _turn(self) -> FinishedTurn | None:
        """The chosen turn, or the newest."""
        finished = self._snapshot.finished if self._snapshot else ()
        index = index_of(finished, self._chosen)
        return finished[-1 if index is None else index] if finished else None

    def _measured(self, turn: FinishedTurn) -> str:
        """Return the anchors between which the metric of a turn was measured, and their source."""
        name, metric = f"turn {turn.turn.number}", self._metric
        reference = self._snapshot.session.reference if self._snapshot else ""
        value = getattr(turn.metrics, metric.key)
        if value is None:
            return f"{name}: {turn.marks.sign(metric, None)}, {_why_none(metric, turn, reference)}"
        pair = anchors(turn, metric)
        if pair is None:
            return f"{name}: {figure(metric, value, turn.marks)}{metric.unit.suffix}"
        begin, end = pair
        source = f" ({clean(reference)})" if begin.moment.of_reference else ""
        return f"{name}: {begin.moment.value} {clock_ms(begin.at)}{source} → {end.moment.value} {clock_ms(end.at)}"


def _begun(lines: list[Content], room: int, width: int) -> list[Content]:
    """Return the lines that fit; an ellipsis marks that there are more."""
    if len(lines) <= room:
        return lines
    return [*lines[: room - 1], Content.assemble(lines[room - 1].truncate(width - 1), "…")]


def _why_none(metric: Metric, turn: FinishedTurn, reference: str) -> str:
    if metric.key in turn.marks.absent:
        return "the service cannot have it"
    if turn.turn.begin is Begin.MISSING and metric.anchors is not None and Moment.TURN_START in metric.anchors:
        return "nothing came of the turn before its end"
    if Need.REFERENCE in metric.needs and reference == "none":
        return f"without {Need.REFERENCE.value}"
    if Need.EAGER_ENDS in metric.needs and turn.turn.confirmed_eager_end is None:
        return "no eager end was confirmed"
    return "its anchors are missing or contradictory"
