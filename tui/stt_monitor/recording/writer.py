"""Writes saved sessions on a thread of its own: no session ever waits for the disk."""

import errno
import threading
import time
from collections import deque
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Final, NamedTuple

from stt_monitor.core.journal import Began
from stt_monitor.core.records.session import RecordingState
from stt_monitor.core.text.sanitize import legible
from stt_monitor.recording.folders import make_folder, named_after
from stt_monitor.recording.manifest import is_readable
from stt_monitor.recording.retention import Retention, delete
from stt_monitor.recording.saved_files import SavedFiles
from stt_monitor.recording.session_files import Item, memory_of

WRITE_EVERY_S: Final = 0.25
"""An entry is in the file, and survives `kill -9`, after this long."""

SYNC_EVERY_S: Final = 0.75
"""It is on the disk, and survives a power cut, this much later: within a second in all."""

RETENTION_EVERY_S: Final = 10.0
"""How often the size limit on all recordings is enforced."""

BACKLOG_BYTES: Final = 64 << 20
"""Most that may wait for a hanging disk: half an hour of 16-bit audio at 16 kHz."""

CLOSE_TIMEOUT_S: Final = 5.0
"""How long the end of a session waits for a hanging disk."""

_HANGS: Final = "the disk does not respond"
_GONE: Final = "its files were deleted, or moved away"
_FULL: Final = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class Upkeep(NamedTuple):
    """How a saved session is written."""

    name: str = ""
    """Name of its folder; empty: that of its time and source."""
    write_every_s: float = WRITE_EVERY_S
    sync_every_s: float = SYNC_EVERY_S


class Lane:
    """What there is to write of one session: its thread puts it here, and the writer's takes it away."""

    def __init__(self, service: str) -> None:
        """Begin empty; `service` says which of several side by side it is."""
        self.service = service
        self.waiting: deque[Item] = deque()
        self.begun = False
        self.heard = False
        """Whether audio was sent."""
        self.over = False
        self.written = threading.Event()
        """Set once the session is over and all of it written."""
        self.taken_bytes = 0  # counted by the session's thread
        self.written_bytes = 0  # counted by the writer's


class Writer:
    """Writes one saved session on a thread of its own: of one service, or of several side by side.

    A failure ends the recording, never a session; `stopped` says why.
    """

    def __init__(
        self, directory: Path, limit_bytes: int | None, services: Sequence[str] = (), upkeep: "Upkeep | None" = None
    ) -> None:
        """Prepare to record; without `services` side by side it is a session alone, and without a limit it has none."""
        self.stopped = ""
        self._services = services
        self._upkeep = upkeep or Upkeep()
        self._retention = None if limit_bytes is None else Retention(directory, limit_bytes)
        self._directory = directory
        self._folder: Path | None = None
        self._first = False
        self._lanes: list[Lane] = []
        self._ended = False
        self._end = threading.Lock()
        self._work = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def state(self) -> RecordingState | None:
        """State of the recording; None before the first audio: without any, nothing is saved."""
        if not (self._heard or self.stopped):
            return None
        deleted = 0 if self._retention is None else self._retention.deleted
        return RecordingState(legible(str(self._folder or self._directory)), self.stopped, deleted, self._first)

    @property
    def folder(self) -> Path | None:
        """Where it is written; None before it begins."""
        return self._folder

    @property
    def backlog(self) -> int:
        """Estimated memory of what waits, bytes."""
        return sum(lane.taken_bytes - lane.written_bytes for lane in self._lanes)

    def expect(self, lane: Lane) -> bool:
        """Wait for the end of a session that is to begin; returns False if all others have ended."""
        with self._end:
            if not self._ended:
                self._lanes.append(lane)
            return not self._ended

    def expect_no_more(self) -> None:
        """Do not wait for those that have not begun."""
        for lane in self._lanes:
            lane.over = lane.over or not lane.begun
        self._work.set()

    def begin(self, began: Began) -> None:
        """Create the folder, which is quick and fails at once where it must; the thread does the rest, at once too."""
        self._work.set()
        if self._thread is not None or self.stopped:
            return
        try:
            self._first = not self._directory.exists()  # that of --record does
            self._directory.mkdir(parents=True, exist_ok=True)
            self._folder = make_folder(self._directory, self._upkeep.name or named_after(began))
        except Exception as error:  # noqa: BLE001  the session goes on, whatever it is
            self.stopped = _reason(error)
            return
        self._thread = threading.Thread(target=self._run, args=(self._folder,), name="recorder", daemon=True)
        self._thread.start()

    def take(self, lane: Lane, item: Item) -> None:
        """Queue something of a session, in its thread; too much of it ends the recording."""
        if self.stopped:
            return
        lane.taken_bytes += memory_of(item)
        if self.backlog > BACKLOG_BYTES:
            self.stopped = _HANGS
            return
        lane.waiting.append(item)

    def finish(self, lane: Lane) -> None:
        """Wait until all of a session is written, and all files are closed after the last one."""
        self._work.set()
        if self._thread is None:
            return
        if all(each.over for each in self._lanes):
            self._thread.join(CLOSE_TIMEOUT_S)
            done = not self._thread.is_alive()
        else:
            done = lane.written.wait(CLOSE_TIMEOUT_S)
        if not done:
            self.stopped = self.stopped or _HANGS

    @property
    def _heard(self) -> bool:
        return any(lane.heard for lane in self._lanes)

    def _run(self, folder: Path) -> None:
        try:
            with closing(SavedFiles(folder, self._services)) as files:
                try:
                    self._write(files)
                except Exception as error:  # noqa: BLE001  any failure goes to the user and into the manifest
                    self.stopped = _reason(error)
                files.finish(self.stopped)
        except Exception as error:  # noqa: BLE001  as above
            self.stopped = self.stopped or _reason(error)
        for lane in self._lanes:
            lane.waiting.clear()
            lane.written.set()
        if not (self._heard or self.stopped) or not is_readable(folder):
            delete(folder)

    def _write(self, files: SavedFiles) -> None:
        upkeep = self._upkeep
        synced, limit_due, was_checked = -upkeep.sync_every_s, time.monotonic() + upkeep.write_every_s, False
        while not self.stopped:
            self._work.wait(upkeep.write_every_s)
            self._work.clear()
            lanes = tuple(self._lanes)
            ending = [lane for lane in lanes if lane.over and not lane.written.is_set()]  # nothing comes after that
            for lane in lanes:
                lane.written_bytes += files.write(lane.service, lane.waiting)
            if not files.in_place:
                self.stopped = _GONE
                return
            now = time.monotonic()
            if ending or now - synced >= upkeep.sync_every_s:
                files.sync()
                synced = now
            retention = self._retention
            if retention is not None and (now >= limit_due or (ending and not was_checked)):  # at once it has no size
                limit_due, was_checked = now + RETENTION_EVERY_S, True
                if not retention.enforce(files.folder, files.size):
                    self.stopped = f"it exceeds the limit on all recordings ({retention.limit_bytes >> 20} MB)"
                    return
            for lane in ending:
                files.finish("", lane.service)
                lane.written.set()
            with self._end:
                self._ended = all(lane.written.is_set() for lane in self._lanes)
            if self._ended:
                return


def _reason(error: Exception) -> str:
    if not isinstance(error, OSError):
        return f"a bug of stt-monitor ({type(error).__name__}: {error})"
    if isinstance(error, FileNotFoundError):  # just now: while something was being written
        return _GONE
    return "the disk is full" if error.errno in _FULL else f"the disk failed ({(error.strerror or 'unknown').lower()})"
