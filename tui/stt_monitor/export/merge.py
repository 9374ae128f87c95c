"""Sorting without having it all: what comes from one turn after the other is nearly in order."""

from collections.abc import Iterable, Iterator
from heapq import heappop, heappush, heappushpop
from typing import Any, Final, TypeVar

OUT_OF_PLACE: Final = 1000
"""What comes earlier than it should does so by fewer places: turns, and the speech around them, overlap a neighbour."""

_Sortable = TypeVar("_Sortable", bound=Any)


def in_order(nearly: Iterable[_Sortable]) -> Iterator[_Sortable]:
    """Give things in ascending order, of which none is further from its place than `OUT_OF_PLACE`."""
    heap: list[_Sortable] = []
    for each in nearly:
        if len(heap) < OUT_OF_PLACE:
            heappush(heap, each)
        else:
            yield heappushpop(heap, each)
    while heap:
        yield heappop(heap)
