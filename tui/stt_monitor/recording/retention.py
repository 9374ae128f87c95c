"""Size limit on all recordings: the oldest are deleted first."""

from contextlib import suppress
from pathlib import Path
from typing import Final

from stt_monitor.core.errors import InputError
from stt_monitor.recording.lock import is_locked
from stt_monitor.recording.manifest import AUDIO, EVENTS, MANIFEST
from stt_monitor.recording.reader import open_recording

_OURS: Final = (EVENTS, AUDIO, f"{MANIFEST}.new", MANIFEST)
"""Files to delete; the manifest last: it is what marks a folder as a recording."""


class Retention:
    """Keeps the recordings in a directory within a size limit, and counts the deleted ones."""

    def __init__(self, directory: Path, limit_bytes: int) -> None:
        self.limit_bytes = limit_bytes
        self.deleted = 0
        """Deleted recordings."""
        self._directory = directory

    def enforce(self, growing: Path, size: int) -> bool:
        """Delete the oldest recordings until the rest is within the limit; those being written stay.

        Args:
            growing: the recording that needs the space.
            size: its bytes now.

        Returns:
            Whether all are within the limit; False: `growing` and others being written exceed it.
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
    """Delete a recording's own files, and its folder where nothing else is in it; return whether that worked."""
    try:
        for name in _OURS:
            (folder / name).unlink(missing_ok=True)
    except OSError:
        return False
    with suppress(OSError):  # not empty: the user keeps a file in it
        folder.rmdir()
    return True


def _by_age(directory: Path) -> list[Path]:
    """Return the recordings by when their manifest was last written, oldest first."""
    ages = {}
    for manifest in directory.glob(f"*/{MANIFEST}"):
        with suppress(OSError):  # another program may delete meanwhile
            if _is_ours(manifest):
                ages[manifest.parent] = manifest.stat().st_mtime
    return sorted(ages, key=ages.__getitem__)


def _is_ours(manifest: Path) -> bool:
    """Return whether this program made a folder, and it is no link to somewhere else.

    Many programs write a `manifest.json`; its content shows that it is ours.
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
