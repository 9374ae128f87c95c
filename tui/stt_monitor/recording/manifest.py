"""The manifest of a recording: what it is, without reading all of it."""

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
"""Format version of a recording: raised when older programs cannot read it any more.

1: has no entries for frames other than messages and audio; `close_sent` stands for the `close` frame.
2: has an entry for every frame (`frame`).
"""

MANIFEST: Final = "manifest.json"
EVENTS: Final = "events.jsonl"
AUDIO: Final = "audio.wav"

FINISHED: Final = "finished"
"""Value of `ended` of a complete recording."""


class StoredAudio(msgspec.Struct, frozen=True):
    """Format of `audio.wav`."""

    encoding: str
    """As sent, except for 16-bit floats, which WAV does not know: stored as `pcm_f32le`, without loss."""
    sample_rate: int


class Manifest(msgspec.Struct, frozen=True):
    """Description of a recording. The last three fields are set when it ends; a killed program leaves them empty."""

    session: SessionRecord
    """Session record; `started_at` is the wall-clock time of second 0 in the journal."""
    audio: StoredAudio
    form: int = FORMAT
    program: str = f"stt-monitor {__version__}"
    platform: str = ""
    """Machine that recorded it: system, architecture, Python."""
    ended: str = ""
    """`FINISHED`, or why recording stopped before the session. Empty: still recording, or the program was killed."""
    seconds: float | None = None
    """Length of the session."""
    turns: int | None = None
    """Finished turns."""


def this_platform() -> str:
    """Return system, architecture and Python version."""
    return f"{platform.system()} {platform.release()} {platform.machine()}, Python {platform.python_version()}"


def sync_folder(folder: Path) -> None:
    """Flush a folder's entries to the disk: syncing a file does not promise that its name is there (fsync(2)).

    Raises:
        OSError: the disk failed.
    """
    if sys.platform == "win32":  # folders cannot be opened on Windows, and need no sync
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):  # the file system cannot sync folders
            raise
    finally:
        os.close(descriptor)


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write or replace the manifest atomically and durably.

    Raises:
        OSError: it cannot be written.
    """
    text = msgspec.json.format(msgspec.json.encode(manifest), indent=2) + b"\n"
    temporary = folder / f"{MANIFEST}.new"
    try:
        with temporary.open("wb") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(folder / MANIFEST)
        sync_folder(folder)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise
