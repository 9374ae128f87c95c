"""One piece of audio to tokens: greedy decoding behind a forced prefix, with the last hypothesis as a draft.

The words that were given out already are forced (they can't change any more). The rest of the previous hypothesis is
offered in the same pass: as far as the decoder would have chosen the same tokens they are taken over at once
(speculative decoding, arXiv 2211.17192, with the past as the draft model), and only what is new costs a step each.
"""

from collections.abc import Callable, Iterable
from math import exp
from typing import Final, cast

import msgspec
import numpy as np
import numpy.typing as npt

from stt_monitor.audio.formats import Samples
from stt_monitor.audio.resampling import SPEECH_RATE
from stt_monitor.server.asr.key_terms import Expectation, Keyterms
from stt_monitor.server.asr.models import Models
from stt_monitor.server.asr.tokenizer import BEGIN, END, Tokens

MIN_SAMPLES: Final = 2400
"""Shorter audio has no room for the encoder's convolutions, nor for a word."""
TOKENS_PER_SECOND: Final = 6.5
"""Nobody speaks faster; a decoder that does is going round in a loop (arXiv 2410.15608, section 3.2)."""
_TOKENS_AT_LEAST: Final = 4
_GUESS_AT_MOST: Final = 8
"""Tokens guessed at a time after the first wrong one."""
_LAYERS: Final = 6
_EMPTY: Final = np.zeros((1, 8, 0, 36), np.float32)
"""No past keys yet: batch, heads, positions, width."""

_KEYS: Final = tuple(
    f"past_key_values.{layer}.{side}.{kind}"
    for layer in range(_LAYERS)
    for side in ("decoder", "encoder")
    for kind in ("key", "value")
)
_OWN_KEYS: Final = tuple(name for name in _KEYS if ".decoder." in name)
"""The past that a pass takes, in the order in which it gives it out; and the part of it that grows with the tokens."""

_NO_PADDING: Final = np.ones((1, 1), np.int64)
"""One for all: the decoder spreads it over the whole audio."""

_Floats = npt.NDArray[np.float32]


class Outlook(msgspec.Struct, frozen=True):
    """What the recogniser expects after a word: probabilities (0..1).

    `closed`: a mark that ends the sentence; `going_on`: a comma, or an ellipsis; `trailing_off`: an ellipsis. That
    nothing follows at all, not even a mark, counts as neither.
    """

    closed: float
    going_on: float
    trailing_off: float


class Hypothesis(msgspec.Struct, frozen=True):
    """What the decoder makes of a piece of audio.

    `tokens` are those after the forced prefix, `log_probabilities` one natural logarithm for each of them. `outlooks`
    has one entry more: what was expected in the place of each token, and in the place after the last.
    """

    tokens: Tokens
    log_probabilities: tuple[float, ...]
    outlooks: tuple[Outlook, ...]


