"""The folders of saved sessions: what each is called, and its making."""

import re
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Final

from stt_monitor.core.journal import Began
from stt_monitor.core.text.moments import local

_NAME_CHARACTERS: Final = 40
"""Most of a source's name."""


def source_word(source: str) -> str:
    """Return a source's name as a part of a folder's name; may be empty."""
    return re.sub(r"[^\w]+", "-", Path(source).stem).strip("-_")[:_NAME_CHARACTERS]


def named_after(began: Began) -> str:
    """Return the name of a session's folder: when it began, and what was heard."""
    at = local(began.session.started_at)
    assert at is not None, "the session wrote this time itself"
    return f"{at:%Y-%m-%d_%H-%M-%S}_{source_word(began.session.source)}".rstrip("_")


def make_folder(directory: Path, name: str) -> Path:
    """Create a folder of this name, or with a number behind it.

    Raises:
        OSError: it cannot be created.
    """
    for number in count(1):
        folder = directory / (name if number == 1 else f"{name}_{number}")
        with suppress(FileExistsError):
            folder.mkdir()
            return folder
    raise AssertionError("some number is free")
