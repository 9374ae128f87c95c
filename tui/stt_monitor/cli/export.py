"""`stt-monitor export`: write the turns of a saved session in another format."""

from collections.abc import Sequence
from typing import Final

from stt_monitor.cli.output import add_output, check_output, command_parser, put, wanted_format
from stt_monitor.cli.saved_sessions import Chosen, add_session, find_session, load
from stt_monitor.core.errors import InputError
from stt_monitor.export.formats import FORMATS

_DESCRIPTION: Final = "Write the turns of a saved session in the format of another program."
_EPILOG: Final = """\
Times are positions in the audio of the session. Text is UTF-8; in Excel, open CSV with Data > From Text/CSV, and choose
65001: Unicode (UTF-8).

examples:
  stt-monitor export last -o talk.srt
  stt-monitor export last --format audacity -o labels.txt
"""


def export(arguments: Sequence[str]) -> int:
    """Write the turns of a session in the format of another program; returns an exit code."""
    parser = command_parser("export", _DESCRIPTION, _EPILOG)
    add_session(parser)
    add_output(parser, FORMATS, "by the name of the file")
    options = parser.parse_args(arguments)
    form = wanted_format(options, FORMATS)
    if form is None:
        raise InputError(f"--format says what to export to: {', '.join(FORMATS)}")
    check_output(options)
    (session,) = load([Chosen(find_session(options.session))])
    put(FORMATS[form](session.snapshot), options)
    return 0
