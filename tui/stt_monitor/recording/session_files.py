"""The files of one session while it is written; all methods raise OSError when the disk fails."""

import io
import os
from collections import deque
from collections.abc import Callable
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Final, Protocol

import msgspec

from stt_monitor.core.journal import Addressed, Began, ConnectionChanged, Entry, Finished, Received
from stt_monitor.core.metrics.session_result import SessionResult
from stt_monitor.core.records.session import SessionRecord
from stt_monitor.recording.growing_wav import write_all
from stt_monitor.recording.lock import lock
from stt_monitor.recording.manifest import (
    AUDIO,
    EVENTS,
    FINISHED,
    Manifest,
    StoredAudio,
    sync_folder,
    this_platform,
    write_manifest,
)

ENTRY_BYTES: Final = 200
"""Estimated memory of a waiting entry, its text aside."""

Item = Entry | tuple[int, bytes] | SessionResult
"""An entry, audio with its position, or after the last entry what the session came to."""


class Sound(Protocol):
    """Where the audio of a session goes."""

    def write(self, position: int, data: bytes) -> None:
        """Write whole samples at a position."""

    def flush(self) -> None:
        """Make what was written readable."""

    def sync(self) -> None:
        """Flush it to the disk."""

    def close(self) -> None:
        """Close the file. Idempotent."""

    @property
    def size(self) -> int:
        """Bytes of its own."""


class SessionFiles:
    """The files of one session: journal, audio, manifest."""

    def __init__(
        self,
        folder: Path,
        began: Began,
        audio: StoredAudio,
        open_sound: Callable[["SessionFiles"], Sound],
    ) -> None:
        """Create them in a folder.

        Args:
            folder: an empty one.
            began: the first entry.
            audio: the format of the audio, and where it is.
            open_sound: opens it.
        """
        self.folder = folder
        self.ended = False
        """Whether `finish` was called."""
        self._manifest = Manifest(began.session, audio, platform=this_platform())
        self._encoder = msgspec.json.Encoder()
        with ExitStack() as opened:
            self._events = opened.enter_context(io.FileIO(folder / EVENTS, "x"))
            lock(self._events)
            self._events_size = 0
            self._sound = opened.enter_context(closing(open_sound(self)))
            self.write(deque([began]))
            self.sync()
            write_manifest(folder, self._manifest)  # last: a folder with a manifest is readable, even after a power cut
            sync_folder(folder.parent)
            opened.pop_all()

    @property
    def size(self) -> int:
        """Bytes in the folder, without the manifest."""
        return self._events_size + self._sound.size

    @property
    def in_place(self) -> bool:
        """Whether the files still exist: writing to a deleted file saves nothing."""
        return all((self.folder / name).exists() for name in (EVENTS, self._manifest.audio.file))

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
                size += memory_of(item)
                if isinstance(item, tuple):
                    audio.append(item)
                elif isinstance(item, SessionResult):
                    self._manifest = msgspec.structs.replace(self._manifest, result=item)
                else:
                    self._update_manifest(item)
                    lines += self._encoder.encode(item)
                    lines += b"\n"
        finally:
            try:  # first: the manifest says where the audio is before the journal says that it was sent
                for position, data in audio:
                    self._sound.write(position, data)
                self._sound.flush()
            finally:
                write_all(self._events, lines)
                self._events_size += len(lines)
        return size

    def own_audio(self) -> None:
        """Write down that the audio is in the session's own folder."""
        audio = msgspec.structs.replace(self._manifest.audio, file=AUDIO)
        self._manifest = msgspec.structs.replace(self._manifest, audio=audio)
        write_manifest(self.folder, self._manifest)

    def sync(self) -> None:
        """Flush to the disk."""
        os.fsync(self._events.fileno())
        self._sound.sync()

    def finish(self, stopped: str) -> None:
        """Complete header and manifest; `stopped`: why recording ended before the session, if it did."""
        self.ended = True
        self._sound.flush()
        write_manifest(self.folder, msgspec.structs.replace(self._manifest, ended=stopped or self._manifest.ended))

    def close(self) -> None:
        """Close the files."""
        self._events.close()
        self._sound.close()

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


def memory_of(item: Item) -> int:
    """Estimate the memory of an item that waits, bytes."""
    if isinstance(item, tuple):
        return len(item[1])
    return ENTRY_BYTES + (len(item.text) if isinstance(item, Received) else 0)
