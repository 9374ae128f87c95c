"""The files of a saved session while it is written, of several services too; methods raise OSError."""

from collections import deque
from collections.abc import Sequence
from pathlib import Path

import msgspec

from stt_monitor.audio.formats import AudioFormat, Encoding
from stt_monitor.core.journal import Began
from stt_monitor.recording.growing_wav import GrowingWav, stored_encoding
from stt_monitor.recording.manifest import (
    AUDIO,
    COMMON_AUDIO,
    GroupManifest,
    StoredAudio,
    sync_folder,
    this_platform,
    write_manifest,
)
from stt_monitor.recording.session_files import Item, SessionFiles, memory_of


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
