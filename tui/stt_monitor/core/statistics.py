"""Summaries of figures: n, p50, p90, p95, p99, max (design 5)."""

from collections.abc import Sequence
from typing import Final

import msgspec

MIN_N_FOR_P95: Final = 20
MIN_N_FOR_P99: Final = 100


class Summary(msgspec.Struct, frozen=True, omit_defaults=False):
    """Order statistics of `n` values, in the values' unit. A percentile that `n` does not support is None."""

    n: int = 0
    p50: float | None = None
    p90: float | None = None
    p95: float | None = None
    p99: float | None = None
    max: float | None = None


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


def summarise(values: Sequence[float]) -> Summary:
    """Summarise values in any order; none at all give n = 0."""
    if not values:
        return Summary()
    ordered = sorted(values)
    n = len(ordered)
    return Summary(
        n=n,
        p50=percentile(ordered, 0.50),
        p90=percentile(ordered, 0.90),
        p95=percentile(ordered, 0.95) if n >= MIN_N_FOR_P95 else None,
        p99=percentile(ordered, 0.99) if n >= MIN_N_FOR_P99 else None,
        max=ordered[-1],
    )
