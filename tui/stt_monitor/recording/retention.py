"""The limit on what all recordings take: the oldest go first."""

from contextlib import suppress
from pathlib import Path
from typing import Final

from stt_monitor.core.errors import InputError
from stt_monitor.recording.lock import is_locked
from stt_monitor.recording.manifest import AUDIO, EVENTS, MANIFEST
from stt_monitor.recording.reader import open_recording

_OURS: Final = (EVENTS, AUDIO, f"{MANIFEST}.new", MANIFEST)
"""Files that are deleted; the manifest last, for it is what tells a recording from a folder of somebody else's."""


class Room:
    """Keeps the recordings in a directory to a limit, and counts what it deletes."""

    def __init__(self, directory: Path, limit_bytes: int) -> None:
        self.limit_bytes = limit_bytes
        self.deleted = 0
        """How many recordings had to go."""
        self._directory = directory

    def make(self, growing: Path, size: int) -> bool:
        """Delete the oldest recordings until all keep to the limit; one that is being written stays.

        Args:
            growing: the recording that the room is made for.
            size: its bytes now.

        Returns:
            Whether they do; False means that `growing` is too large by itself, or that others are being written.
        """
        others = {folder: _size(folder) for folder in _by_age(self._directory) if folder != growing}
        left = self.limit_bytes - size - sum(others.values())
        for folder, taken in others.items():
            if left >= 0:
                break
            if not is_locked(folder / EVENTS) and delete(folder):
                self.deleted += 1
                left += taken
        return left >= 0


def delete(folder: Path) -> bool:
    """Delete a recording, but nothing that somebody else has put there; returns whether that could be done."""
    try:
        for name in _OURS:
            (folder / name).unlink(missing_ok=True)
    except OSError:
        return False
    with suppress(OSError):  # somebody keeps a file of their own in it
        folder.rmdir()
    return True


def _by_age(directory: Path) -> list[Path]:
    """The recordings, oldest first: by when their manifest was last written."""
    ages = {}
    for manifest in directory.glob(f"*/{MANIFEST}"):
        with suppress(OSError):  # another program deletes too
            if _is_ours(manifest):
                ages[manifest.parent] = manifest.stat().st_mtime
    return sorted(ages, key=ages.__getitem__)


def _is_ours(manifest: Path) -> bool:
    """Whether a folder was made by this program, and is there itself: a link leads to what is kept elsewhere.

    Many programs have a `manifest.json`; what says that it is ours is what is in it.
    """
    if manifest.is_symlink() or manifest.parent.is_symlink():
        return False
    try:
        open_recording(manifest)
    except InputError:
        return False
    return True


def _size(folder: Path) -> int:
    size = 0
    for name in _OURS:
        with suppress(OSError):
            size += (folder / name).lstat().st_size
    return size
