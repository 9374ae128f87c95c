"""A user's wish that something end: waits that it cuts short, with as much patience as it leaves."""

import asyncio
import time
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class Stop:
    """Not wished for yet, or since when. For use inside the event loop."""

    def __init__(self) -> None:
        self._at: float | None = None
        self._wished = asyncio.Event()

    @property
    def wished(self) -> bool:
        """Whether the user has stopped it."""
        return self._at is not None

    def wish(self) -> bool:
        """Have it end; returns whether that is news."""
        if self._at is not None:
            return False
        self._at = time.monotonic()
        self._wished.set()
        return True

    async def wait(self, *tasks: asyncio.Task[Any], limit: float | None = None, grace: float = 0.0) -> None:
        """Wait until one of `tasks` ends, `limit` seconds at most, and `grace` at most from when the user stopped."""
        wished = asyncio.create_task(self._wished.wait())
        await asyncio.wait({*tasks, wished}, timeout=limit, return_when=asyncio.FIRST_COMPLETED)
        wished.cancel()
        if self._at is not None and not any(task.done() for task in tasks):
            left = self._at + grace - time.monotonic()
            await asyncio.wait(tasks, timeout=max(left, 0.0), return_when=asyncio.FIRST_COMPLETED)

    async def unless(self, work: Coroutine[Any, Any, T]) -> T | None:
        """Do some work, or give it up when the user stops; returns None then."""
        task = asyncio.create_task(work)
        await self.wait(task)
        if not task.done():
            task.cancel()
            return None
        return task.result()

    def left(self, patience: float, within: float) -> float:
        """Return how long to be patient, seconds: no longer than until `within` seconds after the user stopped."""
        if self._at is None:
            return patience
        return min(patience, max(0.0, self._at + within - time.monotonic()))
