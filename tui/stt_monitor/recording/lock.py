"""Lock on a recording being written: protects it from deletion, and shows whether its program was killed."""

import io
import sys
from pathlib import Path


def lock(file: io.FileIO) -> None:
    """Lock an open file until it is closed or the program ends, however it ends.

    Windows needs no lock: it refuses to delete open files.
    """
    if sys.platform != "win32":
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def is_locked(path: Path) -> bool:
    """Return whether a program is writing this file; False when it does not exist."""
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
