"""Plays an audio file in real time, as if it were spoken now."""

import time
from collections import deque
from collections.abc import AsyncGenerator, Callable, Sequence
from typing import Final, NamedTuple, Protocol

from stt_monitor.audio.formats import AudioFormat
from stt_monitor.audio.sources.pacing import Pace, chunk_samples
from stt_monitor.audio.sources.source import Backlog, Chunk
from stt_monitor.core.session_options import SourceKind
from stt_monitor.core.text.sanitize import legible
from stt_monitor.system.clock import Clock

DEFAULT_CHUNK_MS: Final = 100
"""Milliseconds of audio per binary frame, as the vendor advises (protocol.md 3)."""


class Sound(Protocol):
    """A recording, from beginning to end: an open file, or one that is in memory."""

    @property
    def name(self) -> str:
        """File name. Not sanitized: it comes from outside."""

    @property
    def format(self) -> AudioFormat:
        """Format of the samples."""

    @property
    def channel(self) -> str:
        """The channel used; see `Source`."""

    @property
    def duration(self) -> float | None:
        """Length in seconds; None when unknown."""

    def read(self, samples: int) -> bytes:
        """Return the next samples; fewer at the end, then none.

        Raises:
            InputError: the recording is damaged further on.
        """

    def close(self) -> None:
        """Close it. Idempotent."""


class Degraded(NamedTuple):
    """How a recording that is played was degraded."""

    arms: tuple[str, ...]
    """As they are written, in order."""
    clean: Sound
    """The same recording before that."""
    lateness: Callable[[float], float] | None = None
    """Draws how late the next chunk is to be, in seconds; given its length. Order must be kept. None: on time."""


class _Piece(NamedTuple):
    """The samples of a chunk."""

    data: bytes
    clean: bytes | None = None
    """The same before they were degraded, if they were."""
    agent: bytes | None = None
    """The agent's of the same time, if its side is heard."""


_NOTHING: Final = _Piece(b"")


class FileSource:
    """A `Source` that plays a recording in real time, then closes it.

    Has two positions: that of the audio sent and that in the file. They differ once the file was paused, because
    silence is sent meanwhile (protocol.md 3: the service's clock is the audio), or audio was put back.
    """

    def __init__(
        self,
        recording: Sound,
        *,
        chunk_ms: int = DEFAULT_CHUNK_MS,
        clock: Clock = time.monotonic,
        degraded: Degraded | None = None,
        agent: Sound | None = None,
    ) -> None:
        """Prepare to play.

        Args:
            recording: what is played.
            chunk_ms: audio per chunk, milliseconds.
            clock: tells the time.
            degraded: how it was degraded before; None: it was not.
            agent: the agent's channel of the same recording; None: its side is not heard.
        """
        self._recording = recording
        self._degraded = degraded
        self._agent = agent
        self._chunk = chunk_samples(recording.format.sample_rate, chunk_ms)
        self._pace = Pace(recording.format.sample_rate, clock)
        self._file_position = 0
        self.kind: Final = SourceKind.FILE
        self._quiet = False
        self._ahead = _NOTHING
        self._ended = False
        self._again: deque[_Piece] = deque()

    @property
    def name(self) -> str:
        """File name. Not sanitized: it comes from outside."""
        return legible(self._recording.name)

    @property
    def format(self) -> AudioFormat:
        """Format of the chunks."""
        return self._recording.format

    @property
    def channel(self) -> str:
        """The channel used; see `Source`."""
        return self._recording.channel

    @property
    def duration(self) -> float | None:
        """Length of the file in seconds."""
        return self._recording.duration

    @property
    def degraded(self) -> tuple[str, ...]:
        """The arms that degrade it."""
        return () if self._degraded is None else self._degraded.arms

    @property
    def agent(self) -> str:
        """The agent's channel, measured but not sent; see `Source`."""
        return "" if self._agent is None else self._agent.channel

    @property
    def backlog(self) -> Backlog:
        """What was put back; the rest of the file never waits."""
        samples = sum(len(piece.data) for piece in self._again) // self.format.encoding.bytes_per_sample
        return Backlog(waiting=self.format.seconds(samples))

    @property
    def quiet(self) -> bool:
        """Whether the file is paused and silence goes out instead."""
        return self._quiet

    @property
    def file_position(self) -> int:
        """Samples of the file that went out, less those put back."""
        return self._file_position

    async def chunks(self) -> AsyncGenerator[Chunk, None]:
        """Yield the file in real time. Ends after its last chunk, or soon after `stop`.

        Raises:
            InputError: the file is damaged further on.
        """
        encoding = self.format.encoding
        position = 0
        self._pace.start()
        try:
            while samples := self._due():
                late = self._lateness(samples)
                if not await self._pace.wait_for(position + samples, late):
                    break
                if samples != self._due():
                    continue  # paused or resumed meanwhile, or some audio was put back
                spoken_at = self._pace.spoken_at(position)
                if self._quiet:
                    yield Chunk(encoding.silence(samples), position, samples, spoken_at, quiet=True, delayed=late)
                else:
                    recorded_at = self._file_position
                    self._file_position += samples
                    data, clean, agent = self._pop()
                    yield Chunk(
                        data,
                        position,
                        samples,
                        spoken_at,
                        recorded_at=recorded_at,
                        clean=clean,
                        agent=agent,
                        delayed=late,
                    )
                position += samples
        finally:
            self._ended = True
            self._close()

    def set_quiet(self, *, quiet: bool) -> None:
        """Pause the file and yield silence in real time, or continue where it was. Idempotent."""
        self._quiet = quiet

    def hold(self) -> None:
        """Yield nothing, and stop the schedule, until `release`. Idempotent."""
        self._pace.hold()

    def release(self) -> float:
        """Continue after `hold`, in real time, without a burst; return the delay in seconds. Idempotent."""
        return self._pace.release()

    def put_back(self, chunks: Sequence[Chunk]) -> bool:
        """Put back the last chunks of the file that went out; see `Source`."""
        self._again.extendleft(_Piece(chunk.data, chunk.clean, chunk.agent) for chunk in reversed(chunks))
        self._file_position -= sum(chunk.samples for chunk in chunks)
        return True

    def stop(self) -> None:
        """Ask `chunks` to end. Idempotent, from the loop's thread."""
        self._pace.stop()

    async def aclose(self) -> None:
        """Close the file. Idempotent."""
        self._close()

    def _close(self) -> None:
        self._recording.close()
        if self._degraded is not None:
            self._degraded.clean.close()
        if self._agent is not None:
            self._agent.close()

    def _lateness(self, samples: int) -> float:
        """Draw how late the next chunk is to be, seconds."""
        if self._degraded is None or self._degraded.lateness is None:
            return 0.0
        return self._degraded.lateness(self.format.seconds(samples))

    def _due(self) -> int:
        """Return the number of samples in the next chunk; 0 at the end of the file, even when paused."""
        samples = len(self._peek().data) // self.format.encoding.bytes_per_sample
        return self._chunk if self._quiet and samples else samples

    def _peek(self) -> _Piece:
        """Return the next piece without removing it; empty at the end."""
        if self._again:
            return self._again[0]
        if not self._ahead.data and not self._ended:
            data = self._recording.read(self._chunk)
            beside = (None if self._degraded is None else self._degraded.clean, self._agent)
            self._ahead = _Piece(data, *(None if sound is None else sound.read(self._chunk) for sound in beside))
        return self._ahead

    def _pop(self) -> _Piece:
        """Remove and return the next piece."""
        if self._again:
            return self._again.popleft()
        taken, self._ahead = self._ahead, _NOTHING
        return taken
