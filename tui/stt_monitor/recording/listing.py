"""Describes saved sessions for lists: from their manifests alone, so that a thousand of them take no time."""

from pathlib import Path

from stt_monitor.core.listed_session import ListedService, RecordingInfo
from stt_monitor.recording.reader import Recording, Unreadable
from stt_monitor.recording.saved_sessions import SavedSession
from stt_monitor.services.registry import name_of


def described(session: SavedSession) -> RecordingInfo:
    """Describe a saved session."""
    lanes = session.lanes
    turns = tuple((lane.path.name, lane.manifest.turns) for lane in lanes)
    return RecordingInfo(
        name=session.name,
        path=str(session.path),
        source=session.source,
        started_at=session.started_at,
        turns=lanes[0].manifest.turns,
        seconds=session.seconds,
        growing=session.growing,
        lanes=turns if session.services else (),
        by_service=tuple(map(_heard_by, lanes)),
    )


def described_unreadable(folder: Unreadable, directory: Path) -> RecordingInfo:
    """Describe one of a directory that cannot be opened."""
    return RecordingInfo(folder.name, str(directory / folder.name), "", "", None, None, folder.why)


def _heard_by(lane: Recording) -> ListedService:
    manifest = lane.manifest
    return ListedService(name_of(manifest.session), manifest.session, manifest.turns, manifest.result)
