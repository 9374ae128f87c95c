from random import Random
from statistics import median

import pytest

from stt_monitor.core.metrics.intervals import (
    RESAMPLES,
    Difference,
    Interval,
    difference,
    median_interval,
    share_interval,
)
from stt_monitor.core.metrics.percentiles import MIN_N


def bell(n: int, middle: float, seed: int = 1) -> list[float]:
    chance = Random(seed)
    return sorted(chance.gauss(middle, 0.1) for _ in range(n))


@pytest.mark.parametrize("n", [5, 6, 21, 40])
def test_the_interval_is_the_one_that_resampling_by_hand_gives(n: int):
    values = bell(n, 0.5)
    chance = Random(7)
    medians = sorted(median(chance.choices(values, k=n)) for _ in range(RESAMPLES))
    by_hand = Interval(medians[int(0.025 * RESAMPLES)], medians[int(0.975 * RESAMPLES)])
    found = median_interval(values)
    assert found is not None
    assert found.low == pytest.approx(by_hand.low, abs=0.02)
    assert found.high == pytest.approx(by_hand.high, abs=0.02)


@pytest.mark.slow
def test_the_interval_holds_the_truth_as_often_as_it_says():
    intervals = [median_interval(bell(25, 0.5, seed)) for seed in range(100)]
    held = sum(interval is not None and interval.low <= 0.5 <= interval.high for interval in intervals)
    assert 88 <= held <= 100


def test_the_same_values_give_the_same_interval():
    assert median_interval(bell(30, 0.5)) == median_interval(bell(30, 0.5))
    assert difference(bell(30, 0.5), bell(20, 0.6)) == difference(bell(30, 0.5), bell(20, 0.6))


def test_a_clear_difference_is_sure_and_none_is_not():
    faster = difference(bell(30, 0.9), bell(30, 0.5, seed=2))
    assert faster is not None
    assert faster.significant
    assert faster.interval is not None
    assert faster.interval.low < faster.of_medians < faster.interval.high < 0
    same = difference(bell(30, 0.5), bell(30, 0.5, seed=2))
    assert same is not None
    assert not same.significant


def test_few_values_make_nobody_sure():
    few = bell(MIN_N - 1, 0.5)
    assert median_interval(few) is None
    unsure = difference(few, bell(30, 5.0))
    assert unsure == Difference(median(bell(30, 5.0)) - median(few), None)
    assert not unsure.significant
    assert difference([], few) is None
    assert difference(few, []) is None


@pytest.mark.parametrize(
    ("hits", "n", "low", "high"),
    [(0, 10, 0.0, 0.2775), (1, 10, 0.0179, 0.4042), (10, 21, 0.2834, 0.6763), (5, 5, 0.5655, 1)],
)
def test_shares_of_few_are_unsure(hits: int, n: int, low: float, high: float):
    found = share_interval(hits, n)
    assert found is not None
    assert (found.low, found.high) == pytest.approx((low, high), abs=1e-4)  # as tables of Wilson's interval have it


def test_a_share_of_nothing_is_none():
    assert share_interval(0, 0) is None


@pytest.mark.slow
def test_the_cost_does_not_grow_with_the_number_of_values():
    values = bell(200_000, 0.5)
    interval = median_interval(values)
    assert interval is not None
    assert interval.high - interval.low < 0.002


@pytest.mark.slow
def test_samples_of_the_same_size_are_resampled_once(monkeypatch: pytest.MonkeyPatch):
    """Drawing costs much more than all else: a report compares every session with the first, metric by metric."""
    drawn: list[int] = []

    class Counted(Random):
        def __init__(self, seed: int) -> None:
            drawn.append(seed)
            super().__init__(seed)

    monkeypatch.setattr("stt_monitor.core.metrics.intervals.Random", Counted)
    sizes = (1001, 1002)  # of no other test
    for middle in (0.5, 0.6, 0.7):
        for n in sizes:
            median_interval(bell(n, middle))
            difference(bell(sizes[0], 0.4), bell(n, middle))
    assert len(drawn) == 4  # twice for each size: a sample and the one that it is compared with are independent
