"""Directories of recordings."""

import os
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


def prepare_directory(directory: str | None) -> Path:
    """Create the directory of `--record` and check that it is writable.

    The default directory (None) is created by the first recording.

    Raises:
        InputError: it cannot be created or written to, or the user has no home for the default directory.
    """
    if directory is None:
        path = default_directory()
        if path.parts[0] == "~":
            raise InputError("no home directory to save sessions in: set HOME, or give --record DIR or --no-record")
        return path
    path = user_path(directory)
    try:
        path.mkdir(parents=True, exist_ok=True)
        writable = os.access(path, os.W_OK | os.X_OK)
    except OSError as error:
        raise InputError(
            f"--record {directory}: cannot create it ({error.strerror}); give another directory"
        ) from error
    if not writable:
        raise InputError(f"--record {directory}: no permission to write there; give another directory")
    return path
