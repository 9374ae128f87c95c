"""WAV files as programs write them into a pipe, or as a copy that broke off leaves them: lengths that are not so."""

import io
from pathlib import Path
from typing import BinaryIO, Final

import msgspec

_CHUNK_HEADER: Final = 8
"""Bytes before a chunk's content: four letters and a 32-bit length."""
_FIRST_CHUNK: Final = 12
"""Where the first chunk begins: behind `RIFF`, a length and `WAVE`."""
_MOST_CHUNKS: Final = 1000
"""More chunks than this before the sound make no sensible file."""
_UNKNOWN: Final = 0x7FFF_0000
"""Lengths from here on are what programs write that do not know it: 0x7FFFFFFF less a header, or 0xFFFFFFFF."""
_LARGEST: Final = 0xFFFF_FFFF
"""Larger ones are in RF64, a WAV with a chunk for them."""


class WavData(msgspec.Struct, frozen=True):
    """The sound in a WAV: what the header says of it, and what is there."""

    length_at: int
    """Byte offset of the field that says how many bytes it is."""
    length: int
    bytes_per_second: int
    follows: int
    """Bytes from its beginning to the end of the file."""

    @property
    def is_unfilled(self) -> bool:
        """Whether the length says 0 although sound follows. Others that are not so libsndfile understands."""
        return self.length == 0 and self.follows > 0

    @property
    def promised_s(self) -> float | None:
        """How many seconds the header promises, if it does."""
        known = self.length > 0 and not _UNKNOWN <= self.length <= _LARGEST and self.bytes_per_second > 0
        return self.length / self.bytes_per_second if known else None


def find_data(file: BinaryIO) -> WavData | None:
    """Find the sound in a WAV; None when the file is none, or has none.

    Raises:
        OSError: the file cannot be read.
    """
    file.seek(0)
    head = file.read(_FIRST_CHUNK)
    if head[:4] not in (b"RIFF", b"RF64") or head[8:] != b"WAVE":
        return None
    bytes_per_second = large = 0
    for _ in range(_MOST_CHUNKS):
        header = file.read(_CHUNK_HEADER)
        if len(header) < _CHUNK_HEADER:
            return None
        length = int.from_bytes(header[4:], "little")
        at = file.tell()
        match header[:4]:
            case b"data":
                return WavData(at - 4, large or length, bytes_per_second, file.seek(0, io.SEEK_END) - at)
            case b"fmt ":
                content = file.read(14)  # tag, channels, rate, bytes a second (which some leave out), bytes a frame
                bytes_per_second = int.from_bytes(content[4:8], "little") * int.from_bytes(content[12:], "little")
            case b"ds64":
                large = int.from_bytes(file.read(16)[8:], "little")
        file.seek(at + length + length % 2)
    return None


class PartOfFile(io.FileIO):
    """A part of a file, read-only, as if it were a file; with `patch` in place of its own bytes at `patched_at`."""

    def __init__(self, path: Path, part: tuple[int, int], patched_at: int = 0, patch: bytes = b"") -> None:
        super().__init__(path, "rb")
        self._start, self._end = part
        self._patched_at = patched_at
        self._patch = patch
        self.seek(0)

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        """Go to a place within the part, and return it."""
        base = {io.SEEK_SET: self._start, io.SEEK_CUR: self._start + self.tell(), io.SEEK_END: self._end}[whence]
        return super().seek(max(self._start, base + offset)) - self._start

    def tell(self) -> int:
        """Return the place within the part."""
        return super().tell() - self._start

    def readinto(self, buffer: bytearray | memoryview, /) -> int | None:  # type: ignore[override]  # narrower buffers
        """Fill `buffer` and return how many bytes it took."""
        start = self.tell()
        view = memoryview(buffer)[: max(0, self._end - self._start - start)]
        count = super().readinto(view) or 0
        low, high = max(start, self._patched_at), min(start + count, self._patched_at + len(self._patch))
        if low < high:
            view[low - start : high - start] = self._patch[low - self._patched_at : high - self._patched_at]
        return count
