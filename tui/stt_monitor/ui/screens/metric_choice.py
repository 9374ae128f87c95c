"""The part of the main screen in which one metric of turns is chosen, and explained."""

from typing import TYPE_CHECKING

from stt_monitor.core.metrics.definitions import HEADLINE, TURN_METRICS
from stt_monitor.core.metrics.marks import Marks
from stt_monitor.core.metrics.metric import Metric
from stt_monitor.core.snapshot import Snapshot
from stt_monitor.ui.messages import MetricChosen
from stt_monitor.ui.screens.several import SeveralServices

if TYPE_CHECKING:
    from stt_monitor.ui.screens.rest import Rest


class MetricChoice(SeveralServices):
    """Chooses among the metrics that have values in the snapshot shown."""

    _snapshot: Snapshot | None = None
    _metric: Metric = HEADLINE

    @property
    def _rest(self) -> "Rest":
        """What is mounted after the first paint."""
        raise NotImplementedError

    def choose_metric(self, by: int) -> None:
        """Choose the next (1) or previous (-1) metric; at first, explain the current one."""
        step = by if self.has_class("-metric") or self.beside else 0
        marks = self._snapshot.marks if self._snapshot else Marks()
        shown = list((self.marks_of_all if self.beside else marks).worth_showing(TURN_METRICS))
        place = shown.index(self._metric) + step if self._metric in shown else 0
        self._show_metric(shown[place % len(shown)], explained=True)

    def choose_headline(self) -> None:
        """Choose the metric of the beginning, and explain none."""
        if self.has_class("-metric"):
            self._show_metric(HEADLINE, explained=False)

    def on_metric_chosen(self, message: MetricChosen) -> None:
        """Explain a metric."""
        self._show_metric(message.metric, explained=True)

    def _show_metric(self, metric: Metric, *, explained: bool) -> None:
        self._metric = metric
        self.set_class(explained, "-metric")
        self._rest.choose_metric(metric, explained=explained)
        self.choose_metric_of_all(metric)
