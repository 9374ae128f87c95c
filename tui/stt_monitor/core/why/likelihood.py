"""Tells what the likelihood did before the end of a turn, from points that are close enough to tell."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from stt_monitor.core.finished_turn import FinishedTurn
from stt_monitor.core.metrics.inclusion import Inclusion, inclusion
from stt_monitor.core.settings.requested import Schema
from stt_monitor.core.sound.held import Held
from stt_monitor.core.sound.likelihood import LikelihoodPoint
from stt_monitor.core.what_if.judge import judge
from stt_monitor.core.what_if.limits import Limits

_CLOSE_S: Final = 0.05
"""Between points farther apart than this, a likelihood may have been anywhere."""
_LATEST_S: Final = 1.0
"""An event that comes later than this after the audio that explains it has another cause."""


def held(finished: FinishedTurn, schema: Schema, points: Sequence[LikelihoodPoint]) -> Held | None:
    """Return what the likelihood did; None where that is not known, or the service did not end the turn.

    Args:
        finished: the turn.
        schema: of its service's settings.
        points: of the likelihood, from its start to its end.
    """
    turn, eot = finished.turn, finished.metrics.eot_latency
    limits = Limits.of(schema, turn.settings)
    counts = inclusion(turn, finished.metrics) in (Inclusion.SUMMARY, Inclusion.FIRST) and not turn.settings_changed
    if not counts or not points or limits.end is None or turn.over_at - points[-1].at > _LATEST_S:
        return None
    found = judge(points, range(len(points)), limits, silence_known=True)
    stop = len(points) if found.end is None else found.end
    confirmed, guess = turn.confirmed_eager_end, found.guesses[-1] if found.guesses else None
    if confirmed is None:
        speech_end = None if eot is None else turn.over_at - eot
        first = next((at for at in range(stop) if speech_end is not None and points[at].at >= speech_end), stop)
        eager_limit = None
    elif guess is None or guess.resumed is not None or not 0 <= confirmed.at - points[guess.at].at <= _LATEST_S:
        return None  # the likelihood does not explain its eager end
    else:
        first, eager_limit = guess.at, limits.eager_end
    stretch = points[first:stop]
    apart = any(after.position - before.position > _CLOSE_S for before, after in pairwise(stretch))
    if not stretch or apart:
        return None
    values = [each.value for each in stretch]
    return Held(max(values), min(values), eager_limit, limits.end)
