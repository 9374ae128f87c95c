"""Fans one source out to several services: the same chunks to each, and none waits for another."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing, suppress
from typing import TYPE_CHECKING, Final

import msgspec

from stt_monitor.audio.sources.source import Backlog, Chunk, Source
from stt_monitor.core.session_options import SourceKind
from stt_monitor.system.clock import Clock

if TYPE_CHECKING:
    from stt_monitor.audio.formats import AudioFormat

LIVE_BACKLOG_S: Final = 5.0
"""Most live audio to queue for a service; beyond it the oldest is dropped and counted."""

FILE_BACKLOG_S: Final = 60.0
"""The same for a file, which need not be heard live: more than a dead connection goes unnoticed, and a reconnect."""

START_WAIT_S: Final = 10.0
"""Longest wait of the services that are ready for those that are not."""


class FanOut:
    """Reads a source once, from when all branches are read, and queues every chunk for each of them.

    A branch that is closed, or not read within `START_WAIT_S`, holds the others no longer. For use inside one event
    loop, once made.
    """

    def __init__(self, source: Source, branches: int, clock: Clock) -> None:
        """Prepare to read `source`, whose clock is used, for a number of branches."""
        self.source: Final = source
        self.branches: Final = tuple(Branch(self) for _ in range(branches))
        self.starts_by: float | None = None
        """When the source starts at the latest, by the clock; None before a branch is ready."""
        self.failure: Exception | None = None
        """Why the source failed."""
        self.over = False
        """Whether the source is exhausted."""
        self.yielded = 0
        """Chunks that it has yielded."""
        self._clock = clock
        self._stopped = False
        self._changed = asyncio.Event()
        self._pump: asyncio.Task[None] | None = None

    @property
    def awaited(self) -> tuple[int, ...]:
        """Numbers, from 0, of the branches that hold the start; empty before one is ready, and once it has started."""
        if self.starts_by is None or self.yielded or self.over:
            return ()
        return tuple(number for number, branch in enumerate(self.branches) if branch.is_awaited)

    @property
    def total(self) -> int | None:
        """Chunks of the whole source; None until it is over."""
        return self.yielded if self.over else None

    def ready(self) -> None:
        """Start, unless it did, or another branch is awaited."""
        if self._pump is None:
            self.starts_by = self._clock() + START_WAIT_S
            self._pump = asyncio.create_task(self._run())
        self._changed.set()

    def stop(self) -> None:
        """Ask the source to end, for all branches. Idempotent."""
        self._stopped = True
        self._changed.set()
        self.source.stop()

    async def closed(self) -> None:
        """Note that a branch was closed; close the source with the last of them."""
        self._changed.set()
        if not all(branch.is_closed for branch in self.branches):
            return
        if self._pump is not None:
            self._pump.cancel()
            with suppress(asyncio.CancelledError):
                await self._pump
        await self.source.aclose()

    async def _run(self) -> None:
        try:
            await self._wait_for_all()
            if not self._stopped:
                async with aclosing(self.source.chunks()) as chunks:
                    async for chunk in chunks:
                        self.yielded += 1
                        for branch in self.branches:
                            branch.add(chunk)
        except Exception as error:  # noqa: BLE001  every branch raises it
            self.failure = error
        finally:
            self.over = True
            for branch in self.branches:
                branch.wake()

    async def _wait_for_all(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(START_WAIT_S):
                while not self._stopped and any(branch.is_awaited for branch in self.branches):
                    self._changed.clear()
                    await self._changed.wait()


class Branch:
    """A `Source` with the chunks of another: it queues them while its reader waits, and drops the oldest in the end.

    `hold` and `release` concern the reader alone: the source goes on, for the others.
    """

    def __init__(self, fan_out: FanOut) -> None:
        source = fan_out.source
        self.name: Final[str] = source.name
        self.kind: Final[SourceKind] = source.kind
        self.format: Final[AudioFormat] = source.format
        self.channel: Final[str] = source.channel
        self.duration: Final[float | None] = source.duration
        self.degraded: Final = source.degraded
        self.agent: Final = source.agent
        self.is_closed = False
        self._fan_out = fan_out
        self._most = self._samples(FILE_BACKLOG_S if self.kind is SourceKind.FILE else LIVE_BACKLOG_S)
        self._queue: deque[Chunk] = deque()
        self._queued = 0  # samples
        self._dropped = 0  # samples
        self._quiet = source.quiet
        self._is_read = False
        self._changed = asyncio.Event()

    @property
    def is_awaited(self) -> bool:
        """Whether nobody has begun to read it, and somebody may."""
        return not (self._is_read or self.is_closed)

    @property
    def backlog(self) -> Backlog:
        """Audio of this branch that waits or was dropped, and what the source lost before."""
        before = self._fan_out.source.backlog
        return msgspec.structs.replace(
            before,
            waiting=before.waiting + self.format.seconds(self._queued),
            dropped=before.dropped + self.format.seconds(self._dropped),
        )

    @property
    def quiet(self) -> bool:
        """Whether this branch has paused or muted the source."""
        return self._quiet

    async def chunks(self) -> AsyncGenerator[Chunk, None]:
        """Yield the source's chunks, each once all branches have got it, or as soon as they are requested.

        Raises:
            Exception: what the source raised, after all chunks before that.
        """
        self._is_read = True
        self._fan_out.ready()
        while self._queue or not self._fan_out.over:
            while self._queue:
                chunk = self._queue.popleft()
                self._queued -= chunk.samples
                yield chunk
            self._changed.clear()
            if not self._fan_out.over:
                await self._changed.wait()
        if self._fan_out.failure is not None:
            raise self._fan_out.failure

    def set_quiet(self, *, quiet: bool) -> None:
        """Pause or mute the source, for all branches. Idempotent."""
        self._quiet = quiet
        self._fan_out.source.set_quiet(quiet=quiet)

    def hold(self) -> None:
        """Queue; the source goes on."""

    def release(self) -> float:
        """Return 0: nothing is delayed, what was queued is late."""
        return 0.0

    def put_back(self, chunks: Sequence[Chunk]) -> bool:
        """Put back the last chunks of a file, with the times at which they were spoken; see `Source`."""
        if self.kind is not SourceKind.FILE:
            return False
        self._queue.extendleft(reversed(chunks))
        self._queued += sum(chunk.samples for chunk in chunks)
        self._drop()
        self._changed.set()
        return True

    def stop(self) -> None:
        """Ask the source to end, for all branches; what is queued is still yielded. Idempotent."""
        self._fan_out.stop()

    async def aclose(self) -> None:
        """Hold the other branches no longer, and queue no more; the last one closes the source. Idempotent."""
        if not self.is_closed:
            self.is_closed = True
            await self._fan_out.closed()

    def add(self, chunk: Chunk) -> None:
        """Queue a chunk."""
        if not self.is_closed:
            self._queue.append(chunk)
            self._queued += chunk.samples
            self._drop()
            self._changed.set()

    def wake(self) -> None:
        """Let the reader see that the source is over."""
        self._changed.set()

    def _drop(self) -> None:
        while self._queued > self._most and len(self._queue) > 1:
            chunk = self._queue.popleft()
            self._queued -= chunk.samples
            self._dropped += chunk.samples

    def _samples(self, seconds: float) -> int:
        return round(seconds * self.format.sample_rate)
