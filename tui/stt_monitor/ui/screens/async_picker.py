"""A choice among what the controller offers, which it has to look for first."""

from stt_monitor.core.commands import Controller, FindOptions
from stt_monitor.core.session_options import Available
from stt_monitor.ui.messages import OffersArrived
from stt_monitor.ui.screens.picker import Choice, Picker


class OffersPicker(Picker[Choice]):
    """Asks the controller when it opens; until the answer is there, what can be typed can be chosen."""

    def __init__(self, controller: Controller) -> None:
        super().__init__()
        self._controller = controller
        self._offers: Available | None = None

    def on_mount(self) -> None:
        """Ask what there is."""
        super().on_mount()
        self._controller.send(FindOptions(self._offered))

    def on_offers_arrived(self, message: OffersArrived) -> None:
        """Show what there is."""
        self._offers = message.offers
        self.refill()

    def _offered(self, offers: Available) -> None:
        """Take the answer over to the screen's thread."""
        self.post_message(OffersArrived(offers))
