"""How loud the speech of a recording is, in the manner of ITU-T P.56: pauses do not count."""

from typing import Final

import numpy as np
import numpy.typing as npt

from stt_monitor.audio.degrade.simple import NOTHING
from stt_monitor.audio.formats import Samples

_Powers = npt.NDArray[np.float64]

_FRAME_S: Final = 0.02
_HANGOVER: Final = 10
"""Frames, 0.2 s, for which speech counts as going on: the short gaps between its sounds are part of it."""
_MARGIN: Final = 10**1.59
"""How far the level of speech is above the quietest that counts as speech: 15.9 dB."""
_QUIETEST: Final = 1e-10
"""Power of the quietest sound that is looked at: 100 dB below full scale."""
_ROUNDS: Final = 40


class SpeechLevel:
    """Measures the speech level of a recording, block by block."""

    def __init__(self, sample_rate: int) -> None:
        self._frame = max(1, round(sample_rate * _FRAME_S))
        self._waiting = NOTHING
        self._powers: list[Samples] = []

    def feed(self, samples: Samples) -> None:
        """Listen to the next samples."""
        waiting = np.concatenate([self._waiting, samples])
        whole = len(waiting) // self._frame * self._frame
        self._waiting = waiting[whole:]
        self._powers.append(waiting[:whole].reshape(-1, self._frame).var(axis=1))  # a constant is no sound

    def power(self) -> float:
        """Return the mean power of the speech, 1 being full scale; 0 where there is no sound."""
        powers = np.concatenate([NOTHING, *self._powers]).astype(np.float64)
        if not len(powers) or powers.max() < _QUIETEST:
            return 0.0
        padded = np.concatenate([np.zeros(_HANGOVER), powers])
        lasting = np.lib.stride_tricks.sliding_window_view(padded, _HANGOVER + 1).max(axis=1)
        low, high = np.log(_QUIETEST / _MARGIN), np.log(powers.max())
        for _ in range(_ROUNDS):  # what the level must exceed the threshold by: falls with the threshold
            threshold = np.exp((low + high) / 2)
            if _level(powers, lasting, threshold) > threshold * _MARGIN:
                low = np.log(threshold)
            else:
                high = np.log(threshold)
        return _level(powers, lasting, float(np.exp(low)))


def _level(powers: _Powers, lasting: _Powers, threshold: float) -> float:
    active = lasting >= threshold
    return float(powers[active].sum() / max(1, active.sum()))
