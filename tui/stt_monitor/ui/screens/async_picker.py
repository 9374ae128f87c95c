"""Picker that loads its choices on the controller's thread."""

from stt_monitor.core.commands import Controller, FindOptions
from stt_monitor.core.session_options import Available
from stt_monitor.ui.messages import OptionsFound
from stt_monitor.ui.screens.picker import Choice, Picker


class AsyncPicker(Picker[Choice]):
    """Asks the controller when it opens; until the answer only typed text can be chosen."""

    def __init__(self, controller: Controller) -> None:
        super().__init__()
        self._controller = controller
        self._available: Available | None = None

    def on_mount(self) -> None:
        """Ask for the inputs and services."""
        super().on_mount()
        self._controller.send(FindOptions(self._found))

    def on_options_found(self, message: OptionsFound) -> None:
        """List the inputs or services."""
        self._available = message.available
        self.refill()

    def _found(self, available: Available) -> None:
        """Post the answer to the screen's thread."""
        self.post_message(OptionsFound(available))
