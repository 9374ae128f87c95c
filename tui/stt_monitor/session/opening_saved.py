"""Saved sessions that the screen asks for: their list, one to open, several to compare. All of it reads the disk."""

from collections.abc import Sequence
from pathlib import Path

import msgspec

from stt_monitor.core.commands import OpenRecording
from stt_monitor.core.listed_session import RecordingInfo
from stt_monitor.core.snapshot import Snapshot
from stt_monitor.recording.finding import find_recording, open_listed
from stt_monitor.recording.listing import described, described_unreadable
from stt_monitor.recording.replay import fold
from stt_monitor.recording.saved_sessions import SavedSession, scan_recordings


def listed(directory: Path) -> tuple[RecordingInfo, ...]:
    """Return what the screen lists of a directory, the newest first, and last what cannot be read.

    Raises:
        InputError: the directory cannot be read.
    """
    found, unreadable = scan_recordings(directory)
    others = (described_unreadable(each, directory) for each in unreadable)
    return (*map(described, reversed(found)), *others)


def opened(command: OpenRecording, directory: Path) -> SavedSession:
    """Open the session of a command: one of the list, or as the user typed its name.

    Raises:
        InputError: there is no such session, or it cannot be read.
    """
    return find_recording(command.name, directory) if command.as_typed else open_listed(Path(command.name))


def compared(folders: Sequence[str]) -> tuple[list[tuple[Path, Snapshot]], SavedSession]:
    """Return the last snapshots of all but the last session, with their folders, and the last session.

    Raises:
        InputError: one of them cannot be read.
    """
    *before, last = (open_listed(Path(folder)) for folder in folders)
    return [(session.path, _folded(session)) for session in before], last


def _folded(session: SavedSession) -> Snapshot:
    first, *others = (fold(lane).snapshot for lane in session.lanes)
    return msgspec.structs.replace(first, lanes=(first, *others)) if others else first
