"""Which stretch of a session's audio to play for a turn. Pure."""

from typing import Final

import msgspec

from stt_monitor.core.finished_turn import FinishedTurn, index_of
from stt_monitor.core.snapshot import Snapshot

LEAD_S: Final = 0.3
"""Seconds played before the onset of a turn's speech."""
START_LEAD_S: Final = 1.0
"""Seconds played before the start of a turn without known speech: services report speech late."""
TAIL_S: Final = 0.5
"""Seconds played after its end, to hear whether speech went on."""


class Clip(msgspec.Struct, frozen=True):
    """A stretch of the audio sent, seconds; without an end it lasts to the end of the audio."""

    start: float
    end: float | None = None


def clip_of(turn: FinishedTurn) -> Clip:
    """Return the stretch to play for a finished turn: its speech up to its end, and a margin before and after."""
    onset, end = turn.metrics.speech_start_position, turn.metrics.speech_end_position
    start = turn.start_position - START_LEAD_S if onset is None else min(onset, turn.start_position) - LEAD_S
    stop = turn.end_position if end is None else max(end, turn.end_position)
    return Clip(max(0.0, start), stop + TAIL_S)


def clip_to_hear(snapshot: Snapshot, number: int | None = None, at: float | None = None) -> Clip | None:
    """Return what to play of a session.

    Args:
        snapshot: of the session.
        number: of a turn; one that is open is played as far as it goes.
        at: where there is no turn's number, the session time to play from.

    Returns:
        The stretch; without number and time that of the newest finished turn. None: there is no such turn.
    """
    if number is None and at is not None:
        return Clip(max(0.0, snapshot.places.position_at(at)))
    finished, open_turn = snapshot.finished, snapshot.open_turn
    if number is None:
        return clip_of(finished[-1]) if finished else None
    index = index_of(finished, number)
    if index is not None:
        return clip_of(finished[index])
    if open_turn is not None and open_turn.number == number:
        return Clip(max(0.0, snapshot.places.position_at(open_turn.started_at) - START_LEAD_S))
    return None
