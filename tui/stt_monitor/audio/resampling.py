"""Resamples any rate to the 16 kHz of speech models."""

from typing import Final, cast

import numpy as np

from stt_monitor.audio.formats import Samples

SPEECH_RATE: Final = 16_000
"""Sample rate of the voice activity detector and the recogniser, Hz."""


class SpeechResampler:
    """Resamples a stream from `rate` Hz to 16 kHz. At 16 kHz it passes samples through."""

    def __init__(self, rate: int) -> None:
        self._stream = None
        if rate != SPEECH_RATE:
            import soxr  # costs start-up time that 16 kHz audio need not pay

            self._stream = soxr.ResampleStream(rate, SPEECH_RATE, 1, dtype="float32", quality="HQ")

    def feed(self, samples: Samples, *, last: bool = False) -> Samples:
        """Resample the next samples.

        Args:
            samples: shape (n,), at the source's rate.
            last: no samples follow; flush the filter.

        Returns:
            Samples at 16 kHz; fewer than proportional while the filter fills.
        """
        if self._stream is None:
            return samples
        return cast("Samples", np.asarray(self._stream.resample_chunk(samples, last=last), np.float32))
