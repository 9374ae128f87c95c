"""Finds where frames lie in a session: in which turn, and how long after speech."""

from bisect import bisect_right
from collections.abc import Sequence
from math import inf
from typing import NamedTuple

from stt_monitor.core.finished_turn import FinishedTurn
from stt_monitor.core.snapshot import Snapshot
from stt_monitor.core.turns.turn import Turn
from stt_monitor.core.wire_frame import WireFrame


class FramePlace(NamedTuple):
    """Where a frame lies; None: nowhere, or not known."""

    gap: float | None = None
    """Since the frame shown before it, seconds."""
    turn: int | None = None
    """Number of its turn."""
    after_speech: float | None = None
    """Seconds since the last end of reference speech; None during speech."""


NOWHERE = FramePlace()


class FramePlaces:
    """Places in a session as a snapshot knows it."""

    def __init__(self, snapshot: Snapshot | None) -> None:
        self._snapshot = snapshot
        self._from, self._until = inf, -inf
        self._latest: tuple[Turn, ...] = ()  # the last ones that had begun between these times, the newest first

    def knows_more_than(self, other: "FramePlaces") -> bool:
        """Return whether a frame may have another place than before."""
        one, another = self._snapshot, other._snapshot  # noqa: SLF001 - of the same class
        if one is None or another is None:
            return one is not another
        return (
            len(one.finished) != len(another.finished)
            or (one.open_turn is None) != (another.open_turn is None)
            or one.speech != another.speech
            or one.identity != another.identity
        )

    def place(self, frame: WireFrame, before: WireFrame | None) -> FramePlace:
        """Return the place of a frame, after the one that is shown before it."""
        gap = None if before is None else frame.at - before.at
        turn = self.turn_of(frame)
        return FramePlace(gap, None if turn is None else turn.number, self._after_speech(frame.at))

    def turn_of(self, frame: WireFrame) -> Turn | None:
        """Return the turn in whose time a frame was sent or received, or whose text it brings afterwards."""
        snapshot, at = self._snapshot, frame.at
        if snapshot is None:
            return None
        if snapshot.open_turn is not None and at >= snapshot.open_turn.started_at:
            return snapshot.open_turn
        if not self._from <= at < self._until:
            self._look_up(snapshot.finished, at)
        for turn in self._latest:  # texts of the one before may come meanwhile
            if not frame.sent and at in (turn.text_at, turn.formatted_at):
                return turn
        newest = self._latest[0] if self._latest else None
        return newest if newest is not None and at <= newest.over_at else None

    def _look_up(self, finished: Sequence[FinishedTurn], at: float) -> None:
        """Find the last turns that had begun at a time; frames mostly follow one another, and turns may be on disk."""
        index = bisect_right(finished, at, key=lambda one: one.turn.started_at)
        self._latest = tuple(one.turn for one in reversed(finished[max(0, index - 2) : index]))
        self._from = self._latest[0].started_at if self._latest else -inf
        self._until = finished[index].turn.started_at if index < len(finished) else inf

    def _after_speech(self, at: float) -> float | None:
        if self._snapshot is None:
            return None
        spans = self._snapshot.speech
        index = bisect_right(spans, at, key=lambda span: span.onset)
        end = spans[index - 1].end if index else None
        return None if end is None or end > at else at - end
