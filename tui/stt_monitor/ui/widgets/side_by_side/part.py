"""What the parts that stand over all services have in common: the services, the chosen one, the chosen metric."""

from collections.abc import Sequence

from stt_monitor.core.metrics.definitions import HEADLINE
from stt_monitor.core.metrics.metric import Metric
from stt_monitor.core.snapshot import Snapshot
from stt_monitor.ui.toolkit.line_widget import LineWidget


class ServicesPart(LineWidget):
    """Lines about all services. Subclasses say what of a service their lines depend on."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name for it
        super().__init__(id=id)
        self.lanes: Sequence[Snapshot] = ()
        self.service = ""
        """Name of the chosen service."""
        self.metric = HEADLINE
        self._seen: object = None

    def appearance(self, lane: Snapshot) -> object:
        """Return everything of a service that the lines depend on."""
        raise NotImplementedError

    def show(self, lanes: Sequence[Snapshot]) -> None:
        """Show the snapshots of all services."""
        if len(lanes) != len(self.lanes):
            self.refresh(layout=True)
        self.lanes = lanes
        seen = [self.appearance(lane) for lane in lanes]
        if seen != self._seen:
            self._seen = seen
            self.redraw()

    def choose_service(self, service: str) -> None:
        """Mark another service."""
        if service != self.service:
            self.service = service
            self.redraw()

    def choose_metric(self, metric: Metric) -> None:
        """Show another metric."""
        self.metric = metric
        self.redraw()
