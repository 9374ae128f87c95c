"""Metrics of every turn: headline, column names, a row per turn."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from math import ceil
from operator import is_
from typing import ClassVar, Final

from textual.binding import BindingType
from textual.content import Content
from textual.events import Click

from stt_monitor.core.metrics.definitions import HEADLINE, METRICS, RANKED_TURN_METRICS, TURN_METRICS
from stt_monitor.core.metrics.inclusion import Inclusion, inclusion
from stt_monitor.core.metrics.marks import Marks
from stt_monitor.core.metrics.metric import Metric
from stt_monitor.core.metrics.percentiles import Summary
from stt_monitor.core.metrics.units import Unit
from stt_monitor.core.snapshot import FinishedTurn, Snapshot
from stt_monitor.core.text.wording import DERIVED, NO_VALUE, NOT_APPLICABLE
from stt_monitor.ui.formatting import LONGEST_MS, MS, figure, lit, richest
from stt_monitor.ui.key_bindings import bindings, meanings_of
from stt_monitor.ui.keys import Where
from stt_monitor.ui.messages import MetricChosen
from stt_monitor.ui.styles import Section
from stt_monitor.ui.toolkit.line_widget import LineWidget
from stt_monitor.ui.toolkit.turn_list import TurnList

_NUMBER: Final = 5
_VALUE: Final = 6
"""Cells for a value, more for a longer heading."""
_REASON: Final = 11
_REASON_STYLES: Final = {"dangling": ".bad", "slow": ".warn"}
_CUT: Final = 5

_BEFORE_REASON: Final = 6
"""Metrics shown before the reason for the end; more only if that fits too."""

_RECENT: Final = 24
"""Turns in the headline's chart."""
_FEWEST_BARS: Final = 6
"""Fewest bars of the chart, unless there are fewer turns."""
_BARS: Final = " ▁▂▃▄▅▆▇█"

_NONE: Final = Marks()
_ENOUGH_TO_JUDGE: Final = 10
"""Fewest turns before values are marked as slow."""


@lru_cache
def columns(width: int, chosen: Metric = HEADLINE, marks: Marks = _NONE) -> tuple[Metric, ...]:
    """Return the metrics worth showing that fit, the chosen one among them, in the order of the definitions."""
    shown: list[Metric] = []
    left = width - _NUMBER
    ranked = marks.worth_showing(RANKED_TURN_METRICS)
    for metric in (chosen, *(one for one in ranked if one is not chosen)):
        left -= _cells(metric)
        if shown and left < (0 if len(shown) < _BEFORE_REASON else _REASON + _CUT):
            break
        shown.append(metric)
    return tuple(metric for metric in TURN_METRICS if metric in shown)


def _cells(metric: Metric) -> int:
    return max(_VALUE, len(metric.heading) + 1)


def _cell(metric: Metric, value: float | None, style: str, marks: Marks) -> tuple[str, str]:
    return f"{figure(metric, value, marks):>{_cells(metric)}}", ".faint" if value is None else style


def row(
    finished: FinishedTurn, slow_above: dict[str, int], width: int, chosen: Metric = HEADLINE, marks: Marks = _NONE
) -> Content:
    """Return the line of a turn; values above their limit (`limits`) are marked.

    Args:
        finished: the turn.
        slow_above: the limits.
        width: cells.
        chosen: the metric to highlight.
        marks: of the session, by which columns are chosen.
    """
    turn, figures = finished.turn, finished.metrics
    mark = "*" if turn.first_of_connection else " "
    parts: list[tuple[str, str]] = [(f"{turn.number:>4}{mark}", ".number")]
    shown = columns(width, chosen, marks)
    for metric in shown:
        value = getattr(figures, metric.key)
        style = ".headline" if metric is chosen else ""
        if value is None or figures.slow:
            style = ".faint"
        elif round(value * MS) > slow_above.get(metric.key, LONGEST_MS):
            style = ".slow"
        text = figure(metric, value, finished.marks, pending=figures.pending)
        parts += [(" " * (_cells(metric) - len(text)), ""), (text, style)]
    used = _NUMBER + sum(map(_cells, shown))
    if width >= used + _REASON:
        waiting = figures.pending and not figures.end_reason
        reason = figures.end_reason or ("…" if waiting else NO_VALUE)
        if finished.marks.tells_reason and figures.end_reason_told is False:
            reason = f"{DERIVED}{reason}"
        if inclusion(turn, figures) is Inclusion.SLOW:
            reason = Inclusion.SLOW.value
        apart = " " if len(reason) > _REASON - len("  ") else "  "
        parts.append((f"{apart}{reason}".ljust(_REASON), _REASON_STYLES.get(reason, ".label")))
        used += _REASON
    if figures.false_cutoff:
        sign = finished.marks.cut_sign
        text = f" {sign}cut" if width >= used + _CUT else sign or "c"
        parts.append((text, ".cut"))
    return Content.assemble(*parts).truncate(width)


