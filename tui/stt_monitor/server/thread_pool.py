"""The threads that run recognition: one per core, shared fairly."""

import asyncio
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Result = TypeVar("Result")


def cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):  # not on macOS and Windows
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class Workers:
    """A first-in, first-out pool of threads.

    Fair because each connection submits one short slice at a time: of n that wait, each gets every n-th turn.
    """

    def __init__(self, threads: int) -> None:
        self.threads = threads
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="recognition")

    async def run(self, work: Callable[[], Result]) -> Result:
        """Run `work` on a thread; return or raise what it does."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, work)

    def close(self) -> None:
        """Accept no more work: running work completes, waiting work is dropped."""
        self._pool.shutdown(wait=False, cancel_futures=True)
