"""Metrics of every turn: headline, column names, a row per turn."""

from collections.abc import Sequence
from operator import is_
from typing import TYPE_CHECKING, ClassVar

from textual.binding import BindingType
from textual.content import Content
from textual.events import Click

from stt_monitor.core.metrics.definitions import HEADLINE
from stt_monitor.core.metrics.marks import Marks
from stt_monitor.core.metrics.metric import Metric
from stt_monitor.core.snapshot import Snapshot
from stt_monitor.core.text.wording import DERIVED, NO_VALUE, NOT_APPLICABLE
from stt_monitor.ui.drawing.metric_rows import (
    NO_MARKS,
    NUMBER,
    as_chosen,
    cells,
    columns,
    heading,
    headline,
    limits,
    row,
)
from stt_monitor.ui.drawing.notes import signs
from stt_monitor.ui.keymap.bindings import bindings, meanings_of
from stt_monitor.ui.keymap.keys import Where
from stt_monitor.ui.messages import MetricChosen
from stt_monitor.ui.styles import Section
from stt_monitor.ui.toolkit.line_widget import LineWidget
from stt_monitor.ui.toolkit.turn_list import TurnList

if TYPE_CHECKING:
    from stt_monitor.core.metrics.percentiles import Summary


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
        end = NUMBER
        for metric in columns(self.content_size.width, self._metric, self._marks):
            start, end = end, end + cells(metric)
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
        return self._snapshot.marks if self._snapshot else NO_MARKS

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
            ("≡ ‖ ◈ ◆", "before this turn settings changed, audio was paused, or the connection was lost"),
            ("why", "why the turn ended when it did, in a word: see below; its details say more"),
            *meanings_of("Select the previous turn", "Details", "Metric"),
        ),
    )

    BINDINGS: ClassVar[list[BindingType]] = bindings(Where.METRICS)

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name for it
        super().__init__(id=id)
        self._summaries: dict[str, Summary] = {}
        self._limits: dict[str, int] = {}
        self._metric = HEADLINE
        self._marks = NO_MARKS
        self._noted: dict[int, str] = {}

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
        noted = signs(snapshot)
        if noted != self._noted:
            self._noted = noted
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
        line = row(finished, self._limits, width, self._metric, self._marks, noted=self._noted.get(y, ""))
        return as_chosen(line, width) if finished.turn.number == self.chosen else line

    def lines_of(self, index: int) -> range:
        """Return the one line of a turn."""
        return range(index, index + 1)

    def index_at(self, line: int) -> int | None:
        """Return which turn is on a line."""
        return line if line in range(len(self._finished)) else None

    def measure(self, width: int, place: int) -> int:  # noqa: ARG002 - a row is one line at any width
        """Count the lines."""
        return len(self._finished)
