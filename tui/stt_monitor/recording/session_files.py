"""The files of a saved session while it is written; all methods raise OSError when the disk fails."""

import io
import os
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Final, Protocol

import msgspec

from stt_monitor.audio.formats import AudioFormat, Encoding
from stt_monitor.core.journal import Addressed, Began, ConnectionChanged, Entry, Finished, Received
from stt_monitor.core.records.session import SessionRecord
from stt_monitor.recording.growing_wav import GrowingWav, stored_encoding, write_all
from stt_monitor.recording.lock import lock
from stt_monitor.recording.manifest import (
    AUDIO,
    COMMON_AUDIO,
    EVENTS,
    FINISHED,
    GroupManifest,
    Manifest,
    StoredAudio,
    sync_folder,
    this_platform,
    write_manifest,
)

ENTRY_BYTES: Final = 200
"""Estimated memory of a waiting entry, its text aside."""

Item = Entry | tuple[int, bytes]
"""An entry, or audio with its position."""


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
        open_sound: "Callable[[SessionFiles], Sound]",
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


class SavedFiles:
    """The files of a saved session: of one service in the folder itself, of several in a folder each."""

    def __init__(self, folder: Path, services: Sequence[str]) -> None:
        """Prepare to write.

        Args:
            folder: an empty one.
            services: those side by side, in order; empty for one alone.
        """
        self.folder = folder
        self._services = tuple(services)
        self._sessions: dict[str, SessionFiles] = {}
        self._common: GrowingWav | None = None
        self._common_format: AudioFormat | None = None

    @property
    def size(self) -> int:
        """Bytes in the folder, without manifests."""
        common = 0 if self._common is None else self._common.size
        return common + sum(files.size for files in self._sessions.values())

    @property
    def in_place(self) -> bool:
        """Whether the files still exist."""
        return all(files.in_place for files in self._sessions.values())

    def write(self, service: str, waiting: deque[Item]) -> int:
        """Write what waits of one service, as `SessionFiles.write` does; its first entry makes its files."""
        files = self._sessions.get(service)
        if files is not None:
            return files.write(waiting)
        if not waiting:
            return 0
        began = waiting.popleft()
        assert isinstance(began, Began), "a session begins with this"
        self._sessions[service] = self._begin(service, began)
        return memory_of(began) + self._sessions[service].write(waiting)

    def sync(self) -> None:
        """Flush to the disk."""
        if self._common is not None:
            self._common.sync()
        for files in self._sessions.values():
            if not files.ended:
                files.sync()

    def finish(self, stopped: str, service: str | None = None) -> None:
        """Complete the files of one service, or of all that are not complete yet."""
        for name, files in self._sessions.items():
            if not files.ended and service in (None, name):
                files.finish(stopped)

    def close(self) -> None:
        """Close the files."""
        for files in self._sessions.values():
            files.close()
        if self._common is not None:
            self._common.close()

    def _begin(self, service: str, began: Began) -> SessionFiles:
        sent = AudioFormat(Encoding(began.session.encoding), began.session.sample_rate)
        stored = StoredAudio(stored_encoding(sent.encoding).value, sent.sample_rate)
        if not self._services:
            return SessionFiles(self.folder, began, stored, lambda files: GrowingWav(files.folder / AUDIO, sent))
        if self._common is None:
            self._begin_common(began, sent, stored)
        common = self._common if sent == self._common_format else None
        folder = self.folder / service
        folder.mkdir()
        if common is not None:
            stored = msgspec.structs.replace(stored, file=COMMON_AUDIO)
        return SessionFiles(folder, began, stored, lambda files: _LaneSound(files, common, sent))

    def _begin_common(self, began: Began, sent: AudioFormat, stored: StoredAudio) -> None:
        """Create the common audio, and say what the folder is; locked from the first moment, or others delete it."""
        self._common, self._common_format = GrowingWav(self.folder / AUDIO, sent), sent
        self._common.lock()
        self._common.sync()
        session = began.session
        group = GroupManifest(self._services, session.source, session.started_at, stored, platform=this_platform())
        write_manifest(self.folder, group)
        sync_folder(self.folder.parent)


class _LaneSound:
    """The audio of one of several services: the common one while exactly that is sent, then a file of its own."""

    def __init__(self, files: SessionFiles, common: GrowingWav | None, sent: AudioFormat) -> None:
        self._files = files
        self._common = common
        self._format = sent
        self._own = None if common is not None else GrowingWav(files.folder / AUDIO, sent)

    @property
    def size(self) -> int:
        return 0 if self._own is None else self._own.size

    def write(self, position: int, data: bytes) -> None:
        if self._own is None:
            assert self._common is not None, "there is one of the two"
            if self._common.add(position, data):
                return
            self._own = GrowingWav(self._files.folder / AUDIO, self._format)
            self._own.copy(self._common, position)
            self._own.flush()
            self._own.sync()
            self._files.own_audio()
        self._own.write(position, data)

    def flush(self) -> None:
        for wav in (self._own, self._common):
            if wav is not None:
                wav.flush()

    def sync(self) -> None:
        if self._own is not None:
            self._own.sync()

    def close(self) -> None:
        if self._own is not None:
            self._own.close()


def memory_of(item: Item) -> int:
    """Estimate the memory of an item that waits, bytes."""
    if isinstance(item, tuple):
        return len(item[1])
    return ENTRY_BYTES + (len(item.text) if isinstance(item, Received) else 0)