class Recogniser:
    """Runs the encoder and the decoder. It keeps nothing between calls.

    Args:
        models: shared by all recognisers.
        keyterms: words to expect (protocol.md 12).
    """

    def __init__(self, models: Models, keyterms: Iterable[str] = ()) -> None:
        self._keyterms = Keyterms(keyterms, models.tokenizer)
        self._encoder = models.encoder
        self._decoder = models.decoder
        ids = models.tokenizer.ids
        self._closed = (*ids("."), *ids("!"), *ids("?"))
        self._trailing_off = (*ids("..."), *ids("\u2026"))
        self._going_on = (*ids(","), *self._trailing_off)
        self._marks = frozenset((*self._closed, *self._going_on))
        self._full_stop = ids(".")[-1:]

    def recognise(self, samples: Samples, prefix: Tokens = (), draft: Tokens = (), *, doubt: float = 0.0) -> Hypothesis:
        """Recognise a piece of speech.

        Args:
            samples: shape (n,), 16 kHz, n at least MIN_SAMPLES.
            prefix: the tokens that the text begins with whatever the audio says.
            draft: a guess at the tokens after them. It changes the cost, not the rule by which tokens are chosen.
            doubt: what follows the draft ends before the first token less likely than this (0..1).
        """
        hidden = self._encode(samples)
        forced = (BEGIN, *prefix)
        room = int(len(samples) / SPEECH_RATE * TOKENS_PER_SECOND) + _TOKENS_AT_LEAST - len(prefix)
        found = _Found(self._outlook, self._keyterms.after(prefix), room)
        past = _Past()
        guess, rows = draft, self._read(hidden, past, (*forced, *draft))[len(forced) - 1 :]
        while (wrong := found.take(guess, rows)) is not None:
            if found.doubted(doubt):
                break
            past.keep(len(forced) + len(found.tokens) - 1)
            guess = self._guess(found.tokens[-1], wrong)
            rows = self._read(hidden, past, (found.tokens[-1], *guess))
        return found.hypothesis()

    def _guess(self, token: int, wrong: Tokens) -> Tokens:
        """Guess what follows `token`, which was chosen in the place of the first token of `wrong`.

        A token more to read costs a tenth of another pass, so that a wrong guess costs little.
        """
        if token in wrong:
            wrong = wrong[wrong.index(token) + 1 :]
        elif token not in self._marks:
            wrong = wrong[1:]
        return wrong[:_GUESS_AT_MOST] or self._full_stop

    def _outlook(self, log_probabilities: _Floats) -> Outlook:
        """Sum up a distribution over the vocabulary."""
        return Outlook(
            *(
                float(np.exp(log_probabilities[list(group)]).sum())
                for group in (self._closed, self._going_on, self._trailing_off)
            )
        )

    def _encode(self, samples: Samples) -> _Floats:
        """Return the audio as the decoder reads it, shape (1, about 41 a second, 288)."""
        audio = samples[None, :]
        mask = np.ones(audio.shape, np.int64)
        (hidden,) = self._encoder.run(None, {"input_values": audio, "attention_mask": mask})
        return cast("_Floats", hidden)

    def _read(self, hidden: _Floats, past: "_Past", tokens: Tokens) -> _Floats:
        """Read `tokens`, after those in `past`, and add them to it. Returns logits, shape (len(tokens), vocabulary)."""
        feed = {
            "input_ids": np.array([tokens], np.int64),
            "encoder_hidden_states": hidden,
            "encoder_attention_mask": _NO_PADDING,
            "use_cache_branch": past.filled,
        }
        feed.update(past.keys)
        logits, *keys = self._decoder.run(None, feed)
        past.extend(keys)
        return cast("_Floats", logits[0])


class _Past:
    """The decoder's keys and values: its own, one for each token read, and those of the audio, which stay."""

    def __init__(self) -> None:
        self.keys = dict.fromkeys(_KEYS, _EMPTY)
        self.filled = np.array([False])

    def keep(self, tokens: int) -> None:
        """Forget what was read after the first `tokens` tokens."""
        for name in _OWN_KEYS:
            self.keys[name] = self.keys[name][:, :, :tokens]

    def extend(self, keys: list[_Floats]) -> None:
        """Take over what a pass gave out. The keys of the audio are given out by the first pass alone."""
        named = dict(zip(_KEYS, keys, strict=True))
        self.keys.update((name, named[name]) for name in (_OWN_KEYS if self.filled[0] else _KEYS))
        self.filled = np.array([True])


class _Found:
    """The tokens chosen so far, at most `room` of them."""

    def __init__(self, outlook: Callable[[_Floats], Outlook], expected: Expectation, room: int) -> None:
        self.tokens: list[int] = []
        self._scores: list[float] = []
        self._outlooks: list[Outlook] = []
        self._outlook = outlook
        self._expected = expected
        self._room = room

    def take(self, guess: Tokens, rows: _Floats) -> Tokens | None:
        """Choose tokens for as long as they are those of `guess`, and one more.

        Args:
            guess: what the decoder was given to read on.
            rows: its logits, before the first token of `guess` and after each.

        Returns:
            What of `guess` was wrong, from the place of the last token on; None when there are no more tokens.
        """
        for place, row in enumerate(rows):
            if not self._choose(row):
                return None
            if guess[place : place + 1] != (self.tokens[-1],):
                return guess[place:]
        raise AssertionError("there is a row more than guessed tokens")

    def doubted(self, doubt: float) -> bool:
        """Tell whether the last token is less likely than `doubt`; then it is taken back."""
        if exp(self._scores[-1]) >= doubt:
            return False
        self.tokens.pop()
        self._scores.pop()
        return True

    def _choose(self, logits: _Floats) -> bool:
        """Choose the likeliest token; return whether there is more to come."""
        preferred = self._expected.prefer(logits)
        shifted = preferred - preferred.max()
        log_probabilities = shifted - np.log(np.exp(shifted).sum())
        token = int(log_probabilities.argmax())
        self._outlooks.append(self._outlook(log_probabilities))
        if token == END or len(self.tokens) >= self._room:
            return False
        self.tokens.append(token)
        self._scores.append(float(log_probabilities[token]))
        self._expected.hear(token)
        return True

    def hypothesis(self) -> Hypothesis:
        return Hypothesis(tuple(self.tokens), tuple(self._scores), tuple(self._outlooks))
