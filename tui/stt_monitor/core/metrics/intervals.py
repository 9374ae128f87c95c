"""How sure one can be that one set of turns is better than another: medians and shares with intervals. Pure.

The same values always give the same intervals: chance has a fixed seed.
"""

from collections.abc import Sequence
from math import sqrt
from random import Random
from statistics import NormalDist
from typing import Final

import msgspec

from stt_monitor.core.metrics.percentiles import percentile

MIN_N: Final = 5
"""Fewer values say too little about a median: there is no interval then."""

CONFIDENCE: Final = 0.95
RESAMPLES: Final = 10_000
_SEED: Final = 20_250_101


class Interval(msgspec.Struct, frozen=True):
    """Where a value lies with a confidence of `CONFIDENCE`; in the values' unit."""

    low: float
    high: float


class Difference(msgspec.Struct, frozen=True):
    """How much the median of some values is above that of a baseline; negative when it is below."""

    of_medians: float
    interval: Interval | None
    """None when there are too few values."""

    @property
    def sure(self) -> bool:
        """Whether the medians differ, with the interval's confidence."""
        return self.interval is not None and not self.interval.low <= 0 <= self.interval.high


def median_interval(ordered: Sequence[float]) -> Interval | None:
    """Return the bootstrap interval of the median of values in ascending order (Efron's percentile method)."""
    medians = _medians(ordered)
    return None if medians is None else _middle(medians)


def difference(baseline: Sequence[float], ordered: Sequence[float]) -> Difference | None:
    """Compare two independent sets of values in ascending order by their medians; None when one is empty."""
    if not baseline or not ordered:
        return None
    before, after = _medians(baseline), _medians(ordered, _SEED + 1)
    interval = None
    if before is not None and after is not None:
        interval = _middle([b - a for a, b in zip(before, after, strict=True)])
    return Difference(percentile(ordered, 0.5) - percentile(baseline, 0.5), interval)


def share_interval(hits: int, n: int) -> Interval | None:
    """Return where the share (0..1) lies of which `hits` of `n` are a sample, by Wilson's score; None when n is 0."""
    if not n:
        return None
    z = NormalDist().inv_cdf((1 + CONFIDENCE) / 2)
    share, weight = hits / n, z * z / n
    middle = (share + weight / 2) / (1 + weight)
    reach = z / (1 + weight) * sqrt(share * (1 - share) / n + weight / n / 4)
    return Interval(max(0.0, middle - reach), min(1.0, middle + reach))


def _middle(values: list[float]) -> Interval:
    ordered = sorted(values)
    tail = (1 - CONFIDENCE) / 2
    return Interval(percentile(ordered, tail), percentile(ordered, 1 - tail))


def _medians(ordered: Sequence[float], seed: int = _SEED) -> list[float] | None:
    """Give the medians of so many resamples of `ordered`; None when there are too few values.

    A resample of n values is n uniform picks of a place. Only its middle is of interest, and the k-th smallest of n
    uniform numbers is beta-distributed: it is drawn directly, at a cost that does not grow with n. With an even n there
    are two in the middle: the second is the smallest of the n - k that lie above the first.
    """
    n = len(ordered)
    if n < MIN_N:
        return None
    chance = Random(seed)  # noqa: S311  it picks samples, not secrets
    k = (n + 1) // 2
    medians = []
    for _ in range(RESAMPLES):
        lower = chance.betavariate(k, n - k + 1)
        value = ordered[min(int(lower * n), n - 1)]
        if n % 2 == 0:
            upper = lower + (1 - lower) * (1 - chance.random() ** (1 / (n - k)))
            value = (value + ordered[min(int(upper * n), n - 1)]) / 2
        medians.append(value)
    return medians
