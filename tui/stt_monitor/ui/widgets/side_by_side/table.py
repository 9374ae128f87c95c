"""The table of services side by side: summaries on top, then a row for each stretch of reference speech."""

from collections.abc import Sequence
from typing import ClassVar, Final

from textual.binding import BindingType
from textual.content import Content
from textual.events import Click

from stt_monitor.core.metrics.definitions import HEADLINE
from stt_monitor.core.metrics.metric import Metric
from stt_monitor.core.side_by_side.rows import Row
from stt_monitor.core.snapshot import Snapshot
from stt_monitor.core.text.wording import CUT_OFF
from stt_monitor.ui.drawing.stretch_rows import (
    BEST,
    STATISTICS,
    WANTED,
    column_cells,
    draw_heading,
    draw_row,
    draw_statistic,
    label_cells_of,
)
from stt_monitor.ui.keymap.bindings import bindings, meanings_of
from stt_monitor.ui.keymap.keys import Where
from stt_monitor.ui.lanes import name_of
from stt_monitor.ui.messages import RowChosen, RowOpened, ServiceChosen
from stt_monitor.ui.styles import Section
from stt_monitor.ui.toolkit.tail_view import SCROLL_BAR, TailView
from stt_monitor.ui.widgets.side_by_side.part import ServicesPart

_CHOSEN: Final = "reverse"


class StretchHeader(ServicesPart):
    """The names of the services, and their summaries; a click chooses a service."""

    def appearance(self, lane: Snapshot) -> object:
        """Return what is counted and summarised."""
        return name_of(lane), lane.summaries, lane.counts, lane.marks, lane.speech_checked > 0

    def on_click(self, event: Click) -> None:
        """Choose the service of the clicked column."""
        place, width = event.get_content_offset(self), self.content_size.width - SCROLL_BAR
        if place is None or not self.lanes or place.x < label_cells_of(width):
            return
        column = (place.x - label_cells_of(width)) // column_cells(width, len(self.lanes))
        if column < len(self.lanes):
            self.post_message(ServiceChosen(name_of(self.lanes[column])))

    def compose_lines(self, width: int, height: int) -> Sequence[Content]:
        """Compose the names, and the statistics that fit."""
        if not self.lanes:
            return []
        width -= SCROLL_BAR
        wanted = WANTED[: height - 1]
        return [
            draw_heading(self.lanes, width, self.service),
            *(draw_statistic(name, self.lanes, width, self.metric) for name in STATISTICS if name in wanted),
        ]


class StretchTable(TailView):
    """A row for each stretch of reference speech, the newest last."""

    DEFAULT_CLASSES = "scrolled"
    ABOUT: ClassVar[Section] = (
        "Side by side",
        (
            ("what it is", "a row for each stretch of reference speech, a column for each service"),
            (BEST, "the best of the values that can be compared; equal ones are all marked"),
            ("✗ missed", "speech for which the service has no turn"),
            ("~cut, cut", CUT_OFF),
            ("┊ same turn", "the turn goes on: its value stands where its speech ends, for onsets where it begins"),
            ("+ spurious", "a turn without speech, between two stretches"),
            ("*", "first turn of a connection: summaries exclude it"),
            ("slow, closed", "held up by machine, network or client, or ended by us: no figure of the service"),
            *meanings_of("Select the previous row", "Details of the row", "Metric", "Side by side"),
        ),
    )
    BINDINGS: ClassVar[list[BindingType]] = bindings(Where.ROWS)

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name for it
        super().__init__(id=id)
        self._rows: Sequence[Row] = ()
        self._metric = HEADLINE
        self._hint = ""
        self.chosen: float | None = None
        """When the speech of the chosen row began."""

    def say(self, hint: str) -> None:
        """Show a sentence while there is no row."""
        if hint != self._hint:
            self._hint = hint
            if not self._rows and self.measured_width:
                self.lines_changed(0, 1)

    def show(self, rows: Sequence[Row], first: int | None) -> None:
        """Show rows, of which those from `first` on have changed; None: none has."""
        self._rows = rows
        if first is not None and self.measured_width:
            self.lines_changed(first, self._count)

    def choose_metric(self, metric: Metric) -> None:
        """Show another metric."""
        self._metric = metric
        self.redraw_all()

    def choose(self, at: float | None) -> None:
        """Choose a row by its time, and scroll it into view; None follows the end again."""
        before, self.chosen = self._index(self.chosen), at
        now = self._index(at)
        for index in (before, now):
            if index is not None:
                self.redraw_lines(range(index, index + 1))
        if now is not None:
            self.reveal(range(now, now + 1))
        elif before is not None:
            self.follow()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Open only a chosen row, and choose only where there are some."""
        if action == "open":
            return self.chosen is not None
        if action == "choose":
            return bool(self._rows)
        return super().check_action(action, parameters)

    def action_choose(self, by: int) -> None:
        """Choose the previous (-1) or next (1) row; without a chosen one, the last one in view."""
        index = self._index(self.chosen)
        if index is None:
            index = min(round(self.scroll_y) + self.size.height, len(self._rows)) - 1
        else:
            index = min(max(0, index + by), len(self._rows) - 1)
        if index >= 0:
            self.post_message(RowChosen(self._rows[index].at))

    def action_open(self) -> None:
        """Open the chosen row."""
        if self.chosen is not None:
            self.post_message(RowOpened(self.chosen))

    def on_click(self, event: Click) -> None:
        """Choose the clicked row, or open it if it is chosen."""
        place = event.get_content_offset(self)
        index = -1 if place is None else place.y + round(self.scroll_y)
        if index in range(len(self._rows)):
            at = self._rows[index].at
            self.post_message(RowOpened(at) if at == self.chosen else RowChosen(at))

    def compose_line(self, y: int, width: int) -> Content:
        """Compose the line of a row, or the hint."""
        if not self._rows:
            return Content.assemble((self._hint, ".faint")).truncate(width, ellipsis=True)
        row = self._rows[y]
        line = draw_row(row, width, self._metric)
        if row.at != self.chosen:
            return line
        return Content(line.plain).pad_right(max(0, width - line.cell_length)).stylize(_CHOSEN)

    def measure(self, width: int, place: int) -> int:  # noqa: ARG002 - a row is one line at any width
        """Count the lines."""
        return self._count

    @property
    def _count(self) -> int:
        return len(self._rows) or 1

    def _index(self, at: float | None) -> int | None:
        return None if at is None else next((i for i, row in enumerate(self._rows) if row.at == at), None)