def _chosen(line: Content, width: int) -> Content:
    """Highlight the whole line; of its styles only `slow` is kept, because reversed colours make patches."""
    whole = Content(line.plain).pad_right(max(0, width - line.cell_length)).stylize("reverse")
    for span in line.spans:
        if span.style == ".slow":
            whole = whole.stylize("bold underline", span.start, span.end)
    return whole


def heading(width: int, chosen: Metric = HEADLINE, marks: Marks = _NONE) -> Content:
    """Return the column names."""
    shown = columns(width, chosen, marks)
    parts = [(f"{'turn':>4} ", ".label")]
    for metric in shown:
        style = ".headline" if metric is chosen else ".label"
        parts += [(" " * (_cells(metric) - len(metric.heading)), ""), (metric.heading, style)]
    if width >= _NUMBER + sum(map(_cells, shown)) + _REASON:
        parts.append(("  end", ".label"))
    return Content.assemble(*parts).truncate(width)


def summary_row(
    label: str, summaries: Mapping[str, Summary], width: int, chosen: Metric = HEADLINE, marks: Marks = _NONE
) -> Content:
    """Return the line of one statistic: `p50`, `p90`, `p95`, `max` or `n`."""
    parts = [(f"{label:>4} ", ".label")]
    for metric in columns(width, chosen, marks):
        value = getattr(summaries.get(metric.key, Summary()), label)
        style = ".headline" if metric is chosen else ""
        parts.append((f"{value:>{_cells(metric)}}", style) if label == "n" else _cell(metric, value, style, marks))
    return Content.assemble(*parts).truncate(width)


def first_row(first: FinishedTurn | None, width: int, chosen: Metric = HEADLINE, marks: Marks = _NONE) -> Content:
    """Return the line of the first turn, which no summary contains."""
    parts = [("1st* ", ".label")]
    for metric in columns(width, chosen, marks):
        value = getattr(first.metrics, metric.key) if first else None
        parts.append(_cell(metric, value, ".headline" if metric is chosen else "", first.marks if first else marks))
    return Content.assemble(*parts).truncate(width)


def headline(snapshot: Snapshot | None, width: int, metric: Metric = HEADLINE) -> Content:
    """Return the chosen metric in the richest wording that fits, and a chart in the rest."""
    summary = snapshot.summaries.get(metric.key, Summary()) if snapshot else Summary()
    recent, marks = _recent(snapshot, metric), snapshot.marks if snapshot else _NONE
    last, p50, p90, top = (
        figure(metric, value, marks)
        for value in (recent[-1] if recent else None, summary.p50, summary.p90, summary.max)
    )
    short = lit(f" {metric.label} ", ".headline-name")
    name = lit(" end of turn ", ".headline-name") if metric is HEADLINE else short
    unit = "" if metric.key in marks.absent else metric.unit.suffix
    newest = Content.assemble((f" {last}{unit}", ".headline"), (" last", ".label"))
    middle = Content.assemble((f"  {p50}", "bold"), (" p50", ".label"))
    high = Content.assemble((f"  {p90}", "bold"), (" p90", ".label"))
    most = Content.assemble(f"  {top}", (" max", ".label"))
    wordings = [name + newest + middle + high + most, name + newest + middle + high, short + newest + middle, newest]
    line = richest(wordings, width)
    room = min(_RECENT, width - line.cell_length - 2)
    if room < min(len(recent), _FEWEST_BARS):
        return line
    return Content.assemble(line, "  ", (bars(recent[-room:]), ".chart"))


def _recent(snapshot: Snapshot | None, metric: Metric) -> list[float]:
    """Return the known values of the metric in the latest turns."""
    turns = snapshot.finished[-_RECENT:] if snapshot else ()
    listed = (one.metrics for one in turns if inclusion(one.turn, one.metrics) in (Inclusion.SUMMARY, Inclusion.FIRST))
    return [value for figures in listed if (value := getattr(figures, metric.key)) is not None]


def bars(values: Sequence[float]) -> str:
    """Draw values as bars, scaled to the largest, whatever their sign; zero is blank."""
    sizes = [abs(value) for value in values]
    top = max(sizes, default=0.0) or 1.0
    return "".join(_BARS[ceil(size / top * (len(_BARS) - 1))] for size in sizes)


