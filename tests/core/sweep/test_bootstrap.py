import math
from statistics import mean as average

from hypothesis import given
from hypothesis import strategies as st
from tests.support.swept import near

from stt_monitor.core.metrics.intervals import Interval, share_interval
from stt_monitor.core.metrics.percentiles import percentile
from stt_monitor.core.sweep.bootstrap import NEVER, draws, mean, quantiles, share
from stt_monitor.core.sweep.result import Figure

PARTS = st.lists(st.lists(st.floats(0, 10), max_size=3), min_size=5, max_size=12)


def by_hand(parts: list[list[float]], portion: float) -> Interval | None:
    """The interval, with every resample written out."""
    samples = []
    for times in draws(len(parts)):
        values = sorted(value for each, own in zip(times, parts, strict=True) for value in own * each)
        if values:
            samples.append(percentile(values, portion))
    samples.sort()
    return Interval(percentile(samples, 0.025), percentile(samples, 0.975)) if samples else None


@given(parts=PARTS, portion=st.sampled_from((0.5, 0.9)))
def test_percentiles_are_those_of_resamples_of_whole_turns(parts: list[list[float]], portion: float):
    (figure,) = quantiles(parts, (portion,))
    values = sorted(value for own in parts for value in own)
    assert figure.n == len(values)
    assert figure.value == (percentile(values, portion) if values else None)
    if sum(map(bool, parts)) < 5:
        assert figure.interval is None
    else:
        expected = by_hand(parts, portion)
        assert expected is not None
        assert figure.interval is not None
        assert figure.interval.low == near(expected.low)
        assert figure.interval.high == near(expected.high)


def test_a_share_is_one_of_all_cases():
    parts = [(1, 2), (0, 1), (2, 2), (0, 0), (0, 3), (1, 1)]
    figure = share(parts)
    assert (figure.value, figure.n) == (near(4 / 9), 9)
    samples = sorted(
        sum(each * hits for each, (hits, _) in zip(times, parts, strict=True))
        / sum(each * of for each, (_, of) in zip(times, parts, strict=True))
        for times in draws(6)
    )
    assert figure.interval == Interval(near(percentile(samples, 0.025)), near(percentile(samples, 0.975)))


def test_no_cutoff_at_all_is_no_certainty():
    assert share([(0, 1)] * 13) == Figure(0.0, share_interval(0, 13), 13)
    assert share([(0, 3)] * 13) == Figure(0.0, share_interval(0, 13), 39)
    assert share([(2, 2)] * 5) == Figure(1.0, share_interval(5, 5), 10)


def test_few_turns_have_no_interval_and_none_have_no_figure():
    assert share([(1, 2)] * 4) == Figure(0.5, None, 8)
    assert share([(0, 0)] * 9) == Figure()
    assert quantiles([[1.0]] * 4, (0.5,)) == [Figure(1.0, None, 4)]
    assert quantiles([], (0.5, 0.9)) == [Figure(), Figure()]


def test_an_end_that_never_came_is_later_than_any():
    parts = [[0.5]] * 6 + [[NEVER]] * 3
    middle, late = quantiles(parts, (0.5, 0.9))
    assert middle.value == 0.5
    assert middle.interval == Interval(0.5, math.inf)
    assert late == Figure(None, None, 9)
    assert quantiles([[0.5]] * 5 + [[NEVER]] * 5, (0.5,)) == [Figure(None, None, 10)]


def test_a_mean_is_over_all_values():
    parts = [[1.0, 2.0], [], [4.0], [3.0], [5.0], [6.0]]
    figure = mean(parts)
    assert (figure.value, figure.n) == (average([1, 2, 4, 3, 5, 6]), 6)
    assert figure.interval is not None
    assert figure.interval.low < 3.5 < figure.interval.high


def test_the_same_turns_are_drawn_each_time():
    first = draws(7)
    draws.cache_clear()
    assert draws(7) == first
    assert {sum(times) for times in first} == {7}
