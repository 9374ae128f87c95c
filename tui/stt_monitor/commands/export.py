"""`stt-monitor export`."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from stt_monitor.commands.sessions import add_sessions, find_sessions, load
from stt_monitor.core.errors import InputError
from stt_monitor.export.formats import FORMATS
from stt_monitor.files import check_writable, write_out, write_text
from stt_monitor.options import Parser

_EPILOG: Final = """\
Times are positions in the audio of the session.

examples:
  stt-monitor export SESSION -o talk.srt
  stt-monitor export SESSION --format audacity -o labels.txt
"""


def export(arguments: Sequence[str]) -> int:
    """Write the turns of a session in the format of another program; returns an exit code."""
    options = _parser().parse_args(arguments)
    suffix = "" if options.output is None else Path(options.output).suffix.removeprefix(".").lower()
    form = options.format or suffix
    if form not in FORMATS:
        raise InputError(f"--format says what to export to: {', '.join(FORMATS)}")
    if options.output is not None:
        check_writable(Path(options.output))
    (session,) = load(find_sessions(options.sessions))
    text = FORMATS[form](session.snapshot)
    if options.output is None:
        write_out(text)
    else:
        write_text(Path(options.output), text)
    return 0


def _parser() -> Parser:
    parser = Parser(
        prog="stt-monitor export",
        description="Write the turns of a session that was kept in the format of another program.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add_sessions(parser, several=False)
    parser.add_argument("--format", choices=tuple(FORMATS), help="default: by the name of the file")
    parser.add_argument("-o", "--output", metavar="FILE", help="default: standard output")
    return parser
