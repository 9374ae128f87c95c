"""The interface of audio sources."""

from collections.abc import AsyncGenerator, Sequence
from typing import Protocol

import msgspec

from stt_monitor.audio.formats import AudioFormat
from stt_monitor.core.session_options import SourceKind


class Chunk(msgspec.Struct, frozen=True):
    """A piece of audio to send as one binary frame."""

    data: bytes
    """Whole samples in the source's encoding."""
    position: int
    """Index of the first sample among all that the source has yielded."""
    samples: int
    spoken_at: float
    """Time of the first sample by the source's clock, seconds."""
    quiet: bool = False
    """Silence that stands in for a paused file."""
    recorded_at: int | None = None
    """Index of the first sample in the recording; None: live audio, or a paused file's silence."""
    clean: bytes | None = None
    """The same samples before they were degraded; None: they were not."""
    agent: bytes | None = None
    """The agent's samples of the same time, which are not sent; None: silence, or its side is not heard."""
    delayed: float = 0.0
    """Seconds that it is yielded late, because a jitter arm asks for it; `spoken_at` is on schedule."""

    @property
    def reference(self) -> bytes:
        """The samples that reference speech is searched in."""
        return self.data if self.clean is None else self.clean


class Backlog(msgspec.Struct, frozen=True):
    """Audio that was captured but not yielded. Seconds, except the count."""

    waiting: float = 0.0
    """Waiting in the queue."""
    dropped: float = 0.0
    """Dropped, oldest first, after waiting for too long."""
    overruns: int = 0
    """How often the system lost audio before capture; how much is unknown."""


class Source(Protocol):
    """A file, a microphone or a pipe. Paces itself: yields a chunk once its last sample is due."""

    @property
    def name(self) -> str:
        """Name of the file or device. Not sanitized: it comes from outside."""

    @property
    def kind(self) -> SourceKind:
        """Kind of source."""

    @property
    def format(self) -> AudioFormat:
        """Format of the chunks."""

    @property
    def channel(self) -> str:
        """The channel used: `mix of 2`, `channel 1 of 2`; empty where it has only one."""

    @property
    def duration(self) -> float | None:
        """Length in seconds; None when unknown."""

    @property
    def degraded(self) -> tuple[str, ...]:
        """The arms that degrade it, as they are written; empty for clean audio."""

    @property
    def agent(self) -> str:
        """The agent's channel, which is heard and not sent: `channel 2 of 2`; empty where its side is not heard."""

    def chunks(self) -> AsyncGenerator[Chunk, None]:
        """Yield the audio in real time. Ends after the last chunk, or soon after `stop`."""

    @property
    def backlog(self) -> Backlog:
        """Audio that waits or was lost."""

    @property
    def quiet(self) -> bool:
        """Whether it is paused or muted and yields silence."""

    def set_quiet(self, *, quiet: bool) -> None:
        """Yield silence in real time (protocol.md 3: the service's clock is the audio), or audio again. Idempotent.

        Pauses a file, mutes a live source.
        """

    def hold(self) -> None:
        """Yield nothing until `release`. A file waits; a live source keeps capturing and drops what is too old."""

    def release(self) -> float:
        """Yield audio again after `hold`.

        Returns:
            The delay of all audio to come, in seconds; 0 for a live source.
        """

    def put_back(self, chunks: Sequence[Chunk]) -> bool:
        """Put back the last chunks of the recording that it yielded, because they were lost; they come again first.

        Returns:
            False if it cannot, as with live audio. Otherwise `chunks` yields them; where it has ended, iterate it
            again.
        """

    def stop(self) -> None:
        """Ask `chunks` to end; captured audio is still yielded. Idempotent, from the loop's thread."""

    async def aclose(self) -> None:
        """Close the file or device, even where `chunks` was never iterated. Idempotent, after `chunks`."""
