"""Keeps a session while it happens: a thread of its own writes, and the session never waits for it."""

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
    sync_names,
    this_platform,
    write_manifest,
)
from stt_monitor.recording.retention import Room, delete

WRITE_EVERY_S: Final = 0.25
"""What happened is in the file, and safe from `kill -9`, after this long."""

SYNC_EVERY_S: Final = 0.75
"""What is in the file is on the disk, and safe from a power cut, after this much more, before the second is over."""

ROOM_EVERY_S: Final = 10.0
"""How often it is looked whether the limit on the size of all recordings is kept."""

BACKLOG_BYTES: Final = 64 << 20
"""What may wait for a disk that hangs: half an hour of 16-bit audio at 16 kHz."""

ENTRY_BYTES: Final = 200
"""What an entry is taken to weigh while it waits, besides its text."""

PATIENCE_S: Final = 5.0
"""How long the end of a session waits for a disk that hangs."""

Item = Entry | tuple[int, bytes]
"""An entry, or audio and its position."""

_HANGS: Final = "the disk takes nothing any more"
_NAME_CHARACTERS: Final = 40
_FULL: Final = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class Recorder:
    """An `Observer` that keeps one session in a folder of its own.

    Whatever goes wrong ends the recording, never the session; `state` says so.
    """

    def __init__(self, directory: Path, limit_bytes: int) -> None:
        """Prepare to record.

        Args:
            directory: holds the recordings; it is made if need be.
            limit_bytes: what all recordings in it may take; the oldest are deleted to keep to it.
        """
        self._room = Room(directory, limit_bytes)
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
        """How it goes; None before the first audio, for a session without any is not kept."""
        if not (self._heard or self._stopped):
            return None
        return RecordingState(legible(str(self._folder or self._directory)), self._stopped, self._room.deleted)

    def entered(self, entry: Entry) -> None:
        """Take an entry to be written."""
        if isinstance(entry, Began):
            self._begin(entry)
        elif not self._stopped:
            self._put(entry)

    def heard(self, position: int, data: bytes) -> None:
        """Take audio to be written."""
        if not self._stopped:
            self._heard = True
            self._put((position, data))

    def close(self) -> None:
        """Wait until all is written, `PATIENCE_S` at most. Idempotent."""
        self._over.set()
        if self._writer is not None:
            self._writer.join(PATIENCE_S)
            if self._writer.is_alive():
                self._stopped = self._stopped or _HANGS

    def _put(self, item: Item) -> None:
        self._taken_bytes += _weight(item)
        if self._taken_bytes - self._written_bytes > BACKLOG_BYTES:
            self._stopped = _HANGS
            return
        self._waiting.append(item)

    def _begin(self, began: Began) -> None:
        """Make the folder, which is quick and shows at once what is wrong with the place; the thread does the rest."""
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
            with closing(_Pen(folder, began)) as pen:
                try:
                    self._write(pen)
                except Exception as error:  # noqa: BLE001  the user is told whatever it is, and the manifest too
                    self._stopped = _reason(error)
                pen.finish(self._stopped)
        except Exception as error:  # noqa: BLE001  as above
            self._stopped = self._stopped or _reason(error)
        self._waiting.clear()
        if not (self._heard or self._stopped) or not (folder / MANIFEST).exists():
            delete(folder)

    def _write(self, pen: "_Pen") -> None:
        synced = looked = -ROOM_EVERY_S
        while not self._stopped:
            over = self._over.wait(WRITE_EVERY_S)
            self._written_bytes += pen.write(self._waiting)
            if not pen.in_place:
                self._stopped = "its files were deleted, or moved away"
                return
            now = time.monotonic()
            if over or now - synced >= SYNC_EVERY_S:
                pen.sync()
                synced = now
            if now - looked >= ROOM_EVERY_S:
                looked = now
                if not self._room.make(pen.folder, pen.size):
                    self._stopped = f"it is larger than all recordings may be ({self._room.limit_bytes >> 20} MB)"
            if over:
                return


class _Pen:
    """The files of one recording. Every method raises OSError when the disk does not do it."""

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
            write_manifest(folder, self._manifest)  # last: what has one can be read, even if the power goes just now
            sync_names(folder.parent)
            opened.pop_all()

    @property
    def size(self) -> int:
        """Bytes in the folder, but for the manifest."""
        return self._events_size + self._wav.size

    @property
    def in_place(self) -> bool:
        """Whether the files are where they were made: what is written to a file that was deleted is nowhere."""
        return all((self.folder / name).exists() for name in (EVENTS, AUDIO))

    def write(self, waiting: deque[Item]) -> int:
        """Write all that waits now, not what comes meanwhile; returns how much room it had taken.

        What comes before an entry that cannot be written down is written.
        """
        lines = bytearray()
        audio = []
        size = 0
        try:
            for _ in range(len(waiting)):
                item = waiting.popleft()
                size += _weight(item)
                if isinstance(item, tuple):
                    audio.append(item)
                else:
                    self._learn(item)
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
        """Have the disk keep it."""
        os.fsync(self._events.fileno())
        self._wav.sync()

    def finish(self, stopped: str) -> None:
        """Complete header and manifest; `stopped` says why recording ended before the session, if it did."""
        self._wav.flush()
        write_manifest(self.folder, msgspec.structs.replace(self._manifest, ended=stopped or self._manifest.ended))

    def close(self) -> None:
        """Close the files."""
        self._events.close()
        self._wav.close()

    def _learn(self, entry: Entry) -> None:
        """Note what belongs into the manifest."""
        if isinstance(entry, Addressed):
            session = msgspec.structs.replace(self._manifest.session, url=entry.url)
            self._rewrite(session.heard_locally() if entry.local else session)
        elif isinstance(entry, ConnectionChanged) and entry.local and not self._manifest.session.server:
            self._rewrite(self._manifest.session.heard_locally())
        elif isinstance(entry, Finished):
            self._manifest = msgspec.structs.replace(
                self._manifest, ended=FINISHED, seconds=entry.at, turns=entry.turns
            )

    def _rewrite(self, session: SessionRecord) -> None:
        self._manifest = msgspec.structs.replace(self._manifest, session=session)
        write_manifest(self.folder, self._manifest)


def _weight(item: Item) -> int:
    if isinstance(item, tuple):
        return len(item[1])
    return ENTRY_BYTES + (len(item.text) if isinstance(item, Received) else 0)


def _make_folder(directory: Path, began: Began) -> Path:
    """Make a folder named after the time and the source; raises OSError when it cannot."""
    at = local(began.session.started_at)
    assert at is not None, "the session has written it down itself"
    source = re.sub(r"[^\w]+", "-", Path(began.session.source).stem).strip("-_")[:_NAME_CHARACTERS]
    name = f"{at:%Y-%m-%d_%H-%M-%S}_{source}".rstrip("_")
    for number in count(1):
        folder = directory / (name if number == 1 else f"{name}_{number}")
        with suppress(FileExistsError):
            folder.mkdir()
            return folder
    raise AssertionError("one of so many names is free")


def _reason(error: Exception) -> str:
    if not isinstance(error, OSError):
        return f"a bug of stt-monitor ({type(error).__name__}: {error})"
    return "the disk is full" if error.errno in _FULL else f"the disk failed ({(error.strerror or 'unknown').lower()})"
