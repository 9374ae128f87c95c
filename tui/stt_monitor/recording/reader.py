"""Recordings on the disk: found, opened, read."""

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec

from stt_monitor.core.errors import InputError
from stt_monitor.core.journal import Began, CloseSent, Entry, Finished, FramePassed
from stt_monitor.core.settings import decode_hook
from stt_monitor.core.wire_frame import FrameKind
from stt_monitor.recording.lock import is_locked
from stt_monitor.recording.manifest import AUDIO, EVENTS, FORMAT, MANIFEST, Manifest

if TYPE_CHECKING:
    from stt_monitor.audio.formats import AudioFormat

_CLOSE: Final = '{"type":"close"}'

_AFTER_END: Final = "the session was over before it"
_SECOND_BEGINNING: Final = "the session begins a second time"

_BLOCK: Final = 1 << 17
"""Bytes that are read at once."""


class Recording(NamedTuple):
    """A recording that can be read."""

    path: Path
    """Its folder."""
    manifest: Manifest

    @property
    def name(self) -> str:
        """Its folder's name. Not cleaned."""
        return self.path.name

    @property
    def audio_path(self) -> Path | None:
        """The audio as it was sent; None when it is not there (any more)."""
        path = self.path / AUDIO
        return path if path.is_file() else None

    @property
    def sent_as(self) -> "AudioFormat":
        """How the audio was sent."""
        from stt_monitor.audio.formats import AudioFormat, Encoding  # loads numpy

        return AudioFormat(Encoding(self.manifest.session.encoding), self.manifest.session.sample_rate)

    @property
    def growing(self) -> bool:
        """Whether it is being written just now."""
        return is_locked(self.path / EVENTS)

    @property
    def size(self) -> int:
        """Bytes in its files, as far as they can be looked at."""
        size = 0
        for name in (AUDIO, EVENTS, MANIFEST):
            with suppress(OSError):
                size += (self.path / name).stat().st_size
        return size

    def entries(self) -> Iterator[Entry]:
        """Read the journal, a little at a time. What a kill or a power cut left of the last line is passed over.

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
                    for number, entry in enumerate(lines, number + 1):  # noqa: B020  it goes on where it was
                        if over or (number > 1 and isinstance(entry, Began)):
                            raise _damaged(path, number, _AFTER_END if over else _SECOND_BEGINNING)
                        over = isinstance(entry, Finished)
                        yield entry
                    if hole:  # a file system's way to say that the power went before the disk had it
                        break
        except OSError as error:
            raise InputError(f"{path}: cannot be read ({error.strerror})") from error
        if not number:
            raise InputError(f"{path}: there is nothing in it yet; the program was stopped as the session began")


class Unreadable(NamedTuple):
    """A folder that has a recording which cannot be opened."""

    name: str
    """The folder's. Not cleaned."""
    reason: str
    """A sentence, with the place."""
    why: str
    """The same without the place, for where there is little room."""


def open_recording(path: Path) -> Recording:
    """Open a recording by its folder (or its manifest).

    Raises:
        InputError: it is none, is damaged, or was made by a newer program.
    """
    folder = path.parent if path.name == MANIFEST else path
    try:
        raw = (folder / MANIFEST).read_bytes()
    except OSError as error:
        raise InputError(f"{path}: this is no recording ({MANIFEST} in it: {error.strerror}); {_CHOOSE}") from error
    try:
        form = msgspec.json.decode(raw, type=_Form).form
        if form > FORMAT:
            raise InputError(
                f"{path}: it was made by a newer stt-monitor (form {form}, this one reads {FORMAT}): upgrade"
            )
        return Recording(folder, msgspec.json.decode(raw, type=Manifest, dec_hook=decode_hook))
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{folder / MANIFEST}: damaged ({error})") from error


def list_recordings(directory: Path) -> list[Recording]:
    """Return the recordings in `directory` that can be opened, as `look_through` does."""
    return look_through(directory)[0]


def look_through(directory: Path) -> tuple[list[Recording], list[Unreadable]]:
    """Open the recordings in `directory`, the oldest first; none where there is no directory.

    Returns:
        Those that can be opened, and those that cannot, by name.

    Raises:
        InputError: it cannot be read.
    """
    found, unreadable = [], []
    try:
        folders = list(directory.iterdir())
    except FileNotFoundError:
        return [], []
    except OSError as error:
        raise InputError(f"{directory}: this folder cannot be read ({error.strerror}); name another") from error
    for folder in folders:
        try:
            found.append(open_recording(folder))
        except InputError as error:
            if any(os.path.lexists(folder / name) for name in (MANIFEST, EVENTS)):
                why = str(error).removeprefix(str(folder)).removeprefix(f"{os.sep}{MANIFEST}").removeprefix(": ")
                unreadable.append(Unreadable(folder.name, str(error), why))
    found.sort(key=lambda recording: recording.manifest.session.started_at)
    return found, sorted(unreadable)


_CHOOSE: Final = "stt-monitor recordings lists those that are kept"


class _Form(msgspec.Struct):
    form: int = FORMAT


def _with_close_frames(entries: Iterator[Entry]) -> Iterator[Entry]:
    """Add what recordings of form 1 do not say of the frames."""
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
