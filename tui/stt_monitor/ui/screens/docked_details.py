"""The part of the main screen that docks the details of the chosen turn at the right, where a window is wide."""

from typing import TYPE_CHECKING, ClassVar, Final

from textual import work
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.screen import Screen

from stt_monitor.core.snapshot import FinishedTurn, Snapshot
from stt_monitor.ui.key_bindings import own_bindings
from stt_monitor.ui.keys import Key, KeyGroup

if TYPE_CHECKING:
    from textual.widget import Widget

    from stt_monitor.ui.screens.details import DetailsText

_KEYS: Final = (KeyGroup("go back to the turns", (Key("enter", "Back", "back", footer=0),)),)


class DetailsDock(VerticalScroll):
    """The details of one turn, beside the others."""

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
            await self.mount(_text(finished, snapshot))
        self.scroll_home(animate=False)

    def action_back(self) -> None:
        """Go back to what had the focus."""
        if self.back_to is not None:
            self.back_to.focus()


class DockedDetails(Screen[None]):
    """Mounts the dock with the first turn that is chosen in a wide window."""

    _dock: DetailsDock | None = None
    _wanted: FinishedTurn | None = None
    """Whose details are docked, or will be as soon as they are mounted."""

    @property
    def docked(self) -> bool:
        """Whether details are docked now."""
        return self._dock is not None and self._dock.display and self.has_class("-details")

    def dock(self, finished: FinishedTurn | None, snapshot: Snapshot) -> None:
        """Show the details of a turn, or none."""
        wide = self.has_class("-very-wide") and (self.has_class("-tall") or self.has_class("-very-tall"))
        if finished is not None and wide and finished != self._wanted:
            self._wanted = finished
            self._show_details(finished, snapshot)
        self.set_class(finished is not None, "-details")

    @work(group="details", exclusive=True)
    async def _show_details(self, finished: FinishedTurn, snapshot: Snapshot) -> None:
        if self._dock is None:
            self._dock = DetailsDock()
            await self.query_one("#body").mount(self._dock)
        await self._dock.show(finished, snapshot)

    def enter_dock(self) -> None:
        """Give the focus to the details."""
        if self._dock is not None:
            self._dock.back_to = self.focused
            self._dock.focus()


def _text(finished: FinishedTurn, snapshot: Snapshot) -> "DetailsText":
    from stt_monitor.ui.screens.details import DetailsText  # not before the first paint

    return DetailsText(finished, snapshot)
