"""How late frames are: as on a line that holds them up, in order."""

from collections.abc import Sequence
from typing import Final

import numpy as np

CATCH_UP: Final = 1.5
"""How many times as fast as real time late frames follow each other at most: services refuse bursts (protocol.md 3)."""


class Jitter:
    """Draws how late each frame is, up to a limit: a quarter of it on average, exponentially distributed.

    A frame is never sent before the one in front of it: behind a late one, others are late too, and catch up.
    """

    def __init__(self, limits: Sequence[float], randoms: Sequence[np.random.Generator]) -> None:
        """Prepare for one line, or several one behind the other, whose delays add up.

        Args:
            limits: the longest delay of each, seconds.
            randoms: for each.
        """
        self._lines = tuple(zip(limits, randoms, strict=True))
        self._late = 0.0

    def __call__(self, length: float) -> float:
        """Return how late the next frame is, seconds; it holds `length` seconds of audio."""
        drawn = sum(min(limit, float(random.exponential(limit / 4))) for limit, random in self._lines)
        self._late = max(drawn, self._late - length * (1 - 1 / CATCH_UP))
        return self._late
