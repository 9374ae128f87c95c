"""Speech at rates that are not its own is doubted, and no other is."""

from functools import cache
from typing import cast

import numpy as np
import pytest
import soxr
from tests.audio.degrade.measuring import speech

from stt_monitor.audio.declared_rate import RateCheck, find_voice
from stt_monitor.audio.degrade.chain import degrade
from stt_monitor.audio.formats import AudioFormat, Encoding, Samples
from stt_monitor.core.sound.arms import parse_arms

RATE = 16_000
FAST, SLOW = "twice as fast", "half as fast"


def doubt(samples: Samples, rate: int, *, piece: int = 1600) -> str:
    check = RateCheck(AudioFormat(Encoding.PCM_F32LE, rate))
    said = [check.feed(samples[at : at + piece].astype("<f4").tobytes()) for at in range(0, len(samples), piece)]
    said.append(check.finish())
    assert sum(map(bool, said)) <= 1, "it is said once"
    return "".join(said)


def at_rate(samples: Samples, rate: int) -> Samples:
    return cast("Samples", soxr.resample(samples, RATE, rate).astype(np.float32))


@cache
def heard(*arms: str) -> Samples:
    return degrade(speech(RATE), RATE, parse_arms(arms))


@pytest.mark.slow
@pytest.mark.parametrize(("true", "declared", "word"), [(8000, 16_000, FAST), (24_000, 48_000, FAST),
                                                        (16_000, 8000, SLOW), (48_000, 24_000, SLOW)])  # fmt: skip
def test_a_rate_at_which_nobody_speaks_is_doubted(true: int, declared: int, word: str) -> None:
    said = doubt(at_rate(heard(), true), declared)
    assert said.startswith(f"the speech sounds {word} as people speak: ")
    assert f"really {declared} Hz, not {true}?" in said
    assert "--rate" in said


def test_telephone_speech_at_twice_its_rate_is_doubted() -> None:
    assert FAST in doubt(at_rate(heard("phone"), 8000), 16_000)


@pytest.mark.parametrize("arms", [(), ("phone",), ("noise:10",), ("babble:10",), ("gain:-40",), ("clip:12",),
                                  ("clip:20", "phone"), ("phone", "noise:5"), ("loss:20",)])  # fmt: skip
def test_real_speech_is_not_doubted_however_it_sounds(arms: tuple[str, ...]) -> None:
    assert doubt(heard(*arms), RATE) == ""


@pytest.mark.parametrize("rate", [8000, 48_000])
def test_real_speech_is_not_doubted_at_any_rate(rate: int) -> None:
    assert doubt(at_rate(heard(), rate), rate) == ""


def test_narrow_speech_at_a_higher_rate_is_no_wrong_rate() -> None:
    narrow = soxr.resample(at_rate(heard(), 8000), 8000, 16_000).astype(np.float32)
    assert doubt(narrow, 16_000) == ""


@pytest.mark.parametrize("speed", [0.75, 1.3])
def test_slow_and_fast_speakers_are_not_doubted(speed: float) -> None:
    assert doubt(at_rate(heard(), round(RATE / speed)), RATE) == ""


@pytest.mark.slow
def test_what_is_no_speech_is_not_doubted() -> None:
    random, t = np.random.default_rng(0), np.arange(20 * RATE) / RATE
    for sound in (
        np.zeros(20 * RATE),
        random.normal(0, 0.1, 20 * RATE),
        0.3 * np.sin(2 * np.pi * 440 * t),
        0.3 * np.sign(np.sin(2 * np.pi * 800 * t)),
        0.3 * np.sin(2 * np.pi * 100 * t),
        sum(0.05 * np.sin(2 * np.pi * hz * t) * (np.sin(2 * np.pi * 3 * t) > 0) for hz in (262, 524, 660, 784, 1320)),
    ):
        assert doubt(np.asarray(sound, np.float32), RATE) == ""


def test_too_little_is_not_judged() -> None:
    assert doubt(at_rate(heard(), 8000)[:8000], 16_000) == ""
    assert doubt(np.zeros(0, np.float32), 16_000) == ""
    assert find_voice(np.zeros(10, np.float32)) is None


@pytest.mark.slow
def test_it_hears_no_more_than_it_needs() -> None:
    long = np.tile(at_rate(heard(), 8000), 4)
    check, listened = RateCheck(AudioFormat(Encoding.PCM_F32LE, 16_000)), 0
    while not check.over:
        check.feed(long[listened : listened + 1600].astype("<f4").tobytes())
        listened += 1600
    assert listened < 30 * 16_000
    assert check.feed(b"\0" * 6400) == check.finish() == ""


@pytest.mark.slow
def test_pieces_of_any_length_are_judged_alike() -> None:
    samples = at_rate(heard(), 8000)
    assert {doubt(samples, 16_000, piece=piece) for piece in (160, 50_000)} == {doubt(samples, 16_000)}
