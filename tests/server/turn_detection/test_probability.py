"""The likelihood, and the voice that it follows."""

import pytest

from stt_monitor.audio.vad.silero import FRAME_S
from stt_monitor.server.turn_detection.probability import Likelihood, Voice


def spoken(frames: int = 30) -> Likelihood:
    likelihood = Likelihood()
    for _ in range(frames):
        likelihood.rise(1.0)
    return likelihood


def until(threshold: float, completeness: float) -> float:
    """Seconds of silence until the likelihood is below `threshold`."""
    likelihood, silence = spoken(), 0.0
    while likelihood.value >= threshold:
        silence += FRAME_S
        likelihood.fall(silence, completeness)
    return silence


def test_it_rises_within_a_tenth_of_a_second_and_stays_within_bounds() -> None:
    assert spoken(3).value > 0.8
    assert spoken(1000).value <= 1


def test_doubtful_voice_counts_less() -> None:
    doubtful = Likelihood()
    doubtful.rise(0.5)
    assert 0 < doubtful.value < spoken(1).value


@pytest.mark.parametrize("threshold", [0.6, 0.3, 0.05])
def test_it_falls_faster_the_more_complete_the_words_are(threshold: float) -> None:
    waits = [until(threshold, degree / 10) for degree in range(11)]
    assert waits == sorted(waits, reverse=True)
    assert waits[0] > 3 * waits[-1]


def test_lower_thresholds_wait_longer() -> None:
    for completeness in (0.0, 0.5, 1.0):
        waits = [until(threshold, completeness) for threshold in (0.8, 0.6, 0.4, 0.2, 0.05)]
        assert waits == sorted(set(waits))


def test_the_closure_of_a_plosive_changes_nothing() -> None:
    likelihood = spoken()
    before = likelihood.value
    likelihood.fall(0.09, 1.0)
    assert likelihood.value == before


def test_it_recovers() -> None:
    likelihood = spoken()
    likelihood.fall(0.5, 1.0)
    assert likelihood.value < 0.3
    for _ in range(3):
        likelihood.rise(1.0)
    assert likelihood.value > 0.8
    likelihood.fall(0.06, 1.0)
    assert likelihood.value > 0.8


def test_voice_is_bridged_over_short_gaps_only() -> None:
    voice = Voice()
    assert not voice.update(0.4)
    assert voice.update(0.6)
    assert voice.update(0.4)
    assert not voice.update(0.1)
    assert voice.silence == pytest.approx(FRAME_S)
    assert voice.update(0.4)
    for _ in range(5):
        voice.update(0.1)
    assert not voice.update(0.4)
