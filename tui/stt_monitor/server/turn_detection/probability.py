"""The one number behind all thresholds: how likely the user is inside a turn (protocol.md 2.3).

It rises while there is voice and falls in silence: fast when what was said reads finished, slowly when it does not.
"""

from math import exp, log
from typing import Final

import numpy as np

from stt_monitor.audio.vad.silero import FRAME_S

_VOICED: Final = 0.5
"""The detector's probability from which a frame is voice,"""
_STILL_VOICED: Final = 0.35
"""and from which it is, when voice was heard within the last"""
_BRIDGE_S: Final = 0.1
"""seconds;"""
_BEYOND_DOUBT: Final = 0.9
"""and from which there is no doubt about it."""

_RISE_S: Final = 0.03
"""Time constant of the rise under voice that is beyond doubt;"""
_DOUBT: Final = 0.3
"""the rise is this much slower under voice that just counts as voice."""
_GRACE_S: Final = 0.1
"""Silence that means nothing: the closure of a plosive is as long."""
_PACE: Final = ((0.0, 1.6), (0.1, 0.95), (0.53, 0.95), (0.6, 0.31), (1.0, 0.29))
"""Time constant of the fall (s) by completeness: a turn that reads finished ends after about 0.6 s at the default
thresholds, one that may not be is waited for about 1.3 s, whatever the degree of doubt, and longer only words that
cannot be all. Next to nothing lies between: a wait of middling length is too long for most turns' ends and too short
for most hesitations."""
_SHAPE: Final = 0.8
"""Exponent of the fall: below 1 it begins steep and ends flat, so that low thresholds are patient ones."""
_DEGREES: Final = [degree for degree, _ in _PACE]
_LOG_PACES: Final = [log(pace) for _, pace in _PACE]


class Voice:
    """Voice and silence, told from the detector's probabilities with some inertia.

    `silence` is how long there has been no voice (s); a stream begins as if it had been long.
    """

    def __init__(self) -> None:
        self.silence = 60.0

    def hear(self, probability: float) -> bool:
        """Take the next frame's probability; return whether the frame is voice."""
        voiced = probability >= (_STILL_VOICED if self.silence < _BRIDGE_S else _VOICED)
        self.silence = 0.0 if voiced else self.silence + FRAME_S
        return voiced


class Likelihood:
    """The number itself, a frame at a time."""

    def __init__(self) -> None:
        self.value = 0.0
        self._peak = 0.0

    def rise(self, probability: float) -> None:
        """Hear a frame of voice that the detector gave this probability."""
        strength = min(1.0, max(_DOUBT, (probability - _STILL_VOICED) / (_BEYOND_DOUBT - _STILL_VOICED)))
        self.value += (1 - self.value) * (1 - exp(-FRAME_S * strength / _RISE_S))
        self._peak = self.value

    def fall(self, silence: float, completeness: float) -> None:
        """Hear a frame that ends `silence` seconds without voice, after words that are complete to a degree (0..1)."""
        pace = exp(float(np.interp(completeness, _DEGREES, _LOG_PACES)))
        expected = self._peak * exp(-((max(0.0, silence - _GRACE_S) / pace) ** _SHAPE))
        self.value = min(self.value, expected)

    def reset(self) -> None:
        """The turn was ended for another reason: begin again from nothing."""
        self.value = self._peak = 0.0
