"""Which words of a hypothesis can be given out for good (protocol 7.6).

Successive hypotheses of the same speech agree on its beginning and differ at its end; what several of them agree on is
committed (LocalAgreement, arXiv 2307.14743). A committed word is forced on every later hypothesis.
"""

from collections import deque
from typing import Final

from stt_monitor.endpoint.tokens import Tokenizer, Tokens

_INNER: Final = 2
"""Hypotheses in a row that must agree on a word that others follow,"""
_LAST: Final = 3
"""and on the last word, which the next sounds may still change."""


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
        self._recent: deque[list[Tokens]] = deque(maxlen=_LAST)

    @property
    def draft(self) -> Tokens:
        """The last hypothesis after the prefix."""
        return (*(token for unit in self.open for token in unit), *self.marks)

    def weigh(self, tokens: Tokens) -> list[Tokens]:
        """Take a new hypothesis (without the prefix); return the units that it commits, none as a rule."""
        units, self.marks = self._tokenizer.units(tokens)
        self._recent.append(units)
        self.open = list(units)
        agreed = 0
        while agreed < len(units) and self._agreed(agreed, _LAST if agreed == len(units) - 1 else _INNER):
            agreed += 1
        return self._commit(agreed)

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
