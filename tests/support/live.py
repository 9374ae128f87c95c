"""A live source without a device: it speaks in real time, whether anybody listens or not, as a microphone does."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Callable, Sequence

from stt_monitor.audio.formats import AudioFormat, Encoding
from stt_monitor.audio.sources.source import Backlog, Chunk
from stt_monitor.core.session_options import SourceKind
from stt_monitor.system.clock import Clock

CHUNK = 1600
"""Samples in a chunk: 100 ms."""


def numbers(position: int) -> bytes:
    """Samples that tell their position, modulo 2^15."""
    return b"".join(((position + index) & 0x7FFF).to_bytes(2, "little") for index in range(CHUNK))


class LiveSource:
    """Chunks of 100 ms, 16 kHz, 16 bits, captured on an absolute schedule; a bounded queue drops the oldest."""

    name = "live"
    kind = SourceKind.MICROPHONE
    format = AudioFormat(Encoding.PCM_S16LE, 16_000)
    duration = None
    channel = ""
    degraded = ()
    agent = ""

    def __init__(
        self, clock: Clock | None = None, *, queue_s: float = 5.0, samples: Callable[[int], bytes] = numbers
    ) -> None:
        self._clock = clock or asyncio.get_running_loop().time
        self.captured = 0
        """Samples that have come into being."""
        self.dropped_at: list[int] = []
        """Where in all that was captured the chunks lie that were dropped."""
        self._samples = samples
        self._queue: deque[tuple[bytes, float, int]] = deque()
        self._room = round(queue_s * self.format.sample_rate / CHUNK)
        self._given = 0
        self._stopped = False
        self.quiet = False
        self._changed = asyncio.Event()

    @property
    def backlog(self) -> Backlog:
        seconds = self.format.seconds
        return Backlog(waiting=seconds(len(self._queue) * CHUNK), dropped=seconds(len(self.dropped_at) * CHUNK))

    async def chunks(self) -> AsyncGenerator[Chunk, None]:
        capturing = asyncio.create_task(self._capture(self._clock()))
        try:
            while self._queue or not self._stopped:
                while self._queue:
                    data, spoken_at, captured_at = self._queue.popleft()
                    position, self._given = self._given, self._given + CHUNK
                    yield Chunk(data, position, CHUNK, spoken_at, recorded_at=captured_at)
                self._changed.clear()
                if not self._stopped:
                    await self._changed.wait()
        finally:
            capturing.cancel()

    def set_quiet(self, *, quiet: bool) -> None:
        self.quiet = quiet

    def hold(self) -> None:
        """It goes on."""

    def release(self) -> float:
        return 0.0

    def put_back(self, _: Sequence[Chunk]) -> bool:
        return False

    def stop(self) -> None:
        self._stopped = True
        self._changed.set()

    async def aclose(self) -> None:
        self.stop()

    async def _capture(self, start: float) -> None:
        while not self._stopped:
            end = start + self.format.seconds(self.captured + CHUNK)
            await asyncio.sleep(end - self._clock())
            if len(self._queue) == self._room:
                self.dropped_at.append(self._queue.popleft()[2])
            samples = bytes(2 * CHUNK) if self.quiet else self._samples(self.captured)
            self._queue.append((samples, end - self.format.seconds(CHUNK), self.captured))
            self.captured += CHUNK
            self._changed.set()
