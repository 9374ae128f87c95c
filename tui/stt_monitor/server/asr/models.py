"""The local server's models: their weights, and the sessions that run them.

Recogniser: Moonshine tiny, English (arXiv 2410.15608), MIT. Speech detector: the one that reference speech has.
"""

from typing import TYPE_CHECKING, Final

from stt_monitor.audio.vad.silero import DETECTOR
from stt_monitor.audio.weights import Weights
from stt_monitor.server.asr.tokenizer import Tokenizer

if TYPE_CHECKING:
    import onnxruntime

_MOONSHINE: Final = (
    "the local server needs",
    "without it, name a service with --url",
    "moonshine-voice",
    "moonshine_voice",
    "0.0.73",
)
ENCODER: Final = Weights(
    *_MOONSHINE,
    "assets/tiny-en/encoder_model.ort",
    13_281_600,
    "94e90a4654fc45cdfedb77c4c08e1739f48862998e58fada384b25118134f221",
)
DECODER: Final = Weights(
    *_MOONSHINE,
    "assets/tiny-en/decoder_model_merged.ort",
    30_412_256,
    "cf524c4862d36e9e5ab032eddc73637efd822d70e868ac575cf1a46e1e4708a0",
)
TOKENS: Final = Weights(
    *_MOONSHINE,
    "assets/tiny-en/tokenizer.bin",
    249_974,
    "6884b35fd6377d4c4d32336a0bc152f36b64d1e45b6503683cdc238250a8472d",
)


class Models:
    """The loaded models, shared by all connections and threads."""

    def __init__(
        self,
        encoder: "onnxruntime.InferenceSession",
        decoder: "onnxruntime.InferenceSession",
        detector: "onnxruntime.InferenceSession",
        tokenizer: Tokenizer,
    ) -> None:
        self.encoder = encoder
        self.decoder = decoder
        self.detector = detector
        self.tokenizer = tokenizer

    @classmethod
    def load(cls) -> "Models":
        """Find, check and load the weights (46 MB; about half a second).

        Raises:
            MissingPartError: a package or a file is missing, or is another than the one expected.
        """
        return cls(ENCODER.load(), DECODER.load(), DETECTOR.load(), Tokenizer(TOKENS.read()))
