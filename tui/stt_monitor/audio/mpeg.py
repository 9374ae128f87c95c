"""Recordings in a file of MPEG frames (MP3, MP2): where each begins and ends, and how many frames it has. Pure.

The decoder counts them only where a frame in front does, and guesses from the first frames elsewhere.
"""

import re
from mmap import mmap
from typing import Final

import msgspec

from stt_monitor.audio.magic import DECIDING, known_format, mpeg_frame

_LAYER_3: Final = 1
_FULL: Final = 3
"""MPEG-1: frames of the versions below it are shorter inside."""
_MONO: Final = 3
_NO_CHECKSUM: Final = 1
_HAS_FRAMES, _HAS_BYTES = 1, 2
_COUNTS: Final = (b"Xing", b"Info")
"""What the frame in front is called, which is no sound."""
_IN_A_ROW: Final = 3
"""Fewer frames may be there by chance."""
_LYRICS: Final = re.compile(b"LYRICSBEGIN.{0,1000000}?(?:LYRICS200|LYRICSEND)", re.DOTALL)
_PADDING: Final = re.compile(b"\0+")
_IS_HEADER: Final = 1 << 29
_HEADER, _FOOTER = 10, 0x10
_ID3V1: Final = 128
_APE: Final = 32


class MpegRecording(msgspec.Struct, frozen=True):
    """Frames of one kind."""

    start: int
    end: int
    """Byte offset behind the last frame."""
    frames: int
    """Its frames of sound that are there."""
    head: bytes = b""
    """Frame to put in front, so that the decoder knows how many they are; empty where one is there."""


def mpeg_recordings(content: mmap) -> tuple[list[MpegRecording], int]:
    """Walk the frames of a file.

    Returns:
        Its recordings, without the tags between them, and where the rest begins: the end of the file, or something
        that is neither a whole frame nor a tag.
    """
    found: list[MpegRecording] = []
    at = behind_tags(content, 0)
    while (recording := _recording(content, at)) is not None:
        if found and recording.frames < _IN_A_ROW and found[-1].end == recording.start:
            found[-1] = msgspec.structs.replace(found[-1], end=recording.end)  # some programs count one too few
        else:
            found.append(recording)
        at = behind_tags(content, recording.end)
    if len(found) == 1 and found[0].frames < _IN_A_ROW:
        return [], 0
    return found, at


def behind_tags(content: mmap, at: int) -> int:
    """Return where tags (ID3, APE, lyrics) and zeros that begin at a byte end."""
    while True:
        head = content[at : at + _APE]
        if head[:3] == b"ID3" and len(head) > _HEADER:
            size = sum((byte & 127) << shift for byte, shift in zip(head[6:10], (21, 14, 7, 0), strict=True))
            following = at + _HEADER + size + (_HEADER if head[5] & _FOOTER else 0)
        elif head[:3] == b"TAG":
            following = at + _ID3V1
        elif head[:8] == b"APETAGEX" and len(head) == _APE:
            size, _, flags = (int.from_bytes(head[place : place + 4], "little") for place in (12, 16, 20))
            following = at + _APE + (size if flags & _IS_HEADER else 0)
        elif match := _LYRICS.match(content, at) or _PADDING.match(content, at):
            following = match.end()
        else:
            return at
        if following > len(content):
            return at
        at = following


def _recording(content: mmap, start: int) -> MpegRecording | None:
    """Return the recording whose first frame is at a byte; None if there is none."""
    first = content[start : start + 4]
    length, kind = mpeg_frame(first), _kind(first)
    if not length or start + length > len(content):
        return None
    counts, stated = _is_count(content, start), _stated(content, start)
    if counts:
        start, at = (start if stated else start + length), start + length
    else:
        at = start
    frames = 0
    while stated is None or frames < stated:
        length = mpeg_frame(head := content[at : at + 4])
        if not length or _kind(head) != kind:
            following = _found_again(content, at, kind)
            if following is None:
                break
            at = following
        elif at + length > len(content) or _is_count(content, at):
            break
        else:
            at += length
            frames += 1
    if not frames:
        return None
    head = b"" if stated or first[1] >> 1 & 3 != _LAYER_3 else _count(first, frames, at - start)
    return MpegRecording(start, at, frames, head)


def _kind(head: bytes) -> tuple[int, int, bool]:
    """Return version and layer, rate, and whether it is mono: they do not change within a recording."""
    return (head[1] >> 1, head[2] >> 2 & 3, head[3] >> 6 == _MONO) if len(head) == 4 else (0, 0, False)  # noqa: PLR2004


def _found_again(content: mmap, at: int, kind: tuple[int, int, bool]) -> int | None:
    """Return where frames go on behind damage; None where a tag or another recording begins, and at the end."""
    if behind_tags(content, at) != at or known_format(content[at : at + DECIDING]) is not None:
        return None
    while (at := content.find(b"\xff", at + 1)) >= 0:
        following = at
        for _ in range(_IN_A_ROW):
            length = mpeg_frame(head := content[following : following + 4])
            if not length or _kind(head) != kind:
                break
            following += length
        else:
            return at
    return None


def _mark(head: bytes) -> int:
    """Return where in the frame in front its name stands: behind what tells the decoder about a silent frame."""
    mono = head[3] >> 6 == _MONO
    silent = (17 if mono else 32) if head[1] >> 3 & 3 == _FULL else (9 if mono else 17)
    return 4 + silent + (0 if head[1] & _NO_CHECKSUM else 2)


def _is_count(content: mmap, at: int) -> bool:
    head = content[at : at + 4]
    place = at + _mark(head)
    return content[place : place + 4] in _COUNTS


def _stated(content: mmap, at: int) -> int | None:
    """Return how many frames follow the one in front; None if it does not say."""
    place = at + _mark(content[at : at + 4]) + 4
    flags, frames = (int.from_bytes(content[each : each + 4], "big") for each in (place, place + 4))
    return (frames or None) if _is_count(content, at) and flags & _HAS_FRAMES else None


def _count(first: bytes, frames: int, size: int) -> bytes:
    """Return a frame like the first one that states how many frames and bytes follow."""
    for kbit in range(1, 15):
        head = bytes([first[0], first[1] | _NO_CHECKSUM, kbit << 4 | (first[2] & 0b1100), first[3]])
        said = head + bytes(_mark(head) - 4) + b"Xing" + (_HAS_FRAMES | _HAS_BYTES).to_bytes(4, "big")
        length = mpeg_frame(head)
        if length >= len(said) + 8:
            said += frames.to_bytes(4, "big") + (size + length).to_bytes(4, "big", signed=False)
            return said + bytes(length - len(said))
    return b""
