"""At which line each turn of a transcript begins: at once by a guess, exactly a little later."""

from bisect import bisect_right
from itertools import accumulate
from typing import Final

import msgspec

from stt_monitor.ui.toolkit.wrapping import PIECE, line_count, pieces

BATCH: Final = 400
"""Pieces that are broken into lines in one go: two or three milliseconds of work."""

BATCH_CHARACTERS: Final = 6 * PIECE
"""The same bound for long ones: if they are of wide characters, a dozen milliseconds."""


class Passage(msgspec.Struct, frozen=True, gc=False):
    """A piece of a text (see `wrapping.pieces`)."""

    index: int
    """Of the text."""
    start: int
    stop: int


class LineIndex:
    """The places of texts that stand beneath one another, each broken into lines.

    Breaking ten thousand texts, or a very long one, takes longer than a screen may stand still. So each text is a row
    of pieces, mostly one. A new width first gives each piece the lines that its length suggests; `settle` breaks those
    that are seen, `settle_more` the others, batch by batch.
    """

    def __init__(self) -> None:
        self.texts: list[str] = []
        """What stands at the places, to be changed by `replace` alone."""
        self._passages: list[Passage] = []
        self._firsts = [0]  # the first passage of each text, and how many there are
        self._counts: list[int] = []
        self._tops = [0]
        self._width = 0
        self._guessed = 0  # so many of the first passages have guessed lines

    def __len__(self) -> int:
        """Return how many texts there are."""
        return len(self.texts)

    @property
    def passages(self) -> int:
        """How many pieces of texts there are."""
        return len(self._passages)

    @property
    def height(self) -> int:
        """Lines of all texts."""
        return self._tops[-1]

    @property
    def settled(self) -> bool:
        """Whether no place is a guess."""
        return not self._guessed

    def top(self, index: int) -> int:
        """Return the first line of a text; of the one after the last, the line after all."""
        return self._tops[self._firsts[min(index, len(self))]] if self._width else 0

    def at(self, line: int) -> int:
        """Return the index of the text that a line belongs to; 0 when there is none."""
        return self._passages[self.passage_at(line)].index if self._passages else 0

    def passage(self, number: int) -> Passage:
        """Return a piece of a text by its number among all."""
        return self._passages[number]

    def passage_at(self, line: int) -> int:
        """Return the number of the piece that a line belongs to; 0 when there is none."""
        return min(max(0, bisect_right(self._tops, line) - 1), max(0, len(self._passages) - 1))

    def passage_top(self, number: int) -> int:
        """Return the first line of a piece; of the one after the last, the line after all."""
        return self._tops[min(number, len(self._tops) - 1)]

    def replace(self, kept: int, texts: list[str]) -> None:
        """Keep the first `kept` texts, and put others after them; pieces that are the same keep their lines."""
        first = self._firsts[kept]
        before, old = self.texts[kept:], self._passages[first:]
        new = [Passage(index, *cut) for index, text in enumerate(texts, kept) for cut in pieces(text)]
        same = _same(old, before, new, texts, kept)
        self.texts[kept:], self._passages[first:] = texts, new
        numbers = [0] * len(texts)
        for passage in new:
            numbers[passage.index - kept] += 1
        self._firsts[kept:] = accumulate(numbers, initial=first)
        first += same
        self._guessed = min(self._guessed, first)
        if not self._width:
            return
        self._counts[first:] = self._guess(first)
        begin = self._batch_before(len(self._passages))
        if begin > first:
            self._guessed = begin
        self._count(max(begin, first), len(self._passages))
        self._place(first)

    def reflow(self, width: int) -> None:
        """Guess all places for another width."""
        self._width = width
        self._counts = self._guess(0)
        self._guessed = len(self._passages)
        self._place(0)

    def settle(self, first: int) -> None:
        """Find the exact places of the pieces from number `first` on, as many as a screen can show."""
        self._count(first, self._batch_after(first))
        self._place(first)

    def settle_more(self) -> bool:
        """Break one batch more, the newest first; places change when the last one is done, which is said."""
        stop = self._guessed
        self._guessed = self._batch_before(stop)
        self._count(self._guessed, stop)
        if self._guessed:
            return False
        self._place(0)
        return True

    def _batch_before(self, stop: int) -> int:
        """Return where the batch begins that ends before `stop`."""
        begin, characters = stop, 0
        while begin and stop - begin < BATCH and characters < BATCH_CHARACTERS:
            begin -= 1
            characters += self._length(begin)
        return begin

    def _batch_after(self, begin: int) -> int:
        stop, characters = begin, 0
        while stop < len(self._passages) and stop - begin < BATCH and characters < BATCH_CHARACTERS:
            characters += self._length(stop)
            stop += 1
        return stop

    def _length(self, number: int) -> int:
        return self._passages[number].stop - self._passages[number].start

    def _guess(self, first: int) -> list[int]:
        width = self._width
        lengths = (passage.stop - passage.start for passage in self._passages[first:])
        return [(length - 1) // width + 1 if length else 1 for length in lengths]

    def _count(self, first: int, stop: int) -> None:
        texts, width = self.texts, self._width
        self._counts[first:stop] = [
            line_count(texts[passage.index][passage.start : passage.stop], width)
            for passage in self._passages[first:stop]
        ]

    def _place(self, first: int) -> None:
        self._tops[first:] = accumulate(self._counts[first:], initial=self._tops[first] if first else 0)


def _same(old: list[Passage], before: list[str], new: list[Passage], texts: list[str], kept: int) -> int:
    """Return how many of the first pieces are as before."""
    same = 0
    for one, other in zip(old, new, strict=False):
        if one != other:
            break
        index = one.index - kept
        if before[index][one.start : one.stop] != texts[index][one.start : one.stop]:
            break
        same += 1
    return same
