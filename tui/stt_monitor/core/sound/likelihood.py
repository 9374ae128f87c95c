"""The local server's likelihood of being inside a turn, which it compares with the thresholds."""

from collections import deque
from collections.abc import Iterable
from math import inf
from typing import Final

import msgspec

from stt_monitor.core.kept import FOR_SCREEN
from stt_monitor.core.sound.audio_clock import AudioClock

_DIGITS: Final = 4


class LikelihoodPoint(msgspec.Struct, frozen=True, gc=False):
    """The likelihood at one position of the audio."""

    position: float
    """Seconds of the session's audio."""
    value: float
    """From 0 to 1."""
    at: float
    """When the audio at `position` was spoken, seconds of session."""


class LikelihoodCurve:
    """The newest points, in order."""

    def __init__(self, most: int | None = FOR_SCREEN.likelihood) -> None:
        """Start without points; `most`: how many to keep. None: all of them, to judge a saved session again."""
        self.told = False
        """Whether there ever was one."""
        self._most = most
        self._points: deque[LikelihoodPoint] = deque(maxlen=None if most is None else FOR_SCREEN.likelihood)
        self._view: tuple[LikelihoodPoint, ...] | None = ()

    def add(self, told: Iterable[tuple[float, float]], first: float, clock: AudioClock) -> list[tuple[float, float]]:
        """Add points; those before the newest are left out.

        Args:
            told: pairs of position in the audio of a connection, seconds, and likelihood; in order.
            first: position of that connection's first audio in the session, seconds.
            clock: the session's audio clock.

        Returns:
            The points as (position in the session's audio, value).
        """
        newest = self._points[-1].position if self._points else -inf
        placed = ((round(first + position, _DIGITS), value) for position, value in told)
        points = [(position, value) for position, value in placed if position >= newest]
        self.told = self.told or bool(points)
        self._points.extend(LikelihoodPoint(p, value, clock.spoken_at(p) or 0.0) for p, value in points)
        self._view = None
        return points

    def forget(self, before: float) -> None:
        """Forget points of before a session time, beyond those to keep."""
        if self._most is not None:
            while len(self._points) > self._most and self._points[0].at < before:
                self._points.popleft()
                self._view = None

    def between(self, since: float, until: float) -> tuple[LikelihoodPoint, ...]:
        """Return the points of a range of session time, oldest first: of the newest, without a look at older ones."""
        found: list[LikelihoodPoint] = []
        for point in reversed(self._points):
            if point.at < since:
                break
            if point.at <= until:
                found.append(point)
        return tuple(reversed(found))

    @property
    def points(self) -> tuple[LikelihoodPoint, ...]:
        """The newest points, oldest first; rebuilt on access after a change."""
        if self._view is None:
            self._view = tuple(self._points)
        return self._view
