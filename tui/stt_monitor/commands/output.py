"""Where a command's text goes, and in which format: `--format`, `-o`."""

import argparse
from collections.abc import Collection, Iterable
from pathlib import Path

from stt_monitor.files import check_writable, write_text
from stt_monitor.options import Parser
from stt_monitor.streams import write_document


def command_parser(command: str, description: str, epilog: str) -> Parser:
    """Return the parser of a command; `epilog` is shown as it is written."""
    return Parser(
        prog=f"stt-monitor {command}",
        description=description,
        epilog=epilog,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )


def add_output(parser: Parser, formats: Collection[str], default: str) -> None:
    """Add the options; `default` says what the format is when none is given."""
    parser.add_argument("--format", choices=tuple(formats), help=f"default: {default}")
    parser.add_argument("-o", "--output", metavar="FILE", help="default: standard output")


def wanted_format(options: argparse.Namespace, formats: Collection[str]) -> str | None:
    """Return the format asked for, or else the one that the file's name tells; None when neither does."""
    suffix = "" if options.output is None else Path(options.output).suffix.removeprefix(".").lower()
    wanted: str | None = options.format or (suffix if suffix in formats else None)
    return wanted


def check_output(options: argparse.Namespace) -> None:
    """See that the file can be written, before time is spent on what will be in it.

    Raises:
        InputError: it cannot.
    """
    if options.output is not None:
        check_writable(Path(options.output))


def put(pieces: Iterable[str], options: argparse.Namespace) -> None:
    """Write text, piece by piece as it is made, where it was asked for.

    Raises:
        InputError: it cannot be written there.
    """
    if options.output is None:
        write_document(pieces)
    else:
        write_text(Path(options.output), pieces)
