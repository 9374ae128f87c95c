"""What the server needs of whatever does the listening: the recogniser, or in tests something simpler."""

from collections.abc import Callable, Sequence
from typing import Protocol

from stt_monitor.audio.formats import Samples
from stt_monitor.server.protocol.thresholds import Thresholds
from stt_monitor.services.cartesia.codec import TurnEvent


class Heard(Protocol):
    """A turn event, and where in the audio it was decided."""

    @property
    def event(self) -> TurnEvent:
        """The event; its `turn_id` is set, its `request_id` is the server's to fill in."""

    @property
    def position(self) -> float:
        """Seconds of audio heard when it was decided."""


class Hearing(Protocol):
    """One connection's ear, called by one thread at a time. The same audio gives the same events however it is cut."""

    thresholds: Thresholds

    def trace(self) -> Sequence[tuple[float, float]]:
        """Return (seconds of audio heard, likelihood of being inside a turn) for each frame since the last call."""

    def feed(self, samples: Samples) -> Sequence[Heard]:
        """Hear samples, mono at 16 kHz, any number of them."""

    def finish(self) -> Sequence[Heard]:
        """Say what remains to be said; an open turn ends."""


MakeHearing = Callable[[Thresholds, tuple[str, ...]], Hearing]
"""Makes the ear of a connection from its thresholds and its key terms."""
