"""How likely each 32 ms of sound is speech (Silero VAD v6)."""

from typing import Final

import numpy as np

from stt_monitor.audio.formats import Samples
from stt_monitor.audio.resampling import SPEECH_RATE
from stt_monitor.endpoint.models import Models

FRAME_SAMPLES: Final = 512
"""The detector's step, at 16 kHz."""
FRAME_SECONDS: Final = FRAME_SAMPLES / SPEECH_RATE
_CONTEXT_SAMPLES: Final = 64
"""The detector wants to see the end of the frame before."""


class SpeechDetector:
    """One stream's detector: it remembers what it heard, so each stream has its own."""

    def __init__(self, models: Models) -> None:
        self._session = models.detector
        self._rate = np.array(SPEECH_RATE, np.int64)
        self._state = np.zeros((2, 1, 128), np.float32)
        self._context = np.zeros(_CONTEXT_SAMPLES, np.float32)

    def probability(self, frame: Samples) -> float:
        """Return how likely the next frame, shape (FRAME_SAMPLES,), holds speech (0..1)."""
        heard = np.concatenate((self._context, frame))
        self._context = frame[-_CONTEXT_SAMPLES:]
        output, self._state = self._session.run(None, {"input": heard[None], "state": self._state, "sr": self._rate})
        return float(output[0, 0])
