"""Words to expect: which tokens they make likelier, and what that changes in real speech."""

import numpy as np
import pytest
from tests.endpoint.speech import beckett

from stt_monitor.audio.formats import Encoding, decode
from stt_monitor.core.events import TurnEnd
from stt_monitor.endpoint.keyterms import Keyterms
from stt_monitor.endpoint.listener import Listener
from stt_monitor.endpoint.models import Models
from stt_monitor.endpoint.thresholds import Thresholds
from stt_monitor.endpoint.tokens import Tokens

UNSPOKEN = ("Cartesia", "Deepgram", "LiveKit", "PostgreSQL", "San Francisco", "Zoë Prescott", "Ink 2", "話")


@pytest.fixture(scope="module")
def models() -> Models:
    return Models.load()


def raised(keyterms: Keyterms, after: Tokens, models: Models) -> dict[int, float]:
    """Tell by how much which tokens are raised after some others."""
    logits = np.linspace(-1, 1, len(models.tokenizer), dtype=np.float32)
    gain = keyterms.after(after).prefer(logits) - logits
    return {int(token): float(gain[token]) for token in np.flatnonzero(gain)}


def transcript(models: Models, *keyterms: str) -> str:
    listener = Listener(models, Thresholds(), keyterms)
    heard = listener.feed(decode(beckett(), Encoding.PCM_S16LE)) + listener.finish()
    return "".join(one.event.transcript for one in heard if isinstance(one.event, TurnEnd))


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


def test_an_expected_phrase_is_heard(models: Models) -> None:
    """A man says "fail again" so that it sounds like "fair again"."""
    assert "Fail again" not in transcript(models)
    assert "Fail again" in transcript(models, *UNSPOKEN, "Fail again")


def test_terms_that_are_not_said_are_not_heard(models: Models) -> None:
    assert transcript(models, *UNSPOKEN) == transcript(models)
