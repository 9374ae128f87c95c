import pytest

from stt_monitor.core.settings import PUBLISHED, TurnSettings


def test_what_is_not_set_is_completed_by_what_is_published():
    assert TurnSettings().completed() == PUBLISHED
    assert TurnSettings(end_threshold=0.1).completed() == TurnSettings(0.8, 0.6, 0.1, 5600)


@pytest.mark.parametrize(
    "settings",
    [
        TurnSettings(),
        PUBLISHED,
        TurnSettings(0.7, 0.6, 0.4, 4500),
        TurnSettings(0.9, 0.3, 0.05, 11_200),
        TurnSettings(start_threshold=0.61),
        TurnSettings(end_timeout_ms=640),
    ],
)
def test_settings_that_the_service_takes(settings: TurnSettings):
    assert settings.problem() == ""


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        (
            TurnSettings(start_threshold=0.6),  # in range, and no more than the default of the next
            "the thresholds must be start > eager end > end, and would be 0.6, 0.6, 0.3",
        ),
        (
            TurnSettings(eager_end_threshold=0.4, end_threshold=0.5),
            "the thresholds must be start > eager end > end, and would be 0.8, 0.4, 0.5",
        ),
        (TurnSettings(start_threshold=0.95), "start threshold is 0.95: it must lie from 0.5 to 0.9"),
        (TurnSettings(eager_end_threshold=0.2), "eager end threshold is 0.2: it must lie from 0.3 to 0.8"),
        (TurnSettings(end_threshold=float("nan")), "end threshold is nan: it must lie from 0.05 to 0.5"),
        (TurnSettings(end_timeout_ms=100), "end timeout ms is 100: it must lie from 640 to 11200"),
    ],
)
def test_settings_that_it_would_refuse(settings: TurnSettings, problem: str):
    assert settings.problem() == problem
