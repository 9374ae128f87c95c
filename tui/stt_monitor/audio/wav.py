"""WAV files as programs write them into a pipe, or as a copy that broke off leaves them: lengths that are not so."""

import io
from pathlib import Path
from typing import Final

import msgspec

_CHUNK_HEADER: Final = 8
"""Bytes before a chunk's content: four letters and a 32-bit length."""
_FIRST_CHUNK: Final = 12
"""Where the first chunk begins: behind `RIFF`, a length and `WAVE`."""
_MOST_CHUNKS: Final = 1000
"""More chunks than this before the sound make no sensible file."""
_UNKNOWN: Final = 0x7FFF_0000
"""Lengths from here on are what programs write that do not know it: 0x7FFFFFFF less a header, or 0xFFFFFFFF."""


class WavData(msgspec.Struct, frozen=True):
    """The sound in a WAV: what the header says of it, and what is there."""

    length_at: int
    """Byte offset of the field that says how many bytes it is."""
    length: int
    frame_bytes: int
    follows: int
    """Bytes from its beginning to the end of the file."""

    @property
    def is_unfilled(self) -> bool:
        """Whether the length says 0 although sound follows. Others that are not so libsndfile understands."""
        return self.length == 0 and self.follows > 0

    @property
    def promised_frames(self) -> int | None:
        """How many frames the header promises, if it does."""
        known = 0 < self.length < _UNKNOWN and self.frame_bytes > 0
        return self.length // self.frame_bytes if known else None


def find_data(path: Path) -> WavData | None:
    """Find the sound in a WAV; None when the file is none, or has none.

    Raises:
        OSError: the file cannot be opened or read.
    """
    with path.open("rb") as file:
        head = file.read(_FIRST_CHUNK)
        if head[:4] != b"RIFF" or head[8:] != b"WAVE":
            return None
        frame_bytes = 0
        for _ in range(_MOST_CHUNKS):
            header = file.read(_CHUNK_HEADER)
            if len(header) < _CHUNK_HEADER:
                return None
            length = int.from_bytes(header[4:], "little")
            at = file.tell()
            if header[:4] == b"data":
                return WavData(at - 4, length, frame_bytes, file.seek(0, io.SEEK_END) - at)
            if header[:4] == b"fmt ":
                frame_bytes = int.from_bytes(file.read(14)[12:], "little")
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
