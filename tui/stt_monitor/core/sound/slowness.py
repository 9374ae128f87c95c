"""Times at which something other than the service held up audio or answers: late events are then not its fault."""

from collections import deque
from enum import Enum
from typing import Final

SLOW_S: Final = 0.3
"""Delay of audio or of an answer, in seconds, above which a turn counts as slow."""

_KEPT: Final = 1000
"""Stretches of a cause to keep; the metrics of turns wait for seconds only."""


HELD_UP: Final = "this machine, its network or the client held them up"
"""What is said of several slow turns together."""


class Cause(Enum):
    """What held it up; values are those of data."""

    HASTE = "haste"
    SENDING = "sending"
    NETWORK = "network"
    LOCAL_SERVER = "local_server"

    @property
    def words(self) -> str:
        """It as a clause."""
        return _WORDS[self]


_WORDS: Final = {
    Cause.HASTE: "the client sent audio faster than it is spoken",
    Cause.SENDING: "audio was sent late",
    Cause.NETWORK: "the network was slow",
    Cause.LOCAL_SERVER: "the local server fell behind",
}


class Slowness:
    """The stretches of a session in which audio or answers were delayed by more than `SLOW_S`, and by what."""

    def __init__(self) -> None:
        self._stretches = {cause: _Stretches() for cause in Cause}

    def add(self, at: float, lag: float, cause: Cause) -> None:
        """Add a delay of `lag` seconds that was measured at a session time."""
        if lag > SLOW_S:
            self._stretches[cause].add(at - lag, at)

    def causes(self, since: float, until: float) -> tuple[Cause, ...]:
        """Return what made it slow within a range of session time; empty where nothing did."""
        return tuple(cause for cause, each in self._stretches.items() if each.overlap(since, until))

    def overlaps(self, since: float, until: float) -> bool:
        """Return whether it was slow at any time within a range of session time."""
        return any(each.overlap(since, until) for each in self._stretches.values())


class _Stretches:
    """Stretches of one cause, from when to when, in the order of their ends."""

    def __init__(self) -> None:
        self._spans: deque[tuple[float, float]] = deque(maxlen=_KEPT)

    def add(self, since: float, until: float) -> None:
        """Add one; those that it overlaps become part of it."""
        while self._spans and self._spans[-1][1] >= since:
            earlier, later = self._spans.pop()
            since, until = min(since, earlier), max(until, later)
        self._spans.append((since, until))

    def overlap(self, since: float, until: float) -> bool:
        """Return whether one lies within a range, or partly."""
        for began, ended in reversed(self._spans):
            if ended < since:
                return False
            if began <= until:
                return True
        return False
