"""Where in the audio of a session its times are, and back. Pure."""

from bisect import bisect_right
from collections import deque
from typing import Final

import msgspec

from stt_monitor.core.kept import FOR_SCREEN

_JITTER_S: Final = 0.03
"""Capture times of a microphone vary by less than this; more is a pause, or audio that was lost."""


class Places(msgspec.Struct, frozen=True):
    """Audio positions by session time, both in seconds, as runs of audio without a break."""

    times: tuple[float, ...] = ()
    """When each run begins, in order."""
    positions: tuple[float, ...] = ()
    """Where in the audio it does; a run ends where the next one begins."""

    def position_at(self, at: float) -> float:
        """Return the position of what was spoken at a time; it stands still where there was no audio."""
        run = bisect_right(self.times, at) - 1
        if run < 0:
            return self.positions[0] if self.positions else 0.0
        position = self.positions[run] + at - self.times[run]
        return position if run + 1 == len(self.positions) else min(position, self.positions[run + 1])

    def spoken_at(self, position: float) -> float:
        """Return when the audio at a position was spoken: the inverse of `position_at`."""
        run = max(0, bisect_right(self.positions, position) - 1)
        return self.times[run] + position - self.positions[run] if self.times else position


class PlaceRecorder:
    """Records where audio was sent without a break."""

    def __init__(self, most: int = FOR_SCREEN.runs) -> None:
        """Start without audio; `most`: runs to keep."""
        self._runs: deque[tuple[float, float]] = deque(maxlen=most)
        self._places: Places | None = Places()

    @property
    def places(self) -> Places:
        """The places so far; made again only after a break."""
        if self._places is None:
            times, positions = zip(*self._runs, strict=True)
            self._places = Places(times, positions)
        return self._places

    def add(self, spoken_at: float, position: float) -> None:
        """Add a chunk; chunks come in the order of their positions."""
        if self._runs:
            at, begun = self._runs[-1]
            if abs(spoken_at - at - (position - begun)) <= _JITTER_S:
                return
        self._runs.append((spoken_at, position))
        self._places = None
