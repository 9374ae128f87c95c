import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stt_monitor.core.metrics.percentiles import Histogram, Summary, histogram, percentile, summarise

values = st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=150)


@given(values, st.floats(0, 1))
def test_percentile_agrees_with_numpy(sample: list[float], share: float):
    assert percentile(sorted(sample), share) == pytest.approx(float(np.percentile(sample, share * 100)), abs=1e-6)


def test_no_values_have_no_percentile():
    with pytest.raises(ValueError, match="no percentile"):
        percentile([], 0.5)
    assert summarise([]) == Summary(n=0)


def test_high_percentiles_need_enough_values():
    assert summarise([3, 1, 2]) == Summary(n=3, p50=2, p90=2.8, max=3)
    assert summarise(range(19)).p95 is None
    assert summarise(range(20)).p95 == pytest.approx(18.05)
    assert summarise(range(99)).p99 is None
    assert summarise(range(100)).p99 == pytest.approx(98.01)


@given(values)
def test_order_of_the_order_statistics(sample: list[float]):
    summary = summarise(sample)
    known = [value for value in (summary.p50, summary.p90, summary.p95, summary.p99, summary.max) if value is not None]
    assert known == sorted(known)
    assert summary.max == max(sample)


def test_a_spread_counts_every_value_once():
    assert histogram([], 5) is None
    assert histogram([0.4], 3) == Histogram(0.4, 0.4, (1, 0, 0))
    assert histogram([1, 2, 3, 4, 5, 5], 4) == Histogram(1, 5, (1, 1, 1, 3))
    assert histogram([0, 2.2e-311], 2) == Histogram(0, 2.2e-311, (1, 1))


@given(st.lists(st.floats(0, 100), min_size=1), st.integers(1, 50))
def test_a_spread_loses_nothing(values: list[float], parts: int):
    found = histogram(values, parts)
    assert found is not None
    assert sum(found.counts) == len(values)
    assert len(found.counts) == parts
    assert (found.low, found.high) == (min(values), max(values))
