"""Overlays that close once, however often `dismiss` is called."""

from typing import TYPE_CHECKING

from textual.await_complete import AwaitComplete

if TYPE_CHECKING:
    from textual.screen import Screen

    _Base = Screen[None]
else:
    _Base = object  # Textual follows a screen's first base alone


class ClosesOnce(_Base):
    """Keys and clicks in a bunch may call it more often; Textual would then close another screen, or raise."""

    _dismissed = False

    def dismiss(self, result: None = None) -> AwaitComplete:
        """Close if this is on top and not closed yet."""
        if self._dismissed or self.app.screen is not self:
            return AwaitComplete()
        self._dismissed = True
        return super().dismiss(result)
