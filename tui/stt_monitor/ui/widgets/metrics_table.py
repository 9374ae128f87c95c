"""The figures of every turn: headline, names, a row for each."""

from collections.abc import Sequence
from math import ceil
from operator import is_
from typing import ClassVar, Final

from textual.binding import BindingType
from textual.content import Content
from textual.events import Click

from stt_monitor.core.metrics.inclusion import Inclusion, inclusion
from stt_monitor.core.metrics.percentiles import Summary
from stt_monitor.core.metrics.turn_metrics import DEFINITIONS, Definition
from stt_monitor.core.snapshot import FinishedTurn, Snapshot
from stt_monitor.ui.formatting import LONGEST_MS, MS, NONE, lit, milliseconds, richest
from stt_monitor.ui.key_bindings import bindings
from stt_monitor.ui.keys import Where
from stt_monitor.ui.messages import FigureChosen
from stt_monitor.ui.styles import Section
from stt_monitor.ui.toolkit.line_widget import Lines
from stt_monitor.ui.toolkit.turn_list import TurnsView

_NUMBER: Final = 5
_FIGURE: Final = 6
_REASON: Final = 11
_REASON_STYLES: Final = {"dangling": ".bad", "slow": ".warn"}
_CUT: Final = 5

HEADLINE: Final = "eot_latency"
"""The figure that is chosen as long as nobody chooses another."""
_BY_IMPORTANCE: Final = ("eot_latency", "eager_latency", "onset_latency", "eager_lead", "first_text", "update_gap_max")
"""Which figures stay when the table is narrow, the most wanted first."""

_RECENT: Final = 24
"""Turns in the headline's little chart."""
_FEWEST_BARS: Final = 6
"""A chart of fewer is no chart, unless there are no more turns."""
_BARS: Final = " ▁▂▃▄▅▆▇█"

_ENOUGH_TO_JUDGE: Final = 10
"""Turns without which nothing is called slow."""


