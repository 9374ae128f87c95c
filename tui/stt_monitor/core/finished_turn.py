"""A finished turn and its metrics, and how one is found by its number."""

from bisect import bisect_left
from collections.abc import Sequence

import msgspec

from stt_monitor.core.metrics.marks import Marks
from stt_monitor.core.metrics.turn_metrics import TurnMetrics
from stt_monitor.core.sound.held import Held
from stt_monitor.core.turns.turn import Turn


class FinishedTurn(msgspec.Struct, frozen=True, gc=False):  # no cycles, and there are very many
    """A finished turn, with its metrics as known so far."""

    turn: Turn
    metrics: TurnMetrics
    start_position: float = 0.0
    """Seconds of audio spoken by the time of `turn.start`."""
    end_position: float = 0.0
    """The same for `turn.end`, or for the last event of a turn without one."""
    marks: Marks = Marks()
    """What is special about its metrics."""
    awaits_text: bool = False
    """Whether text of it may still come (see `TurnText`)."""
    end_in_file: float | None = None
    """`end_position` in the file; None without one."""
    send_lag: float | None = None
    """The longest between the end of its speech and its end, seconds; without an end of speech, since its start."""
    server_lag: float | None = None
    """The same of the local server; None where no local server reports it."""
    held: Held | None = None
    """What the likelihood did before its end; None where it is not known."""

    def position_at(self, at: float) -> float:
        """Return the audio position at a session time within the turn, ignoring audio lost in it."""
        return min(max(self.start_position, self.start_position + at - self.turn.started_at), self.end_position)


def index_of(finished: Sequence[FinishedTurn], number: int | None) -> int | None:
    """Return the index of a turn by its number; None if it is not finished."""
    if number is None:
        return None
    index = bisect_left(finished, number, key=lambda one: one.turn.number)
    return index if index < len(finished) and finished[index].turn.number == number else None
