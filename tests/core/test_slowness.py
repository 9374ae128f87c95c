from hypothesis import given
from hypothesis import strategies as st

from stt_monitor.core.slowness import SLOW_S, Slowness

moments = st.integers(0, 1000).map(lambda tenths: tenths / 10)


def test_what_is_held_up_for_long_makes_the_time_slow_in_which_it_was():
    slowness = Slowness()
    slowness.held_up(10.0, 1.0)
    assert slowness.in_stretch(9.5, 9.6)
    assert slowness.in_stretch(0.0, 9.0)
    assert slowness.in_stretch(10.0, 20.0)
    assert not slowness.in_stretch(0.0, 8.9)
    assert not slowness.in_stretch(10.1, 20.0)


def test_a_little_is_nothing():
    slowness = Slowness()
    slowness.held_up(10.0, SLOW_S)
    slowness.held_up(11.0, 0.0)
    assert not slowness.in_stretch(0.0, 20.0)


@given(
    st.lists(st.tuples(moments, st.integers(0, 200).map(lambda tenths: tenths / 10)), max_size=60),
    st.lists(st.tuples(moments, moments.map(lambda length: length / 20)), max_size=20),
)
def test_it_is_the_union_of_all_stretches(lags: list[tuple[float, float]], asked: list[tuple[float, float]]):
    slowness = Slowness()
    noted = sorted(lags)
    for at, lag in noted:
        slowness.held_up(at, lag)
    for since, length in asked:
        until = since + length
        slow = any(lag > SLOW_S and at - lag <= until and at >= since for at, lag in noted)
        assert slowness.in_stretch(since, until) is slow


def test_a_session_that_is_slow_for_days_takes_no_more_memory():
    slowness = Slowness()
    for second in range(100_000):
        slowness.held_up(float(second), 0.5)
    assert len(slowness._stretches) <= 1000
    assert slowness.in_stretch(99_999.0, 99_999.0)
