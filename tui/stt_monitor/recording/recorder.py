"""Records a session while it runs: a thread of its own writes; the session never waits for the disk."""

import errno
import io
import os
import re
import threading
import time
from collections import deque
from contextlib import ExitStack, closing, suppress
from itertools import count
from pathlib import Path
from typing import Final

import msgspec

from stt_monitor.audio.formats import AudioFormat, Encoding
from stt_monitor.core.journal import Addressed, Began, ConnectionChanged, Entry, Finished, Received
from stt_monitor.core.records.session import RecordingState, SessionRecord
from stt_monitor.core.text.moments import local
from stt_monitor.core.text.sanitize import legible
from stt_monitor.recording.growing_wav import GrowingWav, stored_encoding, write_all
from stt_monitor.recording.lock import lock
from stt_monitor.recording.manifest import (
    AUDIO,
    EVENTS,
    FINISHED,
    MANIFEST,
    Manifest,
    StoredAudio,
    sync_folder,
    this_platform,
    write_manifest,
)
from stt_monitor.recording.retention import Retention, delete

WRITE_EVERY_S: Final = 0.25
"""An entry is in the file, and survives `kill -9`, after this long."""

SYNC_EVERY_S: Final = 0.75
"""It is on the disk, and survives a power cut, this much later: within a second in all."""

RETENTION_EVERY_S: Final = 10.0
"""How often the size limit on all recordings is enforced."""

BACKLOG_BYTES: Final = 64 << 20
"""Most that may wait for a hanging disk: half an hour of 16-bit audio at 16 kHz."""

ENTRY_BYTES: Final = 200
"""Estimated memory of a waiting entry, its text aside."""

CLOSE_TIMEOUT_S: Final = 5.0
"""How long the end of a session waits for a hanging disk."""

Item = Entry | tuple[int, bytes]
"""An entry, or audio with its position."""

_HANGS: Final = "the disk does not respond"
_NAME_CHARACTERS: Final = 40
_GONE: Final = "its files were deleted, or moved away"
_FULL: Final = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class Recorder:
    """`Observer` that records one session into a folder of its own.

    A failure ends the recording, never the session; `state` says why.
    """

    def __init__(self, directory: Path, limit_bytes: int) -> None:
        """Prepare to record.

        Args:
            directory: holds the recordings; created where missing.
            limit_bytes: limit on the size of all recordings in it; the oldest are deleted.
        """
        self._retention = Retention(directory, limit_bytes)
        self._directory = directory
        self._folder: Path | None = None
        self._stopped = ""
        self._heard = False
        self._waiting: deque[Item] = deque()
        self._taken_bytes = 0  # counted by the session's thread
        self._written_bytes = 0  # counted by the writer
        self._over = threading.Event()
        self._writer: threading.Thread | None = None

    @property
    def state(self) -> RecordingState | None:
        """State of the recording; None before the first audio: a session without audio is not saved."""
        if not (self._heard or self._stopped):
            return None
        return RecordingState(legible(str(self._folder or self._directory)), self._stopped, self._retention.deleted)

    def on_entry(self, entry: Entry) -> None:
        """Queue an entry for writing."""
        if isinstance(entry, Began):
            self._begin(entry)
        elif not self._stopped:
            self._enqueue(entry)

    def on_audio(self, position: int, data: bytes) -> None:
        """Queue audio for writing."""
        if not self._stopped:
            self._heard = True
            self._enqueue((position, data))

    def close(self) -> None:
        """Wait until all is written, `CLOSE_TIMEOUT_S` at most. Idempotent."""
        self._over.set()
        if self._writer is not None:
            self._writer.join(CLOSE_TIMEOUT_S)
            if self._writer.is_alive():
                self._stopped = self._stopped or _HANGS

    def _enqueue(self, item: Item) -> None:
        self._taken_bytes += _memory(item)
        if self._taken_bytes - self._written_bytes > BACKLOG_BYTES:
            self._stopped = _HANGS
            return
        self._waiting.append(item)

    def _begin(self, began: Began) -> None:
        """Create the folder, which is quick and fails at once where it must; the thread does the rest."""
        try:
            self._directory.mkdir(parents=True, exist_ok=True)
            self._folder = _make_folder(self._directory, began)
        except Exception as error:  # noqa: BLE001  the session goes on, whatever it is
            self._stopped = _reason(error)
            return
        self._writer = threading.Thread(target=self._run, args=(self._folder, began), name="recorder", daemon=True)
        self._writer.start()

    def _run(self, folder: Path, began: Began) -> None:
        try:
            with closing(_Files(folder, began)) as files:
                try:
                    self._write(files)
                except Exception as error:  # noqa: BLE001  any failure goes to the user and into the manifest
                    self._stopped = _reason(error)
                files.finish(self._stopped)
        except Exception as error:  # noqa: BLE001  as above
            self._stopped = self._stopped or _reason(error)
        self._waiting.clear()
        if not (self._heard or self._stopped) or not (folder / MANIFEST).exists():
            delete(folder)

    def _write(self, files: "_Files") -> None:
        synced = enforced = -RETENTION_EVERY_S
        while not self._stopped:
            over = self._over.wait(WRITE_EVERY_S)
            self._written_bytes += files.write(self._waiting)
            if not files.in_place:
                self._stopped = _GONE
                return
            now = time.monotonic()
            if over or now - synced >= SYNC_EVERY_S:
                files.sync()
                synced = now
            if now - enforced >= RETENTION_EVERY_S:
                enforced = now
                if not self._retention.enforce(files.folder, files.size):
                    self._stopped = f"it exceeds the limit on all recordings ({self._retention.limit_bytes >> 20} MB)"
            if over:
                return


