"""Cuts the blocks of a device into chunks of one length."""

from collections.abc import Iterator

import msgspec

from stt_monitor.audio.formats import AudioFormat
from stt_monitor.audio.sources.source import Chunk


class Block(msgspec.Struct, frozen=True):
    """Captured samples of one channel; `spoken_at` is the time of the first (seconds of the clock)."""

    data: bytes
    spoken_at: float


class Chunker:
    """Cuts a stream of blocks into chunks: every sample once, in order, each chunk with its capture time."""

    def __init__(self, audio_format: AudioFormat, chunk: int) -> None:
        """Prepare to make chunks of `chunk` samples."""
        self._width = audio_format.encoding.bytes_per_sample
        self._rate = audio_format.sample_rate
        self._chunk = chunk
        self._waiting = bytearray()
        self._spoken_at = 0.0
        self._position = 0

    def add(self, block: Block) -> Iterator[Chunk]:
        """Add a block; yield the chunks that it completes."""
        before = len(self._waiting) // self._width
        # Blocks that arrive in a burst carry the time of the burst; the samples before the last block are older.
        begun = block.spoken_at - before / self._rate
        self._spoken_at = min(self._spoken_at, begun) if self._waiting else begun
        self._waiting += block.data
        taken = 0
        while len(self._waiting) >= self._chunk * self._width:
            yield self._take(self._chunk)
            taken += self._chunk
            self._spoken_at = block.spoken_at + (taken - before) / self._rate

    @property
    def waiting(self) -> int:
        """Samples of the chunk that is not full yet."""
        return len(self._waiting) // self._width

    def flush(self) -> Iterator[Chunk]:
        """Yield the rest, if any, as a short chunk."""
        if self._waiting:
            yield self._take(len(self._waiting) // self._width)

    def _take(self, samples: int) -> Chunk:
        size = samples * self._width
        chunk = Chunk(bytes(self._waiting[:size]), self._position, samples, self._spoken_at)
        del self._waiting[:size]
        self._position += samples
        return chunk
