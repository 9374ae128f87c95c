"""Base of overlays: a titled box over the main screen, with keys of its own."""

from typing import ClassVar

from textual.binding import BindingType
from textual.events import Resize
from textual.screen import ModalScreen
from textual.types import CSSPathType

from stt_monitor.core.snapshot import Snapshot
from stt_monitor.ui.keymap.bindings import overlay_bindings, own_bindings
from stt_monitor.ui.keymap.keys import Key, KeyGroup
from stt_monitor.ui.styles import HEIGHTS, WIDTHS, size_classes
from stt_monitor.ui.toolkit.closing import ClosesOnce
from stt_monitor.ui.toolkit.stale_clicks import SkipsRemoved
from stt_monitor.ui.toolkit.stale_sizes import SkipsStaleSizes


class Modal(ClosesOnce, SkipsRemoved, SkipsStaleSizes, ModalScreen[None]):
    """Overlay; Escape closes it, and the quit keys work in it."""

    CSS_PATH: ClassVar[CSSPathType | None] = "../overlays.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        *own_bindings([KeyGroup("close", (Key("escape", "Close", "dismiss", footer=0),))]),
        *overlay_bindings(),
    ]
    OPAQUE: ClassVar[bool] = False
    """Whether it covers the whole main screen."""
    HORIZONTAL_BREAKPOINTS = WIDTHS
    VERTICAL_BREAKPOINTS = HEIGHTS

    def on_resize(self, event: Resize) -> None:
        """Set the size class before the layout."""
        self.update_classes(size_classes(event.size), animate=False)

    def show(self, snapshot: Snapshot) -> None:
        """Show a snapshot. Most overlays keep showing the one they were opened with."""
