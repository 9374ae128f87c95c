from itertools import product
from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.swept import turn

from stt_monitor.core.sweep.curve import ACTION_DELAYS, TIMEOUTS, Decisions, decisions, front, operating_points
from stt_monitor.core.sweep.result import OperatingPoint

SECONDS = st.integers(0, 45).map(lambda tenths: tenths / 10)
POINTS = st.lists(st.none() | st.tuples(SECONDS, SECONDS), max_size=12)


@given(POINTS)
def test_nothing_on_the_front_is_beaten_and_all_else_is(points: list[tuple[float, float] | None]):
    def beaten(one: tuple[float, float]) -> bool:
        others = (each for each in points if each is not None and each != one)
        return any(each[0] <= one[0] and each[1] <= one[1] for each in others)

    assert front(points) == [each is not None and not beaten(each) for each in points]


WAITS = st.one_of(SECONDS, st.just(inf))
DECISIONS = st.builds(
    Decisions,
    st.text("abc", min_size=1, max_size=2),
    st.lists(st.lists(st.tuples(SECONDS.filter(lambda length: length >= 0.2), WAITS), max_size=2), max_size=4),
    st.lists(st.lists(WAITS, max_size=2), max_size=4),
)


def brute_force(
    all_of_them: list[Decisions], *, latency: float = inf, cutoffs: float = inf
) -> tuple[float, float] | None:
    """The best cut-offs and latency of any policy within a limit, each pause and each end acted out."""
    found = []
    for one, delay, timeout in product(all_of_them, ACTION_DELAYS, TIMEOUTS):
        holds = [hold for own in one.holds for hold in own]
        ends = [end for own in one.ends for end in own]
        if holds and ends:
            cut = 0
            for length, decided in holds:
                acts = max(decided, delay)
                cut += length > acts + 1e-9 or length > timeout + 1e-9
            waits = [acts if (acts := max(end, delay)) <= timeout else timeout for end in ends]
            found.append((cut / len(holds), sum(waits) / len(waits)))
    kept = [each for each in found if each[1] <= latency + 1e-9 and each[0] <= cutoffs + 1e-9]
    return min(kept, key=lambda each: each if latency < inf else each[::-1], default=None)


@given(st.lists(DECISIONS, max_size=3))
def test_operating_points_are_the_best_of_all_policies(all_of_them: list[Decisions]):
    points = operating_points(all_of_them, resampled=False)

    def reached(point: OperatingPoint | None) -> object:
        return None if point is None else pytest.approx((point.cutoffs.value, point.latency.value))

    assert brute_force(all_of_them, latency=0.3) == reached(points.cutoffs_at_300_ms)
    assert brute_force(all_of_them, latency=0.6) == reached(points.cutoffs_at_600_ms)
    assert brute_force(all_of_them, cutoffs=0.05) == reached(points.latency_at_5_percent)
    assert brute_force(all_of_them, cutoffs=0.1) == reached(points.latency_at_10_percent)


def test_a_policy_waits_and_forces():
    """One of two pauses is cut off at once; waiting half a second spares both, at the cost of as much at each end."""
    own = [[turn(1, 0.1, (0.4, 0.1))], [turn(2, 0.2, (0.4, None))]]
    points = operating_points([decisions("end 0.3", own)])
    soon, slow = points.cutoffs_at_300_ms, points.latency_at_5_percent
    assert soon is not None
    assert (soon.action_delay, soon.cutoffs.value, soon.cutoffs.n) == (0.2, 0.5, 2)
    assert soon.latency.value == pytest.approx(0.2)
    assert slow is not None
    assert (slow.label, slow.action_delay, slow.timeout, slow.cutoffs.value) == ("end 0.3", 0.4, 1.0, 0.0)
    assert slow.latency.value == pytest.approx(0.4)


def test_what_never_ended_is_forced_and_counts():
    points = operating_points([decisions("x", [[turn(1, None, (1.2, None))]])])
    assert points.cutoffs_at_600_ms is None
    assert points.latency_at_5_percent is not None
    assert points.latency_at_5_percent.latency.value == 1.5


def test_short_and_very_long_pauses_do_not_count_and_what_does_not_count_is_no_end():
    pauses = ((0.1, None), (0.2, None), (5.0, None), (5.1, None))
    found = decisions("x", [[turn(1, 0.5, *pauses)], [turn(2, None, standing="closed")], [turn(0, 0.9, (0.3, None))]])
    assert found.holds == [[(0.2, inf), (5.0, inf)], [], []]
    assert found.ends == [[0.5], [], []]


def test_without_a_pause_or_an_end_there_is_nothing_to_compare_by():
    assert operating_points([decisions("x", [[turn(1, 0.5)]])]).latency_at_10_percent is None
    assert operating_points([]).cutoffs_at_300_ms is None
