"""What every source of sound looks like to a session."""

from collections.abc import AsyncGenerator, Sequence
from typing import Protocol

import msgspec

from stt_monitor.audio.formats import AudioFormat
from stt_monitor.core.session_options import SourceKind


class Chunk(msgspec.Struct, frozen=True):
    """A piece of audio, ready to be sent as one binary frame."""

    data: bytes
    """Whole samples in the source's encoding."""
    position: int
    """Index of the first sample, counted from the beginning of all that the source gave out."""
    samples: int
    spoken_at: float
    """Time by the source's clock, seconds, when the first sample came into being."""
    quiet: bool = False
    """Silence in the place of a file that is paused."""
    recorded_at: int | None = None
    """Index of the first sample within the recording; None: it is from none, but live, or a paused file's silence."""


class Backlog(msgspec.Struct, frozen=True):
    """What became of audio that was captured and not given out. Seconds, except the count."""

    waiting: float = 0.0
    """Waits to be asked for."""
    dropped: float = 0.0
    """Thrown away, oldest first, because it waited for too long."""
    overruns: int = 0
    """How often the system lost audio before it could be captured; how much, nobody knows."""


class Source(Protocol):
    """A file or a microphone. It paces itself: a chunk is given out once its last sample has come into being."""

    @property
    def name(self) -> str:
        """What the screen calls it: a file's or a device's name. Not cleaned: it comes from outside."""

    @property
    def kind(self) -> SourceKind:
        """What sort of sound it is."""

    @property
    def format(self) -> AudioFormat:
        """How the chunks are written."""

    @property
    def channel(self) -> str:
        """What of its channels is heard: `mix of 2`, `channel 1 of 2`; empty where there is nothing to say."""

    @property
    def duration(self) -> float | None:
        """Length in seconds, or None when nobody knows."""

    def chunks(self) -> AsyncGenerator[Chunk, None]:
        """Give out the audio in real time. Ends after the last chunk, or soon after `stop`."""

    @property
    def backlog(self) -> Backlog:
        """What waits, and what was lost."""

    @property
    def quiet(self) -> bool:
        """Whether silence is given out in place of the sound."""

    def set_quiet(self, *, quiet: bool) -> None:
        """Give out silence in real time (protocol.md 3: the service's clock is the audio), or go on. Idempotent.

        A file waits meanwhile; what is live goes by unheard.
        """

    def hold(self) -> None:
        """Hold the audio back. A file waits; a live source goes on and drops what is too old."""

    def release(self) -> float:
        """Deliver audio again.

        Returns:
            The seconds by which `hold` has put off all that was not given out before; 0 for a live source.
        """

    def take_back(self, pieces: Sequence[bytes]) -> bool:
        """Give this out once more, before all else: it was given out last, in these pieces, and has got lost.

        Returns:
            False, and nothing is done, if it belongs to its moment, as live sound does. Otherwise `chunks` gives it
            out, if need be when it is asked for anew, because it had come to its end.
        """

    def stop(self) -> None:
        """Ask `chunks` to end; what has been captured is still given out. Idempotent, from the loop's thread."""
