"""Intervals by bootstrap over true turns: drawn once, and the same for all settings, so that differences are paired.

A true turn is drawn with all that it is in: its pauses, its repetitions, its arms. Pure: the seed is fixed.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import accumulate
from math import inf
from operator import mul
from random import Random
from typing import Final

from stt_monitor.core.metrics.intervals import CONFIDENCE, Interval, share_interval
from stt_monitor.core.metrics.percentiles import MIN_N, percentile
from stt_monitor.core.sweep.result import Figure

RESAMPLES: Final = 1000
"""Of a figure; fewer where there are very many turns."""
_FEWEST: Final = 200
_MOST_DRAWN: Final = 1_000_000
_SEED: Final = 20_250_101

NEVER: Final = 1e9
"""Seconds that stand for an end that did not come: later than any."""
_LATEST: Final = NEVER / 100
"""No end that came is so late; a percentile between one that came and one that did not is."""


def share(parts: Sequence[tuple[float, float]], *, resampled: bool = True, bounded: bool = True) -> Figure:
    """Return the share that hits are of cases.

    Args:
        parts: hits and cases of each true turn that may be drawn.
        resampled: whether to find its interval.
        bounded: whether it is a share at most 1, and no rate.
    """
    n = sum(of for _, of in parts)
    if not n:
        return Figure()
    value = sum(hits for hits, _ in parts) / n
    drawn = sum(of > 0 for _, of in parts)
    interval = None
    if resampled and drawn >= MIN_N:
        if value > 0 and (value < 1 or not bounded):
            interval = _interval(_shares(parts))
        elif bounded:  # all resamples are alike, and that is no certainty
            interval = share_interval(round(value * drawn), drawn)
    return Figure(value, interval, round(n))


def quantiles(parts: Sequence[Sequence[float]], portions: Sequence[float], *, resampled: bool = True) -> list[Figure]:
    """Return percentiles of values; without a value where one falls on an end that never came.

    Args:
        parts: values of each true turn that may be drawn; `NEVER` for an end that did not come.
        portions: 0 to 1.
        resampled: whether to find their intervals.
    """
    placed = sorted((value, place) for place, values in enumerate(parts) for value in values)
    if not placed:
        return [Figure() for _ in portions]
    values, places = [value for value, _ in placed], [place for _, place in placed]
    found: list[list[float]] = [[] for _ in portions]
    if resampled and sum(map(bool, parts)) >= MIN_N:
        for times in draws(len(parts)):
            reached = list(accumulate([times[place] for place in places]))
            if reached[-1]:
                for samples, portion in zip(found, portions, strict=True):
                    samples.append(_drawn_percentile(values, reached, portion))
    points = [percentile(values, portion) for portion in portions]
    return [
        Figure(point if point < _LATEST else None, _interval(samples) if point < _LATEST else None, len(values))
        for point, samples in zip(points, found, strict=True)
    ]


def mean(parts: Sequence[Sequence[float]], *, resampled: bool = True) -> Figure:
    """Return the mean of values, as `quantiles` their percentiles."""
    return share([(sum(values), len(values)) for values in parts], resampled=resampled, bounded=False)


@lru_cache(maxsize=4)
def draws(n: int) -> tuple[tuple[int, ...], ...]:
    """Return how often each resample has each of n true turns: the same, whatever is known of them."""
    random = Random(_SEED)  # noqa: S311  picks samples, not secrets
    found = []
    for _ in range(max(min(RESAMPLES, _MOST_DRAWN // n), _FEWEST)):
        times = Counter(random.choices(range(n), k=n))
        found.append(tuple(times[place] for place in range(n)))
    return tuple(found)


def _shares(parts: Sequence[tuple[float, float]]) -> Iterable[float]:
    """Yield the share in each resample that has cases; what has no hits adds none."""
    hit = [place for place, (hits, _) in enumerate(parts) if hits]
    hits = [parts[place][0] for place in hit]
    cases = [of for _, of in parts]
    same = len(set(cases)) == 1
    for times in draws(len(parts)):
        n = len(parts) * cases[0] if same else sum(map(mul, times, cases))
        if n:
            yield sum(map(mul, [times[place] for place in hit], hits)) / n


def _drawn_percentile(values: Sequence[float], reached: Sequence[int], portion: float) -> float:
    """Return the percentile of sorted values, each drawn several times or not: `reached` is how many up to each."""
    place = (reached[-1] - 1) * portion
    below = int(place)
    low = values[bisect_right(reached, below)]
    high = values[bisect_right(reached, min(below + 1, reached[-1] - 1))]
    return low + (high - low) * (place - below)


def _interval(values: Iterable[float]) -> Interval | None:
    ordered = sorted(values)
    if not ordered:
        return None
    tail = (1 - CONFIDENCE) / 2
    low, high = percentile(ordered, tail), percentile(ordered, 1 - tail)
    return Interval(low, high if high < _LATEST else inf) if low < _LATEST else None
