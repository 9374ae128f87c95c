"""An absolute schedule: when each sample of a recording comes into being."""

import asyncio
import time

from stt_monitor.system.clock import Clock


class Pace:
    """Plays positions (in samples) against the clock: position `p` comes into being at the start + `p / rate`.

    Nothing is ever added up, so it does not drift; who comes late finds the positions reached and catches up.
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
        """Let position 0 be now."""
        self._start = self._clock()

    def spoken_at(self, position: int) -> float:
        """Return the time at which the sample at `position` comes into being, in seconds of the clock."""
        return self._start + position / self._rate

    def not_before(self, position: int, at: float) -> None:
        """Put the schedule off, if need be, so that `position` does not come before the time `at`."""
        if self._held_since is not None:
            at = min(at, self._held_since)  # `release` will put the schedule off by the rest
        self._start += max(0.0, at - self.spoken_at(position))

    async def reached(self, position: int) -> bool:
        """Wait until everything before `position` has come into being. False, at once, when stopped."""
        while not self._stopped:
            left = None if self._held_since is not None else self.spoken_at(position) - self._clock()
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
        """Let time stand still: no position is reached until `release`. Idempotent."""
        if self._held_since is None:
            self._held_since = self._clock()
            self._changed.set()

    def release(self) -> float:
        """Go on where `hold` stopped; everything still to come is put off by the time between. Idempotent.

        Returns:
            That time, in seconds.
        """
        if self._held_since is None:
            return 0.0
        put_off = self._clock() - self._held_since
        self._start += put_off
        self._held_since = None
        self._changed.set()
        return put_off

    def stop(self) -> None:
        """End every wait, now and later. Idempotent."""
        self._stopped = True
        self._changed.set()


def chunk_samples(sample_rate: int, chunk_ms: int) -> int:
    """Return how many samples (at least one) a chunk of `chunk_ms` milliseconds has (protocol.md 3)."""
    return max(1, round(sample_rate * chunk_ms / 1000))
