"""Messages of the sweep's screen."""

from textual.message import Message

from stt_monitor.core.sweep.result import SweepState


class SweepArrived(Message):
    """A newer state of the sweep; it replaces one that still waits to be drawn."""

    def __init__(self, state: SweepState) -> None:
        super().__init__()
        self.state = state

    def can_replace(self, message: Message) -> bool:
        """Replace an older state."""
        return isinstance(message, SweepArrived)


class SettingChosen(Message):
    """The user chose a setting, by its place in the table."""

    def __init__(self, place: int) -> None:
        super().__init__()
        self.place = place


class SettingOpened(Message):
    """The user opened the cells of the chosen setting."""


class CellOpened(Message):
    """The user opened the session of a cell, by its folder."""

    def __init__(self, folder: str) -> None:
        super().__init__()
        self.folder = folder
