"""Size limit on all recordings: the oldest are deleted first."""

from contextlib import suppress
from pathlib import Path
from typing import Final

import msgspec

from stt_monitor.core.errors import InputError
from stt_monitor.core.journal import Began, Entry
from stt_monitor.core.settings.requested import decode_hook
from stt_monitor.recording.lock import is_locked
from stt_monitor.recording.manifest import AUDIO, EVENTS, GROUP, MANIFEST, services_beside
from stt_monitor.recording.reader import open_recording
from stt_monitor.recording.report_files import own_pages

_OURS: Final = (EVENTS, AUDIO, f"{MANIFEST}.new", MANIFEST)
"""Files to delete; the manifest last: it is what marks a folder as a recording."""

_LONGEST_FIRST_LINE: Final = 1 << 20
"""Bytes that are read of a journal to tell whose it is."""

_OURS_OF_GROUP: Final = (AUDIO, f"{GROUP}.new", GROUP)
"""The same of services side by side, besides their own folders."""


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
            if not any(is_locked(folder / name) for name in (EVENTS, AUDIO)) and delete(folder):
                self.deleted += 1
                left += taken
        return left >= 0


def delete(folder: Path) -> bool:
    """Delete a saved session's own files, and its folders where nothing else is in them; return whether that worked."""
    folders = _folders(folder)
    try:
        for file in _files(folder):
            file.unlink(missing_ok=True)
    except OSError:
        return False
    for each in folders:
        with suppress(OSError):  # not empty: the user keeps a file in it
            each.rmdir()
    return True


def _by_age(directory: Path) -> list[Path]:
    """Return the saved sessions by when a manifest of theirs was last written, oldest first."""
    ages = {}
    for folder in {manifest.parent for name in (MANIFEST, GROUP) for manifest in directory.glob(f"*/{name}")}:
        with suppress(OSError):  # another program may delete meanwhile
            if is_ours(folder):
                manifests = [file for file in _files(folder) if file.name in (MANIFEST, GROUP) and file.exists()]
                ages[folder] = max(manifest.stat().st_mtime for manifest in manifests)
    return sorted(ages, key=ages.__getitem__)


def is_ours(folder: Path) -> bool:
    """Return whether this program made a folder, and it is no link to somewhere else.

    Many programs write a `manifest.json`, and ours may have been copied beside files of theirs, called as ours are: the
    content of all of them shows that they are ours.
    """
    if any(path.is_symlink() for path in (folder, folder / MANIFEST, folder / GROUP)):
        return False
    if services_beside(folder):
        *inside, _ = _folders(folder)
        begun = [_begins_ours(each / EVENTS) for each in inside if (each / EVENTS).exists()]
        return bool(begun) and all(begun) and all(_sounds_ours(each / AUDIO) for each in (*inside, folder))
    try:
        open_recording(folder)
    except InputError:
        return False
    return _begins_ours(folder / EVENTS) and _sounds_ours(folder / AUDIO)


def _begins_ours(journal: Path) -> bool:
    """Return whether a journal begins with a session, as it does before there is a manifest."""
    try:
        with journal.open("rb") as file:
            first = file.readline(_LONGEST_FIRST_LINE)
        return isinstance(msgspec.json.decode(first, type=Entry, dec_hook=decode_hook), Began)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False


def _sounds_ours(sound: Path) -> bool:
    """Return whether a file is a WAV, or there is none."""
    try:
        with sound.open("rb") as file:
            return file.read(4) in (b"RIFF", b"RF64")
    except FileNotFoundError:
        return True
    except OSError:
        return False


def _folders(folder: Path) -> list[Path]:
    """Return the folders of a saved session: of each service side by side, then its own."""
    inside = (folder / service for service in services_beside(folder))
    return [*(each for each in inside if not each.is_symlink()), folder]


def _files(folder: Path) -> list[Path]:
    """Return the files of a saved session that are ours, whether they exist or not."""
    *inside, _ = _folders(folder)
    own = _OURS_OF_GROUP if services_beside(folder) else _OURS
    pages = own_pages(folder)
    return [*pages, *(each / name for each in inside for name in _OURS), *(folder / name for name in own)]


def _size(folder: Path) -> int:
    size = 0
    for file in _files(folder):
        with suppress(OSError):
            size += file.lstat().st_size
    return size
