"""Who is writing a recording: so that none is deleted while it grows, and one that a kill broke off can be told."""

import io
import sys
from pathlib import Path


def lock(file: io.FileIO) -> None:
    """Mark an open file as being written, until it is closed or the program ends, however it ends.

    Where the system has no such locks (Windows) it does not let open files be deleted either.
    """
    if sys.platform != "win32":
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def is_locked(path: Path) -> bool:
    """Whether a program is writing this file. False when there is no such file."""
    if sys.platform != "win32":
        import fcntl

        try:
            with path.open("rb") as file:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        except OSError:
            return False
    return False