class _Files:
    """The files of one recording. Methods raise OSError when the disk fails."""

    def __init__(self, folder: Path, began: Began) -> None:
        session = began.session
        sent = AudioFormat(Encoding(session.encoding), session.sample_rate)
        self.folder = folder
        stored = StoredAudio(stored_encoding(sent.encoding).value, sent.sample_rate)
        self._manifest = Manifest(session, stored, platform=this_platform())
        self._encoder = msgspec.json.Encoder()
        with ExitStack() as opened:
            self._events = opened.enter_context(io.FileIO(folder / EVENTS, "x"))
            lock(self._events)
            self._events_size = 0
            self._wav = opened.enter_context(closing(GrowingWav(folder / AUDIO, sent)))
            self.write(deque([began]))
            self.sync()
            write_manifest(folder, self._manifest)  # last: a folder with a manifest is readable, even after a power cut
            sync_folder(folder.parent)
            opened.pop_all()

    @property
    def size(self) -> int:
        """Bytes in the folder, without the manifest."""
        return self._events_size + self._wav.size

    @property
    def in_place(self) -> bool:
        """Whether the files still exist: writing to a deleted file saves nothing."""
        return all((self.folder / name).exists() for name in (EVENTS, AUDIO))

    def write(self, waiting: deque[Item]) -> int:
        """Write the items that wait now; return their estimated memory in bytes.

        Items before one that cannot be encoded are written.
        """
        lines = bytearray()
        audio = []
        size = 0
        try:
            for _ in range(len(waiting)):
                item = waiting.popleft()
                size += _memory(item)
                if isinstance(item, tuple):
                    audio.append(item)
                else:
                    self._update_manifest(item)
                    lines += self._encoder.encode(item)
                    lines += b"\n"
        finally:
            write_all(self._events, lines)
            self._events_size += len(lines)
            for position, data in audio:
                self._wav.write(position, data)
            self._wav.flush()
        return size

    def sync(self) -> None:
        """Flush to the disk."""
        os.fsync(self._events.fileno())
        self._wav.sync()

    def finish(self, stopped: str) -> None:
        """Complete header and manifest; `stopped`: why recording ended before the session, if it did."""
        self._wav.flush()
        write_manifest(self.folder, msgspec.structs.replace(self._manifest, ended=stopped or self._manifest.ended))

    def close(self) -> None:
        """Close the files."""
        self._events.close()
        self._wav.close()

    def _update_manifest(self, entry: Entry) -> None:
        """Update the manifest from an entry."""
        if isinstance(entry, Addressed):
            session = msgspec.structs.replace(self._manifest.session, url=entry.url)
            self._replace_session(session.with_local_server() if entry.local else session)
        elif isinstance(entry, ConnectionChanged) and entry.local and not self._manifest.session.server:
            self._replace_session(self._manifest.session.with_local_server())
        elif isinstance(entry, Finished):
            self._manifest = msgspec.structs.replace(
                self._manifest, ended=FINISHED, seconds=entry.at, turns=entry.turns
            )

    def _replace_session(self, session: SessionRecord) -> None:
        self._manifest = msgspec.structs.replace(self._manifest, session=session)
        write_manifest(self.folder, self._manifest)


def _memory(item: Item) -> int:
    if isinstance(item, tuple):
        return len(item[1])
    return ENTRY_BYTES + (len(item.text) if isinstance(item, Received) else 0)


def _make_folder(directory: Path, began: Began) -> Path:
    """Create a folder named after time and source; raises OSError when it cannot."""
    at = local(began.session.started_at)
    assert at is not None, "the session wrote this time itself"
    source = re.sub(r"[^\w]+", "-", Path(began.session.source).stem).strip("-_")[:_NAME_CHARACTERS]
    name = f"{at:%Y-%m-%d_%H-%M-%S}_{source}".rstrip("_")
    for number in count(1):
        folder = directory / (name if number == 1 else f"{name}_{number}")
        with suppress(FileExistsError):
            folder.mkdir()
            return folder
    raise AssertionError("some number is free")


def _reason(error: Exception) -> str:
    if not isinstance(error, OSError):
        return f"a bug of stt-monitor ({type(error).__name__}: {error})"
    if isinstance(error, FileNotFoundError):  # just now: while something was being written
        return _GONE
    return "the disk is full" if error.errno in _FULL else f"the disk failed ({(error.strerror or 'unknown').lower()})"
