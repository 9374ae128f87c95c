"""WAV files with wrong lengths: written to a pipe, or copied in part."""

import io
from pathlib import Path
from typing import BinaryIO, Final

import msgspec

_CHUNK_HEADER: Final = 8
"""Bytes before a chunk's content: its name and a 32-bit length."""
_FIRST_CHUNK: Final = 12
"""Offset of the first chunk: after `RIFF`, a length and `WAVE`."""
_MOST_CHUNKS: Final = 1000
"""No sensible file has more chunks than this before its audio."""
_UNKNOWN: Final = 0x7FFF_0000
"""Programs that do not know the length write values from here on: 0x7FFFFFFF less a header, or 0xFFFFFFFF."""
_LARGEST: Final = 0xFFFF_FFFF
"""Larger lengths need RF64."""


class WavData(msgspec.Struct, frozen=True):
    """The audio in a WAV: its stated length, and the bytes present."""

    length_at: int
    """Byte offset of the length field."""
    length: int
    bytes_per_second: int
    present: int
    """Bytes from its start to the end of the file."""
    whole: int | None = None
    """Stated length of the WAV, less its first 8 bytes; None where it is not known."""

    @property
    def is_unfilled(self) -> bool:
        """Whether the length is 0 although audio follows. libsndfile copes with other wrong lengths."""
        return self.length == 0 and self.present > 0

    @property
    def stated_s(self) -> float | None:
        """Seconds that the header states; None when it does not."""
        known = self.length > 0 and not _UNKNOWN <= self.length <= _LARGEST and self.bytes_per_second > 0
        return self.length / self.bytes_per_second if known else None


def find_data(file: BinaryIO, start: int = 0) -> WavData | None:
    """Find the audio in the WAV that starts at a byte of a file; None when it is no WAV, or has no audio.

    Raises:
        OSError: the file cannot be read.
    """
    file.seek(start)
    head = file.read(_FIRST_CHUNK)
    if head[:4] not in (b"RIFF", b"RF64") or head[8:] != b"WAVE":
        return None
    bytes_per_second = large = 0
    whole = int.from_bytes(head[4:8], "little")
    for _ in range(_MOST_CHUNKS):
        header = file.read(_CHUNK_HEADER)
        if len(header) < _CHUNK_HEADER:
            return None
        length = int.from_bytes(header[4:], "little")
        at = file.tell()
        match header[:4]:
            case b"data":
                follows = file.seek(0, io.SEEK_END) - at
                known = 0 < whole < _UNKNOWN or whole > _LARGEST or large > 0
                return WavData(at - 4, large or length, bytes_per_second, follows, whole if known else None)
            case b"fmt ":
                content = file.read(14)  # tag, channels, rate, bytes per second (which some leave out), bytes per frame
                bytes_per_second = int.from_bytes(content[4:8], "little") * int.from_bytes(content[12:], "little")
            case b"ds64":
                content = file.read(16)
                whole, large = (int.from_bytes(content[at : at + 8], "little") for at in (0, 8))
        file.seek(at + length + length % 2)
    return None


class PartOfFile(io.FileIO):
    """A read-only part of a file as a file, with `patch` in place of the bytes at `patched_at`."""

    def __init__(self, path: Path, part: tuple[int, int], patched_at: int = 0, patch: bytes = b"") -> None:
        super().__init__(path, "rb")
        self._start, self._end = part
        self._patched_at = patched_at
        self._patch = patch
        self.seek(0)

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        """Move to a position within the part, and return it."""
        base = {io.SEEK_SET: self._start, io.SEEK_CUR: self._start + self.tell(), io.SEEK_END: self._end}[whence]
        return super().seek(max(self._start, base + offset)) - self._start

    def tell(self) -> int:
        """Return the position within the part."""
        return super().tell() - self._start

    def readinto(self, buffer: bytearray | memoryview, /) -> int | None:  # type: ignore[override]  # narrower buffers
        """Read into `buffer`; return the number of bytes."""
        start = self.tell()
        view = memoryview(buffer)[: max(0, self._end - self._start - start)]
        count = super().readinto(view) or 0
        low, high = max(start, self._patched_at), min(start + count, self._patched_at + len(self._patch))
        if low < high:
            view[low - start : high - start] = self._patch[low - self._patched_at : high - self._patched_at]
        return count
