"""Standard output and standard error: nothing else in the program writes to them, the screen apart."""

import codecs
import errno
import io
import os
import select
import stat
import sys
import time
from collections.abc import Iterable
from contextlib import suppress
from typing import IO, Any, Final, TextIO

from stt_monitor.core.errors import InputError, UserError
from stt_monitor.core.text.sanitize import printable

_BLOCK: Final = 1 << 16
"""Bytes that are written at once, when nobody asks for them earlier."""

_PIECE: Final = 1 << 13
"""Bytes that the system is given at once: it shows that somebody reads when they are taken."""

_STANDARD_OUTPUT: Final = 1
_LAST_STANDARD_STREAM: Final = 2
_RETRY_S: Final = 0.01
"""Where nothing tells when a full pipe takes more (Windows)."""


class ReaderLeftError(Exception):
    """Whoever read standard output has gone, as `head` goes: no fault, and nothing to say."""


class TerminalGoneError(UserError):
    """Standard output was a terminal that is there no more."""

    exit_code = 129
    """Of a program that was hung up on."""


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

    Methods raise `ReaderLeftError`, `TerminalGoneError`, or `InputError` when standard output is closed, or on a disk
    that is full.
    """

    def __init__(self, *, for_programs: bool = False) -> None:
        """Text for programs is UTF-8 whatever the locale; that for people has `?` for what their encoding lacks."""
        encoding = "utf-8" if for_programs else sys.stdout.encoding or "utf-8"
        self._encoder = codecs.getincrementalencoder(encoding)("replace")
        self._waiting = bytearray()
        self.written = 0
        """Bytes that the system has taken: they grow for as long as somebody reads. May be asked on any thread."""

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
        raw = _raw(sys.stdout)
        try:
            while True:
                written = raw.write(left[:_PIECE])
                if written is None:  # a pipe that does not block, and is full
                    _wait_for_room(raw)
                    continue
                self.written += written
                left = left[written:]
                if not left:
                    return
        except OSError as error:
            if isinstance(error, ConnectionError) or (sys.platform == "win32" and error.errno == errno.EINVAL):
                raise ReaderLeftError from error
            if error.errno == errno.EIO and stat.S_ISCHR(os.fstat(raw.fileno()).st_mode):
                raise TerminalGoneError("the terminal is gone") from error
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
    text = "".join(f"{printable(line)}\n" for line in (f"stt-monitor: {sentence}", *more))
    with suppress(OSError, ValueError):  # full, gone, closed
        _raw(sys.stderr).write(text.encode(sys.stderr.encoding or "utf-8", "backslashreplace"))


def let_go() -> None:
    """Give up what Python still holds for standard streams that cannot be written: at exit it would make 120 of it."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):  # full, gone, closed
            with suppress(OSError, ValueError):
                os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _raw(stream: TextIO) -> Any:  # noqa: ANN401  what Python has there: a file, or memory in its place
    """Return what is beneath Python's buffer, in which would stay, until exit, what could not be written."""
    return getattr(stream.buffer, "raw", stream.buffer)


def _wait_for_room(raw: IO[bytes]) -> None:
    if sys.platform == "win32":
        time.sleep(_RETRY_S)
    else:
        select.select([], [raw], [])


def _stream(descriptor: int) -> io.TextIOWrapper:
    return open(descriptor, "w", encoding="utf-8", errors="backslashreplace", closefd=False)
