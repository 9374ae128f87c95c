"""Arms that work sample by sample: gain and clipping."""

from typing import Final

import numpy as np

from stt_monitor.audio.formats import Samples

NOTHING: Final = np.zeros(0, np.float32)


def factor(decibels: float) -> float:
    """Return the factor of amplitudes for a gain in dB."""
    return float(10 ** (decibels / 20))


class Gain:
    """Makes all louder or softer. Nothing is cut off here; what is sent is limited to full scale."""

    def __init__(self, decibels: float) -> None:
        self._factor = np.float32(factor(decibels))

    def feed(self, samples: Samples) -> Samples:
        """Amplify the next samples."""
        return samples * self._factor

    def finish(self) -> Samples:
        """Return nothing: nothing is kept."""
        return NOTHING


class Clip(Gain):
    """Amplifies until the peak is above full scale, and cuts off there."""

    def __init__(self, decibels: float, peak: float) -> None:
        """Prepare for a recording with this peak, 1 being full scale; one without sound stays as it is."""
        super().__init__(decibels)
        self._factor = np.float32(factor(decibels) / peak if peak > 0 else 1.0)

    def feed(self, samples: Samples) -> Samples:
        """Amplify the next samples and cut them off."""
        return np.clip(super().feed(samples), -1, 1)
