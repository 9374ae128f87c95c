"""What the arms do, measured in the sound that comes out."""

from functools import partial

import numpy as np
import pytest
from tests.audio.degrade.measuring import active_db, bursts, db, heard_of, speech

from stt_monitor.audio.degrade.chain import Chain, degrade, measure
from stt_monitor.audio.degrade.loss import PACKET_S
from stt_monitor.audio.degrade.phone import through_mulaw
from stt_monitor.audio.formats import Encoding, Samples, decode
from stt_monitor.core.errors import InputError
from stt_monitor.core.sound.arms import KINDS, Arm, parse_arms

RATE = 16_000
ALL = ["noise:10", "babble:10", "phone", "gain:-6", "clip:6", "loss:5", "jitter:40"]


def through(samples: Samples, *arms: str, rate: int = RATE, seed: int = 1) -> Samples:
    return degrade(samples, rate, parse_arms(arms), seed)


@pytest.mark.parametrize("arm", ["noise", "babble"])
@pytest.mark.parametrize("asked", [-5, 10, 25])
@pytest.mark.parametrize("rate", [8000, 16_000, 44_100])
def test_what_is_added_is_so_much_below_the_speech(arm: str, asked: int, rate: int) -> None:
    clean = speech(rate)
    added = through(clean, f"{arm}:{asked}", rate=rate) - clean
    assert active_db(clean, rate) - db(added) == pytest.approx(asked, abs=0.5)


def test_pauses_do_not_count_as_speech() -> None:
    clean = speech(RATE)
    padded = np.concatenate([np.zeros(60 * RATE, np.float32), clean, np.zeros(60 * RATE, np.float32)])
    added = through(padded, "noise:10") - padded
    assert active_db(clean, RATE) - db(added) == pytest.approx(10, abs=0.5)


def test_noise_is_measured_by_the_speech_as_the_arms_before_it_leave_it() -> None:
    clean = speech(RATE)
    for before in (["gain:-20"], ["phone"], ["clip:12"], ["gain:-20", "noise:0"]):
        shaped = through(clean, *[arm for arm in before if not arm.startswith("noise")])
        added = through(clean, *before, "noise:15") - through(clean, *before)
        assert active_db(shaped, RATE) - db(added) == pytest.approx(15, abs=0.5)


