"""Every command of the program: where its function is, and its parser."""

from collections.abc import Callable, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from stt_monitor.cli.options.arguments import Parser


class Command(NamedTuple):
    """A command, whose module is loaded only when it is needed."""

    name: str
    """Its words; empty: the command that runs without a name."""
    module: str
    """In this package."""
    run: str
    """Name of its function there; its parser's is that name and `_parser`."""

    def function(self) -> Callable[[Sequence[str]], int]:
        """Return what runs the command, given the words behind its name; returns an exit code."""
        function: Callable[[Sequence[str]], int] = getattr(self._loaded, self.run)
        return function

    def parser(self) -> "Parser":
        """Return the parser of the command."""
        parser: Callable[[], Parser] = getattr(self._loaded, f"{self.run}_parser")
        return parser()

    @property
    def _loaded(self) -> object:
        return import_module(f"{__package__}.{self.module}")


DEFAULT: Final = Command("", "monitor", "monitor")

COMMANDS: Final = {
    command.name: command
    for command in (
        Command("assert", "judging.command", "assert_sessions"),
        Command("completion", "completion", "completion"),
        Command("demo", "replay", "demo"),
        Command("devices", "devices", "devices"),
        Command("doctor", "doctor", "doctor"),
        Command("export", "export", "export"),
        Command("recordings", "recordings.command", "recordings"),
        Command("recordings name", "recordings.command", "name_session"),
        Command("recordings rm", "recordings.command", "remove_sessions"),
        Command("replay", "replay", "replay"),
        Command("report", "report", "report"),
        Command("serve", "serve", "serve"),
        Command("services", "services", "list_services"),
        Command("sweep", "sweep.command", "sweep"),
        Command("tap", "tap", "tap"),
        Command("web", "web.command", "web"),
    )
}


def chosen_command(arguments: Sequence[str]) -> tuple[Command, list[str]]:
    """Return the command that a command line begins with, and the words behind its name."""
    for words in (2, 1):
        command = COMMANDS.get(" ".join(arguments[:words])) if len(arguments) >= words else None
        if command is not None:
            return command, list(arguments[words:])
    return DEFAULT, list(arguments)
