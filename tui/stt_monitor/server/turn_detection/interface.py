"""What the server needs of a detector: the real one, or a simpler one in tests."""

from collections.abc import Callable, Sequence
from typing import Protocol

from stt_monitor.audio.formats import Samples
from stt_monitor.core.events import TurnEvent
from stt_monitor.services.server_side import Thresholds


class TurnDetector(Protocol):
    """Recognises one connection's audio; called by one thread at a time.

    The same audio gives the same signals however it is cut.
    """

    thresholds: Thresholds
    """May be set at any time; they apply from the next samples on."""

    def trace(self) -> Sequence[tuple[float, float]]:
        """Return (seconds of audio heard, likelihood of being inside a turn) for each frame since the last call."""

    def feed(self, samples: Samples) -> Sequence[TurnEvent]:
        """Process samples, mono at 16 kHz, any number of them."""

    def end_turn(self) -> Sequence[TurnEvent]:
        """End the open turn, if there is one."""

    def finish(self) -> Sequence[TurnEvent]:
        """Process the remaining samples and end the open turn."""


MakeDetector = Callable[[Thresholds, tuple[str, ...]], TurnDetector]
"""Makes the detector of a connection from its thresholds and its key terms."""
