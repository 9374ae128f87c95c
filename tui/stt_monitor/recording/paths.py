"""Directories of recordings."""

import errno
import os
import stat
from contextlib import suppress
from pathlib import Path
from typing import Final

from stt_monitor.core.errors import InputError
from stt_monitor.core.text.unquoting import unquoted

DEFAULT_LIMIT_MB: Final = 2048
"""Two eight-hour days of 16-bit audio at 16 kHz, with their journals."""


def default_directory() -> Path:
    """Return the system's directory for user data, `XDG_DATA_HOME` included.

    Begins with ~ where the user has no home, as in some containers; such a path does not exist.
    """
    from platformdirs import user_data_path  # not needed with --record

    try:
        path = user_data_path("stt-monitor", appauthor=False)
    except RuntimeError:  # older versions of platformdirs raise where the user has no home
        path = Path("~", "stt-monitor")
    return path / "recordings"


def user_path(path: str) -> Path:
    """Parse a path as people type, paste or drag it: with ~ or ~name, quoted, or as a file:// URL.

    A name that exists is used as it is: a folder may be called ~, and shells do not expand ~ in --labels=~/x.

    Raises:
        InputError: no such user, or no home.
    """
    if os.path.lexists(path):
        return Path(path)
    path = unquoted(path)
    try:
        return Path(path).expanduser()
    except RuntimeError as error:
        raise InputError(f"{path}: {Path(path).parts[0]} has no home directory; write the path in full") from error


def prepare_directory(directory: str | None, otherwise: str = "--record DIR or --no-record") -> Path:
    """Create the directory of `--record` and check that it is writable.

    The default directory (None) is created by the first recording: of that it is checked that it can be.

    Args:
        directory: as it was given.
        otherwise: the options that help where the default directory cannot be used.

    Raises:
        InputError: it cannot be created or written to, or the user has no home for the default directory.
    """
    if directory is None:
        path = default_directory()
        if path.parts[0] == "~":
            raise InputError(f"no home directory to save sessions in: set HOME, or give {otherwise}")
        if why := _why_not(path):
            raise InputError(f"sessions cannot be saved in {path} ({why}): give {otherwise}")
        return path
    path = user_path(directory)
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(
            f"--record {directory}: cannot create it ({error.strerror}); give another directory"
        ) from error
    if why := _why_not(path):
        raise InputError(f"--record {directory}: {why}; give another directory")
    return path


def _why_not(path: Path) -> str:
    """Say why nothing can be written into a directory, or into one that has yet to be made; empty where it can."""
    try:
        place, mode = _nearest(path)
    except OSError as error:
        return f"{error.filename}: {error.strerror}"
    if stat.S_ISLNK(mode):
        return f"{place} is a link that leads nowhere"
    if not stat.S_ISDIR(mode):
        return f"{place} is a file"
    if os.access(place, os.W_OK | os.X_OK):
        return ""
    if hasattr(os, "statvfs") and os.statvfs(place).f_flag & os.ST_RDONLY:
        return f"{place} is on a read-only file system"
    return f"no permission to write in {place}"


def _nearest(path: Path) -> tuple[Path, int]:
    """Return what exists of a path, and its mode: of a link that leads nowhere, that of the link.

    Raises:
        OSError: nobody can tell.
    """
    for place in (path, *path.parents):
        with suppress(FileNotFoundError, NotADirectoryError):
            return place, place.stat().st_mode
        with suppress(FileNotFoundError, NotADirectoryError):
            return place, place.lstat().st_mode
    raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(path))
