"""Saved sessions as arguments of commands."""

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from stt_monitor.audio.references.transcripts import read_references
from stt_monitor.cli.options.arguments import Parser
from stt_monitor.core.text.moments import when
from stt_monitor.core.text.sanitize import legible
from stt_monitor.recording.clips import Clips
from stt_monitor.recording.finding import DEMO, LAST, Found, find, find_one
from stt_monitor.recording.paths import default_directory, user_path
from stt_monitor.recording.reader import Recording
from stt_monitor.recording.saved_sessions import SavedSession
from stt_monitor.report.model import LoadedSession
from stt_monitor.services.registry import service_of
from stt_monitor.session.documents import load_recording
from stt_monitor.system.streams import diagnose


class Selected(NamedTuple):
    """A saved session named on the command line."""

    session: SavedSession
    folder: str = ""
    """The folder of sessions, if the user named one."""


_A_SESSION: Final = (
    f"saved session: its folder, its name or the start of it, `{DEMO}`, `{LAST}` (the newest with a finished turn) or "
    f"`{LAST}~1` (the one before); NAME/SERVICE selects one of several side by side"
)


def add_session(parser: Parser) -> None:
    """Add the argument for one session."""
    parser.add_argument("session", metavar="SESSION", help=f"{_A_SESSION}; a folder of sessions stands for its {LAST}")


def add_sessions(parser: Parser) -> None:
    """Add the argument for sessions."""
    parser.add_argument(
        "sessions",
        metavar="SESSION",
        nargs="+",
        help=f"{_A_SESSION}; a folder of sessions (as of --record) stands for all in it",
    )


def find_sessions(named: Sequence[str]) -> list[Selected]:
    """Open saved sessions by their names; print to standard error which one `last` is, and what cannot be read.

    Raises:
        InputError: no such session, or it cannot be read.
    """
    directory = default_directory()
    chosen = []
    for name in named:
        found = find(name, directory)
        _tell_choice(found)
        sessions = found.sessions
        inside = not found.chosen and (len(sessions) > 1 or sessions[0].path.parent == user_path(name))
        chosen += [Selected(session, name.rstrip(os.sep) if inside else "") for session in sessions]
    for each in chosen:
        _tell_unreadable(each.session)
    return chosen


def find_session(name: str) -> SavedSession:
    """Open one saved session, as `find_sessions` does; of a folder of sessions its `last`."""
    found = find_one(name, default_directory())
    _tell_choice(found)
    _tell_unreadable(found.sessions[0])
    return found.sessions[0]


def _tell_choice(found: Found) -> None:
    """Print which session was chosen where the words leave it open."""
    if found.chosen:
        session = found.sessions[0]
        others = f"; {found.skipped} newer without a finished turn" if found.skipped else ""
        diagnose(f"{found.chosen} is {session.name}: {session.source}, {when(session.started_at)}{others}")


def _tell_unreadable(session: SavedSession) -> None:
    for each in session.unreadable:
        diagnose(each.reason)


def sources(sessions: Sequence[Selected]) -> list[str]:
    """Return the name of each session's input, which transcripts refer to."""
    return [each.session.source for each in sessions]


def services(sessions: Sequence[Selected]) -> list[tuple[str, ...]]:
    """Return the names of the services that heard each session's input; also of those that cannot be read."""
    return [
        each.session.services or tuple(service_of(lane.manifest.session).name for lane in each.session.lanes)
        for each in sessions
    ]


def load(
    sessions: Sequence[Selected],
    references: Sequence[str] = (),
    *,
    clips: Callable[[Recording], Clips | None] | None = None,
) -> list[list[LoadedSession]]:
    """Fold saved sessions, and score them against reference transcripts.

    Args:
        sessions: the saved sessions.
        references: files with their reference transcripts, if any.
        clips: makes the audio clips of a recording's turns; None: without audio.

    Returns:
        For each of them its recordings: several of services side by side.

    Raises:
        InputError: a file cannot be read.
    """
    said = read_references([user_path(path) for path in references], sources(sessions)) if references else None
    loaded = [
        [
            load_recording(
                lane,
                folder=each.folder,
                said=None if said is None else said[number],
                clip=None if clips is None else clips(lane),
            )
            for lane in each.session.lanes
        ]
        for number, each in enumerate(sessions)
    ]
    return _named_apart(loaded, [each.session.path.absolute() for each in sessions])


def _named_apart(loaded: list[list[LoadedSession]], paths: Sequence[Path]) -> list[list[LoadedSession]]:
    """Qualify sessions of the same name by their folder, with as much of its path as tells them apart."""
    apart = list(loaded)
    for place, path in enumerate(paths):
        namesakes = {other.parent for other in paths if other.name == path.name} - {path.parent}
        if not namesakes:
            continue
        alike = any(other.name == path.parent.name for other in namesakes)
        where = legible(str(path.parent) if alike else path.parent.name)
        apart[place] = [msgspec.structs.replace(each, name=f"{where}/{each.name}") for each in loaded[place]]
    return apart
