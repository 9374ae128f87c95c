"""WAV files as programs write them into a pipe: lengths that nobody went back to fill in."""

import io
from pathlib import Path
from typing import Final

_CHUNK_HEADER: Final = 8
"""Bytes before a chunk's content: four letters and a 32-bit length."""
_FIRST_CHUNK: Final = 12
"""Where the first chunk begins: behind `RIFF`, a length and `WAVE`."""
_MOST_CHUNKS: Final = 1000
"""More chunks than this before the sound make no sensible file."""


def unfilled_length(path: Path) -> int | None:
    """Find the length field of a WAV's sound when it says 0 although sound follows.

    A length of 0xFFFFFFFF, and one beyond the end of the file, libsndfile understands by itself; 0 it believes.

    Returns:
        The byte offset of that field, or None when the file is no WAV or its length is in order.

    Raises:
        OSError: the file cannot be opened or read.
    """
    with path.open("rb") as file:
        head = file.read(_FIRST_CHUNK)
        if head[:4] != b"RIFF" or head[8:] != b"WAVE":
            return None
        for _ in range(_MOST_CHUNKS):
            header = file.read(_CHUNK_HEADER)
            if len(header) < _CHUNK_HEADER:
                return None
            length = int.from_bytes(header[4:], "little")
            if header[:4] == b"data":
                at = file.tell()
                follows = file.seek(0, io.SEEK_END) > at
                return at - 4 if length == 0 and follows else None
            file.seek(length + length % 2, io.SEEK_CUR)
    return None


class OverlaidFile(io.FileIO):
    """A file, read-only, that shows `patch` in place of its own bytes at `offset`."""

    def __init__(self, path: Path, offset: int, patch: bytes) -> None:
        super().__init__(path, "rb")
        self._offset = offset
        self._patch = patch

    def readinto(self, buffer: bytearray | memoryview, /) -> int | None:  # type: ignore[override]  # narrower buffers
        """Fill `buffer` and return how many bytes it took."""
        start = self.tell()
        count = super().readinto(buffer) or 0
        low, high = max(start, self._offset), min(start + count, self._offset + len(self._patch))
        if low < high:
            memoryview(buffer)[low - start : high - start] = self._patch[low - self._offset : high - self._offset]
        return count
