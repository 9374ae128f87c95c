"""Facts about audio files that libsndfile ignores: where joined recordings begin, and their stated length."""

import mmap
import re
from math import isnan, nan
from pathlib import Path
from typing import BinaryIO, Final

import msgspec

from stt_monitor.audio.headers import read_header
from stt_monitor.audio.magic import known_format, mpeg_frame

_OGG_HEADER: Final = 27
_FIRST_PAGE: Final = 2
_LATE_START_S: Final = 10.0
"""A stream whose first page ends later than this was cut out of a longer one."""
_FLAC_BEGINS: Final = re.compile(rb"fLaC[\x00\x80]\x00\x00\x22")
"""The marker and the first block, of 34 bytes: long enough that no audio data matches."""
_MP3_TAG: Final = re.compile(rb"\xff[\xe2-\xff].{7,38}?(?:Xing|Info)(?=\x00\x00\x00)", re.DOTALL)
"""The frame in front that counts the others."""
_HAS_FRAMES, _HAS_BYTES = 1, 2
_LAST_FRAMES: Final = 1 << 14
_FRAMES_IN_A_ROW: Final = 3
"""Fewer may match by chance."""
_TELLS: Final = 4096
"""Bytes that decide the format."""
_BELIEVES_THE_FILE: Final = "W64"
"""Format whose stated length libsndfile ignores."""
_ID3_HEADER: Final = 10
_ID3V1: Final = 128
_MOST_TAGS: Final = 1 << 20
"""Bytes of tags after the audio (lyrics, replay gain) that are no second recording."""


class Container(msgspec.Struct, frozen=True):
    """Contents of an audio file."""

    parts: tuple[tuple[int, int], ...]
    """Byte ranges of its recordings: more than one where files were joined."""
    stated_s: float | None = None
    """Length in seconds that its headers state, where libsndfile goes by the data."""
    truncated: bool = False
    """Whether it ends in the middle of a page or frame, with an unknown rest missing."""
    followed_by: str = ""
    """Format of another recording behind them, which is not read."""


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
            return Container(_mp3_parts(file, size), truncated=_ends_within_frame(file, size))
        return _headed(file, size)


def _between(starts: list[int], size: int) -> tuple[tuple[int, int], ...]:
    return tuple(zip(starts, [*starts[1:], size], strict=True))


def _headed(file: BinaryIO, size: int) -> Container:
    """Walk the headers of joined recordings, as far as they state where they end."""
    file.seek(0)
    kind = known_format(file.read(_TELLS))
    starts, seconds = [0], 0.0
    while (header := read_header(file, starts[-1])) is not None:
        seconds = nan if header.seconds is None else seconds + header.seconds
        if header.end is None or header.end <= starts[-1] or header.end >= size:
            break
        file.seek(header.end)
        head = file.read(_TELLS)
        follows = "" if head.startswith(b"ID3") else known_format(head) or ""
        if follows != kind or not kind:
            end = header.end if kind == _BELIEVES_THE_FILE else size
            return Container(_between(starts, end), _known(seconds), followed_by=follows)
        starts.append(header.end)
    return Container(_between(starts, size), _known(seconds) if header is not None else None)


def _known(seconds: float) -> float | None:
    return None if isnan(seconds) else seconds


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


def _ends_within_frame(file: BinaryIO, size: int) -> bool:
    """Return whether a file of frames (MP3, MP2) ends in the middle of one: many do not state their length."""
    file.seek(max(0, size - _LAST_FRAMES))
    tail = file.read()
    for start in range(len(tail)):
        at = frames = 0
        while length := mpeg_frame(tail[start + at : start + at + 4]):
            if start + at + length > len(tail):
                return frames >= _FRAMES_IN_A_ROW
            at += length
            frames += 1
        if frames >= _FRAMES_IN_A_ROW:
            return False
    return False


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
