"""The one number behind all thresholds: how likely the user is inside a turn (protocol 2.3).

It rises while there is voice and falls in silence: fast when what was said reads finished, slowly when it does not.
"""

from math import exp
from typing import Final

from stt_monitor.endpoint.vad import FRAME_SECONDS

_VOICED: Final = 0.5
"""The detector's probability from which a frame is voice,"""
_STILL_VOICED: Final = 0.35
"""and from which it is, when voice was heard within the last"""
_BRIDGE_S: Final = 0.1

_RISE_S: Final = 0.09
"""Time constant of the rise under steady voice."""
_GRACE_S: Final = 0.1
"""Silence that means nothing: the closure of a plosive is as long."""
_FASTEST_S: Final = 0.24
_SLOWEST_S: Final = 1.3
"""Time constants of the fall after words that are finished for sure, and after words that are not for sure."""
_SHAPE: Final = 0.8
"""Exponent of the fall: below 1 it begins steep and ends flat, so that low thresholds are patient ones."""


class Voice:
    """Voice and silence, told from the detector's probabilities with some inertia.

    `silence` is how long there has been no voice (s), `voiced` how much voice there was since silence was last longer
    than a plosive (s), `resting` how long the silence was that the present voice ended.
    """

    def __init__(self) -> None:
        self.silence = 60.0
        self.voiced = 0.0

    def hear(self, probability: float) -> bool:
        """Take the next frame's probability; return whether the frame is voice."""
        voiced = probability >= (_STILL_VOICED if self.silence < _BRIDGE_S else _VOICED)
        if voiced:
            self.voiced = FRAME_SECONDS + (self.voiced if self.silence < _BRIDGE_S else 0.0)
            self.silence = 0.0
        else:
            self.silence += FRAME_SECONDS
        return voiced


class Likelihood:
    """The number itself, a frame at a time."""

    def __init__(self) -> None:
        self.value = 0.0
        self._peak = 0.0

    def rise(self) -> None:
        """Hear a frame of voice."""
        self.value += (1 - self.value) * (1 - exp(-FRAME_SECONDS / _RISE_S))
        self._peak = self.value

    def fall(self, silence: float, completeness: float) -> None:
        """Hear a frame that ends `silence` seconds without voice, after words that are complete to a degree (0..1)."""
        pace = _FASTEST_S**completeness * _SLOWEST_S ** (1 - completeness)
        expected = self._peak * exp(-((max(0.0, silence - _GRACE_S) / pace) ** _SHAPE))
        self.value = min(self.value, expected)

    def reset(self) -> None:
        """The turn was ended for another reason: begin again from nothing."""
        self.value = self._peak = 0.0
