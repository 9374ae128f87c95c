"""Who counts over all calls."""

from typing import Protocol

from stt_monitor.core.finished_turn import FinishedTurn
from stt_monitor.core.records.session import SessionRecord


class Meter(Protocol):
    """Counts what happens in calls. Called on their thread: must return at once, and not raise."""

    def call(self, service: str) -> None:
        """Count a call whose websocket the service accepted."""

    def turn(self, session: SessionRecord, finished: FinishedTurn) -> None:
        """Count a turn of a call, once its metrics are final."""

    def dropped(self, service: str) -> None:
        """Count a call whose monitoring ended early."""

    def stalled(self, service: str, blame: str) -> None:
        """Count a stall that is over, by whose fault it was."""
