"""Entry point of the command line: dispatches to a command's module and turns errors into exit codes."""

import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Final

from stt_monitor.core.errors import BugError, UserError
from stt_monitor.system.streams import ReaderLeftError, diagnose, fill_missing_streams

COMMANDS: Final = {
    "assert": "judging.command:assert_sessions",
    "demo": "replay:demo",
    "devices": "devices:devices",
    "doctor": "doctor:doctor",
    "export": "export:export",
    "recordings": "recordings.command:recordings",
    "replay": "replay:replay",
    "report": "report:report",
    "serve": "serve:serve",
    "services": "services:list_services",
    "sweep": "sweep.command:sweep",
    "tap": "tap:tap",
    "web": "web.command:web",
}
"""Module and function of each command in this package; loaded only when the command runs."""

DEFAULT: Final = "monitor:monitor"
"""The command that runs without a name."""

_INTERRUPTED: Final = 130


def main(argv: Sequence[str] | None = None, *, begin: Callable[[], object] = lambda: None) -> int:
    """Run the program.

    Args:
        argv: arguments without the program's name; default: those of the process.
        begin: called after the command's module is loaded and before the command runs.

    Returns:
        An exit code of the contract (architecture.md 4).
    """
    fill_missing_streams()
    arguments = list(sys.argv[1:] if argv is None else argv)
    place = COMMANDS.get(arguments[0]) if arguments else None
    try:
        command = _function(place or DEFAULT)
        begin()
        return command(arguments[1:] if place else arguments)
    except UserError as error:
        from stt_monitor.cli.options.service_options import without_secrets  # only needed after an error

        diagnose(*map(without_secrets, (str(error), *error.more)))
        return error.exit_code
    except ReaderLeftError:
        return 0
    except KeyboardInterrupt:
        return _INTERRUPTED
    except Exception as error:  # noqa: BLE001  the last resort
        from stt_monitor.system.bugs import report_bug  # only needed after a bug

        diagnose(report_bug(error))
        return BugError.exit_code


def _function(place: str) -> Callable[[list[str]], int]:
    module, _, name = place.partition(":")
    function: Callable[[list[str]], int] = getattr(import_module(f"{__package__}.{module}"), name)
    return function
