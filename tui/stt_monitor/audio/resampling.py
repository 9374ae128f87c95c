"""Resamples a stream: any rate to the 16 kHz of speech models, or to what a device takes."""

from typing import Final, cast

import numpy as np

from stt_monitor.audio.formats import Samples

SPEECH_RATE: Final = 16_000
"""Sample rate of the voice activity detector and the recogniser, Hz."""


class Resampler:
    """Resamples a stream between two rates, Hz. Where they are equal it passes samples through."""

    def __init__(self, rate: int, to: int) -> None:
        self._stream = None
        if rate != to:
            import soxr  # costs start-up time that equal rates need not pay

            self._stream = soxr.ResampleStream(rate, to, 1, dtype="float32", quality="HQ")

    def feed(self, samples: Samples, *, last: bool = False) -> Samples:
        """Resample the next samples.

        Args:
            samples: shape (n,), at the source's rate.
            last: no samples follow; flush the filter.

        Returns:
            Samples at the other rate; fewer than proportional while the filter fills.
        """
        if self._stream is None:
            return samples
        return cast("Samples", np.asarray(self._stream.resample_chunk(samples, last=last), np.float32))


class SpeechResampler(Resampler):
    """Resamples a stream from `rate` Hz to 16 kHz."""

    def __init__(self, rate: int) -> None:
        super().__init__(rate, SPEECH_RATE)
