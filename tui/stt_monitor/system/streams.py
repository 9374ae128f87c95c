"""Standard output and standard error: nothing else in the program writes to them, the screen apart."""

import codecs
import errno
import io
import os
import select
import sys
import time
from collections.abc import Iterable
from typing import IO, Any, Final

from stt_monitor.core.errors import InputError
from stt_monitor.core.text.sanitize import printable

_BLOCK: Final = 1 << 16
"""Bytes that are written at once, when nobody asks for them earlier."""

_STANDARD_OUTPUT: Final = 1
_LAST_STANDARD_STREAM: Final = 2
_RETRY_S: Final = 0.01
"""Where nothing tells when a full pipe takes more (Windows)."""


class ReaderLeftError(Exception):
    """Whoever read standard output has gone, as `head` goes: no fault, and nothing to say."""


def occupy_closed() -> None:
    """Put something in the place of standard streams that the program was started without.

    Else the next file or socket gets their number, and what is meant for people ends up in it. Standard error goes
    nowhere then; standard output refuses to be written, as a closed one does.
    """
    while (descriptor := os.open(os.devnull, os.O_RDONLY)) <= _LAST_STANDARD_STREAM:
        if descriptor == _LAST_STANDARD_STREAM:
            os.dup2(os.open(os.devnull, os.O_WRONLY), descriptor)
        os.set_inheritable(descriptor, True)  # noqa: FBT003  that is its signature
    os.close(descriptor)
    # Without them `print` writes what is meant for standard error to standard output, and `isatty` is an error.
    if sys.stdout is None:
        sys.stdout = _stream(_STANDARD_OUTPUT)
    if sys.stderr is None:
        sys.stderr = _stream(_LAST_STANDARD_STREAM)


class Output:
    """Standard output. Text waits in it until there is a block of it, or `flush` is called.

    Methods raise `ReaderLeftError`, or `InputError` when standard output is closed, or on a disk that is full.
    """

    def __init__(self, *, for_programs: bool = False) -> None:
        """Text for programs is UTF-8 whatever the locale; that for people has `?` for what their encoding lacks."""
        encoding = "utf-8" if for_programs else sys.stdout.encoding or "utf-8"
        self._encoder = codecs.getincrementalencoder(encoding)("replace")
        self._waiting = bytearray()

    def write(self, pieces: Iterable[str]) -> None:
        """Write text, piece by piece as it is made."""
        for piece in pieces:
            self._waiting += self._encoder.encode(piece)
            if len(self._waiting) >= _BLOCK:
                self.flush()

    def write_lines(self, lines: Iterable[str]) -> None:
        """Write lines that have no ends yet."""
        self.write(f"{line}\n" for line in lines)

    def flush(self) -> None:
        """Have the system take all that waits; with nothing to write, see whether it would."""
        left, self._waiting = memoryview(self._waiting), bytearray()
        # Past Python's own buffer, which would try again at exit what has failed here.
        raw: Any = getattr(sys.stdout.buffer, "raw", sys.stdout.buffer)
        try:
            while (written := raw.write(left)) != len(left):
                if written is None:  # a pipe that does not block, and is full
                    _wait_for_room(raw)
                else:
                    left = left[written:]
        except OSError as error:
            if isinstance(error, ConnectionError) or (sys.platform == "win32" and error.errno == errno.EINVAL):
                raise ReaderLeftError from error
            reason = "it is closed" if error.errno == errno.EBADF else error.strerror
            raise InputError(f"standard output cannot be written ({reason}): send it somewhere else") from error


def write_lines(lines: Iterable[str]) -> None:
    """Write lines for people to standard output, as `Output` does."""
    output = Output()
    output.write_lines(lines)
    output.flush()


def write_document(pieces: Iterable[str]) -> None:
    """Write text for programs to standard output, as `Output` does."""
    output = Output(for_programs=True)
    output.write(pieces)
    output.flush()


def diagnose(sentence: str, *more: str) -> None:
    """Say a sentence on standard error, and lines beneath it, if they can be written: nobody can be told if not."""
    try:
        for line in (f"stt-monitor: {sentence}", *more):
            sys.stderr.write(f"{printable(line)}\n")
        sys.stderr.flush()
    except (OSError, ValueError):  # full, gone, closed
        return


def _wait_for_room(raw: IO[bytes]) -> None:
    if sys.platform == "win32":
        time.sleep(_RETRY_S)
    else:
        select.select([], [raw], [])


def _stream(descriptor: int) -> io.TextIOWrapper:
    return open(descriptor, "w", encoding="utf-8", errors="backslashreplace", closefd=False)
