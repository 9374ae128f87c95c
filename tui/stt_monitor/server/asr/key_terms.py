"""Key terms: raises the probability of the tokens of a client's terms while decoding.

A token that may begin a term gets a small bonus, one that continues a started term a large one: shallow fusion with a
prefix tree of the terms (arXiv 1808.02480), without a beam.
"""

from collections.abc import Iterable
from typing import Final

import numpy as np
import numpy.typing as npt

from stt_monitor.server.asr.tokenizer import Tokenizer, Tokens

_BEGIN: Final = 2.0
"""Added to the logit of a token that begins a term."""
_CONTINUE: Final = 4.0
"""Added to the logit of a token that continues a term."""


class _Node(dict[int, "_Node"]):
    """Terms that share a beginning, by their next token."""


class Keyterms:
    """The terms of one connection, as tokens.

    Args:
        terms: as the transcript should spell them.
        tokenizer: of the recogniser.
    """

    def __init__(self, terms: Iterable[str], tokenizer: Tokenizer) -> None:
        self._root = _Node()
        for term in terms:
            node = self._root
            for token in tokenizer.encode(term):
                node = node.setdefault(token, _Node())

    def after(self, tokens: Tokens) -> "Expectation":
        """Return the terms that may begin or continue after `tokens`."""
        expectation = Expectation(self._root)
        for token in tokens if self._root else ():
            expectation.advance(token)
        return expectation


class Expectation:
    """Terms that may begin or continue at the next token."""

    def __init__(self, root: _Node) -> None:
        self._root = root
        self._begun: list[_Node] = []

    def advance(self, token: int) -> None:
        """Advance past a chosen token."""
        self._begun = [node[token] for node in (self._root, *self._begun) if token in node]

    def prefer(self, logits: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """Return logits, shape (vocabulary,), raised for the tokens of the terms."""
        if not self._root:
            return logits
        raised = logits.copy()
        raised[list(self._root)] += _BEGIN
        continuing = list({token for node in self._begun for token in node})
        raised[continuing] = logits[continuing] + _CONTINUE
        return raised
