"""`stt-monitor recordings`: list saved sessions, name them, delete them."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from stt_monitor.cli.asking import ask
from stt_monitor.cli.options.arguments import Parser
from stt_monitor.cli.recordings.listing import json_lines, table
from stt_monitor.cli.saved_sessions import add_session, find_session
from stt_monitor.core.errors import InputError
from stt_monitor.core.text.sanitize import printable
from stt_monitor.core.text.wording import plural
from stt_monitor.recording.naming import check_deletable, delete_session, rename
from stt_monitor.recording.paths import default_directory, user_path
from stt_monitor.recording.saved_sessions import SavedSession, scan_recordings
from stt_monitor.system.streams import write_lines

_EPILOG: Final = """\
  stt-monitor recordings name SESSION NEW      give a session a name
  stt-monitor recordings rm SESSION... [--yes] delete sessions

A folder called name or rm is listed as ./name, ./rm.
"""


def recordings(arguments: Sequence[str]) -> int:
    """List saved sessions; return an exit code."""
    options = recordings_parser().parse_args(arguments)
    directory = default_directory() if options.directory is None else _existing(options.directory)
    found, unreadable = scan_recordings(directory)
    if options.json:
        write_lines(json_lines(found, unreadable))
    elif found or unreadable:
        write_lines(table(found, unreadable))
    else:
        write_lines([f"no saved sessions in {printable(str(directory))}"])
    return 0


def recordings_parser() -> Parser:
    """Return the parser of `stt-monitor recordings`."""
    parser = Parser(
        prog="stt-monitor recordings",
        description="List saved sessions with their results, oldest first.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument(
        "directory", nargs="?", metavar="DIR", help="folder of saved sessions (default: the user data directory)"
    )
    parser.add_argument("--json", action="store_true", help="JSON lines, one per session")
    return parser


def name_session(arguments: Sequence[str]) -> int:
    """Give a saved session a name; return an exit code."""
    options = name_session_parser().parse_args(arguments)
    session = find_session(options.session)
    folder = rename(session, options.new)
    now = "is called that already" if folder.name == session.name else f"is now {printable(folder.name)}"
    write_lines([f"{printable(session.name)} {now}"])
    return 0


def name_session_parser() -> Parser:
    """Return the parser of `stt-monitor recordings name`."""
    parser = Parser(prog="stt-monitor recordings name", description="Give a saved session a name.", allow_abbrev=False)
    add_session(parser)
    parser.add_argument("new", metavar="NEW", help="its new name: letters, digits and . _ + -")
    return parser


def remove_sessions(arguments: Sequence[str]) -> int:
    """Delete saved sessions; return an exit code."""
    options = remove_sessions_parser().parse_args(arguments)
    sessions = {session.path.resolve(): session for session in map(_one, options.sessions)}
    for session in sessions.values():
        check_deletable(session)
    if not options.yes:
        _ask(list(sessions.values()))
    for session in sessions.values():
        size, gone = session.size, delete_session(session)
        kept = "" if gone else f"; other files stay in {session.path}"
        write_lines([printable(f"deleted {session.name} ({size / 1e6:.1f} MB){kept}")])
    return 0


def remove_sessions_parser() -> Parser:
    """Return the parser of `stt-monitor recordings rm`."""
    parser = Parser(
        prog="stt-monitor recordings rm",
        description="Delete saved sessions: audio, journal and report; other files in their folders stay.",
        allow_abbrev=False,
    )
    parser.add_argument(
        "sessions", metavar="SESSION", nargs="+", help="as for stt-monitor replay; a folder of several is refused"
    )
    parser.add_argument("--yes", action="store_true", help="don't ask")
    return parser


def _one(name: str) -> SavedSession:
    path = user_path(name)
    session = find_session(name)
    if path.is_dir() and session.path.absolute().parent == path.absolute() and len(scan_recordings(path)[0]) > 1:
        raise InputError(f"{name}: a folder of several sessions; name those to delete, such as {session.path}")
    return session


def _ask(sessions: Sequence[SavedSession]) -> None:
    """Ask before anything is deleted.

    Raises:
        InputError: there is nobody to ask, or the answer is no.
    """
    names = ", ".join(printable(each.name) for each in sessions)
    what = f"{plural(len(sessions), 'saved session')} ({sum(each.size for each in sessions) / 1e6:.1f} MB): {names}"
    ask(f"delete {what}?", unasked=f"{what} will be deleted: give --yes", refused="nothing deleted")


def _existing(directory: str) -> Path:
    path = user_path(directory)
    try:
        path.stat()
    except OSError as error:
        raise InputError(f"{directory}: cannot read this folder ({error.strerror}); give another") from error
    return path
