"""Plays a recording from the next free instant on, so that many sessions do not send at the same one."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

from stt_monitor.audio.sources.file_source import Degraded, FileSource, Sound
from stt_monitor.audio.sources.source import Chunk
from stt_monitor.system.clock import Clock


class SpreadSource(FileSource):
    """A `FileSource` that begins at its own phase of a chunk: its chunks are due between those of the others."""

    def __init__(
        self, recording: Sound, *, chunk_ms: int, clock: Clock, phase: float, degraded: Degraded | None = None
    ) -> None:
        """Prepare to play; `phase` is the share of a chunk, from 0 to 1, at which it begins."""
        super().__init__(recording, chunk_ms=chunk_ms, clock=clock, degraded=degraded)
        self._chunk_s = chunk_ms / 1000
        self._phase = phase * self._chunk_s
        self._clock = clock

    async def chunks(self) -> AsyncGenerator[Chunk, None]:
        """Yield the recording in real time; see `FileSource`."""
        if not self.file_position:  # what is sent again keeps its time
            await asyncio.sleep((self._phase - self._clock()) % self._chunk_s)
        async with aclosing(super().chunks()) as chunks:
            async for chunk in chunks:
                yield chunk
