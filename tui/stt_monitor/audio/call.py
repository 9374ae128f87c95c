"""The two channels of a call: which is sent, which is the agent's, and whether they differ."""

from contextlib import suppress
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from stt_monitor.audio.channels import PLACES, parse_channel
from stt_monitor.core.errors import InputError

_SAME: Final = 0.9999
"""Likeness (normalised correlation) of channels that have the same sound."""
_DIFFERENT: Final = 0.5
"""Likeness below which channels have different sounds: of two microphones in one room it is more, as a rule."""
_AUDIBLE: Final = 1e-4
"""Power of the quieter channel, as a share of the louder one's, that is more than crosstalk: -40 dB."""

OFFER: Final = (
    "its two channels differ, and their mix is sent: --agent right (on the screen: i) sends the left one, and hears "
    "the agent's side"
)
"""What to say of a recording that is mixed."""


class CallChannels(NamedTuple):
    """The channels of a call, as `--channel` and `--agent` name them."""

    caller: str
    agent: str


def call_channels(channel: str, agent: str) -> CallChannels:
    """Return the channels of a call: the caller's is the other one of two, unless `channel` says which.

    Raises:
        InputError: they are the same, or it is not clear which is the caller's.
    """
    named = parse_channel(agent, "--agent")
    if named == "mix":
        raise InputError(f"--agent {agent}: give left, right, or a channel number counted from 1")
    if channel == "mix":
        if named not in (1, 2):
            raise InputError(f"--agent {agent}: say which channel is the caller's: give --channel too")
        return CallChannels("left" if named == 2 else "right", agent)  # noqa: PLR2004  the right one
    if parse_channel(channel) == named:
        raise InputError(f"--agent {agent} is the channel that --channel sends: the agent's is measured, not sent")
    return CallChannels(channel, agent)


def check_call(path: Path, caller: str, agent: str) -> None:
    """Check that the two channels of a recording have different sounds.

    Raises:
        InputError: they have the same: there is no agent's side.
    """
    one, other = parse_channel(caller), parse_channel(agent)
    assert one != "mix"
    assert other != "mix", "one channel is the agent's, another the caller's"
    products, ours, theirs = _compare(path, one - 1, other - 1)
    if ours > 0 and theirs > 0 and products**2 >= _SAME * ours * theirs:
        raise InputError(
            f"{path}: its channels {one} and {other} have the same sound: there is no agent's side; leave out --agent"
        )


def channels_differ(path: Path) -> bool:
    """Return whether a recording has two channels with different sounds, as one of a call does."""
    products, ours, theirs = _compare(path, 0, 1, of=2)
    audible = min(ours, theirs) > _AUDIBLE * max(ours, theirs)
    return audible and products**2 < _DIFFERENT**2 * ours * theirs


def _compare(path: Path, one: int, other: int, of: int | None = None) -> tuple[float, float, float]:
    """Return the product of two channels, and the power of each, from samples all over the file.

    Nothing, if it has not `of` channels, or cannot be read so: opening it says what is wrong.
    """
    import soundfile

    products = ours = theirs = 0.0
    with suppress(OSError, RuntimeError, ValueError), soundfile.SoundFile(path) as file:
        if of not in (None, file.channels):
            return products, ours, theirs
        for place in range(PLACES if file.seekable() else 1):
            if file.seekable():
                file.seek(file.frames * place // PLACES)
            frames = file.read(file.samplerate, dtype="float64", always_2d=True)
            mine, its = (_centred(frames[:, number]) for number in (one, other))
            products += float(np.dot(mine, its))
            ours += float(np.dot(mine, mine))
            theirs += float(np.dot(its, its))
    return products, ours, theirs


def _centred(samples: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    finite = np.nan_to_num(samples, nan=0.0, posinf=0.0, neginf=0.0)
    return finite - finite.mean() if len(finite) else finite
