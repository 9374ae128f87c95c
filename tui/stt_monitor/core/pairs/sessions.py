"""Pairs sessions of the same audio: turns at the same positions, and turns that only one of them has. Pure.

    found = pair_sessions(before, after)
    if found is not None:
        pairs = found.of(METRICS["eot_latency"])
        pairs.n, pairs.faster, pairs.difference

Turns within which the file was paused or sent again are in no pair, and neither are those that this machine, the line
or the client held up or ended: they tell nothing about the service.
"""

from collections.abc import Iterable, Sequence
from itertools import cycle, islice
from operator import attrgetter

import msgspec

from stt_monitor.core.metrics.metric import Metric, Moment
from stt_monitor.core.pairs.hearing import heard_of
from stt_monitor.core.pairs.same_audio import TOLERANCE_S, close, why_unpaired
from stt_monitor.core.pairs.structure import Changes, changes
from stt_monitor.core.pairs.values import Pair, Pairs
from stt_monitor.core.snapshot import Snapshot
from stt_monitor.core.sound.heard import Heard, HeardTurn

_TurnPair = tuple[HeardTurn, HeardTurn]


class PairedTurns(msgspec.Struct, frozen=True):
    """The turns of two sessions."""

    before: Heard
    after: Heard
    by_onset: tuple[_TurnPair, ...]
    """Turns whose speech begins at the same position."""
    by_end: tuple[_TurnPair, ...]
    """Turns whose speech ends at the same position."""
    changes: Changes

    def of(self, metric: Metric) -> Pairs:
        """Return the pairs of a metric of turns."""
        linked = self.by_onset if _begins_with_onset(metric) else self.by_end
        key, audio = metric.key, self.before.audio_id or self.before.source
        both = [(one, other) for one, other in linked if key in one.values and key in other.values]
        return Pairs(
            metric,
            tuple(
                Pair(audio, one.at, one.values[key], other.values[key], (one.number, other.number))
                for one, other in both
            ),
            _alone(self.before, self.after.until, key, (one for one, _ in both)),
            _alone(self.after, self.before.until, key, (other for _, other in both)),
        )


class SessionPairs(msgspec.Struct, frozen=True):
    """Sessions before and after, two and two, over the same audio."""

    sessions: tuple[PairedTurns, ...]

    @property
    def linked(self) -> int:
        """How many turns of both are at the same place."""
        return sum(max(len(each.by_onset), len(each.by_end)) for each in self.sessions)

    @property
    def changes(self) -> Changes:
        """Turns that split, merged, vanished and appeared."""
        return sum((each.changes for each in self.sessions), Changes())

    def of(self, metric: Metric) -> Pairs:
        """Return the pairs of a metric of turns."""
        return sum((each.of(metric) for each in self.sessions), Pairs(metric))


def pair_sessions(before: Snapshot, after: Snapshot) -> SessionPairs | None:
    """Pair the turns of two sessions; None if they did not hear the same audio (`why_unpaired` says more)."""
    return pair_heard([heard_of(before)], [heard_of(after)])


def pair_heard(before: Sequence[Heard], after: Sequence[Heard]) -> SessionPairs | None:
    """Pair the turns of several sessions before and after; None if none of them share audio.

    Of several over the same audio, the first is paired with the first, the second with the second; where one side has
    fewer, those serve again.
    """
    found: list[PairedTurns] = []
    left = list(before)
    while left:
        runs = [each for each in left if each is left[0] or why_unpaired(left[0], each) is None]
        others = [each for each in after if why_unpaired(left[0], each) is None]
        left = [each for each in left if not any(each is run for run in runs)]
        if others:
            n = max(len(runs), len(others))
            found += (_pair(one, other) for one, other in islice(zip(cycle(runs), cycle(others), strict=False), n))
    return SessionPairs(tuple(found)) if found else None


def _begins_with_onset(metric: Metric) -> bool:
    return metric.anchors is not None and metric.anchors[0] is Moment.SPEECH_ONSET


def _alone(own: Heard, until: float, key: str, paired: Iterable[HeardTurn]) -> int:
    """Count the values without a counterpart, in the audio that the other session heard too."""
    numbers = {each.number for each in paired}
    return sum(
        key in each.values and each.number not in numbers and (each.end or each.at) < until - TOLERANCE_S
        for each in own.turns
    )


def _pair(before: Heard, after: Heard) -> PairedTurns:
    return PairedTurns(
        before, after, _linked(before, after, "onset"), _linked(before, after, "end"), changes(before, after)
    )


def _linked(before: Heard, after: Heard, place: str) -> tuple[_TurnPair, ...]:
    """Return the turns that are measured from the same place."""
    where = attrgetter(place)
    one, other = (
        sorted((turn for turn in each.turns if turn.values and where(turn) is not None), key=where)
        for each in (before, after)
    )
    return tuple(close(one, other, key=where))
