"""`stt-monitor export`: export the turns of a saved session."""

from collections.abc import Sequence
from typing import Final

from stt_monitor.cli.output import add_output, check_output, chosen_format, command_parser, write_output
from stt_monitor.cli.saved_sessions import Selected, add_session, find_session, load
from stt_monitor.core.errors import InputError
from stt_monitor.export.formats import FORMATS

_DESCRIPTION: Final = "Export the turns of a saved session for other programs."
_EPILOG: Final = """\
Times are positions in the session's audio. Text is UTF-8; in Excel, open CSV with Data > From Text/CSV, and choose
65001: Unicode (UTF-8).

examples:
  stt-monitor export last -o talk.srt
  stt-monitor export last --format audacity -o labels.txt
"""


def export(arguments: Sequence[str]) -> int:
    """Export the turns of a session; return an exit code."""
    parser = command_parser("export", _DESCRIPTION, _EPILOG)
    add_session(parser)
    add_output(parser, FORMATS, "by the file's extension")
    options = parser.parse_args(arguments)
    form = chosen_format(options, FORMATS)
    if form is None:
        raise InputError(f"no export format given: add --format with one of {', '.join(FORMATS)}")
    check_output(options)
    ((session,),) = load([Selected(find_session(options.session))])
    write_output(FORMATS[form](session.snapshot), options)
    return 0
