"""The threads that recognition runs on: one per core, shared fairly, and how late they are."""

import asyncio
import os
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from time import monotonic
from typing import Final, TypeVar

WINDOW_S: Final = 10.0
"""How far back the delay looks."""

MAX_WAITS: Final = 2000
MIN_WAITS: Final = 20
"""How many waits are remembered at most, and needed for a statement."""

LATE_S: Final = 0.5
"""A delay (s) beyond which another session would do harm to those that run."""

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
        self._waits: deque[tuple[float, float]] = deque(maxlen=MAX_WAITS)

    async def run(self, work: Callable[[], Result]) -> Result:
        """Run `work` on a thread and return what it returns, or raise what it raises."""
        asked = monotonic()

        def timed() -> Result:
            now = monotonic()
            self._waits.append((now, now - asked))
            return work()

        return await asyncio.get_running_loop().run_in_executor(self._pool, timed)

    def late(self) -> bool:
        """Tell whether recognition cannot keep up: the delay is longer than anybody should be kept waiting."""
        return self.delay_s() > LATE_S

    def delay_s(self) -> float:
        """Return how long work lately waited for a thread, in seconds: the 90th percentile of the last ten seconds."""
        horizon = monotonic() - WINDOW_S
        waits = sorted(wait for began, wait in tuple(self._waits) if began >= horizon)
        return waits[len(waits) * 9 // 10] if len(waits) >= MIN_WAITS else 0.0

    def close(self) -> None:
        """Accept no more work. What runs, runs to its end; what waits is dropped."""
        self._pool.shutdown(wait=False, cancel_futures=True)
