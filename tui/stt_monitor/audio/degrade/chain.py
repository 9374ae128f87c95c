"""Applies arms to a recording, one after another, in blocks: memory does not grow with its length."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final, NamedTuple

import numpy as np

from stt_monitor.audio.degrade.background import Babble, Noise
from stt_monitor.audio.degrade.loss import Loss
from stt_monitor.audio.degrade.phone import Phone
from stt_monitor.audio.degrade.simple import NOTHING, Clip, Gain
from stt_monitor.audio.degrade.speech_level import SpeechLevel
from stt_monitor.audio.degrade.stage import Stage
from stt_monitor.audio.formats import Samples
from stt_monitor.core.errors import InputError
from stt_monitor.core.sound.arms import Arm

SEED: Final = 1
"""Of all that is random, unless told otherwise: the same arms make the same of a recording, every time."""

Blocks = Callable[[], Iterable[Samples]]
"""Reads a recording from its beginning, block by block."""

_SHAPES_SPEECH: Final = ("phone", "gain", "clip")
"""Arms behind which speech is as loud as they make it. The others add to it or take pieces out."""


class Measured(NamedTuple):
    """Arms, and what each has to know of the recording."""

    arms: tuple[Arm, ...]
    knows: tuple[float, ...]
    """Power of the speech, or the peak, before each arm; 0 for one that need not know it."""
    sample_rate: int
    seed: int

    def start(self) -> "Chain":
        """Return what degrades the recording, from its beginning."""
        return Chain(_stages(self, range(len(self.arms))))


class Chain:
    """Arms on their way through one recording: as many samples come out as go in."""

    def __init__(self, stages: Iterable[Stage]) -> None:
        self._stages = tuple(stages)
        self._owed = 0

    def feed(self, samples: Samples) -> Samples:
        """Degrade the next samples; the last of them may come out with later ones."""
        self._owed += len(samples)
        for stage in self._stages:
            samples = stage.feed(samples)
        return self._take(samples)

    def finish(self) -> Samples:
        """End the recording; return what is left."""
        out = NOTHING
        for stage in self._stages:
            out = np.concatenate([stage.feed(out), stage.finish()])
        rest = self._take(out)
        return np.concatenate([rest, np.zeros(self._owed, np.float32)])  # resampling may round the length down

    def _take(self, samples: Samples) -> Samples:
        taken = samples[: self._owed]  # or up
        self._owed -= len(taken)
        return taken


def measure(arms: Sequence[Arm], sample_rate: int, blocks: Blocks, seed: int = SEED) -> Measured:
    """Find out what the arms have to know of a recording.

    Reads it once for each arm that has to know something: the level of the speech, behind the arms before that change
    it, or the peak.

    Args:
        arms: in their order.
        sample_rate: of the recording, Hz.
        blocks: reads the recording; called for each time that it is read.
        seed: of all that is random.

    Raises:
        InputError: noise or voices have nothing to be measured by, because the recording is silent.
    """
    measured = Measured(tuple(arms), (0.0,) * len(arms), sample_rate, seed)
    for number, arm in enumerate(arms):
        known = 0.0
        if arm.kind in ("noise", "babble"):
            known = _speech_power(measured, number, blocks)
            if known == 0:
                raise InputError(f"--degrade {arm.name}: the recording is silent: leave {arm.kind} out")
        elif arm.kind == "clip":
            known = max((float(np.abs(each).max(initial=0)) for each in _before(measured, number, blocks)), default=0.0)
        measured = measured._replace(knows=(*measured.knows[:number], known, *measured.knows[number + 1 :]))
    return measured


def random_of(seed: int, number: int) -> np.random.Generator:
    """Return what an arm draws from, by its place: each has a row of its own."""
    return np.random.default_rng([seed, number])


def degrade(samples: Samples, sample_rate: int, arms: Sequence[Arm], seed: int = SEED) -> Samples:
    """Return a whole recording degraded; as many samples, not limited to full scale (-1..1).

    Raises:
        InputError: as `measure` does.
    """
    chain = measure(arms, sample_rate, lambda: [samples], seed).start()
    return np.concatenate([chain.feed(samples), chain.finish()])


def _speech_power(measured: Measured, number: int, blocks: Blocks) -> float:
    level = SpeechLevel(measured.sample_rate)
    for each in _before(measured, number, blocks):
        level.feed(each)
    return level.power()


def _before(measured: Measured, number: int, blocks: Blocks) -> Iterator[Samples]:
    """Yield the recording as it comes to an arm, without what is added to the speech or lost of it."""
    chain = Chain(_stages(measured, [at for at in range(number) if measured.arms[at].kind in _SHAPES_SPEECH]))
    for each in blocks():
        yield chain.feed(each)
    yield chain.finish()


def _stages(measured: Measured, numbers: Iterable[int]) -> Iterator[Stage]:
    rate = measured.sample_rate
    for number in numbers:
        arm, known = measured.arms[number], measured.knows[number]
        random = random_of(measured.seed, number)
        match arm.kind:
            case "phone":
                yield Phone(rate)
            case "noise":
                yield Noise(arm.amount, known, random)
            case "babble":
                yield Babble(arm.amount, known, rate, random)
            case "gain":
                yield Gain(arm.amount)
            case "clip":
                yield Clip(arm.amount, known)
            case "loss":
                yield Loss(arm.amount, rate, random)
            case _:  # jitter changes when frames are sent, not what is in them
                pass
