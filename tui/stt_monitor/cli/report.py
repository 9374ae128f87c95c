"""`stt-monitor report`: report on saved sessions, and compare them."""

import argparse
from collections.abc import Sequence
from itertools import chain
from pathlib import Path
from typing import Final

from stt_monitor.cli.options.arguments import Parser
from stt_monitor.cli.output import (
    add_output,
    check_output,
    chosen_format,
    command_parser,
    goes_to_terminal,
    write_output,
)
from stt_monitor.cli.saved_sessions import Selected, add_sessions, find_sessions, load
from stt_monitor.core.errors import InputError
from stt_monitor.core.text.sanitize import clean, legible
from stt_monitor.core.text.wording import plural
from stt_monitor.recording.clips import Clips
from stt_monitor.recording.paths import user_path
from stt_monitor.recording.reader import Recording
from stt_monitor.report.formats import FORMATS
from stt_monitor.report.model import DRAWN, By, compose, usual_by
from stt_monitor.report.redaction import redacted
from stt_monitor.session.documents import page_for
from stt_monitor.system.streams import diagnose

_DESCRIPTION: Final = "Report on saved sessions: metrics, distributions, timelines. Several sessions are compared."
_EPILOG: Final = """\
In a terminal without -o, the report is saved as report.html beside the session, and its path is printed.
Text is UTF-8; in Excel, open CSV with Data > From Text/CSV, and choose 65001: Unicode (UTF-8).

examples:
  stt-monitor report last
  stt-monitor report last -o report.html
  stt-monitor report last -o to-send.html --redact --title "Hotline, week 48"
  stt-monitor report BEFORE AFTER --by settings --format md
  stt-monitor talk.wav --record DIR ... && stt-monitor report DIR -o report.html
"""

_ENDINGS: Final = ", ".join(f".{each}" for each in FORMATS)
_FORMER_WORDS: Final = {"endpoint": By.SERVICE}
"""Words of earlier versions that scripts may still use, and find again in JSON."""


def report(arguments: Sequence[str]) -> int:
    """Report on sessions, and compare several; return an exit code."""
    options = report_parser().parse_args(arguments)
    form = chosen_format(options, FORMATS)
    if form is None and (ending := Path(options.output or "").suffix):
        raise InputError(f"{options.output}: no report format {ending}; use {_ENDINGS}, or give --format")
    form = form or "html"
    found = None
    if form == "html" and goes_to_terminal(options):
        if options.output is not None:
            raise InputError("a terminal cannot show HTML: give -o report.html, or --format md")
        found = find_sessions(options.sessions)
        options.output = str(page_for([each.session for each in found], _folder_of(found)))
    _check_form(options, form)
    check_output(options)
    clips: list[Clips] = []

    def clips_of(recording: Recording) -> Clips | None:
        try:
            clips.append(Clips(recording))
        except InputError as error:
            diagnose(f"no audio clips of {legible(recording.name)}: {error}")
            return None
        return clips[-1]

    found = found or find_sessions(options.sessions)
    loaded = load(found, options.reference, clips=clips_of if options.with_audio else None)
    sessions = list(chain.from_iterable(loaded))
    if options.redact:
        sessions = redacted(sessions)
    by = _FORMER_WORDS.get(options.by) or (usual_by(sessions) if options.by is None else By(options.by))
    write_output(
        FORMATS[form](
            compose(sessions, by, options.by or "", options.title or "", slowest_first=options.sort == "eot")
        ),
        options,
    )
    if options.with_audio:
        made, size = sum(each.made for each in clips), sum(each.size for each in clips)
        diagnose(f"{plural(made, 'audio clip')}: {size / 1000:.0f} kB of the page")
    return 0


def _check_form(options: argparse.Namespace, form: str) -> None:
    """Check that a report of this format can do what is asked for.

    Raises:
        InputError: it cannot.
    """
    if options.with_audio and form != "html":
        raise InputError(f"--with-audio is for a page: a report as {form} has no audio (give --format html)")
    if options.with_audio and options.redact:
        raise InputError("--redact leaves the audio out, which --with-audio asks for: choose one of them")
    if options.title and form == "csv":
        raise InputError("--title: a table has no title (give --format html, md or json)")
    if options.sort != "turn" and form in ("csv", "json"):
        raise InputError(f"--sort: {form} has the turns in order (give --format html or md)")


def _folder_of(found: Sequence[Selected]) -> Path | None:
    """Return the folder of sessions that the user named, if it was one."""
    folders = {each.folder for each in found}
    return user_path(folder) if len(folders) == 1 and (folder := folders.pop()) else None


def format_of(file: str) -> str:
    """Return the format of a report by the ending of its file.

    Raises:
        InputError: there is no such format.
    """
    ending = Path(file).suffix.removeprefix(".").lower()
    if ending not in FORMATS:
        raise InputError(f"{file}: no report format .{ending}; use {_ENDINGS}")
    return ending


def _by_word(word: str) -> str:
    words = [by.value for by in By]
    if word not in (*words, *_FORMER_WORDS):
        raise argparse.ArgumentTypeError(f"choose from {', '.join(words)}, not {word!r}")
    return word


def _title(text: str) -> str:
    title = clean(text)
    if not title:
        raise argparse.ArgumentTypeError("an empty title")
    return title


def report_parser() -> Parser:
    """Return the parser of `stt-monitor report`."""
    parser = command_parser("report", _DESCRIPTION, _EPILOG)
    add_sessions(parser)
    add_output(parser, FORMATS, "by the file's extension, else html")
    parser.add_argument(
        "--by",
        type=_by_word,
        metavar="{" + ",".join(by.value for by in By) + "}",
        help="what to compare; the first is the baseline (default: folder if there are several, service if "
        "side by side, else session)",
    )
    parser.add_argument(
        "--sort",
        choices=("turn", "eot"),
        default="turn",
        help="HTML and Markdown: turns in order, or the latest ends first (default: turn; a page has a control too)",
    )
    parser.add_argument("--title", type=_title, metavar="TEXT", help="title of the report, instead of the default")
    parser.add_argument(
        "--redact",
        action="store_true",
        help="leave out transcripts, audio, key terms, messages of the service, and names of files, folders, devices "
        "and servers; metrics and times stay",
    )
    parser.add_argument(
        "--with-audio",
        action="store_true",
        help=f"HTML: an audio clip for each turn drawn ({DRAWN} at most), about 4 kB a second",
    )
    parser.add_argument(
        "--reference",
        action="append",
        default=[],
        metavar="FILE",
        help="reference transcript, for wer: text, label track, SRT, VTT, TextGrid, or JSON; one per session",
    )
    return parser
