"""Times at which this machine or its network was too slow: late events are then not the service's fault."""

from collections import deque
from typing import Final

SLOW_S: Final = 0.3
"""Delay of audio or of an answer, in seconds, above which a turn counts as slow."""

_KEPT: Final = 1000
"""Stretches to keep; the metrics of turns wait for seconds only."""


class Slowness:
    """The stretches of a session in which audio or answers were delayed by more than `SLOW_S`."""

    def __init__(self) -> None:
        self._stretches: deque[tuple[float, float]] = deque(maxlen=_KEPT)  # from when to when; in the order of ends

    def add(self, at: float, lag: float) -> None:
        """Add a delay of `lag` seconds that was measured at a session time."""
        if lag <= SLOW_S:
            return
        since = at - lag
        while self._stretches and self._stretches[-1][1] >= since:
            earlier, until = self._stretches.pop()
            since, at = min(since, earlier), max(at, until)
        self._stretches.append((since, at))

    def overlaps(self, since: float, until: float) -> bool:
        """Return whether it was slow at any time within a range of session time."""
        for began, ended in reversed(self._stretches):
            if ended < since:
                return False
            if began <= until:
                return True
        return False
