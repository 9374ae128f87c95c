"""Channels of an audio file: choosing one, mixing all, detecting channels that cancel out."""

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
import numpy.typing as npt

from stt_monitor.core.errors import InputError

if TYPE_CHECKING:
    import soundfile

Channel = Literal["mix"] | int
"""Channel to use: the mean of all, or one, counted from 1 (left is 1, right is 2)."""

_NAMED_CHANNELS: Final[dict[str, Channel]] = {"mix": "mix", "left": 1, "right": 2}
_ACCUMULATORS: Final = {"int16": np.int32, "int32": np.int64, "float32": np.float64}
"""Types wide enough for the sum of every channel that libsndfile allows (1024)."""

PLACES: Final = 20
"""Places in a file at which its channels are compared, a second each at most."""
_CANCELLED: Final = 0.001
"""Share of the louder channel's power below which a mix counts as cancelled: -30 dB."""


def parse_channel(text: str, option: str = "--channel") -> Channel:
    """Parse `mix`, `left`, `right` or a channel number, counted from 1, of an option.

    Raises:
        InputError: none of these.
    """
    if (named := _NAMED_CHANNELS.get(text)) is not None:
        return named
    if text.isascii() and text.isdecimal() and int(text) > 0:
        return int(text)
    mix = "mix, " if option == "--channel" else ""
    raise InputError(f"{option} {text}: give {mix}left, right, or a channel number counted from 1")


def channel_name(channel: Channel, channels: int) -> str:
    """Describe the channel used: `mix of 2`, `channel 1 of 2`; empty for mono."""
    if channels == 1:
        return ""
    return f"mix of {channels}" if channel == "mix" else f"channel {channel} of {channels}"


def channel_count(path: Path) -> int:
    """Return how many channels a file has; 0 if it cannot be read."""
    import soundfile

    try:
        return int(soundfile.info(path).channels)
    except (OSError, RuntimeError):
        return 0


def one_channel(frames: npt.NDArray[Any], channel: Channel) -> npt.NDArray[Any]:
    """Return one channel of int16, int32 or float32 frames, or the mean of all, in the same type."""
    channels = frames.shape[1]
    if channels == 1:
        return frames[:, 0]
    if channel != "mix":
        return frames[:, channel - 1]
    frames = _finite(frames)
    total = frames[:, 0].astype(_ACCUMULATORS[frames.dtype.name])
    for channel_of_it in range(1, channels):  # ten times as fast as the sum of each frame
        total += frames[:, channel_of_it]
    mean: npt.NDArray[Any] = total / channels if frames.dtype == np.float32 else total // channels
    return mean.astype(frames.dtype)


def cancels_out(file: "soundfile.SoundFile") -> bool:
    """Return whether channels with sound cancel out when mixed, from samples all over the file."""
    mixed = loudest = 0.0
    for place in range(PLACES):
        file.seek(file.frames * place // PLACES)
        samples = min(file.samplerate, file.frames // PLACES + 1)
        frames = _finite(file.read(samples, dtype="float64", always_2d=True))
        mixed += float(np.square(frames.mean(axis=1)).sum())
        loudest += float(np.square(frames).sum(axis=0).max(initial=0.0))
    file.seek(0)
    return loudest > 0 and mixed < _CANCELLED * loudest


def _finite(frames: npt.NDArray[Any]) -> npt.NDArray[Any]:
    finite: npt.NDArray[Any] = np.nan_to_num(frames, copy=False, nan=0.0, posinf=0.0, neginf=0.0)
    return finite
