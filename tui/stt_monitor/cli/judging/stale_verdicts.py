"""Replaces the JUnit file of an earlier run when this one fails before it has verdicts."""

import argparse
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

from stt_monitor.core.errors import InputError, UserError


@contextmanager
def no_stale_verdicts(arguments: Sequence[str]) -> Iterator[None]:
    """Within the context, turn each assertion into an error in `--junit FILE` when the command fails.

    Finds the file and the assertions even in a command line with errors.

    Args:
        arguments: of the command line, unparsed.
    """
    try:
        yield
    except UserError as error:
        _replace(arguments, str(error))
        raise
    except SystemExit as ended:
        if ended.code:
            _replace(arguments, "the command line could not be read")
        raise


def _replace(arguments: Sequence[str], reason: str) -> None:
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False, exit_on_error=False)
    parser.add_argument("--junit", nargs="?")
    parser.add_argument("--assert", dest="assertions", action="append", nargs="?", const="", default=[])
    with suppress(argparse.ArgumentError, InputError):  # the first error is the one to report
        options, _ = parser.parse_known_args(list(arguments))
        if options.junit is not None:
            from stt_monitor.cli.options.service_options import without_secrets  # only needed after an error
            from stt_monitor.headless.verdict_files import write_errors  # loads the XML library

            expressions = [without_secrets(expression) for expression in options.assertions]
            write_errors(options.junit, expressions, without_secrets(reason))
