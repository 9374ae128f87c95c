"""Ignores clicks on lines that are drawn but gone."""

from typing import TYPE_CHECKING

from textual.errors import NoWidget

from stt_monitor.ui.toolkit.parts import ScreenPart

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual.events import Click
    from textual.geometry import Offset, Region
    from textual.widget import Widget
    from textual.widgets import OptionList


class SkipsRemoved(ScreenPart):
    """Lets the mouse find what lies beneath a removed part, until the screen is redrawn.

    Textual would raise where a selection begins or ends on such a part, and give it the focus, which keys do not leave.
    """

    def get_widget_at(self, x: int, y: int) -> "tuple[Widget, Region]":
        """Return the topmost widget at a cell, and its region; raises `NoWidget` outside of the screen."""
        for widget, region in self.get_widgets_at(x, y):
            return widget, region
        raise NoWidget(f"nothing at {x}, {y}")

    def get_widgets_at(self, x: int, y: int) -> "Iterable[tuple[Widget, Region]]":
        """Yield the widgets at a cell, the topmost first, and their regions."""
        return ((widget, region) for widget, region in super().get_widgets_at(x, y) if widget.is_attached)

    def get_widget_and_offset_at(self, x: int, y: int) -> "tuple[Widget | None, Offset | None]":
        """Return what a selection at a cell begins or ends on; nothing where a removed part is still drawn."""
        widget, offset = super().get_widget_and_offset_at(x, y)
        return (widget, offset) if widget is None or widget.is_attached else (None, None)


def skip_stale(options: "OptionList", click: "Click") -> None:
    """Prevent Textual from handling a click on a line that is gone: it would raise."""
    line = click.style.meta.get("option")
    if line is not None and line >= options.option_count:
        click.prevent_default()
