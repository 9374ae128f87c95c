"""Words to expect: which tokens they make likelier, and what that changes in real speech."""

from functools import cache

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from tests.server.speech import BECKETT_WORDS, beckett, errors, words
from tests.server.stand_in import DEFAULTS

from stt_monitor.audio.formats import Encoding, decode
from stt_monitor.audio.resampling import SPEECH_RATE
from stt_monitor.core.events import TurnEnd
from stt_monitor.server.asr.key_terms import Keyterms
from stt_monitor.server.asr.models import Models
from stt_monitor.server.asr.recogniser import Recogniser
from stt_monitor.server.asr.tokenizer import Tokenizer, Tokens
from stt_monitor.server.turn_detection.detector import Detector

UNSPOKEN = ("Cartesia", "Deepgram", "LiveKit", "PostgreSQL", "San Francisco", "Zoë Prescott", "Ink 2", "話")


Floats = npt.NDArray[np.float32]


@cache
def vocabulary() -> Tokenizer:
    return Models.load().tokenizer


@pytest.fixture(scope="session")
def models() -> Models:
    return Models.load()


def raised(keyterms: Keyterms, after: Tokens, models: Models) -> dict[int, float]:
    """Tell by how much which tokens are raised after some others."""
    logits = np.linspace(-1, 1, len(models.tokenizer), dtype=np.float32)
    gain = keyterms.after(after).prefer(logits) - logits
    return {int(token): float(gain[token]) for token in np.flatnonzero(gain)}


@pytest.mark.slow
def test_a_term_is_preferred_token_by_token(models: Models) -> None:
    encode = models.tokenizer.encode
    keyterms = Keyterms(["Comedian Mail", "Comedian Radio"], models.tokenizer)
    com, ed, ian = encode("Comedian")
    (mail,), (radio,) = encode("Mail"), encode("Radio")
    begins = raised(keyterms, (), models)
    assert set(begins) == {com}
    for before in (encode("welcome to"), encode("Comedian Mail"), encode("Comedian Joke")):
        assert raised(keyterms, before, models) == begins
    assert set(raised(keyterms, (com,), models)) == {com, ed}
    assert set(raised(keyterms, (com, ed), models)) == {com, ian}
    last = raised(keyterms, (com, ed, ian), models)
    assert set(last) == {com, mail, radio}
    assert last[mail] == last[radio] > last[com]


def test_without_terms_nothing_is_touched(models: Models) -> None:
    logits = np.zeros(len(models.tokenizer), np.float32)
    assert Keyterms([], models.tokenizer).after((5, 6)).prefer(logits) is logits


def probability(logits: Floats, token: int) -> float:
    """The share of a token, if these are the logits."""
    return float(np.exp(logits[token] - logits.max()) / np.exp(logits - logits.max()).sum())


@pytest.mark.slow
@given(
    logits=st.deferred(lambda: arrays(np.float32, len(vocabulary()), elements=st.floats(-20, 20, width=32))),
    said=st.integers(0, 3),
)
def test_an_expected_token_is_likelier_whatever_was_heard(logits: Floats, said: int) -> None:
    """In the place of each token of the term, all that the term says comes before it."""
    term = vocabulary().encode("Comedian Mail")
    expected = Keyterms(["Comedian Mail"], vocabulary()).after(term[:said]).prefer(logits)
    assert probability(expected, term[said]) >= probability(logits, term[said])
    assert set(np.flatnonzero(expected != logits)) <= {term[0], term[said]}


def test_an_expected_word_wins_by_little_and_not_against_all_odds() -> None:
    begins, goes_on, *_ = vocabulary().encode("Comedian Mail")
    other = max(begins, goes_on) + 1
    for before, token, ahead, won in (((), begins, 1.5, True), ((), begins, 3.0, False),
                                      ((begins,), goes_on, 3.5, True), ((begins,), goes_on, 5.0, False)):  # fmt: skip
        logits = np.full(len(vocabulary()), -10, np.float32)
        logits[token], logits[other] = 0, ahead
        expected = Keyterms(["Comedian Mail"], vocabulary()).after(before).prefer(logits)
        assert (int(expected.argmax()) == token) is won


@pytest.mark.slow
def test_what_is_said_and_expected_is_surer(models: Models) -> None:
    """The phrase is what this machine hears, whatever that is: expecting it can only help."""
    samples = decode(beckett(), Encoding.PCM_S16LE)[: 4 * SPEECH_RATE]
    heard = Recogniser(models).recognise(samples)
    text, encode = models.tokenizer.text, models.tokenizer.encode
    starts = (heard.tokens[:n] for n in range(1, len(heard.tokens)))
    length = max(len(start) for start in starts if encode(text(start).strip()) == start)
    assert length >= 2
    phrase = models.tokenizer.text(heard.tokens[:length]).strip()
    expected = Recogniser(models, [*UNSPOKEN, phrase]).recognise(samples)
    assert expected.tokens[:length] == heard.tokens[:length]
    assert sum(expected.log_probabilities[:length]) > sum(heard.log_probabilities[:length])


@pytest.mark.slow
def test_terms_that_are_not_said_are_not_heard(models: Models) -> None:
    detector = Detector(models, DEFAULTS, UNSPOKEN)
    heard = detector.feed(decode(beckett(), Encoding.PCM_S16LE)) + detector.finish()
    text = " ".join(one.text or "" for one in heard if isinstance(one, TurnEnd))
    assert not [term for term in UNSPOKEN if term in text]
    assert errors(words(text), BECKETT_WORDS) <= 4
