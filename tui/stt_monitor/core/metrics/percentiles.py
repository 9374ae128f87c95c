"""Summaries of figures: n, p50, p90, p95, p99, max (metrics.md 6)."""

from collections.abc import Iterable, Sequence
from typing import Final

import msgspec

MIN_N_FOR_P95: Final = 20
MIN_N_FOR_P99: Final = 100


class Summary(msgspec.Struct, frozen=True, omit_defaults=False):
    """Order statistics of `n` values, in the values' unit. A percentile that `n` does not support is None."""

    n: int = 0
    """How many values."""
    p50: float | None = None
    """The median."""
    p90: float | None = None
    """Nine of ten values are no greater."""
    p95: float | None = None
    """None below 20 values."""
    p99: float | None = None
    """None below 100 values."""
    max: float | None = None
    """The greatest."""


class Spread(msgspec.Struct, frozen=True):
    """How values are spread: how many lie in each of equal parts of the way from the lowest to the highest."""

    low: float
    high: float
    counts: tuple[int, ...]


def spread(values: Sequence[float], parts: int) -> Spread | None:
    """Count values by parts, at least one; None when there are no values."""
    if not values:
        return None
    low, high = min(values), max(values)
    counts = [0] * parts
    width = (high - low) or 1.0
    for value in values:
        counts[min(parts - 1, int((value - low) / width * parts))] += 1
    return Spread(low, high, tuple(counts))


def percentile(ordered: Sequence[float], share: float) -> float:
    """Return the value below which `share` (0..1) of `ordered` lies, interpolated (Hyndman & Fan 1996, type 7).

    Raises:
        ValueError: `ordered` is empty.
    """
    if not ordered:
        raise ValueError("no values, no percentile")
    place = (len(ordered) - 1) * share
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def summarise(values: Iterable[float]) -> Summary:
    """Summarise values in any order; none at all give n = 0."""
    return summarise_ordered(sorted(values))


def summarise_ordered(ordered: Sequence[float]) -> Summary:
    """Summarise values in ascending order, at a cost that does not grow with their number."""
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
