"""The recogniser's tokens: reads its vocabulary, encodes text, and cuts tokens into words.

The vocabulary is the SentencePiece one of Llama 2: a word's first token begins with U+2581, and ids 3 to 258 stand for
single bytes of UTF-8. The ids of longer pieces are in the order in which byte pair encoding merges them.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final

BEGIN: Final = 1
"""First token of every sequence."""
END: Final = 2
"""Last token of a sequence."""

Tokens = tuple[int, ...]

_WORD_MARK: Final = "\u2581".encode()
_FIRST_MERGED: Final = 259
"""Ids from here on are merges, in the order learnt; single characters follow at the end."""
_LONG: Final = 0x80
_BYTES: Final = 3
"""The id of byte 0."""
_MERGED: Final = _BYTES + 256
"""The id of the first piece that is no byte."""


class Tokenizer:
    """Token ids to text and to words.

    Args:
        vocabulary: for each id in order its length (one byte below 128, else low seven bits and the factor of 128) and
            its bytes.

    Raises:
        ValueError: the vocabulary ends inside an entry.
    """

    def __init__(self, vocabulary: bytes) -> None:
        self._pieces = _read(vocabulary)
        self._numbers = {piece: token for token, piece in enumerate(self._pieces) if token >= _MERGED}
        self._opens = [piece.startswith(_WORD_MARK) for piece in self._pieces]
        self._mark = [_is_mark(piece) for piece in self._pieces]

    def __len__(self) -> int:
        return len(self._pieces)

    def ids(self, piece: str) -> Tokens:
        """Return all tokens with exactly this text; some marks have several."""
        wanted = piece.encode()
        return tuple(token for token, known in enumerate(self._pieces) if known == wanted)

    def encode(self, text: str) -> Tokens:
        """Encode words by byte pair encoding (arXiv 1508.07909), with spaces as word marks.

        Characters that the vocabulary lacks become their bytes.
        """
        return tuple(token for word in text.split() for token in self._encode(word))

    def text(self, tokens: Sequence[int]) -> str:
        """Return the text of `tokens`, with the leading space that SentencePiece puts before a word."""
        joined = b"".join(self._pieces[token] for token in tokens if token > END)
        return joined.replace(_WORD_MARK, b" ").decode("utf-8", "replace")

    def _encode(self, word: str) -> Iterator[int]:
        pieces = [_WORD_MARK, *(character.encode() for character in word)]
        while merges := [
            (merged, place)
            for place, (left, right) in enumerate(pairwise(pieces))
            if (merged := self._numbers.get(left + right)) is not None
        ]:
            _, place = min(merges)
            pieces[place : place + 2] = [pieces[place] + pieces[place + 1]]
        for piece in pieces:
            if (number := self._numbers.get(piece)) is not None:
                yield number
            else:
                yield from (_BYTES + byte for byte in piece)

    def without_marks(self, unit: Tokens) -> Tokens:
        """Return a unit without the punctuation that it begins with."""
        return next((unit[place:] for place, token in enumerate(unit) if not self._mark[token]), ())

    def units(self, tokens: Sequence[int]) -> tuple[list[Tokens], Tokens]:
        """Cut a sequence into units that can be committed one by one, and the marks left at the end.

        A unit is a word with the punctuation *before* it: a comma after a word is only certain once the next word is
        (protocol.md 7.6).
        """
        units: list[Tokens] = []
        unit: list[int] = []
        marks: list[int] = []  # punctuation that may be inside a word, as in `asterisk.org`
        worded = False  # whether `unit` holds more than punctuation
        for token in tokens:
            if self._mark[token]:
                marks.append(token)
            elif worded and not self._opens[token]:
                unit += [*marks, token]
                marks = []
            else:
                if worded:
                    units.append(tuple(unit))
                unit, marks, worded = [*marks, token], [], True
        if worded:
            units.append(tuple(unit))
        return units, tuple(marks)


def _read(vocabulary: bytes) -> list[bytes]:
    pieces = []
    at = 0
    while at < len(vocabulary):
        length = vocabulary[at]
        at += 1
        if length >= _LONG:
            if at >= len(vocabulary):
                raise ValueError("the vocabulary ends inside a length")
            length += vocabulary[at] * _LONG - _LONG
            at += 1
        if at + length > len(vocabulary):
            raise ValueError("the vocabulary ends inside a token")
        pieces.append(vocabulary[at : at + length])
        at += length
    return pieces


def _is_mark(piece: bytes) -> bool:
    """Return whether a token is punctuation only. A bare word mark counts as a word: what follows begins one."""
    text = piece.decode("utf-8", "replace")
    return bool(text) and text[0] != "\u2581" and not any(character.isalnum() for character in text)
