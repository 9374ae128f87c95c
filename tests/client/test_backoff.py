import pytest
from hypothesis import given
from hypothesis import strategies as st

from stt_monitor.client.backoff import FIRST_DELAY_S, GRACE_S, LONGEST_DELAY_S, RECONNECTS, Throttle, delay


def test_delays_double_up_to_a_limit():
    assert [delay(attempt, 1.0) for attempt in range(1, 8)] == [0.5, 1.0, 2.0, 4.0, 8.0, 8.0, 8.0]
    assert delay(1, 0.0) == 0.375


@given(st.integers(1, 10_000), st.floats(0, 1))
def test_a_delay_is_between_three_quarters_and_the_whole(attempt: int, chance: float):
    longest = min(FIRST_DELAY_S * 2 ** min(attempt - 1, 10), LONGEST_DELAY_S)
    assert 0.75 * longest <= delay(attempt, chance) <= longest


def test_all_attempts_together_take_no_longer_than_half_a_minute():
    assert sum(delay(attempt, 1.0) for attempt in range(1, RECONNECTS + 1)) < 30


def test_audio_on_time_is_never_held_back():
    throttle = Throttle()
    for now in (0.1, 0.2, 0.33, 0.4, 0.5):  # one chunk 30 ms late
        assert throttle.wait(now) == pytest.approx(0.0)
        throttle.sent(0.1, now)


@given(st.lists(st.floats(0.001, 1.0), min_size=2, max_size=50), st.floats(0, 100))
def test_audio_that_waited_is_sent_at_one_and_a_half_times_real_time(lengths: list[float], now: float):
    throttle = Throttle()
    starts = []
    for length in lengths:
        now += throttle.wait(now)
        throttle.sent(length, now)
        starts.append((now, length))
    for first in range(len(starts)):  # over any stretch of time, but for what makes up for a hiccup
        since, audio = starts[first][0], 0.0
        for then, length in starts[first:]:
            assert audio <= 1.5 * (then - since + GRACE_S) + 1e-6
            audio += length


def test_small_pieces_make_up_for_a_hiccup_at_once():
    throttle = Throttle()
    for now in (0.02, 0.04, 0.06, 0.16, 0.16, 0.16, 0.16, 0.16, 0.18):  # 100 ms late, then all at once
        assert throttle.wait(now) == 0
        throttle.sent(0.02, now)
