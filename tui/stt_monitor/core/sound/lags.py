"""How far behind the local server was, by session time: part of what turns took is this machine's."""

from collections import deque
from typing import Final

_KEPT: Final = 1000
"""Reports to keep: minutes of them; the metrics of turns wait for seconds only."""


class Lags:
    """The newest lags, in order of time. Times and lags are seconds."""

    def __init__(self) -> None:
        self._lags: deque[tuple[float, float]] = deque(maxlen=_KEPT)

    def add(self, at: float, lag: float) -> None:
        """Add a lag that was reported at a session time."""
        self._lags.append((at, lag))

    def longest(self, since: float, until: float) -> float | None:
        """Return the longest lag reported within a range of session time; None where none was."""
        longest: float | None = None
        for at, lag in reversed(self._lags):
            if at < since:
                break
            if at <= until:
                longest = lag if longest is None else max(longest, lag)
        return longest
