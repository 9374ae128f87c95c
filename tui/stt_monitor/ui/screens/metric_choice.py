"""The part of the main screen in which one metric of turns is chosen, and explained."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stt_monitor.ui.screens.several import SeveralServices

if TYPE_CHECKING:
    from stt_monitor.core.metrics.metric import Metric
    from stt_monitor.core.snapshot import Snapshot
    from stt_monitor.ui.messages import MetricChosen


class MetricChoice(SeveralServices):
    """Chooses among the metrics that have values in the snapshot shown."""

    _snapshot: Snapshot | None = None
    _metric: Metric | None = None
    """None: the headline."""

    def choose_metric(self, by: int) -> None:
        """Choose the next (1) or previous (-1) metric; at first, explain the current one."""
        from stt_monitor.core.metrics.definitions import HEADLINE, TURN_METRICS  # not before the first paint

        step = by if self.has_class("-metric") or self.beside else 0
        marks = self.marks_of_all if self.beside or self._snapshot is None else self._snapshot.marks
        shown = list(marks.worth_showing(TURN_METRICS))
        metric = self._metric or HEADLINE
        place = shown.index(metric) + step if metric in shown else 0
        self._show_metric(shown[place % len(shown)], explained=True)

    def choose_headline(self) -> None:
        """Choose the metric of the beginning, and explain none."""
        if self.has_class("-metric"):
            from stt_monitor.core.metrics.definitions import HEADLINE  # as above

            self._show_metric(HEADLINE, explained=False)

    def on_metric_chosen(self, message: MetricChosen) -> None:
        """Explain a metric."""
        self._show_metric(message.metric, explained=True)

    def _show_metric(self, metric: Metric, *, explained: bool) -> None:
        self._metric = metric
        self.set_class(explained, "-metric")
        self._rest.choose_metric(metric, explained=explained)
        self.choose_metric_of_all(metric)
