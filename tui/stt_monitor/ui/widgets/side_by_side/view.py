"""All services of a session side by side: strip, timeline, table and transcripts."""

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content

from stt_monitor.core.finished_turn import FinishedTurn, index_of
from stt_monitor.core.metrics.definitions import HEADLINE
from stt_monitor.core.metrics.metric import Metric
from stt_monitor.core.records.session import Connection
from stt_monitor.core.side_by_side.figures import figures, has_best
from stt_monitor.core.side_by_side.rows import SideBySide
from stt_monitor.core.snapshot import Snapshot
from stt_monitor.ui.drawing.stretch_rows import BEST
from stt_monitor.ui.drawing.texts_beside import GAP
from stt_monitor.ui.lanes import name_of
from stt_monitor.ui.widgets.side_by_side.strip import LaneStrip
from stt_monitor.ui.widgets.side_by_side.table import StretchHeader, StretchTable
from stt_monitor.ui.widgets.side_by_side.texts import Texts, TextsHeader
from stt_monitor.ui.widgets.side_by_side.timeline import LanesTimeline


class SideBySideView(Vertical):
    """The view of a session with several services."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name for it
        super().__init__(id=id)
        self._side_by_side = SideBySide()
        self._lanes: tuple[Snapshot, ...] = ()
        self._service = ""
        self._metric = HEADLINE
        self.ready = False
        """The parts are mounted."""
        self._first: Snapshot | None = None

    def compose(self) -> ComposeResult:
        """Lay out the parts."""
        yield LaneStrip(id="strip")
        yield LanesTimeline(id="lanes-timeline")
        with Vertical(id="beside-body"):
            with Vertical(id="stretches", classes="panel"):
                yield StretchHeader(id="stretches-header")
                yield StretchTable(id="stretches-table")
            with Vertical(id="texts", classes="panel") as texts:
                texts.border_title = f"Transcripts · underlined where they differ, {GAP} a word missing"
                yield TextsHeader(id="texts-header")
                yield Texts(id="texts-list")

    @property
    def timeline(self) -> LanesTimeline:
        """The timeline of all services, once it is mounted."""
        return self.query_one(LanesTimeline)

    def on_mount(self) -> None:
        """Show data that came before the parts were mounted."""
        self.ready = True
        self.choose_service(self._service)
        self.choose_metric(self._metric)
        if self._first is not None:
            self.show(self._first)
        self.query_one(StretchTable).focus()

    def show(self, snapshot: Snapshot) -> None:
        """Show a snapshot of all services."""
        if not self.ready:
            self._first = snapshot
            return
        self._lanes = lanes = snapshot.lanes
        first, rows = self._side_by_side.update(lanes), self._side_by_side.rows
        self.query_one(LaneStrip).show(lanes)
        self.timeline.show(snapshot)
        self.query_one(StretchHeader).show(lanes)
        table = self.query_one(StretchTable)
        table.say(_hint(snapshot))
        table.show(rows, first)
        self.query_one(TextsHeader).show(lanes)
        self.query_one(Texts).show(rows, first, lanes)

    def choose_service(self, service: str) -> None:
        """Mark another service."""
        self._service = service
        if self.ready:
            self.query_one(LaneStrip).choose_service(service)
            self.timeline.choose_service(service)
            self.query_one(StretchHeader).choose_service(service)
            self.query_one(TextsHeader).choose_service(service)

    def choose_metric(self, metric: Metric) -> None:
        """Show another metric."""
        self._metric = metric
        if not self.ready:
            return
        self.query_one(LaneStrip).choose_metric(metric)
        self.query_one(StretchHeader).choose_metric(metric)
        self.query_one(StretchTable).choose_metric(metric)
        self._name_metric()

    def choose(self, at: float | None) -> None:
        """Choose a row by the time of its speech; None follows the newest again."""
        if not self.ready:
            return
        self.timeline.mark(at)
        self.query_one(StretchTable).choose(at)
        self.query_one(Texts).reveal_row(self._side_by_side.rows, at)

    def step(self, by: int) -> None:
        """Choose the previous (-1) or next (1) row."""
        if self.ready:
            self.query_one(StretchTable).action_choose(by)

    @property
    def chosen(self) -> float | None:
        """When the speech of the chosen row began."""
        return self.query_one(StretchTable).chosen if self.ready else None

    def row_of(self, number: int) -> float | None:
        """Return when the speech of the row began in which a turn of the chosen service ends; None without one."""
        index = self._index
        if index is None:
            return None
        for row in self._side_by_side.rows:
            if any(part.ends and part.finished.turn.number == number for part in row.answers[index].parts):
                return row.at
        return None

    @property
    def _index(self) -> int | None:
        """Which lane is that of the chosen service."""
        return next((i for i, lane in enumerate(self._lanes) if name_of(lane) == self._service), None)

    def turn_at(self, at: float) -> FinishedTurn | None:
        """Return the turn of the chosen service whose figure is in a row."""
        row, index = next((row for row in self._side_by_side.rows if row.at == at), None), self._index
        if row is None or index is None:
            return None
        number = figures(row, self._metric)[index].turn
        place = index_of(self._lanes[index].finished, number)
        return None if place is None else self._lanes[index].finished[place]

    def _name_metric(self) -> None:
        metric = self._metric
        best = f" · {BEST} best" if has_best(metric) else ""
        title = f"{metric.label}{metric.unit.suffix and f', {metric.unit.value}'}{best} · f next metric"
        box = self.query_one("#stretches")
        box.border_title, box.border_subtitle = Content(title), Content(metric.meaning)


def _hint(whole: Snapshot) -> str:
    """Return why there are no rows."""
    if whole.start_wait is not None:
        names = ", ".join(whole.start_wait.services)
        left = max(0, round(whole.start_wait.until - whole.at))
        return f"waiting for {names}; audio starts in {left} s at the latest"
    if all(lane.session.reference == "none" for lane in whole.lanes):
        return "no reference speech: nothing to compare by"
    if not whole.running:
        return "nothing was said; press s to start again"
    connected = any(lane.connection is Connection.CONNECTED for lane in whole.lanes)
    return "listening…" if connected else "connecting…"
