"""Waits on the main thread so that no signal is missed."""

from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import Final, TypeVar

_LOOK_S: Final = 0.5
"""How long a signal may be missed."""

Item = TypeVar("Item")


def next_of(queue: "SimpleQueue[Item]") -> Item:
    """Return the next of a queue; blocks until there is one.

    Python runs the handler of a signal on the main thread, between two of its steps. One that comes just before that
    thread begins to wait, or that another thread gets, ends no wait: Ctrl+C would do nothing until something arrives.
    """
    while True:
        with suppress(Empty):
            return queue.get(timeout=_LOOK_S)
