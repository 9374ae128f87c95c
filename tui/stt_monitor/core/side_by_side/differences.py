"""Where the texts of several services differ, word by word. Pure.

Words are compared as texts at an eager end are (`eager_text_match`). No service is the
reference: a word that most services have stands unmarked, and is missing where one has none for it.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import islice, permutations
from typing import Final

import msgspec

from stt_monitor.core.metrics.turn_metrics import APOSTROPHES, normalised_words

_Word = tuple[int, int, str]
"""Start and stop in a text, and what is compared."""
_WORD: Final = rf"[^\W_](?:[^\W_]|{APOSTROPHES})*"

MOST_WORDS: Final = 2000
MOST_CHARACTERS: Final = 10 * MOST_WORDS
"""Longer texts are not compared, nor looked at: the comparison takes the product of their lengths."""


class Differences(msgspec.Struct, frozen=True):
    """What is different in one text. Places are those in the text."""

    words: tuple[tuple[int, int], ...] = ()
    """Start and stop of each word that most services do not have."""
    gaps: tuple[int, ...] = ()
    """Starts of the words (or the end) before which most services have another word, and this one has none."""


def differences(texts: Sequence[str]) -> tuple[Differences, ...] | None:
    """Compare the texts of several services; None if one is too long to compare."""
    if max(map(len, texts), default=0) > MOST_CHARACTERS:
        return None
    words = [list(islice(_words(text), MOST_WORDS + 1)) for text in texts]
    if max(map(len, words), default=0) > MOST_WORDS:
        return None
    shared = [[1] * len(each) for each in words]
    holes: dict[tuple[int, int], list[tuple[int, int, int]]] = {}
    for one, other in permutations(range(len(texts)), 2):
        holes[one, other] = _compare(words[one], words[other], shared[one])
    most = len(texts) / 2
    found: list[Differences] = []
    for one, (text, own) in enumerate(zip(texts, words, strict=True)):
        marked = tuple((start, stop) for (start, stop, _), n in zip(own, shared[one], strict=True) if n <= most)
        gaps = {
            own[place][0] if place < len(own) else len(text)
            for (first, other), pieces in holes.items()
            if first == one
            for place, start, stop in pieces
            if any(n > most for n in shared[other][start:stop])
        }
        found.append(Differences(marked, tuple(sorted(gaps))))
    return tuple(found)


def _words(text: str) -> Iterator[_Word]:
    """Yield the words of a text; in scripts without spaces, its characters."""
    from stt_monitor.core.text.spoken import is_letter_of_script_without_spaces as is_alone  # only side by side

    for match in re.finditer(_WORD, text):
        start = match.start()
        for place, char in enumerate(match.group(), start):
            if is_alone(char):
                if start < place:
                    yield _word(text, start, place)
                yield _word(text, place, place + 1)
                start = place + 1
        if start < match.end():
            yield _word(text, start, match.end())


def _word(text: str, start: int, stop: int) -> _Word:
    return start, stop, " ".join(normalised_words(text[start:stop]))


def _compare(own: Sequence[_Word], others: Sequence[_Word], shared: list[int]) -> list[tuple[int, int, int]]:
    """Count which of the own words the other text has too; return where it has words and the own one has none."""
    from rapidfuzz.distance import Levenshtein  # only side by side

    holes: list[tuple[int, int, int]] = []
    for step in Levenshtein.opcodes([key for *_, key in own], [key for *_, key in others]):
        if step.tag == "equal":
            for index in range(step.src_start, step.src_end):
                shared[index] += 1
        elif step.tag == "insert":
            holes.append((step.src_start, step.dest_start, step.dest_end))
    return holes