def limits(summaries: dict[str, Summary]) -> dict[str, int]:
    """Return the p90 of each latency in ms, by key, if there are enough turns: higher values are marked."""
    return {
        name: round(summary.p90 * MS)
        for name, summary in summaries.items()
        if METRICS[name].unit is Unit.MILLISECONDS
        and not METRICS[name].signed
        and summary.n >= _ENOUGH_TO_JUDGE
        and summary.p90 is not None
    }


class MetricsHeader(LineWidget):
    """The headline and the column names."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name for it
        super().__init__(id=id)
        self._snapshot: Snapshot | None = None
        self._metric = HEADLINE

    def choose_metric(self, metric: Metric) -> None:
        """Show another metric."""
        self._metric = metric
        self.redraw()

    def on_click(self, event: Click) -> None:
        """Choose the clicked metric."""
        place = event.get_content_offset(self)
        if place is None or place.y != self.content_size.height - 1:
            return
        end = _NUMBER
        for metric in columns(self.content_size.width, self._metric, self._marks):
            start, end = end, end + _cells(metric)
            if start <= place.x < end:
                self.post_message(MetricChosen(metric))

    def show(self, snapshot: Snapshot) -> None:
        """Show a snapshot."""
        old, self._snapshot = self._snapshot, snapshot
        if (
            old is None
            or old.summaries is not snapshot.summaries
            or old.finished is not snapshot.finished
            or old.marks != snapshot.marks
        ):
            self.redraw()

    @property
    def _marks(self) -> Marks:
        return self._snapshot.marks if self._snapshot else _NONE

    def compose_lines(self, width: int, height: int) -> Sequence[Content]:
        """Compose the column names, and the headline if there are two lines."""
        names = heading(width, self._metric, self._marks)
        return [names] if height == 1 else [headline(self._snapshot, width, self._metric), names]


class MetricsTable(TurnList):
    """Table with a row for each turn, the newest last."""

    DEFAULT_CLASSES = "scrolled"
    ABOUT: ClassVar[Section] = (
        "Latency",
        (
            ("what it is", "a row for each turn, in milliseconds from when the speech was spoken"),
            ("underlined", "among the slowest tenth, once there are ten turns"),
            (DERIVED, "derived: the service does not say when a turn starts; it is the time of its first text"),
            (NOT_APPLICABLE, f"the service cannot have it; {NO_VALUE} is no value in this turn"),
            ("*", "first turn of a connection: summaries exclude it, because services warm up"),
            ("~ before an end", "a guess, where the service says of other turns why they ended"),
            ("end", "why the turn ended: threshold, timeout, vad, manual, closed by us, or dangling"),
            ("slow", "delayed by this machine or its network: summaries exclude it"),
            *meanings_of("Select the previous turn", "Details", "Metric"),
        ),
    )

    BINDINGS: ClassVar[list[BindingType]] = bindings(Where.METRICS)

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name for it
        super().__init__(id=id)
        self._summaries: dict[str, Summary] = {}
        self._limits: dict[str, int] = {}
        self._metric = HEADLINE
        self._marks = _NONE

    def choose_metric(self, metric: Metric) -> None:
        """Highlight another metric."""
        self._metric = metric
        self.redraw_all()

    def show(self, snapshot: Snapshot) -> None:
        """Show a snapshot."""
        old, self._finished = self._finished, snapshot.finished
        if self._summaries is not snapshot.summaries:
            self._summaries = snapshot.summaries
            before, self._limits = self._limits, limits(snapshot.summaries)
            if before != self._limits:
                self.redraw_all()
        if self._marks != snapshot.marks:
            self._marks = snapshot.marks
            self.redraw_all()
        if old is self._finished or not self.measured_width:
            return
        first = bytes(map(is_, old, self._finished)).find(0)
        shorter = min(len(old), len(self._finished))
        first = shorter if first < 0 else first
        while first < shorter and old[first] == self._finished[first]:
            first += 1
        if first < max(len(old), len(self._finished)):
            self.lines_changed(first, len(self._finished))

    def compose_line(self, y: int, width: int) -> Content:
        """Compose the line of a turn."""
        finished = self._finished[y]
        line = row(finished, self._limits, width, self._metric, self._marks)
        return _chosen(line, width) if finished.turn.number == self.chosen else line

    def lines_of(self, index: int) -> range:
        """Return the one line of a turn."""
        return range(index, index + 1)

    def index_at(self, line: int) -> int | None:
        """Return which turn is on a line."""
        return line if line in range(len(self._finished)) else None

    def measure(self, width: int, place: int) -> int:  # noqa: ARG002 - a row is one line at any width
        """Count the lines."""
        return len(self._finished)
