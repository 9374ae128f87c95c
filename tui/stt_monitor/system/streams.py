"""Standard output and standard error. Apart from the screen, nothing else in the program writes to them."""

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
from stt_monitor.system.workflow_commands import disarmed, in_actions

_BLOCK: Final = 1 << 16
"""Bytes to buffer before writing."""

_PIECE: Final = 1 << 13
"""Bytes per write call: each one that returns shows that somebody reads."""

_STANDARD_OUTPUT: Final = 1
_LAST_STANDARD_STREAM: Final = 2
_RETRY_S: Final = 0.01
"""Wait before writing to a full pipe again, where the system cannot wait for it (Windows)."""


class ReaderLeftError(Exception):
    """The reader of standard output has closed it, as `head` does: no error, and no message."""


class TerminalGoneError(UserError):
    """Standard output was a terminal that has gone."""

    exit_code = 129
    """That of SIGHUP."""


def fill_missing_streams() -> None:
    """Open the null device in place of standard streams that the program was started without.

    Otherwise the next file or socket gets their descriptor, and messages end up in it. Standard error is discarded
    then; standard output fails when written, as a closed one does.
    """
    while (descriptor := os.open(os.devnull, os.O_RDONLY)) <= _LAST_STANDARD_STREAM:
        if descriptor == _LAST_STANDARD_STREAM:
            os.dup2(os.open(os.devnull, os.O_WRONLY), descriptor)
        os.set_inheritable(descriptor, True)  # noqa: FBT003  that is its signature
    os.close(descriptor)
    # Without these, `print` to standard error goes to standard output, and `isatty` raises.
    if sys.stdout is None:
        sys.stdout = _stream(_STANDARD_OUTPUT)
    if sys.stderr is None:
        sys.stderr = _stream(_LAST_STANDARD_STREAM)


class Output:
    """Buffered standard output.

    Methods raise `ReaderLeftError`, `TerminalGoneError`, or `InputError` when standard output is closed or its disk is
    full.
    """

    def __init__(self, *, for_programs: bool = False) -> None:
        """Encode text for programs as UTF-8, text for people by their locale, with `?` for what it lacks."""
        encoding = "utf-8" if for_programs else sys.stdout.encoding or "utf-8"
        self._encoder = codecs.getincrementalencoder(encoding)("replace")
        self._waiting = bytearray()
        self.written = 0
        """Bytes written so far: grows for as long as somebody reads. May be read on any thread."""

    def write(self, pieces: Iterable[str]) -> None:
        """Write pieces of text as they are produced."""
        for piece in pieces:
            self._waiting += self._encoder.encode(piece)
            if len(self._waiting) >= _BLOCK:
                self.flush()

    def write_lines(self, lines: Iterable[str]) -> None:
        """Write lines, adding line ends."""
        self.write(f"{line}\n" for line in lines)

    def flush(self) -> None:
        """Write out the buffer; an empty one checks that standard output can be written."""
        left, self._waiting = memoryview(self._waiting), bytearray()
        raw = _raw(sys.stdout)
        try:
            while True:
                written = raw.write(left[:_PIECE])
                if written is None:  # a full non-blocking pipe
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
            raise InputError(f"cannot write to standard output ({reason}): redirect it somewhere else") from error


def write_lines(lines: Iterable[str]) -> None:
    """Write lines for people to standard output; raises as `Output` does."""
    output = Output()
    output.write_lines(lines)
    output.flush()


def write_document(pieces: Iterable[str]) -> None:
    """Write text for programs to standard output; raises as `Output` does."""
    output = Output(for_programs=True)
    output.write(pieces)
    output.flush()


def diagnose(sentence: str, *more: str) -> None:
    """Print a message to standard error, with more lines below it; ignores that it cannot be written."""
    lines = (f"stt-monitor: {sentence}", *more)
    _write_errors(map(disarmed, lines) if in_actions() else lines)


def command_actions(*commands: str) -> None:
    """Print commands for GitHub Actions to standard error, which it reads too; ignores that it cannot be written."""
    _write_errors(commands)


def _write_errors(lines: Iterable[str]) -> None:
    text = "".join(f"{printable(line)}\n" for line in lines)
    with suppress(OSError, ValueError):  # full, gone, closed
        _raw(sys.stderr).write(text.encode(sys.stderr.encoding or "utf-8", "backslashreplace"))


def discard_unwritable() -> None:
    """Drop what Python still buffers for streams that cannot be written: it would turn the exit code into 120."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):  # full, gone, closed
            with suppress(OSError, ValueError):
                os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _raw(stream: TextIO) -> Any:  # noqa: ANN401  what Python has there: a file, or memory in its place
    """Return the stream below Python's buffer, which would hold on to unwritable data until exit."""
    return getattr(stream.buffer, "raw", stream.buffer)


def _wait_for_room(raw: IO[bytes]) -> None:
    if sys.platform == "win32":
        time.sleep(_RETRY_S)
    else:
        select.select([], [raw], [])


def _stream(descriptor: int) -> io.TextIOWrapper:
    return open(descriptor, "w", encoding="utf-8", errors="backslashreplace", closefd=False)
