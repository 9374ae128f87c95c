"""What files say about themselves that libsndfile passes over: where joined recordings begin, and how long each is."""

import mmap
import re
from pathlib import Path
from typing import BinaryIO, Final

import msgspec

from stt_monitor.audio.wav import find_data

_OGG_HEADER: Final = 27
_FIRST_PAGE, _LAST_PAGE = 2, 4
_FLAC_BEGINS: Final = re.compile(rb"fLaC[\x00\x80]\x00\x00\x22")
"""Four letters, and a block of 34 bytes that comes first: no sound is taken for it."""
_MP3_TAG: Final = re.compile(rb"\xff[\xe2-\xff].{7,38}?(?:Xing|Info)(?=\x00\x00\x00)", re.DOTALL)
"""The frame in front of the others that counts them."""
_HAS_FRAMES, _HAS_BYTES = 1, 2
_ID3_HEADER: Final = 10
_ID3V1: Final = 128
_MOST_TAGS: Final = 1 << 20
"""Bytes of tags behind a recording (lyrics, replay gain) that are no second one."""


class Container(msgspec.Struct, frozen=True):
    """What a file holds."""

    parts: tuple[tuple[int, int], ...]
    """The recordings in it, from byte to byte: more than one when files were joined."""
    promised: int | None = None
    """Frames that its header promises, where libsndfile takes what is there."""
    breaks_off: bool = False
    """Whether the file ends in the middle of something, so that nobody knows how much is missing."""


def look_into(path: Path) -> Container:
    """Look at a sound file of any kind.

    Raises:
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        size = path.stat().st_size
        whole = ((0, size),)
        match file.read(4):
            case b"OggS":
                return _ogg(file, size)
            case b"fLaC":
                with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
                    return Container(_between([found.start() for found in _FLAC_BEGINS.finditer(content)] or [0], size))
            case b"RIFF":
                data = find_data(path)
                return Container(whole, promised=None if data is None else data.promised_frames)
            case b"FORM":
                return Container(whole, promised=_aiff_frames(file))
            case start if start[:3] == b"ID3" or (start[:1] == b"\xff" and start[1:2] >= b"\xe0"):
                return Container(_mp3_parts(file, size))
    return Container(whole)


def _between(starts: list[int], size: int) -> tuple[tuple[int, int], ...]:
    return tuple(zip(starts, [*starts[1:], size], strict=True))


def _ogg(file: BinaryIO, size: int) -> Container:
    """Go from page to page (RFC 3533): a chain begins anew with a first page that follows another's later pages."""
    starts, at, in_head = [0], 0, True
    while at < size:
        file.seek(at)
        header = file.read(_OGG_HEADER)
        lengths = file.read(header[26]) if len(header) == _OGG_HEADER and header[:4] == b"OggS" else b""
        following = at + _OGG_HEADER + len(lengths) + sum(lengths)
        if not lengths or following > size:
            return Container(_between(starts, size), breaks_off=True)
        is_first = bool(header[5] & _FIRST_PAGE)
        if is_first and not in_head:
            starts.append(at)
        in_head = is_first
        at = following
    return Container(_between(starts, size))


def _aiff_frames(file: BinaryIO) -> int | None:
    file.seek(12)
    while len(header := file.read(8)) == 8:  # noqa: PLR2004  a chunk's name and its length
        length = int.from_bytes(header[4:], "big")
        if header[:4] == b"COMM":
            return int.from_bytes(file.read(6)[2:], "big")
        file.seek(length + length % 2, 1)
    return None


def _mp3_parts(file: BinaryIO, size: int) -> tuple[tuple[int, int], ...]:
    """Take the parts that say how many bytes they are; without that, libsndfile reads to the end of the file."""
    starts = [0]
    while (end := _mp3_end(file, starts[-1])) is not None and end < size - _ID3V1:
        file.seek(end)
        head = file.read(4)
        if not (head[:3] == b"ID3" or (head[:1] == b"\xff" and head[1:2] >= b"\xe0")):
            break  # tags, or something else that no sound begins with
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
