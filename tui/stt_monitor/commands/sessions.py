"""Sessions that were kept, as the commands are told of them."""

from collections.abc import Sequence
from pathlib import Path

from stt_monitor.audio.transcripts import read_references
from stt_monitor.core.pooling import pool_session
from stt_monitor.options import Parser
from stt_monitor.recording.places import default_directory
from stt_monitor.recording.replay import fold
from stt_monitor.recording.store import Recording, find_recording
from stt_monitor.recording.stored_turns import StoredTurns
from stt_monitor.report.contents import Kept


def add_sessions(parser: Parser, *, several: bool) -> None:
    """Add the argument that says which sessions are meant."""
    parser.add_argument(
        "sessions",
        metavar="SESSION",
        nargs="+" if several else 1,
        help="a session that was kept: its folder, its name, `last`, or `demo`",
    )


def find_sessions(named: Sequence[str]) -> list[Recording]:
    """Open recordings by what the user calls them.

    Raises:
        InputError: there is none of that name, or it cannot be read.
    """
    return [find_recording(name, default_directory()) for name in named]


def sources(recordings: Sequence[Recording]) -> list[str]:
    """Return what was heard in each: the names that labels and manifests know them by."""
    return [recording.manifest.session.source for recording in recordings]


def load(recordings: Sequence[Recording], references: Sequence[str] = ()) -> list[Kept]:
    """Read recordings to their ends.

    Args:
        recordings: as they were found.
        references: files that tell what is really said in them, if anybody knows.

    Raises:
        InputError: something cannot be read.
    """
    said = read_references([Path(path) for path in references], sources(recordings)) if references else None
    return [_kept(recording, None if said is None else said[number]) for number, recording in enumerate(recordings)]


def _kept(recording: Recording, said: str | None) -> Kept:
    snapshot = fold(recording, keep_in=StoredTurns()).snapshot
    manifest = recording.manifest
    return Kept(recording.name, snapshot, pool_session(snapshot, said), manifest.program, manifest.platform)
