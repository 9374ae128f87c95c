"""What the first paint of the main screen can do without: turns, figures, errors, keys. It is loaded after it."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

from textual.screen import Screen
from textual.widget import Widget

from stt_monitor.core.metrics.metric import Metric
from stt_monitor.core.records.session import Connection
from stt_monitor.core.snapshot import Snapshot
from stt_monitor.core.text.sanitize import clean
from stt_monitor.system.memory import give_back
from stt_monitor.ui.keymap.keys import KeyContext
from stt_monitor.ui.widgets.error_bar import ErrorBar
from stt_monitor.ui.widgets.key_line import KeyLine
from stt_monitor.ui.widgets.metrics_summary import MetricsSummary
from stt_monitor.ui.widgets.metrics_table import MetricsHeader, MetricsTable
from stt_monitor.ui.widgets.timeline import Timeline
from stt_monitor.ui.widgets.transcript import Transcript

STYLE: Final = Path(__file__).parent.parent / "rest.tcss"

_TURNS: Final = 1000
"""After so many more turns memory is given back: lists of all turns are copied as they grow, and leave holes too small
for the next, 5 MB in 10 000 turns."""


class Rest:
    """These widgets, once they are mounted."""

    def __init__(self) -> None:
        self.timeline: Final = Timeline(id="timeline")
        self.transcript: Final = Transcript(id="transcript")
        self.error: Final = ErrorBar(id="error")
        self.table: Final = MetricsTable(id="metrics-table")
        self._header = MetricsHeader(id="metrics-header")
        self._summary = MetricsSummary(id="metrics-summary")
        self._thousands = 0

    async def mount_on(self, screen: Screen[None], now: Callable[[], KeyContext]) -> None:
        """Mount them, and the keys, for which `now` tells the state; nothing else moves."""
        screen.app.stylesheet.read(STYLE)
        screen.app.stylesheet.parse()
        async with screen.batch():
            await screen.query_one("#metrics").mount(self._header, self.table, self._summary)
            await screen.mount(self.error, before="#status")
            await screen.query_one("#foot").mount(KeyLine(now))
            for panel in (self.timeline, self.transcript):
                await _unframe(panel, screen)

    def show(self, snapshot: Snapshot, *, going_on: bool) -> None:
        """Show the turns and figures of a snapshot of one service; others may go on without it."""
        self.timeline.show(snapshot)
        self.transcript.say(_hint(snapshot, going_on=going_on))
        self.transcript.show(snapshot)
        self._header.show(snapshot)
        self.table.show(snapshot)
        self._summary.show(snapshot)
        before, self._thousands = self._thousands, len(snapshot.finished) // _TURNS
        if self._thousands > before:
            give_back()

    def choose(self, number: int | None) -> None:
        """Choose a turn; None for none."""
        self.transcript.choose(number)
        self.table.choose(number)
        self._summary.choose(number)
        self.timeline.choose(number)

    def choose_metric(self, metric: Metric, *, explained: bool) -> None:
        """Choose a metric, and explain it."""
        self._header.choose_metric(metric)
        self.table.choose_metric(metric)
        self._summary.choose_metric(metric, explained=explained)


async def _unframe(panel: Widget, screen: Screen[None]) -> None:
    """Mount a panel in place of its frame."""
    frame = screen.query_one(f"#{panel.id}")
    focused, before = screen.focused is frame, frame.parent
    assert isinstance(before, Widget)
    place = before.children.index(frame)
    await frame.remove()
    await before.mount(panel, before=place if place < len(before.children) else None)
    if focused:
        panel.focus(scroll_visible=False)


def _hint(snapshot: Snapshot, *, going_on: bool) -> str:
    """Return why there are no turns; what the error bar shows is not repeated."""
    if snapshot.detail and snapshot.retry is None and snapshot.detail != snapshot.error:
        return clean(snapshot.detail)
    if not snapshot.running:
        return "no turns; the other services go on" if going_on else "no turns; press s to start again"
    if snapshot.connection is Connection.CONNECTED:
        return "listening…"
    return "connecting…"
