"""Saved sessions as arguments of commands."""

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from stt_monitor.audio.references.transcripts import read_references
from stt_monitor.cli.options.arguments import Parser
from stt_monitor.core.metrics.aggregate import aggregate_session
from stt_monitor.core.text.moments import when
from stt_monitor.core.text.sanitize import legible
from stt_monitor.recording.clips import Clips
from stt_monitor.recording.finding import LAST, find_last, find_recording, find_recordings
from stt_monitor.recording.paths import default_directory, user_path
from stt_monitor.recording.reader import Recording
from stt_monitor.recording.replay import fold
from stt_monitor.recording.saved_sessions import SavedSession
from stt_monitor.recording.turn_store import TurnStore
from stt_monitor.report.model import LoadedSession
from stt_monitor.services.registry import service_of
from stt_monitor.system.streams import diagnose


class Selected(NamedTuple):
    """A saved session named on the command line."""

    session: SavedSession
    folder: str = ""
    """The folder of sessions, if the user named one."""


def add_session(parser: Parser) -> None:
    """Add the argument for one session."""
    parser.add_argument(
        "session",
        metavar="SESSION",
        help="a saved session: its folder, its name or the beginning of it, `demo`, or `last`, the newest with a "
        "finished turn; NAME/SERVICE is one of several side by side",
    )


def add_sessions(parser: Parser) -> None:
    """Add the argument for sessions."""
    parser.add_argument(
        "sessions",
        metavar="SESSION",
        nargs="+",
        help="a saved session: its folder, its name or the beginning of it, `demo`, or `last`, the newest with a "
        "finished turn; NAME/SERVICE is one of several side by side; or a folder of sessions, as of --record",
    )


def find_sessions(named: Sequence[str]) -> list[Selected]:
    """Open saved sessions by their names; print to standard error which one `last` is, and what cannot be read.

    Raises:
        InputError: no such session, or it cannot be read.
    """
    directory = default_directory()
    chosen = []
    for name in named:
        if name == LAST:
            chosen.append(Selected(_last(directory)))
            continue
        found = find_recordings(name, directory)
        _tell_last(name, found[0], directory)
        inside = len(found) > 1 or found[0].path.parent == user_path(name)
        chosen += [Selected(session, name.rstrip(os.sep) if inside else "") for session in found]
    for each in chosen:
        _tell_unreadable(each.session)
    return chosen


def find_session(name: str) -> SavedSession:
    """Open one saved session, as `find_sessions` does."""
    directory = default_directory()
    session = _last(directory) if name == LAST else find_recording(name, directory)
    _tell_last(name, session, directory)
    _tell_unreadable(session)
    return session


def _last(directory: Path) -> SavedSession:
    session, skipped = find_last(directory)
    others = f"; {skipped} newer without a finished turn" if skipped else ""
    diagnose(f"{LAST} is {session.name}: {session.source}, {when(session.started_at)}{others}")
    return session


def _tell_last(name: str, session: SavedSession, directory: Path) -> None:
    """Print which session `last` is where one of its services was asked for."""
    if name.startswith(f"{LAST}/") and session.path.parent.parent == directory:
        _last(directory)


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
    return [
        [_loaded(lane, each, None if said is None else said[number], clips) for lane in each.session.lanes]
        for number, each in enumerate(sessions)
    ]


def _loaded(
    recording: Recording, chosen: Selected, said: str | None, clips: Callable[[Recording], Clips | None] | None
) -> LoadedSession:
    snapshot = fold(recording, store=TurnStore()).snapshot
    return LoadedSession(
        name=legible(recording.name),
        snapshot=snapshot,
        aggregate=aggregate_session(snapshot, said),
        program=recording.manifest.program,
        platform=recording.manifest.platform,
        folder=legible(chosen.folder),
        group=legible(str(recording.path.absolute().parent)) if recording.group else "",
        clip=None if clips is None else clips(recording),
    )
