"""Which words of a hypothesis can be given out for good (protocol 7.6).

Successive hypotheses of the same speech agree on its beginning and differ at its end; what several of them agree on is
committed (LocalAgreement, arXiv 2307.14743). A committed word is forced on every later hypothesis.
"""

from collections import deque
from collections.abc import Sequence
from math import log
from typing import Final

from stt_monitor.endpoint.tokens import Tokenizer, Tokens

_SURE: Final = log(0.8)
"""A word is sure when the recogniser gave none of its tokens less than this, as a logarithm."""
_NEEDED_SURE: Final = 2
"""Hypotheses in a row that must agree on a sure word that others follow;"""
_NEEDED: Final = 4
"""and on another: a doubted one, or the last, which the next sounds may still change;"""
_NEEDED_BEHIND: Final = {3: 3, 6: 2}
"""but no more than this on one that so many words follow: sounds to come hardly reach it."""


class Agreement:
    """The words of one segment of speech: those committed, and those that recent hypotheses added.

    `prefix` is what the next hypothesis must begin with; `open` are the units of the last hypothesis after it, and
    `marks` the punctuation at its end.
    """

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer
        self.prefix: Tokens = ()
        self.open: list[Tokens] = []
        self.marks: Tokens = ()
        self._recent: deque[list[Tokens]] = deque(maxlen=_NEEDED)

    @property
    def draft(self) -> Tokens:
        """The last hypothesis after the prefix."""
        return (*(token for unit in self.open for token in unit), *self.marks)

    def weigh(self, tokens: Tokens, log_probabilities: Sequence[float]) -> list[Tokens]:
        """Take a new hypothesis, without the prefix; return the units that it commits.

        Args:
            tokens: what the decoder chose.
            log_probabilities: natural logarithms, one for each token.
        """
        units, self.marks = self._tokenizer.units(tokens)
        self._recent.append(units)
        self.open = list(units)
        agreed = at = 0
        for unit in units:
            sure = min(log_probabilities[at : at + len(unit)]) >= _SURE
            if not self._agreed(agreed, _needed(len(units) - agreed - 1, sure=sure)):
                break
            agreed += 1
            at += len(unit)
        return self._commit(agreed)

    def forget(self) -> None:
        """Drop what is not committed: the last hypothesis heard no words."""
        self.open, self.marks = [], ()
        self._recent.clear()

    def settle(self) -> list[Tokens]:
        """Commit all words of the last hypothesis; return their units. Its closing marks stay open."""
        return self._commit(len(self.open))

    def _agreed(self, place: int, needed: int) -> bool:
        """Tell whether the last `needed` hypotheses have the same unit at `place`."""
        recent = list(self._recent)[-needed:]
        unit = self.open[place]
        return len(recent) == needed and all(len(units) > place and units[place] == unit for units in recent)

    def _commit(self, count: int) -> list[Tokens]:
        committed, self.open = self.open[:count], self.open[count:]
        for unit in committed:
            self.prefix += unit
        for units in self._recent:
            del units[:count]
        return committed


def _needed(following: int, *, sure: bool) -> int:
    """Return how many hypotheses must agree on a word that `following` words follow."""
    if sure and following:
        return _NEEDED_SURE
    return min((needed for behind, needed in _NEEDED_BEHIND.items() if following >= behind), default=_NEEDED)
