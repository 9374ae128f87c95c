"""What is heard beside the speech: noise, or other voices, at a distance in dB from the level of the speech."""

import wave
from functools import lru_cache
from typing import Final, cast

import numpy as np
import soxr

from stt_monitor.audio.degrade.simple import NOTHING, factor
from stt_monitor.audio.formats import Encoding, Samples, decode
from stt_monitor.audio.sample import SAMPLE

_PITCHES: Final = (0.78, 0.84, 0.9, 0.97, 1.05, 1.13, 1.22, 1.3)
"""By how much each of the voices is higher and faster than that of the bundled sample."""
_LOOP_S: Final = 60.0
"""After this long the voices begin again."""
_FRAME: Final = 320
_PAUSE: Final = 10**-3.5
"""Frames of the sample below its mean power by so much are pauses, and left out."""


class Noise:
    """Adds white noise: normally distributed, over the whole band of the recording."""

    def __init__(self, decibels: float, speech_power: float, random: np.random.Generator) -> None:
        """Prepare to add noise, in dB below speech of this power."""
        self._scale = np.float32(np.sqrt(speech_power) / factor(decibels))
        self._random = random

    def feed(self, samples: Samples) -> Samples:
        """Add noise to the next samples."""
        return samples + self._scale * self._random.standard_normal(len(samples), np.float32)

    def finish(self) -> Samples:
        """Return nothing: nothing is kept."""
        return NOTHING


class Babble:
    """Adds other voices: the bundled sample's speech at eight pitches at once, each from a place of its own."""

    def __init__(self, decibels: float, speech_power: float, sample_rate: int, random: np.random.Generator) -> None:
        """Prepare to add voices, together in dB below speech of this power."""
        voices = _voices(sample_rate)
        begin = [int(random.integers(len(each))) for each in voices]
        length = round(sample_rate * _LOOP_S)
        babble = sum(np.resize(np.roll(each, -at), length) for each, at in zip(voices, begin, strict=True))
        self._babble = (babble * (np.sqrt(speech_power) / factor(decibels) / np.std(babble))).astype(np.float32)
        self._place = 0

    def feed(self, samples: Samples) -> Samples:
        """Add the voices to the next samples."""
        at = np.arange(self._place, self._place + len(samples))
        self._place = (self._place + len(samples)) % len(self._babble)
        babble: Samples = np.take(self._babble, at, mode="wrap")
        return samples + babble

    def finish(self) -> Samples:
        """Return nothing: nothing is kept."""
        return NOTHING


@lru_cache(maxsize=2)
def _voices(sample_rate: int) -> tuple[Samples, ...]:
    """Return the voices at a rate, each without pauses, of mean 0 and power 1."""
    with wave.open(str(SAMPLE), "rb") as file:
        rate = file.getframerate()
        speech = decode(file.readframes(file.getnframes()), Encoding.PCM_S16LE)
    frames = speech[: len(speech) // _FRAME * _FRAME].reshape(-1, _FRAME)
    powers = frames.var(axis=1)
    spoken = frames[powers > _PAUSE * powers.mean()].ravel()
    voices = (cast("Samples", soxr.resample(spoken, rate * pitch, sample_rate, "HQ")) for pitch in _PITCHES)
    return tuple((voice - voice.mean()) / voice.std() for voice in voices)
