"""Summaries: n, p50, p90, p95, p99, max (metrics.md 6)."""

from collections.abc import Iterable, Sequence
from typing import Final

import msgspec

MIN_N: Final = 5
"""Percentiles of fewer values say little: they are greyed or marked, and have no interval."""
MIN_N_FOR_P95: Final = 20
MIN_N_FOR_P99: Final = 100


class Summary(msgspec.Struct, frozen=True, omit_defaults=False):
    """Order statistics of `n` values, in their unit. A percentile is None where `n` is too small."""

    n: int = 0
    """Number of values."""
    p50: float | None = None
    """The median."""
    p90: float | None = None
    """The 90th percentile."""
    p95: float | None = None
    """The 95th percentile; None below 20 values."""
    p99: float | None = None
    """The 99th percentile; None below 100 values."""
    max: float | None = None
    """The maximum."""

    @property
    def few(self) -> bool:
        """Whether its percentiles are of too few values to rely on."""
        return self.n < MIN_N


class Histogram(msgspec.Struct, frozen=True):
    """Counts of values in bins of equal width, from the lowest to the highest value."""

    low: float
    high: float
    counts: tuple[int, ...]


def histogram(values: Sequence[float], bins: int) -> Histogram | None:
    """Count values in `bins` bins; None without values."""
    if not values:
        return None
    low, high = min(values), max(values)
    counts = [0] * bins
    width = (high - low) or 1.0
    for value in values:
        counts[min(bins - 1, int((value - low) / width * bins))] += 1
    return Histogram(low, high, tuple(counts))


def percentile(ordered: Sequence[float], share: float) -> float:
    """Return the percentile `share` (0..1) of sorted values, interpolated (Hyndman & Fan 1996, type 7).

    Raises:
        ValueError: `ordered` is empty.
    """
    if not ordered:
        raise ValueError("no percentile without values")
    place = (len(ordered) - 1) * share
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def summarise(values: Iterable[float]) -> Summary:
    """Summarise values in any order; n = 0 without values."""
    return summarise_ordered(sorted(values))


def summarise_ordered(ordered: Sequence[float]) -> Summary:
    """Summarise sorted values, in constant time."""
    n = len(ordered)
    if not n:
        return Summary()
    return Summary(
        n=n,
        p50=percentile(ordered, 0.50),
        p90=percentile(ordered, 0.90),
        p95=percentile(ordered, 0.95) if n >= MIN_N_FOR_P95 else None,
        p99=percentile(ordered, 0.99) if n >= MIN_N_FOR_P99 else None,
        max=ordered[-1],
    )
