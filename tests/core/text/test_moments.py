import time
from collections.abc import Iterator

import pytest

from stt_monitor.core.text.moments import duration, local, when, when_exactly


@pytest.fixture(autouse=True)
def _berlin(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def test_moments_are_told_where_the_reader_lives():
    assert when("2026-07-01T22:30:15.123Z") == "2026-07-02 00:30"
    assert when("2026-11-22T09:00:00.000+00:00") == "2026-11-22 10:00"
    assert when_exactly("2026-07-01T22:30:15.123+00:00") == "2026-07-02 00:30:15 UTC+02:00"


@pytest.mark.parametrize("moment", ["", "yesterday", "2026-13-01T00:00:00Z", "0001-01-01T00:00:00+14:00", "\ud800"])
def test_what_is_no_moment_is_a_dash(moment: str):
    assert local(moment) is None or moment.startswith("0001")
    assert when(moment) == "–" or moment.startswith("0001")


def test_a_duration_is_the_one_that_a_clock_shows():
    assert [duration(each) for each in (0.9, 56.9, 59.9999999, 3723.5)] == ["0:00", "0:56", "1:00", "1:02:03"]
