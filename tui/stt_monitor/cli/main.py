"""Entry point of the command line: dispatches to a command's module and turns errors into exit codes."""

import os
import sys
from collections.abc import Callable, Sequence
from typing import Final

from stt_monitor.cli.commands import chosen_command
from stt_monitor.core.errors import BugError, UserError
from stt_monitor.system.streams import ReaderLeftError, diagnose, fill_missing_streams

_INTERRUPTED: Final = 130


def main(argv: Sequence[str] | None = None, *, begin: Callable[[], object] = lambda: None) -> int:
    """Run the program.

    Args:
        argv: arguments without the program's name; default: those of the process.
        begin: called after the command's module is loaded and before the command runs.

    Returns:
        An exit code of the contract (architecture.md 4).
    """
    if "_ARGCOMPLETE" in os.environ:
        from stt_monitor.cli.completion import complete_line  # only a shell asks for it

        complete_line()
    fill_missing_streams()
    arguments = list(sys.argv[1:] if argv is None else argv)
    command, arguments = chosen_command(arguments)
    try:
        run = command.function()
        begin()
        return run(arguments)
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
