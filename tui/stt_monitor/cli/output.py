"""The options `--format` and `-o`, and writing the output."""

import argparse
import sys
from collections.abc import Collection, Iterable
from pathlib import Path

from stt_monitor.cli.options.arguments import Parser
from stt_monitor.headless.output_file import check_output_file
from stt_monitor.recording.paths import user_path
from stt_monitor.system.streams import diagnose, write_document
from stt_monitor.system.writer import write_text


def command_parser(command: str, description: str, epilog: str) -> Parser:
    """Return the parser of a command; prints `epilog` verbatim."""
    return Parser(
        prog=f"stt-monitor {command}",
        description=description,
        epilog=epilog,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )


def add_output(parser: Parser, formats: Collection[str], default: str) -> None:
    """Add the options; `default` describes the default format."""
    parser.add_argument("--format", choices=tuple(formats), help=f"default: {default}")
    parser.add_argument("-o", "--output", metavar="FILE", help="default: standard output, as with -")


def chosen_format(options: argparse.Namespace, formats: Collection[str]) -> str | None:
    """Return the format of `--format`, else that of the file's extension; None for neither."""
    path = _path(options)
    suffix = "" if path is None else path.suffix.removeprefix(".").lower()
    wanted: str | None = options.format or (suffix if suffix in formats else None)
    return wanted


def goes_to_terminal(options: argparse.Namespace) -> bool:
    """Return whether the output would go to a terminal."""
    path = _path(options)
    if path is None:
        return sys.stdout.isatty()
    try:
        with path.open("rb") as file:
            return path.is_char_device() and file.isatty()
    except OSError:  # does not exist yet, or cannot be read
        return False


def check_output(options: argparse.Namespace) -> None:
    """Check that the file can be written, before computing its content.

    Raises:
        InputError: it cannot be written.
    """
    path = _path(options)
    if path is not None:
        check_output_file(path)


def output_of(options: argparse.Namespace, service: str) -> argparse.Namespace:
    """Return the options with a file of one of several services: `talk.NAME.srt` for `talk.srt`."""
    path = user_path(options.output)
    return argparse.Namespace(**vars(options) | {"output": str(path.with_name(f"{path.stem}.{service}{path.suffix}"))})


def write_output(pieces: Iterable[str], options: argparse.Namespace) -> None:
    """Write pieces of text to the chosen output as they are produced; print a file's path to standard error.

    Raises:
        InputError: it cannot be written.
    """
    path = _path(options)
    if path is None:
        write_document(pieces)
    else:
        write_text(path, pieces)
        diagnose(f"wrote {path.absolute()}")


def _path(options: argparse.Namespace) -> Path | None:
    """Return the file of `-o`; None for standard output."""
    return None if options.output in (None, "-") else user_path(options.output)
