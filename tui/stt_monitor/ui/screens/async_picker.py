"""A picker whose choices the controller has to find first."""

from stt_monitor.core.commands import Controller, FindOptions
from stt_monitor.core.session_options import Available
from stt_monitor.ui.messages import OptionsFound
from stt_monitor.ui.screens.picker import Choice, Picker


class AsyncPicker(Picker[Choice]):
    """Asks the controller on opening; until it answers, only typed text can be chosen."""

    def __init__(self, controller: Controller) -> None:
        super().__init__()
        self._controller = controller
        self._available: Available | None = None

    def on_mount(self) -> None:
        """Ask what there is."""
        super().on_mount()
        self._controller.send(FindOptions(self._found))

    def on_options_found(self, message: OptionsFound) -> None:
        """Show what there is."""
        self._available = message.available
        self.refill()

    def _found(self, available: Available) -> None:
        """Hand the answer to the screen's thread."""
        self.post_message(OptionsFound(available))
