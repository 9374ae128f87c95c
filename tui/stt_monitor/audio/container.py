"""Facts about audio files that libsndfile ignores: where joined recordings begin, and their stated length."""

import mmap
import re
from math import isnan, nan
from pathlib import Path
from typing import BinaryIO, Final

import msgspec

from stt_monitor.audio.headers import read_header
from stt_monitor.audio.magic import DECIDING, known_format, mpeg_frame
from stt_monitor.audio.mpeg import behind_tags, mpeg_recordings
from stt_monitor.audio.wav_overlay import Part

_OGG_HEADER: Final = 27
_FIRST_PAGE, _LAST_PAGE = 2, 4
_LATE_START_S: Final = 10.0
"""A stream whose first page ends later than this was cut out of a longer one."""
_FLAC_BEGINS: Final = re.compile(rb"fLaC[\x00\x80]\x00\x00\x22")
"""The marker and the first block, of 34 bytes: long enough that no audio data matches."""
_ANOTHER: Final = re.compile(rb"RIFF.{4}WAVE|OggS\x00\x02|FORM.{4}AIF[FC]|caff\x00\x01", re.DOTALL)
"""Beginnings of recordings that may be behind one that does not say where it ends."""
_BELIEVES_THE_FILE: Final = "W64"
"""Format whose stated length libsndfile ignores."""
_LITTLE: Final = 4096
"""Fewer bytes of no known format, behind a recording, are no sound that somebody would miss."""


class Container(msgspec.Struct, frozen=True):
    """Contents of an audio file."""

    parts: tuple[Part, ...]
    """Its recordings: more than one where files were joined."""
    stated_s: float | None = None
    """Length in seconds that its headers state, where libsndfile goes by the data."""
    truncated: bool = False
    """Whether it ends in the middle of a page or frame, with an unknown rest missing."""
    followed_by: str = ""
    """Format of another recording behind them, which is not read."""
    uncounted: int = 0
    """Bytes of no known format behind them, which no header counts."""


def read_container(path: Path) -> Container:
    """Read the container of an audio file of any format, which is not empty.

    Raises:
        OSError: it cannot be read.
    """
    # A private map: some network mounts have no other.
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY) as content:
        start = content[:4]
        if start == b"OggS":
            return _ogg(content)
        if start[:3] == b"ID3":
            start = content[(at := behind_tags(content, 0)) : at + 4]
        if start == b"fLaC":
            return _flac(content)
        if start[:1] == b"\xff" and (mpeg := _mpeg(content)) is not None:
            return mpeg
        return _headed(file, content)


def _between(starts: list[int], size: int) -> tuple[Part, ...]:
    return tuple(Part(start, end) for start, end in zip(starts, [*starts[1:], size], strict=True))


def _flac(content: mmap.mmap) -> Container:
    """Find the recordings by how they begin: they do not say where they end."""
    starts = [found.start() for found in _FLAC_BEGINS.finditer(content)]
    another = _ANOTHER.search(content, starts[-1] if starts else 0)
    return Container(
        _between([0, *starts[1:]], len(content)),
        followed_by=""
        if another is None
        else known_format(content[another.start() : another.start() + DECIDING]) or "",
    )


def _mpeg(content: mmap.mmap) -> Container | None:
    """Walk the frames; None where there are none."""
    recordings, end = mpeg_recordings(content)
    if not recordings:
        return None
    ends = [*(each.start for each in recordings[1:]), end]
    parts = tuple(Part(each.start, end, each.head) for each, end in zip(recordings, ends, strict=True))
    followed_by, uncounted = _behind(content, end)
    if followed_by == "MP3" or mpeg_frame(content[end : end + 4]):
        return Container(parts, truncated=True)
    return Container(parts, followed_by=followed_by, uncounted=uncounted)


def _behind(content: mmap.mmap, at: int) -> tuple[str, int]:
    """Return what begins at a byte, behind tags and zeros: its format, or how many bytes of none that is known."""
    at = behind_tags(content, at)
    follows = known_format(content[at : at + DECIDING]) or ""
    rest = len(content) - at
    return follows, rest if rest >= _LITTLE and not follows else 0


def _headed(file: BinaryIO, content: mmap.mmap) -> Container:
    """Walk the headers of joined recordings, as far as they state where they end."""
    size, kind = len(content), known_format(content[:DECIDING])
    starts, seconds, patches = [0], 0.0, list[tuple[int, bytes]]()
    followed_by, uncounted, end = "", 0, size
    while (header := read_header(file, starts[-1])) is not None:
        seconds = nan if header.seconds is None else seconds + header.seconds
        patches.append(header.patch)
        if header.end is None or header.end <= starts[-1] or header.end >= size:
            break
        followed_by, uncounted = _behind(content, header.end)
        if followed_by != kind or not kind:
            end = header.end if kind == _BELIEVES_THE_FILE else size
            break
        starts.append(behind_tags(content, header.end))
        followed_by = ""
    parts = [
        Part(part.start, part.end, patched_at=at, patch=patch)
        for part, (at, patch) in zip(_between(starts, end), patches, strict=False)
    ]
    return Container(
        tuple(parts) or _between(starts, size),
        None if header is None or isnan(seconds) else seconds,
        followed_by=followed_by,
        uncounted=uncounted,
    )


def _ogg(content: mmap.mmap) -> Container:
    """Walk the pages (RFC 3533): a first page after later pages begins the next stream of a chain."""
    size = len(content)
    starts, at, in_head, over = [0], 0, True, False
    seconds, clock, last = 0.0, None, 0
    followed_by, uncounted = "", 0
    while at < size:
        header = content[at : at + _OGG_HEADER]
        is_page = len(header) == _OGG_HEADER and header[:4] == b"OggS"
        packets = at + _OGG_HEADER + (header[26] if is_page else 0)
        lengths = content[at + _OGG_HEADER : packets]
        following = packets + sum(lengths)
        if not is_page and over:
            followed_by, uncounted = _behind(content, at)
            break
        if not is_page or following > size:
            return Container(_between(starts, size), truncated=True)
        over = bool(header[5] & _LAST_PAGE)
        is_first = bool(header[5] & _FIRST_PAGE)
        if is_first and not in_head:
            starts.append(at)
            seconds += 0.0 if clock is None else clock.seconds(last)
            clock, last = None, 0
        if is_first and clock is None:
            clock = _ogg_clock(content[packets:following])
        position = int.from_bytes(header[6:14], "little", signed=True)
        if not is_first and clock is not None and last == 0 and clock.seconds(position) > _LATE_START_S:
            clock = None  # cut out of a longer stream, whose start is unknown
        last = max(last, position)
        in_head = is_first
        at = following
    seconds += 0.0 if clock is None else clock.seconds(last)
    return Container(_between(starts, at), stated_s=seconds, followed_by=followed_by, uncounted=uncounted)


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
