"""What stands over the one screen for a while: a box with a title, its own keys, the session behind it."""

from typing import ClassVar

from textual.binding import BindingType
from textual.events import Resize
from textual.screen import ModalScreen

from stt_monitor.core.snapshot import Snapshot
from stt_monitor.ui.key_bindings import overlay_bindings, own_bindings
from stt_monitor.ui.keys import Key, Line
from stt_monitor.ui.styles import HEIGHTS, WIDTHS, size_classes
from stt_monitor.ui.toolkit.closing import ClosesOnce
from stt_monitor.ui.toolkit.stale_clicks import SkipsRemoved


class Modal(ClosesOnce, SkipsRemoved, ModalScreen[None]):
    """A screen over the screen; Escape closes it, and the program can be left from it."""

    CSS_PATH = "../overlays.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        *own_bindings([Line("close", (Key("escape", "Close", "dismiss", footer=0),))]),
        *overlay_bindings(),
    ]
    OPAQUE: ClassVar[bool] = False
    """Whether nothing beneath can be seen."""
    HORIZONTAL_BREAKPOINTS = WIDTHS
    VERTICAL_BREAKPOINTS = HEIGHTS

    def on_resize(self, event: Resize) -> None:
        """Take on the size class before anything is laid out."""
        self.update_classes(size_classes(event.size), animate=False)

    def show(self, snapshot: Snapshot) -> None:
        """Show a snapshot: most overlays show what was true when they were opened."""
