"""The likelihood that the user is inside a turn: the number that thresholds are compared with.

It rises with voice and falls in silence: fast when the words sound complete, slowly when they do not.
"""

from math import exp, log
from typing import Final

import numpy as np

from stt_monitor.audio.vad.silero import FRAME_S

_VOICED: Final = 0.5
"""The detector's probability from which a frame is voice."""
_STILL_VOICED: Final = 0.35
"""The same within `_BRIDGE_S` of the last voice."""
_BRIDGE_S: Final = 0.1
_CERTAIN: Final = 0.9
"""The probability from which voice is certain."""

_RISE_S: Final = 0.03
"""Time constant of the rise under certain voice."""
_DOUBT: Final = 0.3
"""Factor on the speed of the rise under voice that just counts as voice."""
_GRACE_S: Final = 0.1
"""Silence that is ignored: the closure of a plosive is as long."""
_PACE: Final = ((0.0, 1.6), (0.1, 0.95), (0.53, 0.95), (0.6, 0.31), (1.0, 0.29))
"""Time constant of the fall (s) by completeness: at thresholds of 0.8, 0.6 and 0.3 a complete turn ends after about
0.6 s, a doubtful one after about 1.3 s, and only words that cannot be all wait longer. Little lies between: a medium
wait is too long for most ends of turns and too short for most hesitations."""
_SHAPE: Final = 0.8
"""Exponent of the fall: below 1 it begins steep and ends flat, so that low thresholds are patient ones."""
_DEGREES: Final = [degree for degree, _ in _PACE]
_LOG_PACES: Final = [log(pace) for _, pace in _PACE]


class Voice:
    """Tells voice from silence by the detector's probabilities, with hysteresis.

    `silence` is the time since the last voice (s); a stream starts as after a long silence.
    """

    def __init__(self) -> None:
        self.silence = 60.0

    def update(self, probability: float) -> bool:
        """Add the next frame's probability; return whether the frame is voice."""
        voiced = probability >= (_STILL_VOICED if self.silence < _BRIDGE_S else _VOICED)
        self.silence = 0.0 if voiced else self.silence + FRAME_S
        return voiced


class Likelihood:
    """The likelihood, updated frame by frame."""

    def __init__(self) -> None:
        self.value = 0.0
        self._peak = 0.0

    def rise(self, probability: float) -> None:
        """Add a frame of voice with this probability."""
        strength = min(1.0, max(_DOUBT, (probability - _STILL_VOICED) / (_CERTAIN - _STILL_VOICED)))
        self.value += (1 - self.value) * (1 - exp(-FRAME_S * strength / _RISE_S))
        self._peak = self.value

    def fall(self, silence: float, completeness: float) -> None:
        """Add a frame that ends `silence` seconds after the last voice; `completeness` of the words before is 0..1."""
        pace = exp(float(np.interp(completeness, _DEGREES, _LOG_PACES)))
        expected = self._peak * exp(-((max(0.0, silence - _GRACE_S) / pace) ** _SHAPE))
        self.value = min(self.value, expected)

    def reset(self) -> None:
        """Start again from 0: the turn has ended."""
        self.value = self._peak = 0.0
