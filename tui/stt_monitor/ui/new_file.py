"""Saves what the user asks for under new names: no file is ever overwritten."""

import os
from collections.abc import Iterable
from datetime import datetime
from itertools import count
from pathlib import Path

from stt_monitor.core.errors import InputError


def save_new(text: str, folders: Iterable[str], suffix: str, *, what: str, name: str = "stt-monitor") -> str:
    """Write a text into the first folder that can be written to, under a new name; return its path.

    Args:
        text: to write.
        folders: where it may go, the best first.
        suffix: how the name ends: `.svg`.
        what: what it is, for errors: `the screenshot`.
        name: how the name begins.

    Raises:
        InputError: none can; the sentence says why.
    """
    reasons = []
    for folder in folders:
        try:
            return _write(text, Path(folder), name, suffix)
        except OSError as error:
            reasons.append(f"{folder}: {error.strerror}")
    raise InputError(f"{what} cannot be saved ({'; '.join(reasons)})")


def _write(text: str, folder: Path, name: str, suffix: str) -> str:
    stem = f"{name}-{datetime.now().astimezone():%Y-%m-%d-%H%M%S}"
    for number in count(1):
        path = folder / (f"{stem}{suffix}" if number == 1 else f"{stem}-{number}{suffix}")
        try:
            with path.open("x", encoding="utf-8", errors="replace") as file:
                file.write(text)
        except FileExistsError:
            continue
        except OSError:
            path.unlink(missing_ok=True)  # a full disk leaves an empty file
            raise
        return os.path.abspath(path)  # noqa: PTH100 - the folder may have been moved: keep its former name
    raise AssertionError("count() never ends")