def test_noise_is_white_and_babble_sounds_like_speech() -> None:
    clean = speech(RATE)
    halves = [np.abs(np.fft.rfft(through(clean, f"{arm}:0") - clean)) ** 2 for arm in ("noise", "babble")]
    low = [float(each[: len(each) // 2].sum() / each.sum()) for each in halves]
    assert low[0] == pytest.approx(0.5, abs=0.02)
    assert low[1] > 0.9


def test_silence_has_no_speech_to_measure_noise_by() -> None:
    with pytest.raises(InputError, match="--degrade noise:10: the recording is silent"):
        through(np.zeros(RATE, np.float32), "noise:10")
    assert not through(np.zeros(RATE, np.float32), "phone", "gain:6", "clip:6", "loss:5").any()


@pytest.mark.parametrize("rate", [8000, 16_000, 44_100, 48_000])
def test_a_telephone_has_the_band_from_300_to_3400_hz(rate: int) -> None:
    for hz in (300, 400, 1000, 2500, 3400):
        assert heard_of(hz, "phone", rate) == pytest.approx(0, abs=1.0), hz
    for hz in (50, 150, 200, 3600, 3900, 4500, 7000):
        if hz < rate / 2:
            assert heard_of(hz, "phone", rate) < -25, hz


def test_a_telephone_neither_delays_nor_shortens() -> None:
    for rate in (8000, 11_025, 16_000, 44_100):
        clean = speech(rate)[: 3 * rate + 7]
        line = through(clean, "phone", rate=rate)
        assert len(line) == len(clean)
        size = 2 * len(clean)
        correlation = np.fft.irfft(np.fft.rfft(line, size) * np.conj(np.fft.rfft(clean, size)), size)
        assert int(np.argmax(correlation)) in (0, size - 1, 1)


def test_a_telephone_rounds_to_the_steps_of_mulaw() -> None:
    every = np.arange(-32768, 32768).astype(np.float32) / np.float32(32768)
    steps = decode(bytes(range(256)), Encoding.PCM_MULAW)
    out = through_mulaw(every)
    assert set(out.tolist()) == set(steps.tolist())
    assert np.array_equal(through_mulaw(steps), steps)
    within = np.abs(every) < 0.98
    half_a_step = (np.abs(every) + 132 / 32768) / 32
    assert np.all(np.abs(out - every)[within] <= half_a_step[within]), "16 steps an octave, from a bias on"
    line = through(speech(8000), "phone", rate=8000)  # nothing is resampled here: the very steps come out
    assert set(line.tolist()) <= set(steps.tolist())


def test_gain_is_exact() -> None:
    clean = speech(RATE)
    assert db(through(clean, "gain:-12.5")) - db(clean) == pytest.approx(-12.5, abs=0.01)
    assert np.array_equal(through(clean, "gain:0"), clean)


def test_clipping_cuts_off_what_is_so_much_below_the_peak() -> None:
    clean = speech(RATE) * np.float32(0.1)
    limit = np.abs(clean).max() * 10 ** (-12 / 20)
    out = through(clean, "clip:12")
    assert np.abs(out).max() == 1
    assert float(np.mean(np.abs(out) == 1)) == pytest.approx(float(np.mean(np.abs(clean) >= limit)), abs=1e-4)
    untouched = np.abs(clean) < limit * 0.999
    assert np.allclose(out[untouched], clean[untouched] / limit, atol=1e-5)
    assert np.abs(through(clean, "gain:-20", "clip:0")).max() == pytest.approx(1)


@pytest.mark.parametrize("percent", [0, 1, 5, 20, 50])
@pytest.mark.parametrize("seconds", [20, 200])
def test_the_asked_share_of_packets_is_lost_in_bursts(percent: int, seconds: int) -> None:
    heard = through(np.ones(seconds * RATE, np.float32), f"loss:{percent}")
    packets = heard.reshape(-1, round(RATE * PACKET_S))
    assert set(np.unique(packets.mean(axis=1)).tolist()) <= {0.0, 1.0}, "packets are lost whole"
    lost = packets[:, 0] == 0
    assert lost.mean() == pytest.approx(percent / 100)
    if seconds > 20 and percent:
        lengths = bursts(lost)
        assert lengths.mean() == pytest.approx(3, rel=0.25)
        assert lengths.max() > 5, "some are long"
        assert (lengths == 1).any(), "some are short"


def test_the_share_is_about_right_in_a_short_recording_of_any_rate() -> None:
    for rate in (8000, 11_025, 44_100):
        shares = [float(np.mean(through(np.ones(10 * rate, np.float32), "loss:10", rate=rate, seed=seed) == 0))
                  for seed in range(20)]  # fmt: skip
        assert np.mean(shares) == pytest.approx(0.1, abs=0.015)


def test_jitter_leaves_the_sound_alone() -> None:
    clean = speech(RATE)
    assert np.array_equal(through(clean, "jitter:100"), clean)


def test_the_same_seed_makes_the_same_and_another_another() -> None:
    clean = speech(RATE)
    for arm in ("noise:10", "babble:10", "loss:5"):
        assert np.array_equal(through(clean, arm), through(clean, arm))
        assert not np.array_equal(through(clean, arm), through(clean, arm, seed=2))
    twice = through(clean, "noise:10", "noise:10") - clean
    assert db(twice) - db(through(clean, "noise:10") - clean) == pytest.approx(3, abs=0.3), "each has noise of its own"


@pytest.mark.slow
@pytest.mark.parametrize("rate", [8000, 16_000, 22_050])
def test_the_same_comes_out_in_blocks_of_any_size(rate: int) -> None:
    clean = speech(rate)[: 9 * rate + 123]
    arms = parse_arms(ALL)
    whole = degrade(clean, rate, arms)
    assert len(whole) == len(clean)
    for block in (len(clean), rate, 1600, 777):
        measured = measure(arms, rate, partial(pieces, clean, block))
        assert np.array_equal(run(measured.start(), pieces(clean, block)), whole)
    ragged = np.cumsum(np.random.default_rng(0).integers(0, 999, 500))
    assert np.array_equal(run(measure(arms, rate, lambda: [clean]).start(), np.split(clean, ragged)), whole)


def test_a_recording_of_any_length_keeps_it() -> None:
    for samples in (0, 1, 79, 161):
        clean = np.full(samples, 0.1, np.float32)
        assert len(through(clean, "phone", "loss:5")) == samples


def test_every_kind_of_arm_is_there() -> None:
    assert {arm.kind for arm in parse_arms(ALL)} == set(KINDS)
    for kind in set(KINDS) - {"jitter"}:
        assert len(measure([Arm(kind, 1)], RATE, lambda: [speech(RATE)]).start()._stages) == 1


def pieces(samples: Samples, size: int) -> list[Samples]:
    return [samples[at : at + size] for at in range(0, len(samples), size)]


def run(chain: Chain, blocks: list[Samples]) -> Samples:
    return np.concatenate([*map(chain.feed, blocks), chain.finish()])
