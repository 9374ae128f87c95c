"""Memory that is needed no more, and that the system leaves to us unless it is told so."""

import ctypes
import re
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

_DONTNEED: Final = 4
"""`MADV_DONTNEED` of Linux."""


def give_back(libraries: Path | None = None) -> None:
    """Give memory back to the system, after something that took much of it for a moment.

    The C library of Linux keeps what was freed: loading a network leaves 5 MB behind. The system keeps all code that
    ever ran: loading a network runs through 19 MB of it, of which the network then needs half. Elsewhere nothing
    happens.

    Args:
        libraries: a folder: the code of libraries in it is given back too; what is needed again is read again.
    """
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):  # another C library has no such function
            library = ctypes.CDLL(None)
            library.malloc_trim(0)
            for begin, end in () if libraries is None else _unchanged(libraries):
                library.madvise(ctypes.c_void_p(begin), ctypes.c_size_t(end - begin), _DONTNEED)


def _unchanged(folder: Path) -> Iterator[tuple[int, int]]:
    """Yield begin and end of the parts of this process's memory that hold what files of a folder hold, and no more.

    None that can be written to, and none that was: a loaded library has tables in which its addresses were filled in.
    """
    part = re.compile(
        rf"^([0-9a-f]+)-([0-9a-f]+) r-\S+ \S+ \S+ \S+ +{re.escape(str(folder.resolve()))}/.*\n"
        r"(?:[A-Z].*\n)*?Anonymous: +0 kB$",
        re.MULTILINE,
    )
    for found in part.finditer(Path("/proc/self/smaps").read_text(encoding="utf-8", errors="surrogateescape")):
        yield int(found[1], 16), int(found[2], 16)
