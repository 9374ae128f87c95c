"""Keeps the output of PortAudio and ALSA on file descriptor 2 off the screen."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final, TextIO

_STDERR: Final = 2


@contextmanager
def redirect_stderr(drawn_on: int = _STDERR, log: Path | None = None) -> Iterator[TextIO]:
    """Redirect file descriptor 2, but not Python's own standard error.

    Within the context `sys.stderr` and `sys.__stderr__` write to a duplicate of the old descriptor 2, so that Textual,
    which draws there, and tracebacks still reach the terminal, whatever libraries write to descriptor 2.

    Args:
        drawn_on: the descriptor to duplicate for them, where 2 is no terminal.
        log: the file to append descriptor 2 to; None discards it.

    Yields:
        The stream on the duplicate.

    Raises:
        OSError: the log cannot be written, or the descriptor is closed.
    """
    target = os.open(os.devnull if log is None else log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        held = os.dup(_STDERR)
        own = os.fdopen(os.dup(drawn_on), "w", buffering=1, encoding="utf-8", errors="backslashreplace")
        before = sys.stderr, sys.__stderr__
        os.dup2(target, _STDERR)
    finally:
        os.close(target)
    sys.stderr = sys.__stderr__ = own  # type: ignore[misc]  # Textual writes to `__stderr__`
    try:
        yield own
    finally:
        sys.stderr, sys.__stderr__ = before  # type: ignore[misc]  # as above
        os.dup2(held, _STDERR)
        os.close(held)
        with suppress(OSError):  # the terminal is gone
            own.close()
