"""Where recordings are kept."""

import os
from pathlib import Path
from typing import Final

from stt_monitor.core.errors import InputError

DEFAULT_LIMIT_MB: Final = 2048
"""Two eight-hour days of 16-bit audio at 16 kHz, with all that is said about it."""


def default_directory() -> Path:
    """Return where the system wants a program's data of this user; `XDG_DATA_HOME` is heeded.

    A user whom the system does not know, as containers have them, has no home: then it begins with ~, and is not there.
    """
    from platformdirs import user_data_path  # knows macOS and Windows too; not needed by those who give --record

    try:
        path = user_data_path("stt-monitor", appauthor=False)
    except RuntimeError:  # older versions of platformdirs leave the ~ to us
        path = Path("~", "stt-monitor")
    return path / "recordings"


def expanded(path: str) -> Path:
    """Read a path that was typed by a person: ~ is where they live, and ~name is where somebody else does.

    Raises:
        InputError: nobody of that name lives here.
    """
    try:
        return Path(path).expanduser()
    except RuntimeError as error:
        raise InputError(f"{path}: nobody knows where {Path(path).parts[0]} is; write the path in full") from error


def prepared(directory: str | None) -> Path:
    """Make the directory that the user asked for, and see that something can be put into it.

    The default one (None) is made when something is put into it.

    Raises:
        InputError: it cannot be made or written to, or the user has no home to put the default one into.
    """
    if directory is None:
        path = default_directory()
        if path.parts[0] == "~":
            raise InputError("this user has no home to keep sessions in: set HOME, or give --record DIR or --no-record")
        return path
    path = expanded(directory)
    try:
        path.mkdir(parents=True, exist_ok=True)
        writable = os.access(path, os.W_OK | os.X_OK)
    except OSError as error:
        raise InputError(f"--record {directory}: cannot be made ({error.strerror}); give another directory") from error
    if not writable:
        raise InputError(f"--record {directory}: permission to write there is missing; give another directory")
    return path
