"""The small file that says what a recording is, so that nobody needs to read all of it to know."""

import errno
import os
import platform
import sys
from pathlib import Path
from typing import Final

import msgspec

from stt_monitor import __version__
from stt_monitor.core.records.session import SessionRecord

FORMAT: Final = 2
"""Version of the form of a recording: counted up when older programs could not read it any more.

1: the frames that went by were those of messages and audio alone, and of `close`, which had no entry but `close_sent`.
2: all others too (`frame`); what has no entry of its own did not go by.
"""

MANIFEST: Final = "manifest.json"
EVENTS: Final = "events.jsonl"
AUDIO: Final = "audio.wav"

FINISHED: Final = "finished"
"""How a recording ended that has all of its session."""


class StoredAudio(msgspec.Struct, frozen=True):
    """How the samples in `audio.wav` are written."""

    encoding: str
    """As they were sent, except that WAV knows no 16-bit floats: those are kept as `pcm_f32le`, which loses nothing."""
    sample_rate: int


class Manifest(msgspec.Struct, frozen=True):
    """What a recording is. The last three fields are filled once it is over; a program that was killed never does."""

    session: SessionRecord
    """As it went on record; `started_at` is the wall-clock time of second 0 of all times in the journal."""
    audio: StoredAudio
    form: int = FORMAT
    program: str = f"stt-monitor {__version__}"
    platform: str = ""
    """What recorded it: system, machine, Python."""
    ended: str = ""
    """How: `FINISHED`, or why recording stopped before the session. Empty: it goes on, or the program was killed."""
    seconds: float | None = None
    """How long the session was."""
    turns: int | None = None
    """How many ended in it."""


def this_platform() -> str:
    """Return what this program runs on, in a few words."""
    return f"{platform.system()} {platform.release()} {platform.machine()}, Python {platform.python_version()}"


def sync_names(folder: Path) -> None:
    """Have the disk keep which files are in a folder: their own syncs do not promise that they can be found (fsync(2)).

    Raises:
        OSError: the disk does not do it.
    """
    if sys.platform == "win32":  # folders cannot be opened there, and need not be
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):  # a file system that has other ways
            raise
    finally:
        os.close(descriptor)


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write or replace the manifest, in one step and for good.

    Raises:
        OSError: it cannot be written.
    """
    text = msgspec.json.format(msgspec.json.encode(manifest), indent=2) + b"\n"
    draft = folder / f"{MANIFEST}.new"
    try:
        with draft.open("wb") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(folder / MANIFEST)
        sync_names(folder)
    except OSError:
        draft.unlink(missing_ok=True)
        raise
