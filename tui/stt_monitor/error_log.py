"""Where bugs of the program that it survived are written down, for whoever is to mend them."""

import traceback
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

_LARGEST: Final = 1 << 20
"""Bytes after which the file begins anew."""


def write_down(error: BaseException) -> Path | None:
    """Append an exception and where it came from, without the values that it dealt with, to a file.

    Returns:
        The file; None when it cannot be written.
    """
    from platformdirs import user_log_path  # only now that something went wrong

    from stt_monitor import __version__

    with suppress(OSError, RuntimeError):  # no such place, no room, nobody's home
        path = user_log_path("stt-monitor", appauthor=False, ensure_exists=True) / "errors.log"
        anew = path.exists() and path.stat().st_size > _LARGEST
        with path.open("w" if anew else "a", encoding="utf-8", errors="backslashreplace") as file:
            file.write(f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S}Z stt-monitor {__version__}\n")
            file.writelines(traceback.format_exception(error))
            file.write("\n")
        return path
    return None
