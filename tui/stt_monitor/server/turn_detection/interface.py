"""What the server needs of a detector: the one with the recogniser, or in tests something simpler."""

from collections.abc import Callable, Sequence
from typing import Protocol

from stt_monitor.audio.formats import Samples
from stt_monitor.services.server_side import Thresholds, TurnSignal


class TurnDetector(Protocol):
    """Recognises one connection's audio; called by one thread at a time.

    The same audio gives the same signals however it is cut.
    """

    thresholds: Thresholds
    """May be set at any time; the next samples heed them."""

    def trace(self) -> Sequence[tuple[float, float]]:
        """Return (seconds of audio heard, likelihood of being inside a turn) for each frame since the last call."""

    def feed(self, samples: Samples) -> Sequence[TurnSignal]:
        """Hear samples, mono at 16 kHz, any number of them."""

    def end_turn(self) -> Sequence[TurnSignal]:
        """End the open turn, if there is one."""

    def finish(self) -> Sequence[TurnSignal]:
        """Hear what is left, and end the open turn."""


MakeDetector = Callable[[Thresholds, tuple[str, ...]], TurnDetector]
"""Makes the detector of a connection from its thresholds and its key terms."""
