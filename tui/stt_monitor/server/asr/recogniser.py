"""Decodes audio to tokens: greedy, after a forced prefix, with the last hypothesis as a draft.

Committed words are forced, because they cannot change any more. The rest of the last hypothesis is verified in the same
pass: as far as the decoder chooses the same tokens they are accepted at once (speculative decoding, arXiv 2211.17192,
with the past as the draft model); only new tokens cost a step each.
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
"""Shorter audio is too short for the encoder's convolutions, and for a word."""
TOKENS_PER_SECOND: Final = 6.5
"""Nobody speaks faster; a decoder that does is in a loop (arXiv 2410.15608, section 3.2)."""
_TOKENS_AT_LEAST: Final = 4
_GUESS_AT_MOST: Final = 8
"""Most tokens drafted after a wrong one."""
_LAYERS: Final = 6
_EMPTY: Final = np.zeros((1, 8, 0, 36), np.float32)
"""An empty cache: batch, heads, positions, width."""

_KEYS: Final = tuple(
    f"past_key_values.{layer}.{side}.{kind}"
    for layer in range(_LAYERS)
    for side in ("decoder", "encoder")
    for kind in ("key", "value")
)
_OWN_KEYS: Final = tuple(name for name in _KEYS if ".decoder." in name)
"""The cache that a pass takes and returns, in its order; and the part of it that grows with the tokens."""

_NO_PADDING: Final = np.ones((1, 1), np.int64)
"""The decoder broadcasts it over the whole audio."""

_Floats = npt.NDArray[np.float32]


class Outlook(msgspec.Struct, frozen=True):
    """What the recogniser expects after a word: probabilities (0..1).

    `closed`: a mark that ends the sentence; `going_on`: a comma or an ellipsis; `trailing_off`: an ellipsis. The end of
    the text without a mark counts as none of them.
    """

    closed: float
    going_on: float
    trailing_off: float


class Hypothesis(msgspec.Struct, frozen=True):
    """The result of decoding a piece of audio.

    `tokens` are those after the forced prefix, `log_probabilities` a natural logarithm for each. `outlooks` has one
    entry more: what was expected at each token, and after the last.
    """

    tokens: Tokens
    log_probabilities: tuple[float, ...]
    outlooks: tuple[Outlook, ...]


class Recogniser:
    """Runs the encoder and the decoder. Stateless between calls.

    Args:
        models: shared by all recognisers.
        keyterms: words to expect.
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
            prefix: tokens that the text begins with, whatever the audio.
            draft: the likely tokens after them; they change the cost, not the choice of tokens.
            doubt: new tokens end before the first less likely than this (0..1).
        """
        hidden = self._encode(samples)
        forced = (BEGIN, *prefix)
        room = int(len(samples) / SPEECH_RATE * TOKENS_PER_SECOND) + _TOKENS_AT_LEAST - len(prefix)
        found = _Decoded(self._outlook, self._keyterms.after(prefix), room)
        cache = _Cache()
        guess, rows = draft, self._read(hidden, cache, (*forced, *draft))[len(forced) - 1 :]
        while (wrong := found.accept(guess, rows)) is not None:
            if found.drop_unlikely(doubt):
                break
            cache.truncate(len(forced) + len(found.tokens) - 1)
            guess = self._guess(found.tokens[-1], wrong)
            rows = self._read(hidden, cache, (found.tokens[-1], *guess))
        return found.hypothesis()

    def _guess(self, token: int, wrong: Tokens) -> Tokens:
        """Draft what follows `token`, which was chosen in place of the first token of `wrong`.

        One more token costs a tenth of a pass, so a wrong draft costs little.
        """
        if token in wrong:
            wrong = wrong[wrong.index(token) + 1 :]
        elif token not in self._marks:
            wrong = wrong[1:]
        return wrong[:_GUESS_AT_MOST] or self._full_stop

    def _outlook(self, log_probabilities: _Floats) -> Outlook:
        """Summarise a distribution over the vocabulary."""
        return Outlook(
            *(
                float(np.exp(log_probabilities[list(group)]).sum())
                for group in (self._closed, self._going_on, self._trailing_off)
            )
        )

    def _encode(self, samples: Samples) -> _Floats:
        """Return the encoder's output, shape (1, about 41 a second, 288)."""
        audio = samples[None, :]
        mask = np.ones(audio.shape, np.int64)
        (hidden,) = self._encoder.run(None, {"input_values": audio, "attention_mask": mask})
        return cast("_Floats", hidden)

    def _read(self, hidden: _Floats, cache: "_Cache", tokens: Tokens) -> _Floats:
        """Decode `tokens` after those in `cache`, and add them; return logits, shape (len(tokens), vocabulary)."""
        feed = {
            "input_ids": np.array([tokens], np.int64),
            "encoder_hidden_states": hidden,
            "encoder_attention_mask": _NO_PADDING,
            "use_cache_branch": cache.filled,
        }
        feed.update(cache.keys)
        logits, *keys = self._decoder.run(None, feed)
        cache.extend(keys)
        return cast("_Floats", logits[0])


