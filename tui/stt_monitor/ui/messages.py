"""Every message that the parts of the screen send one another."""

from textual.message import Message

from stt_monitor.core.snapshot import Snapshot


class SnapshotArrived(Message):
    """A newer picture of the session; it replaces one that still waits to be drawn."""

    def __init__(self, snapshot: Snapshot) -> None:
        super().__init__()
        self.snapshot = snapshot

    def can_replace(self, message: Message) -> bool:
        """Say that only the newest picture counts."""
        return isinstance(message, SnapshotArrived)
