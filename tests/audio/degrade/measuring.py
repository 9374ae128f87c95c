"""Measures sound, each in a way of its own: marked speech, single tones, runs of lost packets."""

from functools import cache
from typing import cast

import numpy as np
import numpy.typing as npt
import soundfile
import soxr
from tests.support.sound import READING

from stt_monitor.audio.degrade.chain import degrade
from stt_monitor.audio.formats import Samples
from stt_monitor.core.sound.arms import parse_arms

NEAR_S = 0.1
FAINT = 0.03


@cache
def speech(rate: int) -> Samples:
    """Return what a person reads at a rate."""
    samples, recorded = soundfile.read(READING, dtype="float32")
    return cast("Samples", soxr.resample(samples, recorded, rate).astype(np.float32))


def db(samples: Samples) -> float:
    return float(10 * np.log10(np.mean(np.square(samples, dtype=np.float64))))


def active_db(samples: Samples, rate: int) -> float:
    """Return the level of all that is near a sound which is not faint beside the loudest."""
    near = round(NEAR_S * rate)
    loud = np.cumsum(np.pad(np.abs(samples) > FAINT * np.abs(samples).max(), near).astype(np.int64))
    return db(samples[loud[2 * near :] > np.concatenate([[0], loud])[: len(samples)]])


def heard_of(hz: float, arm: str, rate: int) -> float:
    """Return what is left of a tone, dB, in the middle of two seconds of it."""
    turn = np.exp(2j * np.pi * hz * np.arange(2 * rate) / rate)
    out = degrade((0.5 * turn.real).astype(np.float32), rate, parse_arms([arm]))
    middle = slice(rate // 2, 3 * rate // 2)
    return float(20 * np.log10(4 * abs(np.mean(out[middle] * turn.conj()[middle])) + 1e-9))


def bursts(lost: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
    """Return the lengths of the runs of what is lost."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], lost, [False]]).astype(np.int8)))
    return np.diff(edges)[::2]
