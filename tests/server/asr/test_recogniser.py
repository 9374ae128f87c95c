"""Decoding: what is forced, what is only guessed, and where a hypothesis ends."""

from math import exp

import pytest
from tests.server.speech import beckett

from stt_monitor.audio.formats import Encoding, decode
from stt_monitor.audio.resampling import SPEECH_RATE
from stt_monitor.server.asr.models import Models
from stt_monitor.server.asr.recogniser import Recogniser


@pytest.fixture(scope="session")
def models() -> Models:
    return Models.load()


SAMPLES = decode(beckett(), Encoding.PCM_S16LE)[: 4 * SPEECH_RATE]


@pytest.mark.slow
def test_a_draft_with_wrong_tokens_changes_no_word(models: Models) -> None:
    recogniser = Recogniser(models)
    tokens = recogniser.recognise(SAMPLES).tokens
    comma, *_ = models.tokenizer.ids(",")
    missing = (*tokens[:3], *tokens[4:])
    changed = (*tokens[:3], tokens[0], *tokens[4:])
    inserted = (*tokens[:3], comma, *tokens[3:])
    assert len(tokens) >= 8
    for draft in (tokens, missing, changed, inserted, tokens[:5], tokens[::-1]):
        assert words(models, recogniser.recognise(SAMPLES, (), draft).tokens) == words(models, tokens)


@pytest.mark.slow
def test_a_prefix_is_not_repeated(models: Models) -> None:
    recogniser = Recogniser(models)
    tokens = recogniser.recognise(SAMPLES).tokens
    assert words(models, recogniser.recognise(SAMPLES, tokens[:4]).tokens) == words(models, tokens[4:])


@pytest.mark.slow
def test_each_place_has_an_outlook(models: Models) -> None:
    for doubt in (0.0, 0.9, 1.0):
        found = Recogniser(models).recognise(SAMPLES, doubt=doubt)
        assert len(found.tokens) == len(found.log_probabilities) == len(found.outlooks) - 1


@pytest.mark.slow
def test_a_hypothesis_ends_before_what_is_doubted(models: Models) -> None:
    recogniser = Recogniser(models)
    whole = recogniser.recognise(SAMPLES)
    assert recogniser.recognise(SAMPLES, doubt=1.0).tokens == ()
    least = min(whole.log_probabilities)
    some = recogniser.recognise(SAMPLES, doubt=exp(least) * 1.01).tokens
    assert whole.tokens[: len(some)] == some
    assert len(some) <= whole.log_probabilities.index(least)


def words(models: Models, tokens: tuple[int, ...]) -> str:
    text = models.tokenizer.text(tokens).lower()
    return "".join(letter for letter in text if letter.isalnum() or letter == " ")
