"""How loud the sound was, by session time: what the timeline draws, the same however one got there."""

from collections.abc import Mapping
from math import ceil, floor
from typing import Final

import msgspec

from stt_monitor.core.sound.audio_clock import SentChunk
from stt_monitor.core.sound.health import CLIPPING_DB

BUCKET_S: Final = 0.1
"""Seconds in a bucket."""

BLOCK: Final = 600
"""Buckets in a block: a minute. A snapshot copies the newest block and shares the others."""

BLOCKS_KEPT: Final = 720
"""Twelve hours: 432 kB."""

UNMEASURED: Final = 0
"""The level of a bucket that no chunk reaches into."""
QUIET: Final = 1
"""The level of silence that was sent in the sound's place: a paused file, or a muted microphone."""
FAINTEST: Final = 2
"""The lowest level of sound, `FLOOR_DB` or less."""
CLIPPED: Final = 255
"""The level of sound that reached full scale."""

FLOOR_DB: Final = -60.0

_SLACK: Final = 1e-6
"""Of a bucket: chunks begin and end on buckets but for the last digits of their times."""


class SoundHistory(msgspec.Struct, frozen=True):
    """Levels by session time: `UNMEASURED`, `QUIET`, or from `FAINTEST` to `CLIPPED`, even steps of dB."""

    blocks: Mapping[int, bytes] = {}
    """By number; each is a bucket's level in a byte, `BLOCK` of them. What nobody measured has no block."""

    def loudest(self, start: float, stop: float) -> int:
        """Return the highest level of the buckets that begin from one session time to another, one bucket at least."""
        first = floor(start / BUCKET_S + _SLACK)
        last = max(first + 1, floor(stop / BUCKET_S + _SLACK))
        numbers = range(first // BLOCK, (last - 1) // BLOCK + 1)
        known = ((number * BLOCK, self.blocks[number]) for number in numbers if number in self.blocks)
        return max((max(block[max(0, first - begin) : last - begin]) for begin, block in known), default=UNMEASURED)


class SoundRecorder:
    """Notes the level of every chunk that is sent; what is older than `BLOCKS_KEPT` is forgotten."""

    def __init__(self) -> None:
        self._blocks: dict[int, bytes] = {}
        self._growing: int | None = None
        """The number of the block that is being written."""
        self._levels = bytearray()
        """Its levels."""
        self._history: SoundHistory | None = SoundHistory()

    @property
    def history(self) -> SoundHistory:
        """All that is known; made anew only when there is something new."""
        if self._history is None:
            self._put_away()
            self._history = SoundHistory(dict(self._blocks))
        return self._history

    def sent(self, chunk: SentChunk, level_db: float | None) -> None:
        """Note a chunk and its peak in dB of full scale; None says that nobody measured it."""
        if level_db is None:
            return
        level = QUIET if chunk.quiet else level_of(level_db)
        first = floor(chunk.spoken_at / BUCKET_S + _SLACK)
        last = max(first + 1, ceil((chunk.spoken_at + chunk.length) / BUCKET_S - _SLACK))
        for bucket in range(max(first, last - BLOCK * BLOCKS_KEPT), last):
            number, place = divmod(bucket, BLOCK)
            if number != self._growing:
                self._open(number)
            self._levels[place] = max(self._levels[place], level)
        self._history = None

    def _open(self, number: int) -> None:
        """Go on in another block: the next one, as a rule."""
        self._put_away()
        self._growing, self._levels = number, bytearray(self._blocks.get(number, bytes(BLOCK)))
        if len(self._blocks) == BLOCKS_KEPT and number not in self._blocks:
            del self._blocks[min(self._blocks)]

    def _put_away(self) -> None:
        if self._growing is not None:
            self._blocks[self._growing] = bytes(self._levels)


def level_of(level_db: float) -> int:
    """Return the level of sound with this peak, dB of full scale."""
    if level_db >= CLIPPING_DB:
        return CLIPPED
    share = 1 - max(FLOOR_DB, level_db) / FLOOR_DB
    return FAINTEST + round(share * (CLIPPED - 1 - FAINTEST))


def share_of(level: int) -> float:
    """Return how much of full scale a level is, in even steps of dB: 0 for `FAINTEST`, and all below, to 1."""
    return max(0, level - FAINTEST) / (CLIPPED - FAINTEST)
