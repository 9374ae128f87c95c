"""Keeps the JUnit file of an earlier run from passing for the verdicts of one that came to nothing."""

import argparse
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

from stt_monitor.core.errors import InputError, UserError


@contextmanager
def no_stale_verdicts(arguments: Sequence[str]) -> Iterator[None]:
    """While inside, let no failure leave `--junit FILE` as it was: each assertion becomes an error in it.

    Whatever is wrong with the command line, the file and the assertions are looked for in it.

    Args:
        arguments: of the command line, as they were given.
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
    with suppress(argparse.ArgumentError, InputError):  # there is another error already, and that one counts
        options, _ = parser.parse_known_args(list(arguments))
        if options.junit is not None:
            from stt_monitor.headless.verdicts import write_errors  # loads the XML library

            write_errors(options.junit, options.assertions, reason)
