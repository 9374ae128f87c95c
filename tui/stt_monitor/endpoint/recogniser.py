"""One piece of audio to tokens: greedy decoding behind a forced prefix, with the last hypothesis as a draft.

The words that were given out already are forced (they can't change any more). The rest of the previous hypothesis is
offered in the same pass: as far as the decoder would have chosen the same tokens they are taken over at once
(speculative decoding, arXiv 2211.17192, with the past as the draft model), and only what is new costs a step each.
"""

from collections.abc import Callable
from typing import Any, Final, cast

import msgspec
import numpy as np
import numpy.typing as npt

from stt_monitor.audio.formats import Samples
from stt_monitor.audio.resampling import SPEECH_RATE
from stt_monitor.endpoint.models import Models
from stt_monitor.endpoint.tokens import BEGIN, END, Tokens

MIN_SAMPLES: Final = 2400
"""Shorter audio has no room for the encoder's convolutions, nor for a word."""
TOKENS_PER_SECOND: Final = 6.5
"""Nobody speaks faster; a decoder that does is going round in a loop (arXiv 2410.15608, section 3.2)."""
_TOKENS_AT_LEAST: Final = 4
_LAYERS: Final = 6
_EMPTY: Final = np.zeros((1, 8, 0, 36), np.float32)
"""No past keys yet: batch, heads, positions, width."""

_NO_PADDING: Final = np.ones((1, 1), np.int64)
"""One for all: the decoder spreads it over the whole audio."""

_Floats = npt.NDArray[np.float32]


class Outlook(msgspec.Struct, frozen=True):
    """What the recogniser expects after a word: probabilities (0..1).

    `closed`: a mark that ends the sentence; `question`: a question mark, one of those; `going_on`: a comma, or an
    ellipsis; `trailing_off`: an ellipsis. That nothing follows at all, not even a mark, counts as neither.
    """

    closed: float
    question: float
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
    """Runs the encoder and the decoder. It keeps nothing between calls, so that listeners can share it."""

    def __init__(self, models: Models) -> None:
        self._encoder = models.encoder
        self._decoder = models.decoder
        ids = models.tokenizer.ids
        self._question = ids("?")
        self._closed = (*ids("."), *ids("!"), *self._question)
        self._trailing_off = (*ids("..."), *ids("\u2026"))
        self._going_on = (*ids(","), *self._trailing_off)

    def recognise(self, samples: Samples, prefix: Tokens = (), draft: Tokens = ()) -> Hypothesis:
        """Recognise a piece of speech.

        Args:
            samples: shape (n,), 16 kHz, n at least MIN_SAMPLES.
            prefix: the tokens that the text begins with whatever the audio says.
            draft: a guess at the tokens after them. It changes the cost, not the rule by which tokens are chosen.
        """
        hidden = self._encode(samples)
        forced = (BEGIN, *prefix)
        logits, past = self._first(hidden, (*forced, *draft))
        room = int(len(samples) / SPEECH_RATE * TOKENS_PER_SECOND) + _TOKENS_AT_LEAST - len(prefix)
        found = _Found(self._outlook, room)
        going = True
        for guess, row in zip((*draft, END), logits[len(forced) - 1 :], strict=True):
            going = found.take(row)
            if not going or found.tokens[-1] != guess:
                break
        if going:
            past.keep(len(forced) + len(found.tokens) - 1)
        while going:
            going = found.take(self._next(hidden, past, found.tokens[-1]))
        return found.hypothesis()

    def _outlook(self, log_probabilities: _Floats) -> Outlook:
        """Sum up a distribution over the vocabulary."""
        return Outlook(
            *(
                float(np.exp(log_probabilities[list(group)]).sum())
                for group in (self._closed, self._question, self._going_on, self._trailing_off)
            )
        )

    def _encode(self, samples: Samples) -> _Floats:
        """Return the audio as the decoder reads it, shape (1, about 41 a second, 288)."""
        audio = samples[None, :]
        mask = np.ones(audio.shape, np.int64)
        (hidden,) = self._encoder.run(None, {"input_values": audio, "attention_mask": mask})
        return cast("_Floats", hidden)

    def _first(self, hidden: _Floats, tokens: Tokens) -> tuple[_Floats, "_Past"]:
        """Read `tokens` at once. Returns logits of shape (len(tokens), vocabulary), and the keys to go on from."""
        feed = _feed(hidden, tokens, cached=False)
        feed.update({name: _EMPTY for layer in range(_LAYERS) for name in _names(layer)})
        logits, *keys = self._decoder.run(None, feed)
        return logits[0], _Past(keys)

    def _next(self, hidden: _Floats, past: "_Past", token: int) -> _Floats:
        """Read one more token, after those in `past`. Returns logits of shape (vocabulary,)."""
        feed = _feed(hidden, (token,), cached=True)
        feed.update(past.feed)
        logits, *keys = self._decoder.run(None, feed)
        past.extend(keys)
        return cast("_Floats", logits[0, -1])


class _Past:
    """The decoder's keys and values: its own, one for each token read, and those of the audio, which stay."""

    def __init__(self, keys: list[_Floats]) -> None:
        names = [name for layer in range(_LAYERS) for name in _names(layer)]
        self.feed = dict(zip(names, keys, strict=True))

    def keep(self, tokens: int) -> None:
        """Forget what was read after the first `tokens` tokens."""
        for name, value in self.feed.items():
            if ".decoder." in name:
                self.feed[name] = value[:, :, :tokens]

    def extend(self, keys: list[_Floats]) -> None:
        """Take over a step's result. Its keys of the audio are empty: they are given out in the first pass alone."""
        for name, value in zip(tuple(self.feed), keys, strict=True):
            if ".decoder." in name:
                self.feed[name] = value


class _Found:
    """The tokens chosen so far, at most `room` of them."""

    def __init__(self, outlook: Callable[[_Floats], Outlook], room: int) -> None:
        self.tokens: list[int] = []
        self._scores: list[float] = []
        self._outlooks: list[Outlook] = []
        self._outlook = outlook
        self._room = room

    def take(self, logits: _Floats) -> bool:
        """Choose the likeliest token; return whether there is more to come."""
        shifted = logits - logits.max()
        log_probabilities = shifted - np.log(np.exp(shifted).sum())
        token = int(log_probabilities.argmax())
        self._outlooks.append(self._outlook(log_probabilities))
        if token == END or len(self.tokens) >= self._room:
            return False
        self.tokens.append(token)
        self._scores.append(float(log_probabilities[token]))
        return True

    def hypothesis(self) -> Hypothesis:
        return Hypothesis(tuple(self.tokens), tuple(self._scores), tuple(self._outlooks))


def _names(layer: int) -> tuple[str, ...]:
    """Name a layer's keys and values, in the order in which the decoder gives them out."""
    return tuple(
        f"past_key_values.{layer}.{side}.{kind}" for side in ("decoder", "encoder") for kind in ("key", "value")
    )


def _feed(hidden: _Floats, tokens: Tokens, *, cached: bool) -> dict[str, npt.NDArray[Any]]:
    return {
        "input_ids": np.array([tokens], np.int64),
        "encoder_hidden_states": hidden,
        "encoder_attention_mask": _NO_PADDING,
        "use_cache_branch": np.array([cached]),
    }
