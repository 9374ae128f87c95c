"""Writing files that the user has named."""

import errno
import os
import secrets
import shutil
import stat
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from stt_monitor.core.errors import InputError
from stt_monitor.system.streams import ReaderLeftError


def check_writable(path: Path) -> None:
    """Make sure, before time is spent on what will be written, that a file can be.

    Raises:
        InputError: it cannot.
    """
    try:
        if is_stream(path):
            if not os.access(path, os.W_OK):
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
            return
        is_new = not path.exists()
        path.open("ab").close()
        if is_new:
            Path(os.path.realpath(path)).unlink()  # not the link that leads to it
    except OSError as error:
        raise _refused(path, error) from error


def is_stream(path: Path) -> bool:
    """Tell whether it is a pipe or a device: its reader sees the end when it is closed, so it is opened once."""
    try:
        mode = path.stat().st_mode
    except OSError:
        return False
    return not stat.S_ISREG(mode) and not stat.S_ISDIR(mode)


def write_text(path: Path, pieces: Iterable[str]) -> None:
    """Write a whole file, piece by piece, with the line ends that the text has.

    The file is replaced in one step: until all is there, what was there before stays, whatever happens meanwhile.

    Raises:
        InputError: it cannot be written.
        ReaderLeftError: it is a pipe, and nobody reads it any more.
    """
    try:
        # /dev/stdout and >(...) lead to names by which nothing can be found.
        with path.open("wb") if is_stream(path) else _replacing(Path(os.path.realpath(path))) as file:
            file.writelines(piece.encode("utf-8", "replace") for piece in pieces)
    except BrokenPipeError as error:
        raise ReaderLeftError from error
    except OSError as error:
        raise _refused(path, error) from error


@contextmanager
def _replacing(path: Path) -> Iterator[BinaryIO]:
    """Open a draft that takes the place of a file in the end; or the file itself, where a draft would change more."""
    draft = path.with_name(f".stt-monitor-{secrets.token_hex(8)}") if _is_replaceable(path) else path
    try:
        file = draft.open("wb")
    except PermissionError:  # the folder takes no new files
        draft = path
        file = draft.open("wb")
    try:
        with file:
            yield file
            file.flush()
            if draft != path:
                os.fsync(file.fileno())
        if draft != path:
            with suppress(FileNotFoundError):
                shutil.copymode(path, draft)
            draft.replace(path)
    except BaseException:
        if draft != path:
            draft.unlink(missing_ok=True)
        raise


def _is_replaceable(path: Path) -> bool:
    """Whether another file in its place is the same to everybody: no pipe, no other name of it, no other owner."""
    try:
        info = path.stat()
    except FileNotFoundError:
        return True
    is_ours = sys.platform == "win32" or info.st_uid == os.geteuid()
    return is_ours and stat.S_ISREG(info.st_mode) and info.st_nlink == 1


def _refused(path: Path, error: OSError) -> InputError:
    return InputError(f"{path}: this file cannot be written ({error.strerror}); name another")
