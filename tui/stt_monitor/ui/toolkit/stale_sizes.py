"""Ignores sizes that the window no longer has."""

from textual.events import Event, Resize

from stt_monitor.ui.toolkit.parts import ScreenPart


class SkipsStaleSizes(ScreenPart):
    """Handles a resize only while the window still has that size.

    Each screen lays out those beneath it, and Textual tells a screen that was laid out its size once more. With an
    overlay open and two sizes on their way, the one beneath would be laid out for each in turn, and never stop.
    """

    async def on_event(self, event: Event) -> None:
        """Drop a resize to an earlier size: one to the present size follows, or was handled."""
        if not isinstance(event, Resize) or event.size == self.app.size:
            await super().on_event(event)
