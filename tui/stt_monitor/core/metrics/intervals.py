"""Confidence intervals of medians, of their differences, and of shares. Pure.

The same values always give the same intervals: the random numbers have a fixed seed.
"""

from collections.abc import Callable, Sequence
from functools import lru_cache
from math import sqrt
from operator import itemgetter
from random import Random
from statistics import NormalDist
from typing import Final

import msgspec

from stt_monitor.core.metrics.percentiles import MIN_N, percentile

CONFIDENCE: Final = 0.95
RESAMPLES: Final = 10_000
_SEED: Final = 20_250_101
_Pick = Callable[[Sequence[float]], Sequence[float]]


class Interval(msgspec.Struct, frozen=True):
    """Confidence interval at `CONFIDENCE`, in the values' unit."""

    low: float
    high: float


class Difference(msgspec.Struct, frozen=True):
    """Median minus the baseline's median."""

    of_medians: float
    interval: Interval | None
    """None with too few values."""

    @property
    def significant(self) -> bool:
        """Whether the interval excludes zero."""
        return self.interval is not None and not self.interval.low <= 0 <= self.interval.high


def median_interval(ordered: Sequence[float]) -> Interval | None:
    """Return the bootstrap interval of the median of sorted values (Efron's percentile method)."""
    medians = _medians(ordered)
    return None if medians is None else _middle(medians)


def difference(baseline: Sequence[float], ordered: Sequence[float]) -> Difference | None:
    """Compare the medians of two independent sets of sorted values; None when one is empty."""
    if not baseline or not ordered:
        return None
    before, after = _medians(baseline), _medians(ordered, _SEED + 1)
    interval = None
    if before is not None and after is not None:
        interval = _middle([b - a for a, b in zip(before, after, strict=True)])
    return Difference(percentile(ordered, 0.5) - percentile(baseline, 0.5), interval)


def share_interval(hits: int, n: int) -> Interval | None:
    """Return Wilson's score interval of the share `hits / n`, 0..1; None when n is 0."""
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
    """Return the medians of `RESAMPLES` resamples of `ordered`; None with too few values."""
    if len(ordered) < MIN_N:
        return None
    values = list(ordered)
    middle, *other = (pick(values) for pick in _picks(len(values), seed))
    return [(lower + upper) / 2 for lower, upper in zip(middle, *other, strict=True)] if other else list(middle)


@lru_cache(maxsize=256)
def _picks(n: int, seed: int) -> tuple[_Pick, ...]:
    """Return what picks the middle values of `RESAMPLES` resamples from n sorted values: two for an even n.

    A resample of n values is n uniform picks. Only its median matters, and the k-th smallest of n uniform numbers is
    beta-distributed: it is drawn directly, at a cost independent of n. With an even n there are two middle values: the
    second is the smallest of the n - k above the first. Which are picked does not depend on the values: samples of the
    same size share the draws, which cost much more than the picking.
    """
    random = Random(seed)  # noqa: S311  picks samples, not secrets
    k = (n + 1) // 2
    lowers, uppers = [], []
    for _ in range(RESAMPLES):
        lower = random.betavariate(k, n - k + 1)
        lowers.append(min(int(lower * n), n - 1))
        if n % 2 == 0:
            upper = lower + (1 - lower) * (1 - random.random() ** (1 / (n - k)))
            uppers.append(min(int(upper * n), n - 1))
    return tuple(itemgetter(*indexes) for indexes in (lowers, uppers) if indexes)
