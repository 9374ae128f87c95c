"""From when on the turns of a session can claim reference speech (`metrics.claims`)."""

from collections import deque
from math import inf
from typing import Final

from stt_monitor.core.metrics.claims import ClaimBounds
from stt_monitor.core.turns.turn import Turn

_LATEST: Final = 50
"""Latest turns to match with a span of reference speech."""


class Claiming:
    """Follows the audio and the ends of turns. Times are seconds of session."""

    def __init__(self) -> None:
        self._heard_from: float | None = -inf  # when the first audio of this connection was spoken; None before it
        self._last: Turn | None = None
        self._latest: deque[ClaimBounds] = deque(maxlen=_LATEST)

    def audio_sent(self, spoken_at: float) -> None:
        """Record audio that was sent, by the time at which it was spoken."""
        if self._heard_from is None:
            self._heard_from = spoken_at

    def connection_lost(self) -> None:
        """Record a lost connection: later turns cannot claim speech that was sent over it."""
        self._heard_from = None

    def since(self, at: float) -> float:
        """Return the time up to which speech belongs to earlier turns, or to a connection that is gone."""
        heard_from = at if self._heard_from is None else self._heard_from
        before = self._last
        if before is None:
            return heard_from
        return max(heard_from, before.ended_at if before.ended_at is not None else before.started_at)

    def add(self, turn: Turn, at: float) -> float:
        """Add a turn that finished at the time `at`; return the time up to which speech is none of its own."""
        since = self.since(at)
        self._latest.append(ClaimBounds(since, turn.started_at, at))  # a lost turn was open until now
        self._last = turn
        return since

    def latest(self, open_turn: Turn | None) -> list[ClaimBounds]:
        """Return the bounds of the latest turns, the open one the last."""
        if open_turn is None:
            return list(self._latest)
        return [*self._latest, ClaimBounds(self.since(open_turn.started_at), open_turn.started_at, inf)]
