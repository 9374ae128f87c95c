"""Reports beside saved sessions: which files are ours to replace, and to delete with them."""

from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Final

REPORT: Final = "report.html"
"""Of one session, or of all in a folder."""

COMPARISON: Final = "comparison.html"
"""For several sessions, beside the last one."""

_OURS: Final = b'<meta name="generator" content="stt-monitor '
_HEAD_BYTES: Final = 4096


def is_ours(path: Path) -> bool:
    """Return whether a file is a page that this program wrote; what cannot be read is not."""
    try:
        if path.is_symlink() or not path.is_file():
            return False
        with path.open("rb") as file:
            return _OURS in file.read(_HEAD_BYTES)
    except OSError:
        return False


def own_pages(folder: Path) -> Iterator[Path]:
    """Yield the reports in a session's folder that are ours."""
    return (page for name in (REPORT, COMPARISON) if is_ours(page := folder / name))


def free_page(folder: Path, name: str) -> Path:
    """Return the page of a name that is ours or does not exist yet; with a number where others have it."""
    first = folder / name
    for number in count(2):
        if is_ours(first) or not (first.exists() or first.is_symlink()):
            return first
        first = folder / name.replace(".", f"-{number}.")
    raise AssertionError("some number is free")