def columns(width: int, figure: str = HEADLINE) -> list[Definition]:
    """Return the figures for which there is room, the chosen one among them, in the order of the definitions."""
    room = max(1, (width - _NUMBER) // _FIGURE)
    wanted = [figure, *(name for name in _BY_IMPORTANCE if name != figure)][:room]
    return [definition for definition in DEFINITIONS if definition.name in wanted]


def row(finished: FinishedTurn, slow_above: dict[str, int], width: int, figure: str = HEADLINE) -> Content:
    """Return the line of one turn; values above their limit (`limits`) stand out."""
    turn, figures = finished.turn, finished.figures
    mark = "*" if turn.first_of_connection else " "
    parts: list[tuple[str, str]] = [(f"{turn.number:>4}{mark}", ".number")]
    for definition in columns(width, figure):
        value = getattr(figures, definition.name)
        style = ".headline" if definition.name == figure else ""
        if value is None or figures.slow:
            style = ".faint"
        elif round(value * MS) > slow_above.get(definition.name, LONGEST_MS):
            style = ".slow"
        text = milliseconds(value, pending=figures.pending)
        parts += [(" " * (_FIGURE - len(text)), ""), (text, style)]
    used = _NUMBER + _FIGURE * len(columns(width, figure))
    if width >= used + _REASON:
        waiting = figures.pending and not figures.end_reason
        reason = figures.end_reason or ("…" if waiting else NONE)
        if inclusion(turn, figures) is Inclusion.SLOW:
            reason = Inclusion.SLOW.value
        parts.append((f"  {reason:<{_REASON - 2}}", _REASON_STYLES.get(reason, ".label")))
        used += _REASON
    if figures.false_cutoff:
        text = " ~cut" if width >= used + _CUT else "~"
        parts.append((text, ".cut"))
    return Content.assemble(*parts).truncate(width)


def _chosen(line: Content, width: int) -> Content:
    """Have the whole line stand out; of its looks only what is slow is left, for reversed colours make patches."""
    whole = Content(line.plain).pad_right(max(0, width - line.cell_length)).stylize("reverse")
    for span in line.spans:
        if span.style == ".slow":
            whole = whole.stylize("bold underline", span.start, span.end)
    return whole


def heading(width: int, figure: str = HEADLINE) -> Content:
    """Return the line above the turns."""
    shown = columns(width, figure)
    parts = [(f"{'turn':>4} ", ".label")]
    for definition in shown:
        gap = " " * (_FIGURE - len(definition.label))
        looks = ".headline" if definition.name == figure else ".label"
        parts += [(gap, ""), (definition.label, looks)]
    if width >= _NUMBER + _FIGURE * len(shown) + _REASON:
        parts.append(("  end", ".label"))
    return Content.assemble(*parts).truncate(width)


def summary_row(label: str, summaries: dict[str, Summary], width: int, figure: str = HEADLINE) -> Content:
    """Return the line of one statistic: `p50`, `p90`, `p95`, `max` or `n`."""
    parts = [(f"{label:>4} ", ".label")]
    for definition in columns(width, figure):
        value = getattr(summaries.get(definition.name, Summary()), label)
        text = str(value) if label == "n" else milliseconds(value)
        style = ".headline" if definition.name == figure else ""
        parts.append((f"{text:>{_FIGURE}}", ".faint" if value is None else style))
    return Content.assemble(*parts).truncate(width)


def first_row(first: FinishedTurn | None, width: int, figure: str = HEADLINE) -> Content:
    """Return the line of the first turn, which is in no summary."""
    parts = [("1st* ", ".label")]
    for definition in columns(width, figure):
        value = getattr(first.figures, definition.name) if first else None
        style = ".headline" if definition.name == figure else ""
        parts.append((f"{milliseconds(value):>{_FIGURE}}", ".faint" if value is None else style))
    return Content.assemble(*parts).truncate(width)


def headline(snapshot: Snapshot | None, width: int, figure: str = HEADLINE) -> Content:
    """Return the chosen figure in the richest wording that fits, and a chart in what is left."""
    summary = snapshot.summaries.get(figure, Summary()) if snapshot else Summary()
    recent = _recent(snapshot, figure)
    last = milliseconds(recent[-1] if recent else None)
    label = next(definition.label for definition in DEFINITIONS if definition.name == figure)
    short = lit(f" {label} ", ".headline-name")
    name = lit(" end of turn ", ".headline-name") if figure == HEADLINE else short
    newest = Content.assemble((f" {last} ms", ".headline"), (" last", ".label"))
    middle = Content.assemble((f"  {milliseconds(summary.p50)}", "bold"), (" p50", ".label"))
    high = Content.assemble((f"  {milliseconds(summary.p90)}", "bold"), (" p90", ".label"))
    top = Content.assemble(f"  {milliseconds(summary.max)}", (" max", ".label"))
    wordings = [name + newest + middle + high + top, name + newest + middle + high, short + newest + middle, newest]
    line = richest(wordings, width)
    room = min(_RECENT, width - line.cell_length - 2)
    if room < min(len(recent), _FEWEST_BARS):
        return line
    return Content.assemble(line, "  ", (bars(recent[-room:]), ".chart"))


def _recent(snapshot: Snapshot | None, figure: str) -> list[float]:
    """Return the last turns' figure, as far as it is known."""
    turns = snapshot.finished[-_RECENT:] if snapshot else ()
    listed = (one.figures for one in turns if inclusion(one.turn, one.figures) in (Inclusion.SUMMARY, Inclusion.FIRST))
    return [value for figures in listed if (value := getattr(figures, figure)) is not None]


def bars(values: Sequence[float]) -> str:
    """Draw values as bars, the largest of them as high as a bar can be; where there is nothing, nothing stands."""
    top = max(values, default=0.0) or 1.0
    return "".join(_BARS[ceil(value / top * (len(_BARS) - 1))] for value in values)


def limits(summaries: dict[str, Summary]) -> dict[str, int]:
    """Return by figure above how many milliseconds a value is among the slowest tenth, where that can be told."""
    return {
        name: round(summary.p90 * MS)
        for name, summary in summaries.items()
        if summary.n >= _ENOUGH_TO_JUDGE and summary.p90 is not None
    }


class MetricsHeader(Lines):
    """The headline and the names of the columns."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name for it
        super().__init__(id=id)
        self._snapshot: Snapshot | None = None
        self._figure = HEADLINE

    def choose_figure(self, name: str) -> None:
        """Show another figure."""
        self._figure = name
        self.redraw()

    def on_click(self, event: Click) -> None:
        """Choose the figure whose name was clicked."""
        place = event.get_content_offset(self)
        shown = columns(self.content_size.width, self._figure)
        if place is not None and place.y == self.content_size.height - 1:
            column = (place.x - _NUMBER) // _FIGURE
            if column in range(len(shown)):
                self.post_message(FigureChosen(shown[column].name))

    def show(self, snapshot: Snapshot) -> None:
        """Show a snapshot."""
        old, self._snapshot = self._snapshot, snapshot
        if old is None or old.summaries is not snapshot.summaries or old.finished is not snapshot.finished:
            self.redraw()

    def compose_lines(self, width: int, height: int) -> Sequence[Content]:
        """Compose the headline where there are two lines."""
        names = heading(width, self._figure)
        return [names] if height == 1 else [headline(self._snapshot, width, self._figure), names]


class MetricsTable(TurnsView):
    """A line for each turn, the newest last."""

    ABOUT: ClassVar[Section] = (
        "Latency",
        (
            ("what it is", "a row for each turn, in milliseconds, measured on the clock that a speaker feels"),
            ("underlined", "among the slowest tenth, once there are ten turns"),
            ("*", "first turn of a connection: services warm up, so it is in no summary"),
            ("end", "why the turn ended: threshold, timeout, closed by us, or dangling"),
            ("slow", "this machine or its line held it up: its figures are in no summary"),
            ("↑ ↓ Enter", "choose a turn; open it"),
            ("← → f F", "choose a figure: what it means, where it is measured from, how it is spread"),
        ),
    )

    BINDINGS: ClassVar[list[BindingType]] = bindings(Where.FIGURES)

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name for it
        super().__init__(id=id)
        self._summaries: dict[str, Summary] = {}
        self._limits: dict[str, int] = {}
        self._figure = HEADLINE

    def choose_figure(self, name: str) -> None:
        """Have another figure stand out."""
        self._figure = name
        self.redraw_all()

    def show(self, snapshot: Snapshot) -> None:
        """Show a snapshot."""
        old, self._finished = self._finished, snapshot.finished
        if self._summaries is not snapshot.summaries:
            self._summaries = snapshot.summaries
            before, self._limits = self._limits, limits(snapshot.summaries)
            if before != self._limits:
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
        line = row(finished, self._limits, width, self._figure)
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
