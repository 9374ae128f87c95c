"""Completes a typed path to audio files and folders."""

import os
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Final

import msgspec

from stt_monitor.core.text.unquoting import unquoted

SUFFIXES: Final = frozenset(
    {".wav", ".flac", ".ogg", ".oga", ".opus", ".mp3", ".aiff", ".aif", ".aifc", ".au", ".caf", ".w64", ".rf64"}
)
"""Endings of suggested files; other files can be typed in full."""

_SHOWN: Final = 200
"""Suggestions that are listed; others are counted."""
_LOOKED_AT: Final = 20_000
"""Entries of a folder that are read: it may hold any number."""


class Found(msgspec.Struct, frozen=True):
    """An audio file or a folder. The name is not sanitized."""

    path: str
    """The typed path, completed; a folder's ends with a separator."""
    name: str
    folder: bool
    size: int = 0
    """Bytes; 0 for a folder."""


def find_recordings(typed: str) -> tuple[list[Found], int]:
    """Return the folders and audio files whose path begins with `typed`, and how many more there are."""
    folder, begun = os.path.split(unquoted(typed))
    entries = sorted(_entries(folder, begun.casefold()), key=lambda found: (not found.folder, found.name.casefold()))
    if not begun and _is_folder(folder):
        entries.insert(0, Found(os.path.join(folder, os.pardir, ""), os.pardir + os.sep, folder=True))  # noqa: PTH118  as typed
    return entries[:_SHOWN], max(0, len(entries) - _SHOWN)


def is_file(path: str) -> bool:
    """Return whether a file is still there."""
    try:
        return Path(path).is_file()
    except (OSError, ValueError):
        return False


def _is_folder(typed: str) -> bool:
    try:
        return _place(typed).is_dir()
    except (OSError, RuntimeError):
        return False


def _place(typed: str) -> Path:
    """Return the typed folder, with ~ expanded. Raises RuntimeError for an unknown user (~name)."""
    return Path(typed or ".").expanduser()


def _entries(folder: str, begun: str) -> Iterator[Found]:
    try:
        with os.scandir(_place(folder)) as listing:
            for entry in islice(listing, _LOOKED_AT):
                hidden = entry.name.startswith(".") and not begun.startswith(".")
                if not hidden and entry.name.casefold().startswith(begun):
                    found = _found(entry, folder)
                    if found is not None:
                        yield found
    except (OSError, RuntimeError):  # missing, unreadable or no folder: no suggestions
        return


def _found(entry: "os.DirEntry[str]", folder: str) -> Found | None:
    try:
        if entry.is_dir():
            return Found(os.path.join(folder, entry.name, ""), entry.name + os.sep, folder=True)  # noqa: PTH118  a Path would drop the separator
        if Path(entry.name).suffix.casefold() in SUFFIXES:
            return Found(os.path.join(folder, entry.name), entry.name, folder=False, size=entry.stat().st_size)  # noqa: PTH118  as typed
    except OSError:
        return None
    return None
