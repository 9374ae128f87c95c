"""Every message that the parts of the screen send one another."""

from textual.message import Message

from stt_monitor.core.metrics.metric import Metric
from stt_monitor.core.session_options import Available, RecordingInfo
from stt_monitor.core.snapshot import Snapshot


class SnapshotArrived(Message):
    """A newer picture of the session; it replaces one that still waits to be drawn."""

    def __init__(self, snapshot: Snapshot) -> None:
        super().__init__()
        self.snapshot = snapshot

    def can_replace(self, message: Message) -> bool:
        """Say that only the newest picture counts."""
        return isinstance(message, SnapshotArrived)


class TurnChosen(Message):
    """The user chose a turn in one part of the screen: every part chooses it."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number


class TurnOpened(Message):
    """The user opened the details of a turn."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number


class FrameChosen(Message):
    """The user chose a frame of the wire log, or none."""


class FigureChosen(Message):
    """The user chose a metric."""

    def __init__(self, metric: Metric) -> None:
        super().__init__()
        self.metric = metric


class RecordingsFound(Message):
    """The saved sessions were found."""

    def __init__(self, recordings: tuple[RecordingInfo, ...]) -> None:
        super().__init__()
        self.recordings = recordings


class OptionsFound(Message):
    """What can be chosen was found."""

    def __init__(self, available: Available) -> None:
        super().__init__()
        self.available = available
