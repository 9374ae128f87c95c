"""Open the recordings of sessions, and read their entries."""

import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec

from stt_monitor.core.errors import InputError
from stt_monitor.core.journal import Began, CloseSent, Entry, Finished, FramePassed
from stt_monitor.core.settings.requested import decode_hook
from stt_monitor.core.sound.arms import sound_of
from stt_monitor.core.wire_frame import FrameKind
from stt_monitor.recording.lock import is_locked
from stt_monitor.recording.manifest import AUDIO, EVENTS, FORMAT, MANIFEST, Manifest, decoded, services_beside

if TYPE_CHECKING:
    from stt_monitor.audio.formats import AudioFormat

_CLOSE: Final = '{"type":"close"}'

_AFTER_END: Final = "it follows the end of the session"
_SECOND_BEGINNING: Final = "it begins the session a second time"

_BLOCK: Final = 1 << 17
"""Bytes per read."""


class Recording(NamedTuple):
    """An opened recording of one session."""

    path: Path
    """Its folder."""
    manifest: Manifest
    group: str = ""
    """Folder name of the services side by side that it is one of; empty for a session alone."""

    @property
    def name(self) -> str:
        """Folder name, behind that of its group. Not sanitized."""
        return f"{self.group}/{self.path.name}" if self.group else self.path.name

    @property
    def source(self) -> str:
        """Name of the file or microphone, and what degraded it. Not sanitized."""
        return sound_of(self.manifest.session)

    @property
    def started_at(self) -> str:
        """Wall-clock time of its second 0, RFC 3339."""
        return self.manifest.session.started_at

    @property
    def seconds(self) -> float | None:
        """Length of the session; None where the program was killed, or goes on."""
        return self.manifest.seconds

    @property
    def services(self) -> tuple[str, ...]:
        """Empty: it is no group of services side by side."""
        return ()

    @property
    def lanes(self) -> "tuple[Recording, ...]":
        """Itself: it stands for one session."""
        return (self,)

    @property
    def unreadable(self) -> "tuple[Unreadable, ...]":
        """Empty: it can be read."""
        return ()

    @property
    def audio_path(self) -> Path | None:
        """Path of the audio; None where the file is missing."""
        path = self.path / self.manifest.audio.file
        return path if path.is_file() else None

    @property
    def sent_as(self) -> "AudioFormat":
        """Format in which the audio was sent."""
        from stt_monitor.audio.formats import AudioFormat, Encoding  # loads numpy

        return AudioFormat(Encoding(self.manifest.session.encoding), self.manifest.session.sample_rate)

    @property
    def growing(self) -> bool:
        """Whether a program is still writing it."""
        return is_locked(self.path / EVENTS)

    @property
    def size(self) -> int:
        """Bytes in its files, as far as they can be read."""
        return size_of(self.path, (AUDIO, EVENTS, MANIFEST))

    def entries(self) -> Iterator[Entry]:
        """Stream the journal. A last line cut short by a kill or a power cut is skipped.

        Raises:
            InputError: it cannot be read, or is damaged.
        """
        return _with_close_frames(self._read()) if self.manifest.form == 1 else self._read()

    def _read(self) -> Iterator[Entry]:
        path = self.path / EVENTS
        decoder = msgspec.json.Decoder(Entry, dec_hook=decode_hook)
        number, over = 0, False
        try:
            with path.open("rb") as file:
                rest = b""
                while block := file.read(_BLOCK):
                    whole, newline, rest = (rest + block).rpartition(b"\n")
                    sound, hole, _ = (whole + newline).partition(b"\0")
                    lines = _decode(decoder, sound, path, number)
                    for number, entry in enumerate(lines, number + 1):  # noqa: B020  counts on from the last block
                        if over or (number > 1 and isinstance(entry, Began)):
                            raise _damaged(path, number, _AFTER_END if over else _SECOND_BEGINNING)
                        over = isinstance(entry, Finished)
                        yield entry
                    if hole:  # NUL bytes: what a power cut leaves of data that never reached the disk
                        break
        except OSError as error:
            raise InputError(f"{path}: cannot be read ({error.strerror})") from error
        if not number:
            raise InputError(f"{path}: empty; the program was stopped as the session began")


class Unreadable(NamedTuple):
    """A recording that cannot be opened."""

    name: str
    """Folder name. Not sanitized."""
    reason: str
    """A sentence with the path."""
    why: str
    """The same without the path, for where space is short."""


def open_recording(path: Path) -> Recording:
    """Open the recording of one session, be it one of services side by side, by its folder or its manifest.

    Raises:
        InputError: not a recording, damaged, or made by a newer program.
    """
    folder = path.parent if path.name == MANIFEST else path
    return open_in_group(path, folder, _group_of(folder))


def open_in_group(path: Path, folder: Path, group: str) -> Recording:
    """Open the recording in a folder, as `open_recording` does; `group` is known, and `path` what the user named."""
    try:
        raw = (folder / MANIFEST).read_bytes()
    except OSError as error:
        raise InputError(_not_found(path, error)) from error
    try:
        return Recording(folder, decoded(raw, Manifest, FORMAT, path), group)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{folder / MANIFEST}: damaged ({error})") from error


def _group_of(folder: Path) -> str:
    """Return the folder name of the services side by side that a recording is one of; empty if it is alone."""
    folder = folder.absolute()
    return folder.parent.name if folder.name in services_beside(folder.parent) else ""


def size_of(folder: Path, names: Iterable[str]) -> int:
    """Return the bytes in files of a folder, as far as they can be read."""
    size = 0
    for name in names:
        with suppress(OSError):
            size += (folder / name).stat().st_size
    return size


def _not_found(path: Path, error: OSError) -> str:
    listed = "list them with: stt-monitor recordings"
    if isinstance(error, FileNotFoundError) and not os.path.lexists(path):
        return f"no saved session named '{path}'; {listed}"
    if isinstance(error, FileNotFoundError) and path.is_dir():
        return f"{path}: there is no saved session in this folder; {listed}"
    return f"{path}: not a saved session ({MANIFEST} in it: {error.strerror}); {listed}"


def _with_close_frames(entries: Iterator[Entry]) -> Iterator[Entry]:
    """Add the frames that recordings of format 1 leave out."""
    for entry in entries:
        yield entry
        if isinstance(entry, CloseSent):
            yield FramePassed(entry.at, FrameKind.TEXT, sent=True, size=len(_CLOSE), text=_CLOSE)


def _decode(decoder: msgspec.json.Decoder[Entry], lines: bytes, path: Path, before: int) -> list[Entry]:
    try:
        return decoder.decode_lines(lines)
    except (msgspec.DecodeError, UnicodeDecodeError):
        pass
    for number, line in enumerate(lines.splitlines(), before + 1):
        try:
            decoder.decode(line)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise _damaged(path, number, str(error)) from error
    raise AssertionError("lines that cannot be read together can be read one by one")


def _damaged(path: Path, number: int, reason: str) -> InputError:
    return InputError(f"{path}: line {number} is damaged ({reason}); cut the file there to play the rest")
