"""A WAV file that can be read at any moment while it grows."""

import errno
import io
import os
import struct
from pathlib import Path
from typing import Final

import numpy as np

from stt_monitor.audio.formats import AudioFormat, Encoding
from stt_monitor.recording.lock import lock

_TAGS: Final = {
    Encoding.PCM_S16LE: 1, Encoding.PCM_S32LE: 1, Encoding.PCM_F32LE: 3, Encoding.PCM_ALAW: 6, Encoding.PCM_MULAW: 7,
}  # fmt: skip
"""WAVE_FORMAT_PCM, _IEEE_FLOAT, _ALAW, _MULAW."""

HEADER_BYTES: Final = 92
_LARGEST: Final = 0xFFFFFFFF
"""Longer files need 64-bit lengths (RF64, EBU Tech 3306); the header reserves room for them."""
_BLOCK_BYTES: Final = 1 << 20
"""Most bytes to write or copy at once; whole samples of any format."""


def stored_encoding(encoding: Encoding) -> Encoding:
    """Return the encoding in the file: the same, except for 16-bit floats, which WAV has no tag for."""
    return Encoding.PCM_F32LE if encoding is Encoding.PCM_F16LE else encoding


def wav_header(audio_format: AudioFormat, samples: int) -> bytes:
    """Return the header of a mono file of `samples` samples; always `HEADER_BYTES` long."""
    width, rate = audio_format.encoding.bytes_per_sample, audio_format.sample_rate
    size = samples * width
    whole = HEADER_BYTES - 8 + size
    large = whole > _LARGEST
    lengths = struct.pack("<QQQI", whole, size, samples, 0) if large else bytes(28)
    return b"".join(
        (
            struct.pack("<4sI4s", b"RF64" if large else b"RIFF", _LARGEST if large else whole, b"WAVE"),
            struct.pack("<4sI", b"ds64" if large else b"JUNK", len(lengths)) + lengths,
            struct.pack(
                "<4sIHHIIHH", b"fmt ", 16, _TAGS[audio_format.encoding], 1, rate, rate * width, width, 8 * width
            ),
            struct.pack("<4sII", b"fact", 4, min(samples, _LARGEST)),
            struct.pack("<4sI", b"data", _LARGEST if large else size),
        )
    )


class GrowingWav:
    """WAV file written by position, with a header that stays valid. Methods raise OSError when the disk fails."""

    def __init__(self, path: Path, audio_format: AudioFormat) -> None:
        """Create the file; it must not exist yet."""
        self._sent = audio_format.encoding
        self._format = AudioFormat(stored_encoding(audio_format.encoding), audio_format.sample_rate)
        self._width = self._format.encoding.bytes_per_sample
        self._file = io.FileIO(path, "x+")
        self._samples = 0
        self._header_samples = -1
        self.flush()

    @property
    def size(self) -> int:
        """Bytes in the file."""
        return HEADER_BYTES + self._samples * self._width

    def write(self, position: int, data: bytes) -> None:
        """Write whole samples at a position: audio sent again overwrites itself, a gap becomes silence."""
        self._fill(position)
        self._put(position, self._stored(data))

    def add(self, position: int, data: bytes) -> bool:
        """Write what is new of whole samples at a position.

        Returns:
            Whether what the file had there before is the same; where it is not, nothing is written.
        """
        stored = self._stored(data)
        known = min(max(self._samples - position, 0) * self._width, len(stored))
        if self.read(position, known) != stored[:known]:
            return False
        self._fill(position)
        self._put(position + known // self._width, stored[known:])
        return True

    def copy(self, other: "GrowingWav", samples: int) -> None:
        """Take the first samples of another file, which has the same format."""
        while (rest := samples - self._samples) > 0:
            self._put(self._samples, other.read(self._samples, min(rest * self._width, _BLOCK_BYTES)))

    def read(self, position: int, size: int) -> bytes:
        """Read whole samples that were written before, `size` bytes."""
        self._file.seek(HEADER_BYTES + position * self._width)
        pieces = []
        while size > 0:
            piece = self._file.read(size)
            if not piece:
                raise OSError(errno.EIO, "a recording lost what was written to it")
            pieces.append(piece)
            size -= len(piece)
        return b"".join(pieces)

    def flush(self) -> None:
        """Update the header."""
        if self._header_samples != self._samples:
            self._header_samples = self._samples
            self._file.seek(0)
            write_all(self._file, wav_header(self._format, self._samples))

    def sync(self) -> None:
        """Flush to the disk, so that a power cut loses nothing."""
        os.fsync(self._file.fileno())

    def lock(self) -> None:
        """Lock the file until it is closed, as `lock.lock` does."""
        lock(self._file)

    def close(self) -> None:
        """Close the file. Idempotent."""
        self._file.close()

    def _stored(self, data: bytes) -> bytes:
        """Encode samples as they are in the file."""
        return data if self._format.encoding is self._sent else np.frombuffer(data, "<f2").astype("<f4").tobytes()

    def _fill(self, position: int) -> None:
        """Write silence up to a position."""
        while (gap := position - self._samples) > 0:
            gap = min(gap, _BLOCK_BYTES // self._width)
            self._put(self._samples, self._format.encoding.silence(gap))

    def _put(self, position: int, data: bytes) -> None:
        self._file.seek(HEADER_BYTES + position * self._width)
        write_all(self._file, data)
        self._samples = max(self._samples, position + len(data) // self._width)


def write_all(file: io.FileIO, data: bytes | bytearray) -> None:
    """Write all of `data` to an unbuffered file, where one call may write a part.

    Raises:
        OSError: the disk did not take all of it.
    """
    rest = memoryview(data)
    while rest:
        rest = rest[file.write(rest) :]
