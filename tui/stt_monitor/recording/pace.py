"""The pace of a replay: where it is in the session, at which speed, and whether it is paused."""

import math
from bisect import bisect_left, bisect_right
from typing import Final

from stt_monitor.system.clock import Clock

TICK_S: Final = 0.05
"""Longest time between two snapshots while playing."""

SPEEDS: Final = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, math.inf)


class Pace:
    """Tells the session time that is due, by a clock."""

    def __init__(self, clock: Clock, speed: float, *, paused: bool) -> None:
        """Begin at the beginning.

        Args:
            clock: of playback.
            speed: seconds of session per second; infinite: as fast as possible.
            paused: wait there.
        """
        self.speed = speed
        self.paused = paused
        self.position = 0.0
        """Session time at which the replay has arrived, seconds."""
        self._clock = clock
        self._since = 0.0  # by the clock, at that position

    @property
    def due(self) -> float:
        """The session time up to which everything is to be played by now, unless it is paused."""
        return math.inf if self.speed == math.inf else self.position + (self._clock() - self._since) * self.speed

    def seconds_until(self, at: float) -> float | None:
        """Return for how long nothing is due, if `at` is the next session time that is, `TICK_S` at most.

        None: for good, because it is paused.
        """
        if self.paused:
            return None
        return 0.0 if self.speed == math.inf else min(TICK_S, max(0.0, (at - self.due) / self.speed))

    def go_on_from(self, position: float) -> None:
        """Go on from a session time, now."""
        self.position, self._since = position, self._clock()

    def pause(self, *, paused: bool) -> None:
        """Pause where it is, or go on from there."""
        self._settle()
        self.paused = paused

    def change_speed(self, by: int) -> None:
        """Change to a speed that is so many steps faster, or slower."""
        self._settle()
        # A speed from the command line need not be one of ours: the first step leads to its neighbour.
        index = bisect_right(SPEEDS, self.speed) - 1 if by > 0 else bisect_left(SPEEDS, self.speed)
        chosen = SPEEDS[min(max(index + by, 0), len(SPEEDS) - 1)]
        self.speed = max(chosen, self.speed) if by > 0 else min(chosen, self.speed)

    def _settle(self) -> None:
        """Take the time that has passed into the position."""
        self.go_on_from(self.position if self.paused or self.speed == math.inf else self.due)
