"""Facts about audio files that libsndfile ignores: where joined recordings begin, and their stated length."""

import mmap
import re
from pathlib import Path
from typing import BinaryIO, Final

import msgspec

from stt_monitor.audio.wav_overlay import find_data

_OGG_HEADER: Final = 27
_FIRST_PAGE: Final = 2
_LATE_START_S: Final = 10.0
"""A stream whose first page ends later than this was cut out of a longer one."""
_RATE_EXPONENT: Final = 16383
"""Exponent of 1 in an 80-bit float."""
_AU_WIDTHS: Final = {1: 1, 2: 1, 3: 2, 4: 3, 5: 4, 6: 4, 7: 8, 27: 1}
"""Bytes per sample, by encoding number."""
_AU_UNKNOWN: Final = 0xFFFF_FFFF
_FLAC_BEGINS: Final = re.compile(rb"fLaC[\x00\x80]\x00\x00\x22")
"""The marker and the first block, of 34 bytes: long enough that no audio data matches."""
_MP3_TAG: Final = re.compile(rb"\xff[\xe2-\xff].{7,38}?(?:Xing|Info)(?=\x00\x00\x00)", re.DOTALL)
"""The frame in front that counts the others."""
_HAS_FRAMES, _HAS_BYTES = 1, 2
_ID3_HEADER: Final = 10
_ID3V1: Final = 128
_MOST_TAGS: Final = 1 << 20
"""Bytes of tags after the audio (lyrics, replay gain) that are no second recording."""


class Container(msgspec.Struct, frozen=True):
    """Contents of an audio file."""

    parts: tuple[tuple[int, int], ...]
    """Byte ranges of its recordings: more than one where files were joined."""
    stated_s: float | None = None
    """Length in seconds that its header states, where libsndfile goes by the data."""
    truncated: bool = False
    """Whether it ends in the middle of a page, with an unknown rest missing."""


def read_container(path: Path) -> Container:
    """Read the container of an audio file of any format.

    Raises:
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        size = path.stat().st_size
        start = file.read(4)
        if start == b"OggS":
            return _ogg(file, size)
        if start == b"fLaC":
            with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
                return Container(_between([found.start() for found in _FLAC_BEGINS.finditer(content)] or [0], size))
        if start[:3] == b"ID3" or (start[:1] == b"\xff" and start[1:2] >= b"\xe0"):
            return Container(_mp3_parts(file, size))
        says_length = {b"RIFF": _wav_seconds, b"RF64": _wav_seconds, b"FORM": _aiff_seconds, b".snd": _au_seconds}
        seconds = says_length[start](file) if start in says_length else None
    return Container(((0, size),), stated_s=seconds)


def _between(starts: list[int], size: int) -> tuple[tuple[int, int], ...]:
    return tuple(zip(starts, [*starts[1:], size], strict=True))


def _ogg(file: BinaryIO, size: int) -> Container:
    """Walk the pages (RFC 3533): a first page after later pages begins the next stream of a chain."""
    starts, at, in_head = [0], 0, True
    seconds, clock, last = 0.0, None, 0
    while at < size:
        file.seek(at)
        header = file.read(_OGG_HEADER)
        is_page = len(header) == _OGG_HEADER and header[:4] == b"OggS"
        lengths = file.read(header[26]) if is_page else b""
        following = at + _OGG_HEADER + len(lengths) + sum(lengths)
        if not is_page or following > size:
            return Container(_between(starts, size), truncated=True)
        is_first = bool(header[5] & _FIRST_PAGE)
        if is_first and not in_head:
            starts.append(at)
            seconds += 0.0 if clock is None else clock.seconds(last)
            clock, last = None, 0
        if is_first and clock is None:
            clock = _ogg_clock(file.read(sum(lengths)))
        position = int.from_bytes(header[6:14], "little", signed=True)
        if not is_first and clock is not None and last == 0 and clock.seconds(position) > _LATE_START_S:
            clock = None  # cut out of a longer stream, whose start is unknown
        last = max(last, position)
        in_head = is_first
        at = following
    seconds += 0.0 if clock is None else clock.seconds(last)
    return Container(_between(starts, size), stated_s=seconds)


class _OggClock(msgspec.Struct, frozen=True):
    """Unit of page positions."""

    rate: int
    skipped: int = 0

    def seconds(self, position: int) -> float:
        return max(0, position - self.skipped) / self.rate


def _ogg_clock(head: bytes) -> _OggClock | None:
    """Read the first packet of a stream; None unless Vorbis or Opus."""
    if head.startswith(b"\x01vorbis") and any(head[12:16]):
        return _OggClock(int.from_bytes(head[12:16], "little"))
    if head.startswith(b"OpusHead"):
        return _OggClock(48_000, int.from_bytes(head[10:12], "little"))
    return None


def _wav_seconds(file: BinaryIO) -> float | None:
    data = find_data(file)
    return None if data is None else data.stated_s


def _aiff_seconds(file: BinaryIO) -> float | None:
    file.seek(12)
    while len(header := file.read(8)) == 8:  # noqa: PLR2004  a chunk's name and its length
        length = int.from_bytes(header[4:], "big")
        if header[:4] == b"COMM":
            content = file.read(18)
            exponent, mantissa = (int.from_bytes(content[at:to], "big") for at, to in ((8, 10), (10, 18)))
            if not (mantissa and _RATE_EXPONENT <= exponent < _RATE_EXPONENT + 32):  # an 80-bit float from 1 to 2^32
                return None
            rate = mantissa * 2.0 ** (exponent - _RATE_EXPONENT - 63)
            return int.from_bytes(content[2:6], "big") / rate
        file.seek(length + length % 2, 1)
    return None


def _au_seconds(file: BinaryIO) -> float | None:
    file.seek(8)
    length, encoding, rate, channels = (int.from_bytes(file.read(4), "big") for _ in range(4))
    bytes_per_second = _AU_WIDTHS.get(encoding, 0) * rate * channels
    return length / bytes_per_second if length < _AU_UNKNOWN and bytes_per_second else None


def _mp3_parts(file: BinaryIO, size: int) -> tuple[tuple[int, int], ...]:
    """Return the parts with a stated size; without one, libsndfile reads to the end of the file."""
    starts = [0]
    while (end := _mp3_end(file, starts[-1])) is not None and end < size - _ID3V1:
        file.seek(end)
        head = file.read(4)
        if not (head[:3] == b"ID3" or (head[:1] == b"\xff" and head[1:2] >= b"\xe0")):
            break  # tags, or something else that is no audio
        starts.append(end)
    return _between(starts, size)


def _mp3_end(file: BinaryIO, at: int) -> int | None:
    file.seek(at)
    head = file.read(_ID3_HEADER)
    if head[:3] == b"ID3" and len(head) == _ID3_HEADER:
        at += _ID3_HEADER + sum((byte & 127) << shift for byte, shift in zip(head[6:], (21, 14, 7, 0), strict=True))
    file.seek(at)
    found = _MP3_TAG.match(file.read(64))
    if found is None:
        return None
    file.seek(at + found.end())
    fields = file.read(12)
    flags = int.from_bytes(fields[:4], "big")
    if not flags & _HAS_BYTES:
        return None
    place = 8 if flags & _HAS_FRAMES else 4
    length = int.from_bytes(fields[place : place + 4], "big")
    return at + length if length else None
