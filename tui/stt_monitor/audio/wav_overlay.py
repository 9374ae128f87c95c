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
_ABSURD: Final = 1 << 62
_NOT_KNOWN: Final = b"\xff" * 4
"""Length that libsndfile reads as "up to the end of the file"."""


class WavData(msgspec.Struct, frozen=True):
    """The audio in a WAV: its stated length, and the bytes present."""

    length_at: int
    """Byte offset of the length field."""
    length: int
    bytes_per_second: int
    present: int
    """Bytes from its start to the end of the file."""

    name: bytes = b"RIFF"
    """How the file begins."""

    @property
    def patch(self) -> tuple[int, bytes]:
        """Bytes, and their place in the WAV, without which libsndfile does not read it; it copes with other lengths."""
        if self.name != b"RIFF" and self.stated_s is None:
            return 0, b"RIFF"  # of a length that nobody filled in
        if self.name == b"BW64":
            return 0, b"RF64"  # the same by another name
        return (self.length_at, _NOT_KNOWN) if self.length == 0 and self.present > 0 else (0, b"")

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
    if head[:4] not in (b"RIFF", b"RF64", b"BW64") or head[8:] != b"WAVE":
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
                follows = file.seek(0, io.SEEK_END) - at
                return WavData(at - 4 - start, large or length, bytes_per_second, follows, head[:4])
            case b"fmt ":
                content = file.read(16)  # tag, channels, rate, bytes per second and per frame (both often wrong), bits
                channels, rate, bits = (
                    int.from_bytes(content[at:to], "little") for at, to in ((2, 4), (4, 8), (14, 16))
                )
                bytes_per_second = rate * channels * -(-bits // 8)
            case b"ds64":
                content = file.read(16)
                large = int.from_bytes(content[8:], "little")
                large = large if large < _ABSURD else 0
        file.seek(at + length + length % 2)
    return None


class Part(msgspec.Struct, frozen=True):
    """A recording in a file: a range of its bytes."""

    start: int
    end: int
    head: bytes = b""
    """Bytes to read before them, which the file lacks."""
    patched_at: int = 0
    """Where in the recording the patch is."""
    patch: bytes = b""
    """Bytes to read in place of those there."""


class PartOfFile(io.FileIO):
    """A recording in a file as a read-only file."""

    def __init__(self, path: Path, part: Part) -> None:
        super().__init__(path, "rb")
        self._part = part
        self._size = len(part.head) + part.end - part.start
        self._at = 0

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        """Move to a position within the part, and return it."""
        self._at = max(0, {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence] + offset)
        return self._at

    def tell(self) -> int:
        """Return the position within the part."""
        return self._at

    def readinto(self, buffer: bytearray | memoryview, /) -> int | None:  # type: ignore[override]  # narrower buffers
        """Read into `buffer`; return the number of bytes."""
        part = self._part
        view = memoryview(buffer)[: max(0, self._size - self._at)]
        count = len(head := part.head[self._at : self._at + len(view)])
        view[:count] = head
        start = self._at + count - len(part.head)
        rest = 0
        if start >= 0:
            super().seek(part.start + start)
            rest = super().readinto(view[count:]) or 0
        count += rest
        low, high = max(start, part.patched_at), min(start + rest, part.patched_at + len(part.patch))
        if low < high:
            at = count - rest - start
            view[low + at : high + at] = part.patch[low - part.patched_at : high - part.patched_at]
        self._at += count
        return count
