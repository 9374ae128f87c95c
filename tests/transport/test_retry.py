from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stt_monitor.transport.retry import (
    BUSY_S,
    CLOCK_DRIFT,
    FIRST_DELAY_S,
    FIRST_RETRIES,
    GRACE_S,
    LONGEST_DELAY_S,
    RECONNECTS,
    Patience,
    Throttle,
    delay,
    told_wait,
)


def test_delays_double_up_to_a_limit():
    assert [delay(attempt, 1.0) for attempt in range(1, 8)] == [0.5, 1.0, 2.0, 4.0, 8.0, 8.0, 8.0]
    assert delay(1, 0.0) == 0.375


@given(st.integers(1, 10_000), st.floats(0, 1))
def test_a_delay_is_between_three_quarters_and_the_whole(attempt: int, chance: float):
    longest = min(FIRST_DELAY_S * 2 ** min(attempt - 1, 10), LONGEST_DELAY_S)
    assert 0.75 * longest <= delay(attempt, chance) <= longest


def test_all_attempts_together_take_no_longer_than_half_a_minute():
    assert sum(delay(attempt, 1.0) for attempt in range(1, RECONNECTS + 1)) < 30


def pauses(patience: Patience, *, told: float | None = None, retries: int | None = None) -> list[float]:
    """Fail again and again; each attempt itself takes no time."""
    now, all_pauses = 100.0, list[float]()
    while (pause := patience.pause(now, 1.0, retries=retries, told=told)) is not None:
        all_pauses.append(pause)
        now += pause
    return all_pauses


def test_a_busy_service_is_tried_for_half_a_minute():
    assert pauses(Patience()) == [0.5, 1, 2, 4, 8, 8, 6.5]
    assert sum(pauses(Patience())) == BUSY_S == 30
    assert pauses(Patience(), told=2) == [2, 2, 2, 4, 8, 8, 4]
    assert pauses(Patience(), told=29.5) == [29.5]
    assert pauses(Patience(), told=30) == [30]
    assert pauses(Patience(), told=30.5) == []
    assert pauses(Patience(), told=0) == pauses(Patience(), told=0.1) == pauses(Patience())  # no hammering


def test_a_wait_that_ends_a_hair_early_is_over():
    patience = Patience()
    patience.pause(0, 1, retries=None)
    assert patience.pause(BUSY_S - 1e-9, 1, retries=None) is None


def test_what_waiting_cannot_mend_is_given_up_soon():
    assert pauses(Patience(), retries=FIRST_RETRIES) == [0.5, 1]
    assert Patience().pause(0, 1, retries=5, passing=False) is None
    mixed = Patience()
    assert [mixed.pause(0, 1, retries=None) for _ in range(5)] == [0.5, 1, 2, 4, 8]
    assert pauses(mixed, retries=2) == [0.5, 1]
    assert (mixed.attempts, mixed.unreached) == (8, 3)
    mixed.renew()
    assert pauses(mixed, retries=2) == [0.5, 1]


NOW = datetime(2026, 11, 28, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("2", 2),
        (" 120 ", 120),
        ("0", 0),
        ("1.5", 1.5),
        ("9" * 400, None),
        ("Sat, 28 Nov 2026 12:00:10 GMT", 10),
        ("Saturday, 28-Nov-26 12:00:10 GMT", 10),
        ("Sat Nov 28 12:00:10 2026", 10),
        ("Sat, 28 Nov 2026 11:00:00 GMT", 0),
        ("Sat, 28 Nov 2026 13:00:10 +0100", 10),
        ("-1", None),
        ("nan", None),
        ("inf", None),
        ("soon", None),
        ("", None),
        ("Sat, 99 Nov 2026 12:00:10 GMT", None),
        ("Sat, 28 Nov 99999999 12:00:10 GMT", None),
    ],
)
def test_how_long_a_service_asks_to_wait(text: str, seconds: float | None):
    assert told_wait([text], now=NOW) == seconds
    assert told_wait([]) is None


def test_a_date_is_read_by_the_clock_of_who_gives_it():
    until, date = "Sat, 28 Nov 2026 12:00:10 GMT", "Sat, 28 Nov 2026 12:00:03 GMT"
    assert told_wait([until], [date], NOW) == 7
    assert told_wait([until], ["nonsense"], NOW) == 10


@given(st.text(), st.text())
def test_whatever_it_says_is_read(text: str, date: str):
    wait = told_wait([text], [date])
    assert wait is None or wait >= 0


def test_audio_on_time_is_never_held_back():
    throttle = Throttle(1.5)
    for now in (0.1, 0.2, 0.33, 0.4, 0.5):  # one chunk 30 ms late
        assert throttle.wait(now) == pytest.approx(0.0)
        throttle.sent(0.1, now)


@given(st.lists(st.floats(0.001, 1.0), min_size=2, max_size=50), st.floats(0, 100))
def test_audio_that_waited_is_sent_at_one_and_a_half_times_real_time(lengths: list[float], now: float):
    throttle = Throttle(1.5)
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


@given(st.integers(2, 500), st.floats(0, 100))
def test_what_must_not_be_faster_than_real_time_is_not(count: int, late_s: float):
    throttle = Throttle(1.0)
    now = late_s
    for _ in range(count):
        now += throttle.wait(now)
        throttle.sent(0.1, now)
    assert count * 0.1 <= (now - late_s + 0.1) * (1 + CLOCK_DRIFT) + GRACE_S + 1e-6


def test_a_sound_device_with_a_fast_clock_is_never_held_back():
    throttle = Throttle(1.0)
    for number in range(20_000):  # of an hour and a half, at 48 kHz and one in a thousand
        assert throttle.wait(number * 0.1 / 1.001) == 0
        throttle.sent(0.1, number * 0.1 / 1.001)


def test_small_pieces_make_up_for_a_hiccup_at_once():
    throttle = Throttle(1.5)
    for now in (0.02, 0.04, 0.06, 0.16, 0.16, 0.16, 0.16, 0.16, 0.18):  # 100 ms late, then all at once
        assert throttle.wait(now) == 0
        throttle.sent(0.02, now)
