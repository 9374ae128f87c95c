"""Messages between widgets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.message import Message

if TYPE_CHECKING:
    from stt_monitor.core.listed_session import RecordingInfo
    from stt_monitor.core.metrics.metric import Metric
    from stt_monitor.core.session_options import Available
    from stt_monitor.core.settings.requested import TurnSettings
    from stt_monitor.core.snapshot import Snapshot


class NotPlayed(Message):
    """A turn cannot be played."""

    def __init__(self, sentence: str) -> None:
        super().__init__()
        self.sentence = sentence


class SnapshotArrived(Message):
    """A newer snapshot; it replaces one that still waits to be drawn."""

    def __init__(self, snapshot: Snapshot) -> None:
        super().__init__()
        self.snapshot = snapshot

    def can_replace(self, message: Message) -> bool:
        """Replace an older snapshot."""
        return isinstance(message, SnapshotArrived)


class SettingsDrafted(Message):
    """The user changed settings that are not applied; None: there are none any more."""

    def __init__(self, draft: TurnSettings | None) -> None:
        super().__init__()
        self.draft = draft


class TurnChosen(Message):
    """The user chose a turn in one widget: all widgets choose it."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number


class TurnOpened(Message):
    """The user opened the details of a turn."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number


class FramesWanted(Message):
    """The user wants to see the frames of a turn."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number


class PlaceWanted(Message):
    """The user wants to be at a time, seconds of session: a saved session is to be played from there."""

    def __init__(self, at: float) -> None:
        super().__init__()
        self.at = at


class FrameChosen(Message):
    """The user chose a frame of the wire log, or cleared the choice."""


class MetricChosen(Message):
    """The user chose a metric."""

    def __init__(self, metric: Metric) -> None:
        super().__init__()
        self.metric = metric


class RowChosen(Message):
    """The user chose a row of services side by side, by the time of its speech."""

    def __init__(self, at: float) -> None:
        super().__init__()
        self.at = at


class RowOpened(Message):
    """The user opened what the chosen service made of a row."""

    def __init__(self, at: float) -> None:
        super().__init__()
        self.at = at


class ServiceChosen(Message):
    """The user chose one of several services."""

    def __init__(self, service: str) -> None:
        super().__init__()
        self.service = service


class RecordingsFound(Message):
    """The saved sessions were found."""

    def __init__(self, recordings: tuple[RecordingInfo, ...]) -> None:
        super().__init__()
        self.recordings = recordings


class OptionsFound(Message):
    """The inputs and services to choose from were found."""

    def __init__(self, available: Available) -> None:
        super().__init__()
        self.available = available
