"""Memory that was freed, and that the C library keeps."""

import ctypes
import sys
from contextlib import suppress


def give_back() -> None:
    """Give freed memory back to the system, after something that took much of it for a moment.

    The C library of Linux keeps it otherwise: loading a network leaves 5 MB behind. Elsewhere nothing happens.
    """
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):  # another C library has no such function
            ctypes.CDLL(None).malloc_trim(0)
