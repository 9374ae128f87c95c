"""`stt-monitor completion SHELL`, and what its script asks for: how a begun command line may go on."""

import os
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from stt_monitor.cli.commands import COMMANDS, chosen_command
from stt_monitor.cli.options.arguments import Parser
from stt_monitor.core.errors import UserError
from stt_monitor.system.streams import write_document

_SHELLS: Final = ("bash", "zsh", "fish")
_ASKED: Final = "_ARGCOMPLETE"
"""Variable that the script of a shell sets: the number of the line's word that is the program's name."""
_Finder = Callable[..., Iterable[str]]
"""Returns words that an argument may be; it is told what was typed, and more, by name."""
_EPILOG: Final = """\
bash: stt-monitor completion bash > ~/.local/share/bash-completion/completions/stt-monitor
zsh:  stt-monitor completion zsh > DIR/_stt-monitor, for a DIR of $fpath
fish: stt-monitor completion fish > ~/.config/fish/completions/stt-monitor.fish
"""


def completion(arguments: Sequence[str]) -> int:
    """Print the completion script of a shell; return an exit code."""
    options = completion_parser().parse_args(arguments)
    from argcomplete.shell_integration import shellcode  # only needed here

    write_document([shellcode(["stt-monitor"], shell=options.shell)])
    return 0


def completion_parser() -> Parser:
    """Return the parser of `stt-monitor completion`."""
    from stt_monitor.cli.output import command_parser  # its other options need more

    parser = command_parser("completion", "Print a shell completion script: options, values, saved sessions.", _EPILOG)
    parser.add_argument("shell", choices=_SHELLS, help="the shell to print it for")
    return parser


def complete_line() -> None:
    """Answer the shell: print how the command line in its environment may go on, and end the program.

    No command runs, whatever the line says.
    """
    from argcomplete import autocomplete
    from argcomplete.lexers import split_line

    line = os.environ.get("COMP_LINE", "")
    words = split_line(line, int(os.environ.get("COMP_POINT", len(line))))[3][1:]  # without the word at the cursor
    command, behind = chosen_command(words)
    os.environ[_ASKED] = str(len(words) - len(behind) + 1)
    parser = command.parser()
    _add_completers(parser, words)
    autocomplete(
        parser,
        always_complete_options=False,
        validator=_goes_on,
        default_completer=_files,  # type: ignore[arg-type]  # it is called like any other
    )


def _goes_on(word: str, begun: str) -> bool:
    """Return whether a word goes on from what is typed; none that a terminal might obey, or that is not UTF-8."""
    return word.startswith(begun) and word.isprintable()


def _add_completers(parser: Parser, before: Sequence[str]) -> None:
    """Give the arguments of a parser their completers; `before`: the words after the program's name."""
    commands = _commands_behind(before)
    for action in parser.arguments:
        finders: list[_Finder] = [*_FINDERS.get(action.dest, ())]
        if commands and not action.option_strings:
            finders.append(lambda **_: commands)
        if finders and action.choices is None:
            if action.dest not in _WITHOUT_FILES:
                finders.append(_files)
            action.completer = _all_of(finders)  # type: ignore[attr-defined]  # where the library looks for it


def _commands_behind(before: Sequence[str]) -> list[str]:
    """Return the words that names of commands go on with."""
    names = [name.split() for name in COMMANDS]
    begun = [name[len(before)] for name in names if len(name) > len(before) and name[: len(before)] == list(before)]
    return list(dict.fromkeys(begun))


def _all_of(finders: Sequence[_Finder]) -> _Finder:
    def find(**asked: object) -> list[str]:
        return [word for finder in finders for word in finder(**asked)]

    return find


def _files(prefix: str = "", **_: object) -> Iterable[str]:
    """Return the paths that begin as is typed; the library's own completer stops at names that are not UTF-8."""
    folder, slash, _begun = prefix.rpartition("/")
    with suppress(OSError, RuntimeError):  # there is no such folder, or no such user's home
        found = Path(f"{folder}{slash}").expanduser().iterdir()
        return [f"{folder}{slash}{each.name}{'/' if each.is_dir() else ''}" for each in found]
    return ()


def _sessions(**_: object) -> Iterable[str]:
    """Return the names of saved sessions, newest first."""
    from stt_monitor.recording.finding import DEMO, LAST
    from stt_monitor.recording.paths import default_directory
    from stt_monitor.recording.saved_sessions import scan_recordings

    with suppress(UserError):
        found, _unreadable = scan_recordings(default_directory())
        return [LAST, DEMO, *(session.name for session in reversed(found))]
    return [LAST, DEMO]


def _profiles(**_: object) -> Iterable[str]:
    from stt_monitor.cli.options.config_file import profile_names

    with suppress(UserError):
        return profile_names()
    return ()


def _services(**_: object) -> Iterable[str]:
    from stt_monitor.services import registry

    return registry.NAMES


def _settings(**_: object) -> Iterable[str]:
    """Return the settings of all services, ready for a value."""
    from stt_monitor.services import registry

    return dict.fromkeys(f"{name}=" for service in registry.services() for name in service.schema.names)


_FINDERS: Final[dict[str, Sequence[_Finder]]] = {
    "session": (_sessions,),
    "sessions": (_sessions,),
    "baseline": (_sessions,),
    "profile": (_profiles,),
    "service": (_services,),
    "assignments": (_settings,),
    "axes": (_settings,),
}
"""By the names of arguments: what finds words for them."""
_WITHOUT_FILES: Final = frozenset({"profile", "service", "assignments", "axes"})
