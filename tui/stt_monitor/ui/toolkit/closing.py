"""Screens over others that close once, however often they are asked to."""

from typing import TYPE_CHECKING

from textual.await_complete import AwaitComplete

if TYPE_CHECKING:
    from textual.screen import Screen

    _Base = Screen[None]
else:
    _Base = object  # Textual looks for a screen's parts along its first base alone


class ClosesOnce(_Base):
    """Keys and clicks in a bunch may ask more often; Textual would then close what is on top, or answer twice."""

    _left = False

    def dismiss(self, result: None = None) -> AwaitComplete:
        """Close, if this is on top and was not left yet."""
        if self._left or self.app.screen is not self:
            return AwaitComplete()
        self._left = True
        return super().dismiss(result)
