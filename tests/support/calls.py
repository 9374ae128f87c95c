"""Recorded calls made of what a person reads: the caller left, the agent right."""

from functools import lru_cache
from pathlib import Path

import numpy as np
import soundfile
from tests.support.sound import READING

from stt_monitor.audio.formats import Samples

RATE = 16_000
SPOKEN = ((0.81, 3.12), (4.02, 7.32), (10.54, 13.5))
"""Where the sample's speech is, by the detector, in seconds."""


@lru_cache
def sample() -> Samples:
    samples, _ = soundfile.read(READING, dtype="float32")
    return np.asarray(samples, np.float32)


def silence() -> Samples:
    return np.zeros(len(sample()), np.float32)


def says(*parts: tuple[int, float]) -> Samples:
    """Say parts of the sample (the number in `SPOKEN`), each beginning at its time."""
    agent = silence()
    for number, at in parts:
        begin, end = (round(each * RATE) for each in SPOKEN[number])
        place = round(at * RATE)
        agent[place : place + end - begin] += sample()[begin:end]
    return agent


def echo(delay_s: float, gain: float = 0.3, filtered: tuple[float, ...] = (1.0,)) -> Samples:
    """The caller on the agent's channel: later, quieter, and filtered."""
    late = np.concatenate([np.zeros(round(delay_s * RATE), np.float32), sample()])
    return np.asarray(gain * np.convolve(late, filtered)[: len(sample())], np.float32)


def write_call(path: Path, agent: Samples) -> Path:
    soundfile.write(path, np.stack([sample(), agent], axis=1), RATE, subtype="PCM_16")
    return path
