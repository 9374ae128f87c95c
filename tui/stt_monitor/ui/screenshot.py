"""Saves screenshots."""

import os
from collections.abc import Iterable
from datetime import datetime
from itertools import count
from pathlib import Path

from stt_monitor.core.errors import InputError


def save_screenshot(svg: str, folders: Iterable[str]) -> str:
    """Write a screenshot into the first folder that can be written to, under a new name; return its path.

    Raises:
        InputError: none can; the sentence says why.
    """
    reasons = []
    for folder in folders:
        try:
            return _write(svg, Path(folder))
        except OSError as error:
            reasons.append(f"{folder}: {error.strerror}")
    raise InputError(f"the screenshot cannot be saved ({'; '.join(reasons)})")


def _write(svg: str, folder: Path) -> str:
    stem = f"stt-monitor-{datetime.now().astimezone():%Y-%m-%d-%H%M%S}"
    for number in count(1):
        path = folder / (f"{stem}.svg" if number == 1 else f"{stem}-{number}.svg")
        try:
            with path.open("x", encoding="utf-8", errors="replace") as file:
                file.write(svg)
        except FileExistsError:
            continue
        except OSError:
            path.unlink(missing_ok=True)  # a full disk leaves an empty file
            raise
        return os.path.abspath(path)  # noqa: PTH100 - the folder may have been moved: keep its former name
    raise AssertionError("count() never ends")
