"""What the first paint of the main screen can do without: figures, errors, keys. All of it is loaded after it."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

from textual.screen import Screen

from stt_monitor.core.metrics.metric import Metric
from stt_monitor.core.snapshot import Snapshot
from stt_monitor.ui.keys import KeyContext
from stt_monitor.ui.widgets.error_bar import ErrorBar
from stt_monitor.ui.widgets.key_line import KeyLine
from stt_monitor.ui.widgets.metrics_summary import MetricsSummary
from stt_monitor.ui.widgets.metrics_table import MetricsHeader, MetricsTable

STYLE: Final = Path(__file__).parent.parent / "rest.tcss"


class Rest:
    """These widgets, once they are mounted."""

    def __init__(self) -> None:
        self.error: Final = ErrorBar(id="error")
        self.table: Final = MetricsTable(id="metrics-table")
        self._header = MetricsHeader(id="metrics-header")
        self._summary = MetricsSummary(id="metrics-summary")

    async def mount_on(self, screen: Screen[None], now: Callable[[], KeyContext]) -> None:
        """Mount them, and the keys, for which `now` tells the state; nothing else moves."""
        screen.app.stylesheet.read(STYLE)
        screen.app.stylesheet.parse()
        await screen.query_one("#metrics").mount(self._header, self.table, self._summary)
        await screen.mount(self.error, before="#status")
        await screen.query_one("#foot").mount(KeyLine(now))

    def show_metrics(self, snapshot: Snapshot) -> None:
        """Show the figures of a snapshot."""
        self._header.show(snapshot)
        self.table.show(snapshot)
        self._summary.show(snapshot)

    def choose(self, number: int | None) -> None:
        """Choose a turn; None for none."""
        self.table.choose(number)
        self._summary.choose(number)

    def choose_metric(self, metric: Metric, *, explained: bool) -> None:
        """Choose a metric, and explain it."""
        self._header.choose_metric(metric)
        self.table.choose_metric(metric)
        self._summary.choose_metric(metric, explained=explained)
