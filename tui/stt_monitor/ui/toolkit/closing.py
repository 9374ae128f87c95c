"""Screens over others that close once, however often they are asked to."""

from textual.await_complete import AwaitComplete
from textual.screen import Screen


class ClosesOnce(Screen[None]):
    """Keys and clicks in a bunch may ask more often; Textual would then close what is on top, or answer twice."""

    _left = False

    def dismiss(self, result: None = None) -> AwaitComplete:
        """Close, if this is on top and was not left yet."""
        if self._left or self.app.screen is not self:
            return AwaitComplete()
        self._left = True
        return super().dismiss(result)
