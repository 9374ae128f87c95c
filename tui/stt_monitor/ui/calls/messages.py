"""Messages of the screen of calls."""

from textual.message import Message

from stt_monitor.core.calls_state import CallsState, CallState


class CallsArrived(Message):
    """A newer list of calls; it replaces one that still waits to be drawn."""

    def __init__(self, state: CallsState) -> None:
        super().__init__()
        self.state = state

    def can_replace(self, message: Message) -> bool:
        """Replace an older list."""
        return isinstance(message, CallsArrived)


class TapEnded(Message):
    """The tap has ended by itself."""


class CallChosen(Message):
    """The user chose a call."""

    def __init__(self, call: int) -> None:
        super().__init__()
        self.call = call


class CallOpened(Message):
    """The user opened a call."""

    def __init__(self, call: CallState) -> None:
        super().__init__()
        self.call = call
