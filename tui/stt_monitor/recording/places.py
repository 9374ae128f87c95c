"""Where recordings are kept."""

import os
from pathlib import Path
from typing import Final

from stt_monitor.core.errors import InputError

DEFAULT_LIMIT_MB: Final = 2048
"""Two eight-hour days of 16-bit audio at 16 kHz, with all that is said about it."""


def default_directory() -> Path:
    """Return where the system wants a program's data of this user; `XDG_DATA_HOME` is heeded."""
    from platformdirs import user_data_path  # knows macOS and Windows too; not needed by those who give --record

    return user_data_path("stt-monitor", appauthor=False) / "recordings"


def prepared(directory: str) -> Path:
    """Make the directory that the user asked for, and see that something can be put into it.

    Raises:
        InputError: it cannot be made or written to.
    """
    path = Path(directory).expanduser()
    try:
        path.mkdir(parents=True, exist_ok=True)
        writable = os.access(path, os.W_OK | os.X_OK)
    except OSError as error:
        raise InputError(f"--record {directory}: cannot be made ({error.strerror}); give another directory") from error
    if not writable:
        raise InputError(f"--record {directory}: permission to write there is missing; give another directory")
    return path
