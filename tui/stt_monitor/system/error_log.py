"""Where bugs of the program that it survived are written down, for whoever is to mend them."""

import traceback
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

_LARGEST: Final = 1 << 20
"""Bytes after which the file begins anew."""


def write_down(error: BaseException) -> Path | None:
    """Append to a file what sort of exception it is and where it came from: in what it says may be a key.

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
            file.writelines(_lines(error))
            file.write("\n")
        return path
    return None


def _lines(error: BaseException) -> Iterator[str]:
    """Give the lines of a traceback, that of what led to the exception first, without any message."""
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if before is not None:
        yield from _lines(before)
        yield "\nThen:\n\n"
    yield "Traceback (most recent call last):\n"
    yield from traceback.format_tb(error.__traceback__)
    yield f"{type(error).__module__}.{type(error).__qualname__}\n"
    for part in error.exceptions if isinstance(error, BaseExceptionGroup) else ():
        yield from _lines(part)
