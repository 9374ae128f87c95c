"""Searches a growing list of texts."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence


class Search:
    """Finds the texts that contain a term, ignoring case."""

    def __init__(self) -> None:
        self.wanted = ""
        """The term; empty for no search."""
        self._pattern: re.Pattern[str] | None = None
        self._found: list[int] = []

    def __len__(self) -> int:
        """Return the number of texts that contain the term."""
        return len(self._found)

    def look_for(self, wanted: str, texts: Sequence[str]) -> None:
        """Search for another term; empty ends the search."""
        self.wanted = wanted
        self._pattern = re.compile(re.escape(wanted), re.IGNORECASE) if wanted else None
        self._found = []
        self.replace(0, texts)

    def replace(self, kept: int, texts: Sequence[str]) -> None:
        """Keep the first `kept` texts, and search `texts` after them."""
        del self._found[bisect_left(self._found, kept) :]
        if self._pattern is not None:
            search = self._pattern.search
            self._found += [index for index, text in enumerate(texts, kept) if search(text)]

    def spans(self, text: str, start: int, stop: int) -> list[tuple[int, int]]:
        """Return the matches in a text that lie, at least in part, between `start` and `stop`."""
        if self._pattern is None:
            return []
        around = len(self.wanted) - 1
        found = self._pattern.finditer(text, max(0, start - around), stop + around)
        return [match.span() for match in found]

    def after(self, index: int | None) -> int | None:
        """Return the next match after a text, wrapping around; the last one if None is given."""
        if not self._found:
            return None
        if index is None:
            return self._found[-1]
        return self._found[bisect_right(self._found, index) % len(self._found)]

    def before(self, index: int | None) -> int | None:
        """Return the previous match before a text, wrapping around; the last one if None is given."""
        if not self._found:
            return None
        return self._found[-1 if index is None else bisect_left(self._found, index) - 1]

    def rank(self, index: int | None) -> int | None:
        """Return the number of a text among the matches, counted from 1; None if it is none."""
        if index is None:
            return None
        rank = bisect_left(self._found, index)
        return rank + 1 if rank < len(self._found) and self._found[rank] == index else None
