"""Text as it is committed, and the words that it makes up."""

import re
from collections.abc import Iterable
from typing import Final, NamedTuple

import msgspec

from stt_monitor.core.events import Word

_PART: Final = re.compile(r"\s*\S+")


class Piece(NamedTuple):
    """A piece of a turn's text, and how likely the recogniser found it (0..1).

    A word with the marks before it, or the mark at the end.
    """

    text: str
    confidence: float


def words_of(pieces: Iterable[Piece]) -> tuple[Word, ...]:
    """Cut pieces at white space, as vendors cut the text: a mark belongs to the word that it stands at.

    A word is as likely as the least likely of its pieces; marks do not count.
    """
    words: list[Piece] = []
    for piece in pieces:
        for part in _PART.findall(piece.text):
            if part[0].isspace() or not words:
                words.append(Piece(part.strip(), piece.confidence))
            else:
                before, confidence = words[-1]
                spoken = any(letter.isalnum() for letter in part)
                words[-1] = Piece(before + part, min(confidence, piece.confidence) if spoken else confidence)
    return tuple(Word(text, confidence=confidence) for text, confidence in words)


def spread(words: tuple[Word, ...], start: float, end: float, *, more: int = 0) -> tuple[Word, ...]:
    """Give words the times between two others (s), each as much as it has letters.

    The times in the middle are rough, the first and the last as exact as those given. So many letters `more` follow.
    """
    letters = more + sum(len(word.text) for word in words)
    timed = []
    for word in words:
        length = (end - start) * len(word.text) / letters
        timed.append(msgspec.structs.replace(word, start=start, end=start + length))
        start, letters = start + length, letters - len(word.text)
    return tuple(timed)
