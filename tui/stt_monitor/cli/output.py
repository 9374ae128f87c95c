"""The options for output, `--format` and `-o`, and writing there."""

import argparse
import sys
from collections.abc import Collection, Iterable
from pathlib import Path

from stt_monitor.cli.arguments import Parser
from stt_monitor.recording.paths import user_path
from stt_monitor.system.streams import diagnose, write_document
from stt_monitor.system.writer import check_writable, write_text


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
    parser.add_argument("-o", "--output", metavar="FILE", help="default: standard output, which - is too")


def wanted_format(options: argparse.Namespace, formats: Collection[str]) -> str | None:
    """Return the format asked for, or else the one that the file's name tells; None when neither does."""
    path = _path(options)
    suffix = "" if path is None else path.suffix.removeprefix(".").lower()
    wanted: str | None = options.format or (suffix if suffix in formats else None)
    return wanted


def leads_to_terminal(options: argparse.Namespace) -> bool:
    """Tell whether the text would go to a terminal."""
    path = _path(options)
    if path is None:
        return sys.stdout.isatty()
    try:
        with path.open("rb") as file:
            return path.is_char_device() and file.isatty()
    except OSError:  # it is not there yet, or cannot be read
        return False


def check_output(options: argparse.Namespace) -> None:
    """Check that the file can be written, before its content is computed.

    Raises:
        InputError: it cannot.
    """
    path = _path(options)
    if path is not None:
        check_writable(path)


def put(pieces: Iterable[str], options: argparse.Namespace) -> None:
    """Write text, piece by piece as it is made, where it was asked for; says where a file is, on standard error.

    Raises:
        InputError: it cannot be written there.
    """
    path = _path(options)
    if path is None:
        write_document(pieces)
    else:
        write_text(path, pieces)
        diagnose(f"written to {path.absolute()}")


def _path(options: argparse.Namespace) -> Path | None:
    """The file that was named; None for standard output."""
    return None if options.output in (None, "-") else user_path(options.output)
