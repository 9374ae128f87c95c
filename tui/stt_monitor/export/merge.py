"""Sorts streams that are nearly in order, as what comes of successive turns is."""

from collections.abc import Iterable, Iterator
from heapq import heappop, heappush, heappushpop
from typing import Any, Final, TypeVar

OUT_OF_PLACE: Final = 1000
"""Places that an item may be off, and more than any is: turns, and the speech around them, overlap neighbours only."""

_Sortable = TypeVar("_Sortable", bound=Any)


def in_order(nearly: Iterable[_Sortable]) -> Iterator[_Sortable]:
    """Yield items in ascending order; none may be off its place by more than `OUT_OF_PLACE`."""
    heap: list[_Sortable] = []
    for each in nearly:
        if len(heap) < OUT_OF_PLACE:
            heappush(heap, each)
        else:
            yield heappushpop(heap, each)
    while heap:
        yield heappop(heap)
