"""Command palette that withstands keys in bunches."""

from contextlib import suppress

from textual.app import ComposeResult
from textual.command import CommandList, CommandPalette
from textual.events import Click
from textual.worker import WorkerError

from stt_monitor.ui.toolkit.closing import ClosesOnce
from stt_monitor.ui.toolkit.stale_clicks import SkipsRemoved, skip_stale
from stt_monitor.ui.toolkit.stale_sizes import SkipsStaleSizes


class _Commands(CommandList):
    """List that can be clicked while it changes."""

    def on_click(self, event: Click) -> None:
        """Ignore a click on a line that is gone."""
        skip_stale(self, event)


class Palette(ClosesOnce, SkipsRemoved, SkipsStaleSizes, CommandPalette):
    """Command palette: closes once, and moves only in a list that is laid out."""

    def compose(self) -> ComposeResult:
        """Compose as Textual does, with a list of our own."""
        for part in super().compose():
            yield _Commands() if type(part) is CommandList else part

    async def on_input_submitted(self) -> None:
        """Wait for the search to end: Enter chooses among its results."""
        for worker in list(self.workers):
            if worker.node is self and worker.is_running:
                with suppress(WorkerError):
                    await worker.wait()

    def on_click(self, event: Click) -> None:
        """Ignore a click outside of a window that has shrunk: Textual would look for what lies there, and raise."""
        if not self.region.contains(event.screen_x, event.screen_y):
            event.prevent_default()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Move only in a list that is laid out: Textual looks up the line of a command there."""
        if action == "command_list" and not any(
            each._index_to_line  # noqa: SLF001  no public name tells that it is laid out
            for each in self.query(CommandList)
        ):
            return False
        return super().check_action(action, parameters)
