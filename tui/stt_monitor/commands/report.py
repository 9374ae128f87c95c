"""`stt-monitor report`."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from stt_monitor.commands.sessions import add_sessions, find_sessions, load
from stt_monitor.core.errors import InputError
from stt_monitor.files import check_writable, write_out, write_text
from stt_monitor.options import Parser
from stt_monitor.report.contents import By, compose
from stt_monitor.report.formats import FORMATS

_EPILOG: Final = """\
examples:
  stt-monitor report SESSION -o report.html
  stt-monitor report BEFORE AFTER --by settings --format md
"""


def report(arguments: Sequence[str]) -> int:
    """Report sessions, and compare them when there are several; returns an exit code."""
    options = _parser().parse_args(arguments)
    form = _form(options)
    if options.output is not None:
        check_writable(Path(options.output))
    sessions = load(find_sessions(options.sessions), options.reference)
    text = FORMATS[form](compose(sessions, By(options.by)))
    if options.output is None:
        write_out(text)
    else:
        write_text(Path(options.output), text)
    return 0


def _parser() -> Parser:
    parser = Parser(
        prog="stt-monitor report",
        description="Report sessions that were kept: figures, distributions, timelines. Several are compared.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add_sessions(parser, several=True)
    parser.add_argument("--format", choices=tuple(FORMATS), help="default: by the name of the file, else html")
    parser.add_argument("-o", "--output", metavar="FILE", help="default: standard output")
    parser.add_argument(
        "--by",
        choices=[by.value for by in By],
        default=By.SESSION.value,
        help="what to compare (default: %(default)s); the first is what the others are compared with",
    )
    parser.add_argument(
        "--reference",
        action="append",
        default=[],
        metavar="FILE",
        help="what is really said, to count word errors: text, labels with text, or JSON; one for each session",
    )
    return parser


def _form(options: argparse.Namespace) -> str:
    suffix = "" if options.output is None else Path(options.output).suffix.removeprefix(".").lower()
    form = str(options.format or (suffix if suffix in FORMATS else "html"))
    if form == "html" and options.output is None and sys.stdout.isatty():
        raise InputError("a page is nothing to read in a terminal: give -o report.html, or --format md")
    return form
