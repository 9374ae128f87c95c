"""When words are settled: what is recognised then, and what that leaves alone."""

import wave
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from tests.server.speech import errors, words

from stt_monitor.audio.formats import Encoding, Samples, decode
from stt_monitor.audio.resampling import SPEECH_RATE
from stt_monitor.audio.vad.silero import FRAME, FRAME_S
from stt_monitor.server.asr.models import Models
from stt_monitor.server.asr.recogniser import Hypothesis, Recogniser
from stt_monitor.server.asr.streaming import PAUSE_S, STILLNESS_S, Transcriber
from stt_monitor.server.asr.tokenizer import Tokens

RECORDING = Path(__file__).parents[1] / "data" / "amiable.wav"
SENTENCE = "he might even have been made amiable himself"


class Listening(Recogniser):
    """The recogniser; it notes how much audio it was given (s)."""

    def __init__(self, models: Models) -> None:
        super().__init__(models)
        self.given: list[float] = []

    def recognise(self, samples: Samples, prefix: Tokens = (), draft: Tokens = (), *, doubt: float = 0.0) -> Hypothesis:
        self.given.append(len(samples) / SPEECH_RATE)
        return super().recognise(samples, prefix, draft, doubt=doubt)


@cache
def models() -> Models:
    return Models.load()


@cache
def sentence() -> Samples:
    """A woman reading SENTENCE."""
    with wave.open(str(RECORDING)) as recording:
        return decode(recording.readframes(recording.getnframes()), Encoding.PCM_S16LE)


@pytest.fixture
def recogniser() -> Listening:
    return Listening(models())


def heard(recogniser: Listening, silence: float) -> Transcriber:
    """Return a transcriber that has heard SENTENCE, and then so much silence (s)."""
    transcriber = Transcriber(recogniser, models().tokenizer, np.zeros(FRAME, np.float32))
    for at in range(FRAME, len(sentence()), FRAME):
        transcriber.feed(sentence()[at - FRAME : at], voiced=True)
    for _ in range(round(silence / FRAME_S)):
        transcriber.feed(np.zeros(FRAME, np.float32), voiced=False)
    return transcriber


@pytest.mark.slow
def test_words_that_are_to_stand_are_recognised_with_more_silence_behind_them(recogniser: Listening) -> None:
    transcriber = heard(recogniser, PAUSE_S)
    judged = transcriber.completeness
    text = transcriber.finalize()
    said = len(sentence()) / SPEECH_RATE + PAUSE_S
    assert errors(words(text), SENTENCE.split()) <= 2
    assert recogniser.given[-1] == pytest.approx(said + STILLNESS_S, abs=2 * FRAME_S)
    assert max(recogniser.given[:-1]) <= said + FRAME_S
    assert transcriber.completeness == judged


@pytest.mark.slow
def test_what_stands_is_not_recognised_again(recogniser: Listening) -> None:
    transcriber = heard(recogniser, PAUSE_S)
    text = transcriber.finalize()
    times = len(recogniser.given)
    assert transcriber.finalize() == text
    assert len(recogniser.given) == times


@pytest.mark.slow
def test_every_word_has_a_confidence_and_a_place(recogniser: Listening) -> None:
    transcriber = heard(recogniser, PAUSE_S)
    text = transcriber.finalize()
    found = transcriber.words(1.0, 4.0)
    assert " ".join(word.text for word in found) == text.strip()
    assert all(word.confidence is not None and 0 < word.confidence <= 1 for word in found)
    assert found[0].start == 1.0
    assert found[-1].end == pytest.approx(4.0)
    assert [word.start for word in found[1:]] == [word.end for word in found[:-1]]


@pytest.mark.slow
def test_no_silence_is_imagined_in_mid_speech(recogniser: Listening) -> None:
    transcriber = heard(recogniser, 0.0)
    length = FRAME_S + len(sentence()) / SPEECH_RATE
    transcriber.finalize()
    assert max(recogniser.given) <= length
