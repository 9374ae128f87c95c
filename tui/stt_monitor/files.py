"""Writing files that the user has named."""

from collections.abc import Iterable
from pathlib import Path

from stt_monitor.core.errors import InputError


def check_writable(path: Path) -> None:
    """Make sure, before time is spent on what will be written, that a file can be.

    Raises:
        InputError: it cannot.
    """
    try:
        is_new = not path.exists()
        path.open("ab").close()
        if is_new:
            path.unlink()
    except OSError as error:
        raise _refused(path, error) from error


def write_text(path: Path, pieces: Iterable[str]) -> None:
    """Write a whole file, piece by piece, with the line ends that the text has.

    Raises:
        InputError: it cannot be written.
    """
    try:
        with path.open("wb") as file:
            file.writelines(piece.encode() for piece in pieces)
    except OSError as error:
        raise _refused(path, error) from error


def _refused(path: Path, error: OSError) -> InputError:
    return InputError(f"{path}: this file cannot be written ({error.strerror}); name another")
