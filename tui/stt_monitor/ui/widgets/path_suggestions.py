"""Recordings and folders that a path, typed so far, may lead to."""

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
"""Files that are offered; others can be typed in full."""

_SHOWN: Final = 200
"""Entries that are offered; the others are counted."""
_LOOKED_AT: Final = 20_000
"""Entries of a folder that are looked at: a folder may hold any number."""


class Found(msgspec.Struct, frozen=True):
    """A recording, or a folder that may hold some. The name is not cleaned."""

    path: str
    """To be typed: what was typed so far, completed; a folder's ends in a separator."""
    name: str
    folder: bool
    size: int = 0
    """Bytes; 0 for a folder."""


def find_recordings(typed: str) -> tuple[list[Found], int]:
    """Return the folders and recordings whose path begins with `typed`, and how many more there are."""
    folder, begun = os.path.split(unquoted(typed))
    entries = sorted(_entries(folder, begun.casefold()), key=lambda found: (not found.folder, found.name.casefold()))
    if not begun and _is_folder(folder):
        entries.insert(0, Found(os.path.join(folder, os.pardir, ""), os.pardir + os.sep, folder=True))  # noqa: PTH118
    return entries[:_SHOWN], max(0, len(entries) - _SHOWN)


def _is_folder(typed: str) -> bool:
    try:
        return _place(typed).is_dir()
    except (OSError, RuntimeError):
        return False


def _place(typed: str) -> Path:
    """Return the folder that was typed; ~ is where the user lives. Raises RuntimeError where nobody does (~name)."""
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
    except (OSError, RuntimeError):  # not there, not to be read, not a folder: nothing is offered
        return


def _found(entry: "os.DirEntry[str]", folder: str) -> Found | None:
    try:
        if entry.is_dir():
            return Found(os.path.join(folder, entry.name, ""), entry.name + os.sep, folder=True)  # noqa: PTH118 - a Path would drop the separator
        if Path(entry.name).suffix.casefold() in SUFFIXES:
            return Found(os.path.join(folder, entry.name), entry.name, folder=False, size=entry.stat().st_size)  # noqa: PTH118
    except OSError:
        return None
    return None