class _Cache:
    """The decoder's key-value cache: one entry for each token, and the audio's, which stay."""

    def __init__(self) -> None:
        self.keys = dict.fromkeys(_KEYS, _EMPTY)
        self.filled = np.array([False])

    def truncate(self, tokens: int) -> None:
        """Keep the first `tokens` tokens."""
        for name in _OWN_KEYS:
            self.keys[name] = self.keys[name][:, :, :tokens]

    def extend(self, keys: list[_Floats]) -> None:
        """Add what a pass returned; only the first returns the audio's keys."""
        named = dict(zip(_KEYS, keys, strict=True))
        self.keys.update((name, named[name]) for name in (_OWN_KEYS if self.filled[0] else _KEYS))
        self.filled = np.array([True])


class _Decoded:
    """The tokens decoded so far, at most `room`."""

    def __init__(self, outlook: Callable[[_Floats], Outlook], expected: Expectation, room: int) -> None:
        self.tokens: list[int] = []
        self._scores: list[float] = []
        self._outlooks: list[Outlook] = []
        self._outlook = outlook
        self._expected = expected
        self._room = room

    def accept(self, guess: Tokens, rows: _Floats) -> Tokens | None:
        """Choose tokens as long as they match `guess`, and one more.

        Args:
            guess: the draft that the decoder read.
            rows: its logits, before the first token of `guess` and after each.

        Returns:
            The wrong rest of `guess`, from the place of the last token on; None at the end of the text.
        """
        for place, row in enumerate(rows):
            if not self._choose(row):
                return None
            if guess[place : place + 1] != (self.tokens[-1],):
                return guess[place:]
        raise AssertionError("there is one row more than drafted tokens")

    def drop_unlikely(self, doubt: float) -> bool:
        """Drop the last token if it is less likely than `doubt`; return whether it was."""
        if exp(self._scores[-1]) >= doubt:
            return False
        self.tokens.pop()
        self._scores.pop()
        return True

    def _choose(self, logits: _Floats) -> bool:
        """Choose the likeliest token; return whether the text goes on."""
        preferred = self._expected.prefer(logits)
        shifted = preferred - preferred.max()
        log_probabilities = shifted - np.log(np.exp(shifted).sum())
        token = int(log_probabilities.argmax())
        self._outlooks.append(self._outlook(log_probabilities))
        if token == END or len(self.tokens) >= self._room:
            return False
        self.tokens.append(token)
        self._scores.append(float(log_probabilities[token]))
        self._expected.advance(token)
        return True

    def hypothesis(self) -> Hypothesis:
        return Hypothesis(tuple(self.tokens), tuple(self._scores), tuple(self._outlooks))
