"""Saved sessions as arguments of commands."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from stt_monitor.audio.references.transcripts import read_references
from stt_monitor.cli.arguments import Parser
from stt_monitor.core.metrics.aggregate import aggregate_session
from stt_monitor.core.text.moments import when
from stt_monitor.core.text.sanitize import legible
from stt_monitor.recording.finding import LAST, find_last, find_recording, find_recordings
from stt_monitor.recording.paths import default_directory, user_path
from stt_monitor.recording.reader import Recording
from stt_monitor.recording.replay import fold
from stt_monitor.recording.turn_store import TurnStore
from stt_monitor.report.model import LoadedSession
from stt_monitor.services.registry import service_of
from stt_monitor.system.streams import diagnose


class Selected(NamedTuple):
    """A session named on the command line."""

    recording: Recording
    folder: str = ""
    """The folder of sessions, if the user named one."""


def add_session(parser: Parser) -> None:
    """Add the argument for one session."""
    parser.add_argument(
        "session",
        metavar="SESSION",
        help="a saved session: its folder, its name, `demo`, or `last`, the newest with a finished turn",
    )


def add_sessions(parser: Parser) -> None:
    """Add the argument for sessions."""
    parser.add_argument(
        "sessions",
        metavar="SESSION",
        nargs="+",
        help="a saved session: its folder, its name, `demo`, or `last`, the newest with a finished turn; or a "
        "folder of sessions, as of --record",
    )


def find_sessions(named: Sequence[str]) -> list[Selected]:
    """Open recordings by their names; print to standard error which one `last` is.

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
        inside = len(found) > 1 or found[0].path.parent == user_path(name)
        chosen += [Selected(recording, name.rstrip(os.sep) if inside else "") for recording in found]
    return chosen


def find_session(name: str) -> Recording:
    """Open one recording, as `find_sessions` does."""
    directory = default_directory()
    return _last(directory) if name == LAST else find_recording(name, directory)


def _last(directory: Path) -> Recording:
    recording, skipped = find_last(directory)
    session = recording.manifest.session
    others = f"; {skipped} newer without a finished turn" if skipped else ""
    diagnose(f"{LAST} is {recording.name}: {session.source}, {when(session.started_at)}{others}")
    return recording


def sources(sessions: Sequence[Selected]) -> list[str]:
    """Return the name of each session's input, which transcripts refer to."""
    return [each.recording.manifest.session.source for each in sessions]


def services(sessions: Sequence[Selected]) -> list[list[str]]:
    """Return the names of the services that heard each session's input."""
    return [[service_of(each.recording.manifest.session).name] for each in sessions]


def load(sessions: Sequence[Selected], references: Sequence[str] = ()) -> list[LoadedSession]:
    """Fold recordings, and score them against reference transcripts.

    Args:
        sessions: the recordings.
        references: files with their reference transcripts, if any.

    Raises:
        InputError: a file cannot be read.
    """
    said = read_references([user_path(path) for path in references], sources(sessions)) if references else None
    return [_loaded(each, None if said is None else said[number]) for number, each in enumerate(sessions)]


def _loaded(chosen: Selected, said: str | None) -> LoadedSession:
    recording, folder = chosen
    snapshot = fold(recording, store=TurnStore()).snapshot
    manifest = recording.manifest
    return LoadedSession(
        legible(recording.name), snapshot, aggregate_session(snapshot, said), manifest.program, manifest.platform,
        legible(folder),
    )  # fmt: skip
