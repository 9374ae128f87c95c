"""At which line each turn of a transcript begins: at once by a guess, exactly a little later."""

from bisect import bisect_right
from itertools import accumulate
from typing import Final

from stt_monitor.ui.wrapping import line_count

BATCH: Final = 400
"""Turns that are broken into lines in one go: two or three milliseconds of work."""


class TurnPlaces:
    """The places of texts that stand beneath one another, each broken into lines.

    Breaking ten thousand texts takes longer than a screen may stand still. So a new width first gives each text the
    lines that its length suggests; `settle` breaks those that are seen, `settle_more` the others, batch by batch.
    """

    def __init__(self) -> None:
        self.texts: list[str] = []
        """What stands at the places, to be changed by `replace` alone."""
        self._counts: list[int] = []
        self._tops = [0]
        self._width = 0
        self._guessed = 0

    def __len__(self) -> int:
        """Return how many texts there are."""
        return len(self.texts)

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
        return self._tops[min(index, len(self))]

    def at(self, line: int) -> int:
        """Return the index of the text that a line belongs to; 0 when there is none."""
        return min(max(0, bisect_right(self._tops, line) - 1), max(0, len(self) - 1))

    def replace(self, kept: int, texts: list[str]) -> None:
        """Keep the first `kept` texts, and put others after them."""
        self.texts[kept:] = texts
        self._guessed = min(self._guessed, kept)
        if not self._width:
            return
        self._counts[kept:] = self._guess(kept)
        if len(texts) > BATCH:
            self._guessed = len(self)
        else:
            self._count(kept, len(self))
        self._place(kept)

    def reflow(self, width: int) -> None:
        """Guess all places for another width."""
        self._width = width
        self._counts = self._guess(0)
        self._guessed = len(self)
        self._place(0)

    def settle(self, first: int) -> None:
        """Find the exact places of the texts from index `first` on, as many as a screen can show."""
        self._count(first, min(first + BATCH, len(self)))
        self._place(first)

    def settle_more(self) -> bool:
        """Break one batch more, the newest first; places change when the last one is done, which is said."""
        stop = self._guessed
        self._guessed = max(0, stop - BATCH)
        self._count(self._guessed, stop)
        if self._guessed:
            return False
        self._place(0)
        return True

    def _guess(self, first: int) -> list[int]:
        width = self._width
        return [(length - 1) // width + 1 if length else 1 for length in map(len, self.texts[first:])]

    def _count(self, first: int, stop: int) -> None:
        self._counts[first:stop] = [line_count(text, self._width) for text in self.texts[first:stop]]

    def _place(self, first: int) -> None:
        self._tops[first:] = accumulate(self._counts[first:], initial=self._tops[first] if first else 0)
