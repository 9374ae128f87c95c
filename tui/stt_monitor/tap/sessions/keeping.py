"""How the calls of a tap are saved, and how much of them stays in memory."""

from collections import deque
from pathlib import Path
from typing import Final

from stt_monitor.core.kept import Kept
from stt_monitor.recording.recorder import Recorder
from stt_monitor.recording.retention import delete

_SAVED: Final = Kept(turns=20, spans=50, likelihood=500, level_minutes=5, runs=50)
"""Of a call that is saved: who opens it reads the rest from the disk."""

_UNSAVED: Final = Kept(turns=100, spans=300, likelihood=2000, level_minutes=60, runs=100)
"""Of a call that is not saved: all that can be shown of it."""

_UNSEEN: Final = Kept(turns=0, spans=1, likelihood=1, level_minutes=1, runs=1)
"""Of a call that nobody may see."""


class Keeping:
    """How calls are saved.

    Args:
        directory: holds the saved sessions; None: nothing is saved.
        limit_bytes: limit on the size of all recordings in it.
        most: how many sessions of this tap are kept; None: all.
        redact: whether nothing that is said is kept or told: then nothing can be saved.
    """

    def __init__(
        self, directory: Path | None, limit_bytes: int, most: int | None = None, *, redact: bool = False
    ) -> None:
        self.directory = None if redact else directory
        """Holds the saved sessions; None: nothing is saved."""
        self._limit_bytes = limit_bytes
        self.most = most
        """How many are kept; None: all."""
        self.redact = redact
        self._folders: deque[Path] = deque()

    @property
    def in_memory(self) -> Kept:
        """How much of a call its session keeps: many go on for hours, and nobody looks at most of them."""
        if self.redact:
            return _UNSEEN
        return _UNSAVED if self.directory is None else _SAVED

    def recorder(self) -> Recorder | None:
        """Make the recorder of the next call."""
        return None if self.directory is None else Recorder(self.directory, self._limit_bytes)

    def saved(self, recorder: Recorder) -> None:
        """Delete the oldest sessions beyond those that are kept. For one thread."""
        if self.most is None or recorder.folder is None or not recorder.folder.exists():
            return
        self._folders.append(recorder.folder)
        while len(self._folders) > self.most:
            delete(self._folders.popleft())
