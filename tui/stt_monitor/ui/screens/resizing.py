"""A screen that draws once after a resize, in its new layout."""

import asyncio
from contextlib import ExitStack

from textual.events import Resize

from stt_monitor.ui.styles import HEIGHTS, WIDTHS, size_classes
from stt_monitor.ui.toolkit.parts import ScreenPart


class DrawsOnceResized(ScreenPart):
    """Sets its size classes before the layout.

    Textual would draw everything twice, in the old layout and in the new, and handle no input meanwhile.
    """

    HORIZONTAL_BREAKPOINTS = WIDTHS
    VERTICAL_BREAKPOINTS = HEIGHTS

    def on_resize(self, event: Resize) -> None:
        """Set the size class, and draw once."""
        batch = ExitStack()
        batch.enter_context(self.app.batch_update())
        self.call_later(self._draw_resized, batch)
        self.update_classes(size_classes(event.size), animate=False)
        self.size_class_set()

    def size_class_set(self) -> None:
        """Follow a new size class before it is drawn."""

    async def _draw_resized(self, batch: ExitStack) -> None:
        await asyncio.sleep(0)  # the widgets receive their new sizes meanwhile
        batch.close()
