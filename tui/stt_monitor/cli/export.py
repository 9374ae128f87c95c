"""`stt-monitor export`: export the turns of a saved session."""

from collections.abc import Sequence
from typing import Final

from stt_monitor.cli.options.arguments import Parser
from stt_monitor.cli.output import add_output, check_output, chosen_format, command_parser, output_of, write_output
from stt_monitor.cli.saved_sessions import Selected, add_session, find_session, load
from stt_monitor.core.errors import InputError
from stt_monitor.export.formats import FORMATS

_DESCRIPTION: Final = "Export the turns of a saved session for other programs."
_EPILOG: Final = """\
Times are positions in the session's audio. Text is UTF-8; in Excel, open CSV with Data > From Text/CSV, and choose
65001: Unicode (UTF-8).

Of services side by side, csv, json, rttm and textgrid have all in one file; the others are a file each: talk.NAME.srt.

examples:
  stt-monitor export last -o talk.srt
  stt-monitor export last --format audacity -o labels.txt
"""


def export(arguments: Sequence[str]) -> int:
    """Export the turns of a session; return an exit code."""
    options = export_parser().parse_args(arguments)
    form = chosen_format(options, FORMATS)
    if form is None:
        raise InputError(f"no export format given: add --format with one of {', '.join(FORMATS)}")
    session = find_session(options.session)
    services = [lane.path.name for lane in session.lanes] if session.services else []
    apart = services if FORMATS[form].write_side_by_side is None else []
    if apart and options.output in (None, "-"):
        raise InputError(
            f"{form} has room for one service: give -o FILE for a file of each, or name one, such as "
            f"{session.name}/{apart[0]}"
        )
    outputs = [output_of(options, service) for service in apart] or [options]
    for output in outputs:
        check_output(output)
    (lanes,) = load([Selected(session)])
    write_together = FORMATS[form].write_side_by_side
    if services and write_together is not None:
        together = {service: lane.snapshot for service, lane in zip(services, lanes, strict=True)}
        write_output(write_together(together), options)
    else:
        for output, lane in zip(outputs, lanes, strict=True):
            write_output(FORMATS[form].write(lane.snapshot), output)
    return 0


def export_parser() -> Parser:
    """Return the parser of `stt-monitor export`."""
    parser = command_parser("export", _DESCRIPTION, _EPILOG)
    add_session(parser)
    add_output(parser, FORMATS, "by the file's extension")
    return parser
