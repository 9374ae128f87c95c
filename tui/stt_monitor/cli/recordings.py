"""`stt-monitor recordings`: list saved sessions."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from stt_monitor.cli.options.arguments import Parser
from stt_monitor.core.errors import InputError
from stt_monitor.core.text.moments import duration, when
from stt_monitor.core.text.sanitize import printable
from stt_monitor.core.text.wording import NO_VALUE
from stt_monitor.recording.manifest import FINISHED
from stt_monitor.recording.paths import default_directory, user_path
from stt_monitor.recording.reader import Recording
from stt_monitor.recording.saved_sessions import SavedSession, scan_recordings
from stt_monitor.system.streams import write_lines

_HEAD: Final = ("when", "source", "turns", "length", "MB", "name", "")

_LONGEST_S: Final = 1e9
"""A longer session, by its manifest, is damaged: three decades."""


def recordings(arguments: Sequence[str]) -> int:
    """List saved sessions, oldest first; return an exit code."""
    parser = Parser(prog="stt-monitor recordings", description="List saved sessions.", allow_abbrev=False)
    parser.add_argument(
        "directory", nargs="?", metavar="DIR", help="folder of saved sessions (default: the user data directory)"
    )
    options = parser.parse_args(arguments)
    directory = default_directory() if options.directory is None else _existing(options.directory)
    found, unreadable = scan_recordings(directory)
    rows = [_row(recording) for recording in found]
    rows += [(*[NO_VALUE] * 5, printable(each.name), f"({printable(each.reason)})") for each in unreadable]
    if not rows:
        write_lines([f"no saved sessions in {printable(str(directory))}"])
        return 0
    widths = [max(len(row[column]) for row in [_HEAD, *rows]) for column in range(len(_HEAD))]
    write_lines(_line(row, widths) for row in [_HEAD, *rows])
    return 0


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    cells = (
        cell.rjust(width) if 2 <= column <= 4 else cell.ljust(width)  # noqa: PLR2004  the columns of numbers
        for column, (cell, width) in enumerate(zip(row, widths, strict=True))
    )
    return "  ".join(cells).rstrip()


def _existing(directory: str) -> Path:
    path = user_path(directory)
    try:
        path.stat()
    except OSError as error:
        raise InputError(f"{directory}: cannot read this folder ({error.strerror}); give another") from error
    return path


def _row(session: SavedSession) -> tuple[str, ...]:
    turns = (lane.manifest.turns for lane in session.lanes)
    return (
        when(session.started_at),
        printable(session.source)[:32],
        "/".join(NO_VALUE if each is None else str(each) for each in turns),
        _length(session.seconds),
        f"{session.size / 1e6:.1f}",
        printable(session.name),
        " ".join(filter(None, (_services(session), f"({status})" if (status := _status(session)) else ""))),
    )


def _services(session: SavedSession) -> str:
    """Name services side by side; a session alone has none to tell."""
    return "/".join(lane.path.name for lane in session.lanes) if session.services else ""


def _length(seconds: float | None) -> str:
    if seconds is None or not 0 <= seconds < _LONGEST_S:
        return NO_VALUE
    return duration(seconds)


def _status(session: SavedSession) -> str:
    """Say why a session is not complete; empty if it is."""
    if session.growing:
        return "being recorded"
    if not session.services:
        return _ended(*session.lanes)
    broken = [(lane.path.name, ended) for lane in session.lanes if (ended := _ended(lane))]
    broken += [(each.name, each.why) for each in session.unreadable]
    return "; ".join(f"{name}: {printable(why)}" for name, why in broken)


def _ended(recording: Recording) -> str:
    ended = recording.manifest.ended
    return "" if ended == FINISHED else printable(ended) or "incomplete"
