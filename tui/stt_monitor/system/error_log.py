"""The log of bugs that the program survived."""

import asyncio
import traceback
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

_LARGEST: Final = 1 << 20
"""Bytes; a larger file is overwritten."""


def log_error(error: BaseException) -> Path | None:
    """Append an exception's type and traceback to the log, without its message: that may hold a key.

    Returns:
        The file; None when it cannot be written.
    """
    from platformdirs import user_log_path  # only needed after a bug

    from stt_monitor import __version__

    with suppress(OSError, RuntimeError):  # no directory, no space, no home
        path = user_log_path("stt-monitor", appauthor=False, ensure_exists=True) / "errors.log"
        anew = path.exists() and path.stat().st_size > _LARGEST
        with path.open("w" if anew else "a", encoding="utf-8", errors="backslashreplace") as file:
            file.write(f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S}Z stt-monitor {__version__}\n")
            file.writelines(_lines(error))
            file.write("\n")
        return path
    return None


def log_loop_error(_: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Log an exception in a callback of an event loop: asyncio would print it, over the screen, with its message."""
    if isinstance(error := context.get("exception"), BaseException):
        log_error(error)


def _lines(error: BaseException) -> Iterator[str]:
    """Yield the lines of a traceback without messages, the cause first."""
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if before is not None:
        yield from _lines(before)
        yield "\nThen:\n\n"
    yield "Traceback (most recent call last):\n"
    yield from traceback.format_tb(error.__traceback__)
    yield f"{type(error).__module__}.{type(error).__qualname__}\n"
    for part in error.exceptions if isinstance(error, BaseExceptionGroup) else ():
        yield from _lines(part)
