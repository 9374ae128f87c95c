"""Words to expect: the terms that a client named make their tokens likelier while decoding (protocol.md 12).

A token that may begin a term is preferred a little, one that goes on with a term that has begun a lot: shallow fusion
with a prefix tree of the terms (arXiv 1808.02480), without a beam.
"""

from collections.abc import Iterable
from typing import Final

import numpy as np
import numpy.typing as npt

from stt_monitor.server.asr.tokenizer import Tokenizer, Tokens

_BEGIN: Final = 2.0
"""Added to the logit of a token that begins a term,"""
_GO_ON: Final = 4.0
"""and of one that goes on with it."""


class _Node(dict[int, "_Node"]):
    """The terms that begin with the same tokens, by the token that comes next."""


class Keyterms:
    """The terms of one connection, as tokens.

    Args:
        terms: as they are to be written.
        tokenizer: of the recogniser.
    """

    def __init__(self, terms: Iterable[str], tokenizer: Tokenizer) -> None:
        self._root = _Node()
        for term in terms:
            node = self._root
            for token in tokenizer.encode(term):
                node = node.setdefault(token, _Node())

    def after(self, tokens: Tokens) -> "Expectation":
        """Return what is expected after `tokens`."""
        expectation = Expectation(self._root)
        for token in tokens if self._root else ():
            expectation.hear(token)
        return expectation


class Expectation:
    """Which terms may go on or begin in the present place."""

    def __init__(self, root: _Node) -> None:
        self._root = root
        self._begun: list[_Node] = []

    def hear(self, token: int) -> None:
        """Take the token that was chosen in this place, and go to the next."""
        self._begun = [node[token] for node in (self._root, *self._begun) if token in node]

    def prefer(self, logits: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """Return the logits of this place, shape (vocabulary,), those of tokens that belong to a term raised."""
        if not self._root:
            return logits
        raised = logits.copy()
        raised[list(self._root)] += _BEGIN
        going_on = list({token for node in self._begun for token in node})
        raised[going_on] = logits[going_on] + _GO_ON
        return raised
