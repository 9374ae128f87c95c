"""The turns of a setting that are worth a look. Pure."""

from typing import Final

from stt_monitor.core.sweep.figures import counts, end_counts
from stt_monitor.core.sweep.observed import Key, Turns
from stt_monitor.core.sweep.outcome import TurnOutcome
from stt_monitor.core.sweep.result import WorstTurn

MOST: Final = 3
_SLOW_S: Final = 1.0
"""A turn that ends sooner than this after speech is not worth a look."""


def worst_turns(turns: Turns) -> tuple[WorstTurn, ...]:
    """Pick the worst: cut off, then missed or not ended, then the slowest."""
    ranked = sorted((rank, key, turn) for key, turn in turns.items() if (rank := _rank(turn)) is not None)
    return tuple(_shown(key, turn) for _, key, turn in ranked[:MOST])


def _rank(turn: TurnOutcome) -> tuple[int, float] | None:
    """Return a place among the bad ones; None for a good one."""
    if counts(turn) and turn.cut:
        return 0, -max((pause.length for pause in turn.pauses if pause.cut_after is not None), default=0.0)
    if end_counts(turn) and turn.decided_after is None:
        return 1, 0.0
    if end_counts(turn) and turn.decided_after is not None and turn.decided_after >= _SLOW_S:
        return 2, -turn.decided_after
    return None


def _shown(key: Key, turn: TurnOutcome) -> WorstTurn:
    spoken = key.spoken
    return WorstTurn(spoken.recording, key.arm, key.repetition, turn.position, _what(turn), turn.text)


def _what(turn: TurnOutcome) -> str:
    if turn.cut:
        cut = next((each for each in turn.pauses if each.cut_after is not None), None)
        if cut is None or cut.cut_after is None:
            return "cut off while speaking"
        if cut.cut_after >= cut.length:
            return f"cut off {cut.cut_after - cut.length:.2f} s after a pause of {cut.length:.2f} s"
        return f"cut off {cut.cut_after:.2f} s into a pause of {cut.length:.2f} s"
    if turn.missed:
        return "missed"
    return "not ended in time" if turn.decided_after is None else f"ended {turn.decided_after:.2f} s after speech"
