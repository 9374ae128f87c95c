"""When the line or this machine was too slow: what a service says then is late through no fault of its own."""

from collections import deque
from typing import Final

SLOW_S: Final = 0.3
"""Seconds that sound may take to be heard, and an answer to come, before the turn in which that happened is slow."""

_KEPT: Final = 1000
"""Stretches remembered; turns wait for their figures for seconds, not for so many of them."""


class Slowness:
    """The stretches of a session in which sound or answers were held up for longer than `SLOW_S`."""

    def __init__(self) -> None:
        self._stretches: deque[tuple[float, float]] = deque(maxlen=_KEPT)  # from when to when; in the order of ends

    def held_up(self, at: float, lag: float) -> None:
        """Note that at this moment, seconds of session, something had been held up for `lag` seconds."""
        if lag <= SLOW_S:
            return
        since = at - lag
        while self._stretches and self._stretches[-1][1] >= since:
            earlier, until = self._stretches.pop()
            since, at = min(since, earlier), max(at, until)
        self._stretches.append((since, at))

    def overlaps(self, since: float, until: float) -> bool:
        """Return whether there was slowness between two moments, seconds of session."""
        for began, ended in reversed(self._stretches):
            if ended < since:
                return False
            if began <= until:
                return True
        return False
