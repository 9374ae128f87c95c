"""Writes files named by the user."""

import errno
import os
import secrets
import shutil
import stat
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, Final

from stt_monitor.core.errors import InputError
from stt_monitor.system.streams import ReaderLeftError

_LOOKED_AT: Final = 4096
"""Bytes from the beginning of a file that tell whether it is text."""


def check_writable(path: Path) -> None:
    """Check that a text file can be written, before spending time on its content.

    What is there and no text, such as a recording, is another program's: it is not overwritten.

    Raises:
        InputError: it cannot be written, or is not to be.
    """
    try:
        if is_stream(path):
            if not os.access(path, os.W_OK):
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
            return
        is_new = not path.exists()
        if not is_new and _is_binary(path):
            raise InputError(f"{path}: is there, and no text file: it is not overwritten; give another")
        path.open("ab").close()
        if is_new:
            Path(os.path.realpath(path)).unlink()  # the file, not a link to it
    except OSError as error:
        raise _refused(path, error) from error


def _is_binary(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return b"\0" in file.read(_LOOKED_AT)
    except PermissionError:  # it may be writable all the same
        return False


def is_stream(path: Path) -> bool:
    """Return whether it is a pipe or a device. Open those once only: closing one ends it for the reader."""
    try:
        mode = path.stat().st_mode
    except OSError:
        return False
    return not stat.S_ISREG(mode) and not stat.S_ISDIR(mode)


def write_text(path: Path, pieces: Iterable[str]) -> None:
    """Write a file from pieces of text, keeping their line ends.

    Replaces the file atomically: whatever happens, it holds either all of the new text or the old one.

    Raises:
        InputError: it cannot be written.
        ReaderLeftError: it is a pipe whose reader has closed it.
    """
    try:
        # /dev/stdout and >(...) resolve to names that do not exist.
        with path.open("wb") if is_stream(path) else _replacing(Path(os.path.realpath(path))) as file:
            file.writelines(piece.encode("utf-8", "replace") for piece in pieces)
    except BrokenPipeError as error:
        raise ReaderLeftError from error
    except OSError as error:
        raise _refused(path, error) from error


def append_text(path: Path, text: str) -> None:
    """Write text at the end of a file, which may not exist yet.

    Raises:
        InputError: it cannot be written.
        ReaderLeftError: it is a pipe whose reader has closed it.
    """
    try:
        with path.open("ab") as file:
            file.write(text.encode("utf-8", "replace"))
    except BrokenPipeError as error:
        raise ReaderLeftError from error
    except OSError as error:
        raise _refused(path, error) from error


@contextmanager
def _replacing(path: Path) -> Iterator[BinaryIO]:
    """Open a temporary file that replaces `path` on success; or `path` itself, where it cannot be replaced."""
    temporary = path.with_name(f".stt-monitor-{secrets.token_hex(8)}") if _is_replaceable(path) else path
    try:
        file = temporary.open("wb")
    except PermissionError:  # no new files in this folder
        temporary = path
        file = temporary.open("wb")
    try:
        with file:
            yield file
            file.flush()
            if temporary != path:
                os.fsync(file.fileno())
        if temporary != path:
            with suppress(FileNotFoundError):
                shutil.copymode(path, temporary)
            temporary.replace(path)
    except BaseException:
        if temporary != path:
            temporary.unlink(missing_ok=True)
        raise


def _is_replaceable(path: Path) -> bool:
    """Return whether replacing the file changes nothing else: no pipe, no hard link, no other owner."""
    try:
        info = path.stat()
    except FileNotFoundError:
        return True
    is_ours = sys.platform == "win32" or info.st_uid == os.geteuid()
    return is_ours and stat.S_ISREG(info.st_mode) and info.st_nlink == 1


def _refused(path: Path, error: OSError) -> InputError:
    return InputError(f"{path}: cannot write this file ({error.strerror}); give another")
