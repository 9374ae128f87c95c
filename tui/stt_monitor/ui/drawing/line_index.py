"""Maps the turns of a transcript to lines: estimated at once, measured soon after."""

from array import array
from bisect import bisect_right
from collections.abc import Iterable
from itertools import accumulate
from typing import Final

import msgspec

from stt_monitor.ui.toolkit.wrapping import PIECE, line_count, pieces

BATCH: Final = 400
"""Pieces measured in one batch: two or three milliseconds of work."""

BATCH_CHARACTERS: Final = 6 * PIECE
"""Characters measured in one batch: a dozen milliseconds if they are wide."""


class Passage(msgspec.Struct, frozen=True, gc=False):
    """A piece of a text (see `wrapping.pieces`)."""

    index: int
    """Index of the text."""
    start: int
    stop: int


class LineIndex:
    """Line numbers of texts beneath one another, each broken into lines.

    Measuring ten thousand texts, or a very long one, would block the screen. So each text is a row of pieces, mostly
    one. `estimate` gives each piece the lines that its length suggests; `measure_from` measures the visible pieces,
    `measure_batch` the others, batch by batch. Numbers are in arrays: there may be ten thousand texts.
    """

    def __init__(self) -> None:
        self.texts: list[str] = []
        """The texts; only `replace` changes them."""
        self._indexes, self._starts, self._stops = _numbers(), _numbers(), _numbers()  # of the passages
        self._firsts = _numbers([0])  # number of the first passage of each text, and of the end
        self._counts = _numbers()
        self._tops = _numbers([0])
        self._width = 0
        self._estimated = 0  # so many of the first passages have estimated lines

    def __len__(self) -> int:
        """Return the number of texts."""
        return len(self.texts)

    @property
    def passages(self) -> int:
        """Number of pieces."""
        return len(self._indexes)

    @property
    def height(self) -> int:
        """Number of lines of all texts."""
        return self._tops[-1]

    @property
    def is_exact(self) -> bool:
        """Whether all pieces are measured."""
        return not self._estimated

    def top(self, index: int) -> int:
        """Return the first line of a text; for the index after the last, the number of lines."""
        return self._tops[self._firsts[min(index, len(self))]] if self._width else 0

    def at(self, line: int) -> int:
        """Return the index of the text at a line; 0 without any."""
        return self._indexes[self.passage_at(line)] if self._indexes else 0

    def passage(self, number: int) -> Passage:
        """Return a piece by its number."""
        return Passage(self._indexes[number], self._starts[number], self._stops[number])

    def passage_at(self, line: int) -> int:
        """Return the number of the piece at a line; 0 without any."""
        return min(max(0, bisect_right(self._tops, line) - 1), max(0, self.passages - 1))

    def passage_top(self, number: int) -> int:
        """Return the first line of a piece; for the number after the last, the number of lines."""
        return self._tops[min(number, len(self._tops) - 1)]

    def replace(self, kept: int, texts: list[str]) -> None:
        """Keep the first `kept` texts, and replace the others; unchanged pieces keep their lines."""
        first = self._firsts[kept]
        before, old = self.texts[kept:], list(map(self.passage, range(first, self.passages)))
        new = [Passage(index, *cut) for index, text in enumerate(texts, kept) for cut in pieces(text)]
        same = _same(old, before, new, texts, kept)
        self.texts[kept:] = texts
        self._indexes[first:] = _numbers(passage.index for passage in new)
        self._starts[first:] = _numbers(passage.start for passage in new)
        self._stops[first:] = _numbers(passage.stop for passage in new)
        numbers = [0] * len(texts)
        for passage in new:
            numbers[passage.index - kept] += 1
        self._firsts[kept:] = _numbers(accumulate(numbers, initial=first))
        first += same
        self._estimated = min(self._estimated, first)
        if not self._width:
            return
        self._counts[first:] = self._estimate(first)
        begin = self._batch_before(self.passages)
        if begin > first:
            self._estimated = begin
        self._measure(max(begin, first), self.passages)
        self._update_tops(first)

    def estimate(self, width: int) -> None:
        """Estimate the lines of all pieces for another width."""
        self._width = width
        self._counts = self._estimate(0)
        self._estimated = self.passages
        self._update_tops(0)

    def measure_from(self, first: int) -> None:
        """Measure the pieces from number `first` on, as many as a screen can show."""
        self._measure(first, self._batch_after(first))
        self._update_tops(first)

    def measure_batch(self) -> bool:
        """Measure one more batch, the newest first. Line numbers change after the last one: returns True then."""
        stop = self._estimated
        self._estimated = self._batch_before(stop)
        self._measure(self._estimated, stop)
        if self._estimated:
            return False
        self._update_tops(0)
        return True

    def _batch_before(self, stop: int) -> int:
        """Return the begin of the batch that ends before `stop`."""
        begin, characters = stop, 0
        while begin and stop - begin < BATCH and characters < BATCH_CHARACTERS:
            begin -= 1
            characters += self._length(begin)
        return begin

    def _batch_after(self, begin: int) -> int:
        stop, characters = begin, 0
        while stop < self.passages and stop - begin < BATCH and characters < BATCH_CHARACTERS:
            characters += self._length(stop)
            stop += 1
        return stop

    def _length(self, number: int) -> int:
        return self._stops[number] - self._starts[number]

    def _estimate(self, first: int) -> "array[int]":
        width = self._width
        lengths = map(self._length, range(first, self.passages))
        return _numbers((length - 1) // width + 1 if length else 1 for length in lengths)

    def _measure(self, first: int, stop: int) -> None:
        texts, width = self.texts, self._width
        self._counts[first:stop] = _numbers(
            line_count(texts[index][start:end], width)
            for index, start, end in zip(
                self._indexes[first:stop], self._starts[first:stop], self._stops[first:stop], strict=True
            )
        )

    def _update_tops(self, first: int) -> None:
        self._tops[first:] = _numbers(accumulate(self._counts[first:], initial=self._tops[first] if first else 0))


def _numbers(values: Iterable[int] = ()) -> "array[int]":
    """Make an array of numbers."""
    return array("i", values)


def _same(old: list[Passage], before: list[str], new: list[Passage], texts: list[str], kept: int) -> int:
    """Return how many of the first pieces are unchanged."""
    same = 0
    for one, other in zip(old, new, strict=False):
        if one != other:
            break
        index = one.index - kept
        if before[index][one.start : one.stop] != texts[index][one.start : one.stop]:
            break
        same += 1
    return same
