"""`stt-monitor report`."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from stt_monitor.cli.arguments import Parser
from stt_monitor.cli.output import add_output, check_output, command_parser, leads_to_terminal, put, wanted_format
from stt_monitor.cli.saved_sessions import add_sessions, find_sessions, load
from stt_monitor.core.errors import InputError
from stt_monitor.report.formats import FORMATS
from stt_monitor.report.model import By, LoadedSession, compose

_DESCRIPTION: Final = "Report on saved sessions: figures, distributions, timelines. Several are compared."
_EPILOG: Final = """\
Text is UTF-8; in Excel, open CSV with Data > From Text/CSV, and choose 65001: Unicode (UTF-8).

examples:
  stt-monitor report last -o report.html
  stt-monitor report BEFORE AFTER --by settings --format md
  stt-monitor talk.wav --record DIR ... && stt-monitor report DIR -o report.html
"""

_FORMER_WORDS: Final = {"endpoint": By.SERVICE.value}
"""Words of earlier versions that scripts may still use."""


def report(arguments: Sequence[str]) -> int:
    """Report sessions, and compare them when there are several; returns an exit code."""
    options = _parser().parse_args(arguments)
    form = wanted_format(options, FORMATS)
    if form is None and (ending := Path(options.output or "").suffix):
        known = ", ".join(f".{each}" for each in FORMATS)
        raise InputError(f"{options.output}: {ending} is no format of a report; name it {known}, or give --format")
    form = form or "html"
    if form == "html" and leads_to_terminal(options):
        raise InputError("a page is nothing to read in a terminal: give -o report.html, or --format md")
    check_output(options)
    sessions = load(find_sessions(options.sessions), options.reference)
    put(FORMATS[form](compose(sessions, _by(options.by, sessions))), options)
    return 0


def _by(wanted: str | None, sessions: Sequence[LoadedSession]) -> By:
    if wanted is not None:
        return By(wanted)
    return By.FOLDER if len({each.folder for each in sessions}) > 1 else By.SESSION


def _parser() -> Parser:
    parser = command_parser("report", _DESCRIPTION, _EPILOG)
    add_sessions(parser)
    add_output(parser, FORMATS, "by the ending of the file's name, html where it has none")
    parser.add_argument(
        "--by",
        type=lambda word: _FORMER_WORDS.get(word, word),
        choices=[by.value for by in By],
        help="what to compare; the first is what the others are compared with (default: folders where several are "
        "named, else sessions)",
    )
    parser.add_argument(
        "--reference",
        action="append",
        default=[],
        metavar="FILE",
        help="what is really said, to count word errors: text, label track, SRT, VTT, TextGrid, or JSON; one each",
    )
    return parser
