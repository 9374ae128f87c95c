"""Audio levels by session time, for the timeline."""

from collections.abc import Mapping
from math import ceil, floor
from typing import Final

import msgspec

from stt_monitor.core.kept import FOR_SCREEN
from stt_monitor.core.sound.audio_clock import SentChunk
from stt_monitor.core.sound.health import CLIPPING_DB

BUCKET_S: Final = 0.1
"""Seconds per bucket."""

BLOCK: Final = 600
"""Buckets per block: a minute. A snapshot copies the newest block and shares the others."""

UNMEASURED: Final = 0
"""Level of a bucket without audio."""
QUIET: Final = 1
"""Level of silence that stands in for a paused file or a muted microphone."""
FAINTEST: Final = 2
"""Lowest level of audio, `FLOOR_DB` or less."""
CLIPPED: Final = 255
"""Level of audio that reached full scale."""

FLOOR_DB: Final = -60.0

_SLACK: Final = 1e-6
"""Tolerance, in buckets: chunks begin and end on buckets up to rounding errors of their times."""


class SoundHistory(msgspec.Struct, frozen=True):
    """Levels by session time: `UNMEASURED`, `QUIET`, or `FAINTEST` to `CLIPPED` in even steps of dB."""

    blocks: Mapping[int, bytes] = {}
    """Blocks by number, with a byte per bucket; blocks without measured audio are missing."""

    def loudest(self, start: float, stop: float) -> int:
        """Return the highest level of the buckets in a range of session time, at least one bucket."""
        first = floor(start / BUCKET_S + _SLACK)
        last = max(first + 1, floor(stop / BUCKET_S + _SLACK))
        numbers = range(first // BLOCK, (last - 1) // BLOCK + 1)
        known = ((number * BLOCK, self.blocks[number]) for number in numbers if number in self.blocks)
        return max((max(block[max(0, first - begin) : last - begin]) for begin, block in known), default=UNMEASURED)


class SoundRecorder:
    """Records the level of every chunk."""

    def __init__(self, most: int = FOR_SCREEN.level_minutes) -> None:
        """Start without audio; `most`: minutes to keep."""
        self._most = most
        self._blocks: dict[int, bytes] = {}
        self._growing: int | None = None
        """Number of the block that grows."""
        self._levels = bytearray()
        """Levels of that block."""
        self._history: SoundHistory | None = SoundHistory()

    @property
    def history(self) -> SoundHistory:
        """The history so far; rebuilt on access after a change."""
        if self._history is None:
            self._store()
            self._history = SoundHistory(dict(self._blocks))
        return self._history

    def add(self, chunk: SentChunk, level_db: float | None) -> None:
        """Add a chunk and its peak, dB relative to full scale; None: not measured."""
        if level_db is None:
            return
        level = QUIET if chunk.quiet else level_of(level_db)
        first = floor(chunk.spoken_at / BUCKET_S + _SLACK)
        last = max(first + 1, ceil((chunk.spoken_at + chunk.length) / BUCKET_S - _SLACK))
        for bucket in range(max(first, last - BLOCK * self._most), last):
            number, place = divmod(bucket, BLOCK)
            if number != self._growing:
                self._open(number)
            self._levels[place] = max(self._levels[place], level)
        self._history = None

    def _open(self, number: int) -> None:
        """Continue in another block, usually the next one."""
        self._store()
        self._growing, self._levels = number, bytearray(self._blocks.get(number, bytes(BLOCK)))
        if len(self._blocks) == self._most and number not in self._blocks:
            del self._blocks[min(self._blocks)]

    def _store(self) -> None:
        if self._growing is not None:
            self._blocks[self._growing] = bytes(self._levels)


def level_of(level_db: float) -> int:
    """Return the level of a peak, dB relative to full scale."""
    if level_db >= CLIPPING_DB:
        return CLIPPED
    share = 1 - max(FLOOR_DB, level_db) / FLOOR_DB
    return FAINTEST + round(share * (CLIPPED - 1 - FAINTEST))


def share_of(level: int) -> float:
    """Return a level as a share of full scale on a dB scale: from 0 for `FAINTEST` and below, to 1."""
    return max(0, level - FAINTEST) / (CLIPPED - FAINTEST)
