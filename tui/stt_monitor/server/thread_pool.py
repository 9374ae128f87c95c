"""The threads that recognition runs on: one per core, shared fairly."""

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
    """A pool of threads, first come, first served.

    Whoever asks again only after an answer, and asks for little at a time, gets a fair share: with n who are waiting,
    each is served every n-th time.
    """

    def __init__(self, threads: int) -> None:
        self.threads = threads
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="recognition")

    async def run(self, work: Callable[[], Result]) -> Result:
        """Run `work` on a thread and return what it returns, or raise what it raises."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, work)

    def close(self) -> None:
        """Accept no more work. What runs, runs to its end; what waits is dropped."""
        self._pool.shutdown(wait=False, cancel_futures=True)
