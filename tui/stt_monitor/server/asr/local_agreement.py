"""Which words of a hypothesis are final (LocalAgreement, arXiv 2307.14743).

Successive hypotheses of the same speech agree on its beginning and differ at its end; words that several agree on are
committed. A committed word is forced on every later hypothesis.
"""

from collections import deque
from collections.abc import Sequence
from itertools import accumulate
from math import exp, log
from statistics import fmean
from typing import Final

from stt_monitor.server.asr.tokenizer import Tokenizer, Tokens

_SURE: Final = log(0.85)
"""A word is sure when each of its tokens has at least this log probability."""
_FAIR: Final = log(0.6)
"""It is fair when each has at least this, else doubted."""
_NEEDED_SURE: Final = 2
"""Successive hypotheses that must agree on a sure word that others follow."""
_NEEDED: Final = 3
"""The same for a fair word. A doubted one waits for a pause: hypotheses often agree on a mistake."""
_LONGEST_WAIT: Final = 15
"""It is committed like a fair one once so many words follow."""


class Agreement:
    """The words of one segment of speech: those committed, and those that recent hypotheses added.

    `prefix`: what the next hypothesis must begin with; `confidences`: how likely each of its units was (0..1), when it
    was committed; `open`: the units of the last hypothesis after it; `marks`: the punctuation at its end.
    """

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer
        self.prefix: Tokens = ()
        self.confidences: list[float] = []
        self.open: list[Tokens] = []
        self.marks: Tokens = ()
        self._recent: deque[list[Tokens]] = deque(maxlen=_NEEDED)
        self._likely: list[float] = []  # how likely each unit of `open` is

    @property
    def draft(self) -> Tokens:
        """The last hypothesis after the prefix."""
        return (*(token for unit in self.open for token in unit), *self.marks)

    def add(self, tokens: Tokens, log_probabilities: Sequence[float]) -> list[Tokens]:
        """Add a hypothesis, without the prefix; return the units that it commits.

        Args:
            tokens: what the decoder chose.
            log_probabilities: natural logarithms, one for each token.
        """
        units, self.marks = self._tokenizer.units(tokens)
        self._recent.append(units)
        self.open = list(units)
        ends = list(accumulate(map(len, units)))
        self._likely = [
            exp(fmean(log_probabilities[end - len(unit) : end])) for unit, end in zip(units, ends, strict=True)
        ]
        agreed = at = 0
        for unit in units:
            needed = _needed(min(log_probabilities[at : at + len(unit)]), len(units) - agreed - 1)
            if needed is None or not self._agreed(agreed, needed):
                break
            agreed += 1
            at += len(unit)
        return self._commit(agreed)

    def clear(self) -> None:
        """Drop uncommitted words: the last hypothesis had none."""
        self.open, self.marks, self._likely = [], (), []
        self._recent.clear()

    def commit_all(self) -> list[Tokens]:
        """Commit all words of the last hypothesis; return their units. Its closing marks stay open."""
        return self._commit(len(self.open))

    def _agreed(self, place: int, needed: int) -> bool:
        """Return whether the last `needed` hypotheses have the same unit at `place`."""
        recent = list(self._recent)[-needed:]
        unit = self.open[place]
        return len(recent) == needed and all(len(units) > place and units[place] == unit for units in recent)

    def _commit(self, count: int) -> list[Tokens]:
        committed, self.open = self.open[:count], self.open[count:]
        likely, self._likely = self._likely[:count], self._likely[count:]
        self.confidences += likely
        for unit in committed:
            self.prefix += unit
        for units in self._recent:
            del units[:count]
        return committed


def _needed(log_probability: float, following: int) -> int | None:
    """Return how many hypotheses must agree on a word that `following` words follow; None when none are enough."""
    if log_probability >= _SURE and following:
        return _NEEDED_SURE
    if log_probability >= _FAIR or following >= _LONGEST_WAIT:
        return _NEEDED
    return None
