"""Textual's list of commands, for keys that come in bunches."""

from textual.command import CommandList, CommandPalette

from stt_monitor.ui.toolkit.closing import ClosesOnce


class Palette(ClosesOnce, CommandPalette):
    """The list of commands: it closes once, and turns no pages where there are none."""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Move only in a list that has been laid out: Textual looks for the line of a command there."""
        if action == "command_list" and not any(
            each._index_to_line  # noqa: SLF001
            for each in self.query(CommandList)
        ):
            return False
        return super().check_action(action, parameters)
