"""Cooperative stop signal, with waits that honour its deadline."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from stt_monitor.system.clock import Clock

T = TypeVar("T")


class StopSignal:
    """Set once, with the time at which it was. For use inside the event loop."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._at: float | None = None
        self._event = asyncio.Event()

    @property
    def requested(self) -> bool:
        """Whether the user has asked to stop."""
        return self._at is not None

    def set(self) -> bool:
        """Request the end; returns False if it was requested before."""
        if self._at is not None:
            return False
        self._at = self._clock()
        self._event.set()
        return True

    async def wait(
        self, *work: asyncio.Task[Any] | Coroutine[Any, Any, Any], limit: float | None = None, grace: float = 0.0
    ) -> None:
        """Wait until one piece of `work` ends, or the user asks to stop.

        Args:
            work: tasks, which go on after the wait, and coroutines, which are cancelled with it.
            limit: seconds to wait at most; None waits on.
            grace: seconds that the work may still take, counted from the request to stop.
        """
        own = {asyncio.create_task(each) for each in work if not isinstance(each, asyncio.Task)}
        tasks = own | {each for each in work if isinstance(each, asyncio.Task)}
        requested = asyncio.create_task(self._event.wait())
        try:
            await asyncio.wait({*tasks, requested}, timeout=limit, return_when=asyncio.FIRST_COMPLETED)
            if self._at is not None and not any(task.done() for task in tasks):
                await asyncio.wait(tasks, timeout=self.left(grace, grace), return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in {*own, requested}:
                task.cancel()

    async def unless(self, work: Coroutine[Any, Any, T]) -> T | None:
        """Do some work; cancel it and return None if the user asks to stop."""
        task = asyncio.create_task(work)
        await self.wait(task)
        if not task.done():
            task.cancel()
            return None
        return task.result()

    def left(self, patience: float, within: float) -> float:
        """Return how long to wait, seconds: `patience`, but no longer than until `within` seconds after the request."""
        if self._at is None:
            return patience
        return min(patience, max(0.0, self._at + within - self._clock()))
