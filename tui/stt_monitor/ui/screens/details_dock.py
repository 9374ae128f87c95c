"""The details of the chosen turn at the right of the main screen, where a window is wide."""

from typing import TYPE_CHECKING, ClassVar, Final

from textual.binding import BindingType
from textual.containers import VerticalScroll

from stt_monitor.core.finished_turn import FinishedTurn
from stt_monitor.core.snapshot import Snapshot
from stt_monitor.ui.keymap.bindings import own_bindings
from stt_monitor.ui.keymap.keys import Key, KeyGroup
from stt_monitor.ui.screens.details import DetailsText

if TYPE_CHECKING:
    from textual.widget import Widget

_KEYS: Final = (KeyGroup("go back to the turns", (Key("enter", "Back", "back", footer=0),)),)


class DetailsDock(VerticalScroll):
    """The details of one turn, docked beside the other parts."""

    DEFAULT_CLASSES = "panel"
    BINDINGS: ClassVar[list[BindingType]] = own_bindings(_KEYS)

    def __init__(self) -> None:
        super().__init__(id="details-dock")
        self.back_to: Widget | None = None
        """What had the focus before."""

    async def show(self, finished: FinishedTurn, snapshot: Snapshot) -> None:
        """Show a turn of a session."""
        self.border_title = f"Turn {finished.turn.number}"
        self.border_subtitle = "Enter scrolls"
        async with self.batch():
            await self.remove_children()
            await self.mount(DetailsText(finished, snapshot))
        self.scroll_home(animate=False)

    def action_back(self) -> None:
        """Go back to what had the focus."""
        if self.back_to is not None:
            self.back_to.focus()
