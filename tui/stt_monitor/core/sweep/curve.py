"""The curve of cut-offs against latency: its Pareto front, and the operating points of eot-bench. Pure.

sweep.md 4 says what they are, and where they come from.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate
from math import inf
from typing import Final, NamedTuple

from stt_monitor.core.sweep.bootstrap import mean, share
from stt_monitor.core.sweep.figures import Group, counts, end_counts
from stt_monitor.core.sweep.result import OperatingPoint, OperatingPoints

ACTION_DELAYS: Final = tuple(tenths / 10 for tenths in range(2, 11))
"""Least silence before a reply, seconds."""
TIMEOUTS: Final = (1.0, 1.5, 2.0, 2.5, 3.0, 3.5)
"""Silence that forces a reply, seconds."""
HOLDS: Final = (0.2, 5.0)
"""Lengths of pauses that count, seconds."""
_TINY: Final = 1e-9


def front(points: Sequence[tuple[float, float] | None]) -> list[bool]:
    """Return which points no other is better than: smaller in one, and not greater in the other; None is no point."""
    found = [False] * len(points)
    best = inf
    placed = sorted((point, place) for place, point in enumerate(points) if point is not None)
    for number, (point, place) in enumerate(placed):
        alike = number > 0 and found[placed[number - 1][1]] and placed[number - 1][0] == point
        found[place] = point[1] < best or alike
        best = min(best, point[1])
    return found


class Decisions(NamedTuple):
    """When a detector decided that a turn was over, at pauses and at true ends."""

    label: str
    holds: list[list[tuple[float, float]]]
    """Per true turn: the length of each pause that counts, and the silence after which an end fell on it."""
    ends: list[list[float]]
    """Per true turn: the time after which it was ended; infinite where it was not."""


class _Tried(NamedTuple):
    """A policy, and how it does."""

    cutoffs: float
    latency: float
    timeout: float
    delay: float
    place: int


def decisions(label: str, groups: Sequence[Group]) -> Decisions:
    """Return the decisions of a setting about true turns."""
    least, most = HOLDS
    holds = [
        [
            (pause.length, inf if pause.cut_after is None else pause.cut_after)
            for turn in group
            if counts(turn)
            for pause in turn.pauses
            if least - _TINY <= pause.length <= most + _TINY
        ]
        for group in groups
    ]
    ends = [
        [inf if turn.decided_after is None else turn.decided_after for turn in group if end_counts(turn)]
        for group in groups
    ]
    return Decisions(label, holds, ends)


def operating_points(all_of_them: Sequence[Decisions], *, resampled: bool = True) -> OperatingPoints:
    """Find the best policies within the limits that the field uses."""
    tried = [each for place, one in enumerate(all_of_them) for each in _policies(place, one)]

    def fewest(limit: float) -> OperatingPoint | None:
        kept = [each for each in tried if each.latency <= limit + _TINY]
        return _point(all_of_them, min(kept, default=None), resampled=resampled)

    def fastest(limit: float) -> OperatingPoint | None:
        kept = [each for each in tried if each.cutoffs <= limit + _TINY]
        best = min(kept, key=lambda each: (each.latency, *each), default=None)
        return _point(all_of_them, best, resampled=resampled)

    return OperatingPoints(fewest(0.3), fewest(0.6), fastest(0.05), fastest(0.1))


def is_cutoff(length: float, decided: float, delay: float, timeout: float) -> bool:
    """Return whether a policy replies before a pause is over."""
    return length > min(max(delay, decided), timeout) + _TINY


def wait(decided: float, delay: float, timeout: float) -> float:
    """Return how long after a true end a policy replies, seconds."""
    return min(max(delay, decided), timeout)


def _policies(place: int, one: Decisions) -> Iterator[_Tried]:
    """Yield all policies over a detector's decisions; none without a pause or an end."""
    holds = [hold for own in one.holds for hold in own]
    ends = [decided for own in one.ends for decided in own]
    if not holds or not ends:
        return
    for delay in ACTION_DELAYS:
        replies = sorted(max(delay, decided) for decided in ends)
        waited = list(accumulate(replies, initial=0.0))
        cut = sum(length > max(delay, decided) + _TINY for length, decided in holds)
        spared = sorted(length for length, decided in holds if length <= max(delay, decided) + _TINY)
        for timeout in TIMEOUTS:
            forced = len(spared) - bisect_right(spared, timeout + _TINY)
            sooner = bisect_right(replies, timeout)
            latency = (waited[sooner] + timeout * (len(ends) - sooner)) / len(ends)
            yield _Tried((cut + forced) / len(holds), round(latency, 9), timeout, delay, place)


def _point(all_of_them: Sequence[Decisions], best: _Tried | None, *, resampled: bool) -> OperatingPoint | None:
    """Return a policy with the intervals of its figures: given the policy, which was chosen on the same turns."""
    if best is None:
        return None
    one, policy = all_of_them[best.place], (best.delay, best.timeout)
    cutoffs = [(sum(is_cutoff(*hold, *policy) for hold in own), len(own)) for own in one.holds]
    waits = [[wait(decided, *policy) for decided in own] for own in one.ends]
    return OperatingPoint(one.label, *policy, share(cutoffs, resampled=resampled), mean(waits, resampled=resampled))
