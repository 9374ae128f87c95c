"""What is heard of the agent of a call: speech, and neither echoes of the caller nor music."""

from functools import cache

import numpy as np
import pytest
from tests.support.calls import RATE, SPOKEN, echo, sample, says, silence

from stt_monitor.audio.formats import AudioFormat, Encoding, Samples
from stt_monitor.audio.vad.agent import make_ear
from stt_monitor.audio.vad.reference import EdgeKind

FORMAT = AudioFormat(Encoding.PCM_F32LE, RATE)
LINE = (0.05, 0.2, 0.5, 0.3, -0.2, -0.1, 0.05)
"""What a telephone line makes of a click."""
APART = ((0, 3.4), (1, 11.0))
"""What the agent says, and when: in the caller's pauses."""


@cache
def said_at(*places: tuple[int, float]) -> list[tuple[float, float]]:
    """Return where the agent is heard that says these parts over nothing else."""
    return heard(says(*places))


def heard(agent: Samples, caller: Samples | None = None, chunk: int = 1600) -> list[tuple[float, float]]:
    """Return where the agent speaks, seconds; the caller says the sample, if nothing else."""
    caller = sample() if caller is None else caller
    ear = make_ear(FORMAT)
    assert ear is not None
    edges = []
    for at in range(0, len(caller), chunk):
        edges += ear.feed(caller[at : at + chunk].tobytes(), agent[at : at + chunk].tobytes())
    edges += ear.finish()
    assert [edge.kind for edge in edges] == [EdgeKind.ONSET, EdgeKind.END] * (len(edges) // 2)
    positions = [edge.position for edge in edges]
    return list(zip(positions[::2], positions[1::2], strict=True))


def on_the_telephone(samples: Samples) -> Samples:
    """Send it at 8 kHz, in mu-law."""
    companded = np.sign(samples) * np.log1p(255 * np.abs(samples)) / np.log(256)
    coarse = np.round(companded[::2] * 127) / 127
    narrow = np.sign(coarse) * np.expm1(np.abs(coarse) * np.log(256)) / 255
    places = np.arange(len(samples)) / 2
    return np.asarray(np.interp(places, np.arange(len(narrow)), narrow), np.float32)


def test_silence_is_silence():
    assert heard(silence()) == []


@pytest.mark.slow
def test_an_agent_is_heard_where_it_speaks():
    found = heard(says((0, 3.4), (1, 8.0)))
    assert np.allclose(found, [(3.4, 5.71), (8.0, 11.3)], atol=0.15)


@pytest.mark.slow
def test_an_agent_alone_is_heard_to_the_digit_however_its_sound_is_cut():
    found = heard(sample(), silence())
    assert found == heard(sample(), silence(), chunk=777)
    assert np.allclose(found, SPOKEN, atol=0.01)


@pytest.mark.slow
@pytest.mark.parametrize("gain", [0.6, 0.3, 0.03])
@pytest.mark.parametrize("delay_s", [0.0, 0.02, 0.13, 0.31, 0.499])
def test_an_echo_is_no_speech(delay_s: float, gain: float):
    assert heard(echo(delay_s, gain)) == []


@pytest.mark.slow
def test_an_echo_from_a_noisy_line_is_none_either():
    noise = np.random.default_rng(7).normal(0, 0.001, len(sample())).astype(np.float32)
    coarse = np.round((echo(0.12, 0.5, LINE) + noise) * 256) / 256
    assert heard(coarse.astype(np.float32)) == []


@pytest.mark.slow
@pytest.mark.parametrize(("length_s", "direct_db"), [(0.2, 0), (0.3, 0)])
def test_an_echo_from_a_room_is_none_and_an_agent_is_heard_over_it(length_s: float, direct_db: int):
    times = np.arange(1, round(length_s * RATE)) / RATE
    room = np.random.default_rng(1).normal(size=len(times)) * np.exp(-6.9 * times / length_s)
    room *= 10 ** (-direct_db / 20) / np.sqrt(np.square(room).sum())
    way = np.array([1.0, *room]) / np.sqrt(1 + 10 ** (-direct_db / 10))
    echoed = echo(0.1, 0.3, tuple(way))
    assert heard(echoed) == []
    assert np.allclose(heard(says(*APART) + echoed), said_at(*APART), atol=0.2)


@pytest.mark.slow
def test_an_echo_by_two_ways_is_none_and_an_agent_is_heard_over_it():
    echoed = echo(0.05, 0.25, LINE) + echo(0.3, 0.18, LINE)
    assert heard(echoed) == []
    assert np.allclose(heard(says(*APART) + echoed), said_at(*APART), atol=0.2)


@pytest.mark.slow
def test_a_telephone_call_has_its_agent_and_no_echo():
    caller, agent = on_the_telephone(sample()), on_the_telephone(says(*APART) + echo(0.17, 0.2, LINE))
    assert np.allclose(heard(agent, caller), said_at(*APART), atol=0.2)
    assert heard(on_the_telephone(echo(0.17, 0.2, LINE)), caller) == []


@pytest.mark.slow
def test_an_agent_is_heard_over_an_echo():
    assert np.allclose(heard(says(*APART) + echo(0.12, 0.3, LINE)), said_at(*APART), atol=0.2)


@pytest.mark.slow
def test_a_copy_that_is_no_quieter_is_no_echo():
    assert np.allclose(heard(echo(0.2, 1.0)), np.add(SPOKEN, 0.2), atol=0.15)


@pytest.mark.slow
def test_what_the_caller_echoes_of_the_agent_is_the_agents():
    said = says((1, 5.0))
    assert np.allclose(heard(said, np.roll(said, 3200) * np.float32(0.3)), [(5.0, 8.3)], atol=0.15)


@pytest.mark.slow
def test_music_on_hold_is_no_speech():
    times = np.arange(12 * RATE) / RATE
    beat = np.exp(-3 * (times % 0.5))
    notes = np.array([261.6, 329.6, 392.0, 523.3, 392.0, 329.6])[(times // 0.5).astype(int) % 6]
    phase = 2 * np.pi * np.cumsum(notes) / RATE
    music = sum(np.sin(n * phase) / n for n in (1, 2, 3, 4)) * beat + 0.3 * np.sin(2 * np.pi * 130.8 * times)
    assert heard((0.2 * music).astype(np.float32), sample()[: len(times)]) == []
