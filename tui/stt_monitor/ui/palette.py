"""Textual's list of commands, for keys that come in bunches."""

from contextlib import suppress

from textual.app import ComposeResult
from textual.command import CommandList, CommandPalette
from textual.events import Click
from textual.worker import WorkerError

from stt_monitor.ui.toolkit.closing import ClosesOnce
from stt_monitor.ui.toolkit.stale_clicks import SkipsRemoved, skip_stale


class _Commands(CommandList):
    """A list that may be clicked while it changes."""

    def on_click(self, event: Click) -> None:
        """Skip what is there no more."""
        skip_stale(self, event)


class Palette(ClosesOnce, SkipsRemoved, CommandPalette):
    """The list of commands: it closes once, and turns no pages where there are none."""

    def compose(self) -> ComposeResult:
        """Lay it out as Textual does, with a list of our own."""
        for part in super().compose():
            yield _Commands() if type(part) is CommandList else part

    async def on_input_submitted(self) -> None:
        """Let the search for what was typed come to its end: Enter chooses among what it finds."""
        for worker in list(self.workers):
            if worker.node is self and worker.is_running:
                with suppress(WorkerError):
                    await worker.wait()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Move only in a list that has been laid out: Textual looks for the line of a command there."""
        if action == "command_list" and not any(
            each._index_to_line  # noqa: SLF001
            for each in self.query(CommandList)
        ):
            return False
        return super().check_action(action, parameters)
