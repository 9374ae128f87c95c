"""Real-time pacing by an absolute schedule."""

import asyncio
import time

from stt_monitor.system.clock import Clock


class Pace:
    """Maps positions (in samples) to the clock: position `p` is due at the start + `p / rate`.

    It sums up no delays, so it does not drift: a late caller catches up.
    """

    def __init__(self, sample_rate: int, clock: Clock = time.monotonic) -> None:
        self._rate = sample_rate
        self._clock = clock
        self._start = clock()
        self._held_since: float | None = None
        self._stopped = False
        self._changed = asyncio.Event()

    @property
    def stopped(self) -> bool:
        """Whether `stop` was called."""
        return self._stopped

    def start(self) -> None:
        """Make position 0 due now."""
        self._start = self._clock()

    def spoken_at(self, position: int) -> float:
        """Return the time at which the sample at `position` is due, in seconds of the clock."""
        return self._start + position / self._rate

    def not_before(self, position: int, at: float) -> None:
        """Delay the schedule where needed, so that `position` is not due before the time `at`."""
        if self._held_since is not None:
            at = min(at, self._held_since)  # `release` adds the rest of the delay
        self._start += max(0.0, at - self.spoken_at(position))

    async def wait_for(self, position: int, late: float = 0.0) -> bool:
        """Wait until everything before `position` is due, `late` seconds more. Return False, at once, when stopped."""
        while not self._stopped:
            left = None if self._held_since is not None else self.spoken_at(position) + late - self._clock()
            if left is not None and left <= 0:
                return True
            self._changed.clear()
            try:
                async with asyncio.timeout(left):
                    await self._changed.wait()
            except TimeoutError:
                continue
        return False

    def hold(self) -> None:
        """Stop the schedule: no position is due until `release`. Idempotent."""
        if self._held_since is None:
            self._held_since = self._clock()
            self._changed.set()

    def release(self) -> float:
        """Continue after `hold`, with everything still to come delayed by the time between. Idempotent.

        Returns:
            The delay in seconds.
        """
        if self._held_since is None:
            return 0.0
        delay = self._clock() - self._held_since
        self._start += delay
        self._held_since = None
        self._changed.set()
        return delay

    def stop(self) -> None:
        """End every wait, now and later. Idempotent."""
        self._stopped = True
        self._changed.set()


def chunk_samples(sample_rate: int, chunk_ms: int) -> int:
    """Return the samples (at least one) in a chunk of `chunk_ms` milliseconds (protocol.md 3)."""
    return max(1, round(sample_rate * chunk_ms / 1000))
