"""Finds spellings of secrets in texts, whole, cut short, and in pieces. Pure."""

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Final

SHORTEST_SECRET: Final = 6
"""Shorter texts are not looked for: they are no secrets, and would turn up everywhere."""

TELLING: Final = 12
"""So many characters from the start of a secret are found, whatever follows: of a longer one at most 11 are shown."""

_SAMPLE: Final = 6
"""Characters by which a piece from within a secret is noticed: taken at every seventh place, one lies whole in a piece
of `TELLING` characters."""

_NO_WORDS: Final = re.compile(r"\d|[a-z][A-Z]")
"""What tells a piece of a secret from words that a secret may have in it, too."""

Span = tuple[int, int]
"""From, and up to, a place in a text."""


class Spellings:
    """What secrets look like in one kind of writing."""

    def __init__(self, spellings: Iterable[str], *, any_case: bool, in_pieces: Iterable[str] = ()) -> None:
        """Prepare; `any_case`: upper and lower case are not told apart; pieces of `in_pieces` are found, too."""
        self._any_case = any_case
        self._all = sorted({self._folded(each) for each in spellings})
        self._heads = sorted({each[:TELLING] for each in self._all})
        self._firsts = frozenset(each[0] for each in self._all)
        self._longest = max(map(len, self._all), default=0)
        self._samples = defaultdict[str, list[tuple[str, int]]](list)
        for each in {self._folded(whole) for whole in in_pieces}:
            for place in range(0, len(each) - _SAMPLE + 1, TELLING - _SAMPLE + 1):
                self._samples[each[place : place + _SAMPLE]].append((each, place))

    def __bool__(self) -> bool:
        return bool(self._all)

    def found(self, text: str) -> list[Span]:
        """Find secrets, and those that are cut short: of nearly all texts it is soon clear that none is in them."""
        folded = self._folded(text)
        whole = [span for head in self._heads if head in folded for span in self._found(head, text, folded)]
        return whole + [span for sample in self._samples if sample in folded for span in self._of(sample, text, folded)]

    def begun(self, text: str) -> list[str]:
        """Return the beginnings of secrets with which a text ends: another text may continue them."""
        folded = self._folded(text)
        starts = range(max(0, len(folded) - self._longest + 1), len(folded))
        ends = (folded[start:] for start in starts if folded[start] in self._firsts)
        return [end for end in ends if any(each != end for each in self._from(end))]

    def continued(self, beginnings: Iterable[str], text: str) -> Iterator[tuple[str, int, str]]:
        """Yield those beginnings that a text goes on with.

        Yields:
            The beginning; how many characters of the text make it tell a secret, 0 where it still tells none; and the
            longer beginning that the whole text makes of it, empty where something else follows.
        """
        folded = self._folded(text)
        for beginning in beginnings:
            telling, longer = 0, ""
            for each in self._from(beginning):
                if each[len(beginning) : len(beginning) + 1] != folded[:1]:
                    continue
                rest = each[len(beginning) :]
                common = _common(rest, folded)
                if len(beginning) + common >= min(TELLING, len(each)):
                    telling = max(telling, common)
                if common == len(folded) < len(rest):
                    longer = beginning + folded
            if telling or longer:
                yield beginning, telling, longer

    def _found(self, head: str, text: str, folded: str) -> Iterator[Span]:
        at = folded.find(head)
        while at >= 0:
            for each in self._from(head):
                stop = at + _common(each, folded[at : at + len(each)])
                if stop - at == len(each) or not _is_word(text, at, stop):
                    yield at, stop
            at = folded.find(head, at + 1)

    def _of(self, sample: str, text: str, folded: str) -> Iterator[Span]:
        """Yield pieces from within secrets, around each place of a sample."""
        at = folded.find(sample)
        while at >= 0:
            for each, place in self._samples[sample]:
                start = at - _common(each[place - 1 :: -1] if place else "", folded[max(0, at - place) : at][::-1])
                stop = at + _common(each[place:], folded[at : at + len(each)])
                if stop - start >= TELLING and _NO_WORDS.search(text, start, stop):
                    yield start, stop
            at = folded.find(sample, at + 1)

    def _from(self, beginning: str) -> Iterator[str]:
        """Yield the spellings with a beginning."""
        for index in range(bisect_left(self._all, beginning), len(self._all)):
            if not self._all[index].startswith(beginning):
                return
            yield self._all[index]

    def _folded(self, text: str) -> str:
        """Return a text of the same length, in lower case if that is all the same."""
        return text.replace("\u0130", "i").lower() if self._any_case else text


def _common(one: str, other: str) -> int:
    """Return how many characters two texts have in common at their start."""
    length = 0
    for mine, its in zip(one, other, strict=False):
        if mine != its:
            break
        length += 1
    return length


def _is_word(text: str, start: int, stop: int) -> bool:
    """Return whether a part of a text is a mere word, with more behind it: a secret may begin with `transcription`."""
    part = text[start:stop]
    return part.isalpha() and part.islower() and text[stop : stop + 1] not in {"", '"', " "}
