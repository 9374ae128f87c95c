import pytest

from stt_monitor.core.settings.requested import Settings, TurnSettings
from stt_monitor.services.cartesia.settings import SCHEMA
from stt_monitor.services.cartesia.settings import problem as problem_of

PUBLISHED = TurnSettings({each.name: each.default for each in SCHEMA.settings})


def test_what_is_not_set_is_completed_by_what_is_published():
    assert SCHEMA.completed(TurnSettings()) == PUBLISHED
    assert SCHEMA.completed(TurnSettings(end_threshold=0.1)) == TurnSettings(
        start_threshold=0.8, eager_end_threshold=0.6, end_threshold=0.1, end_timeout_ms=5600
    )


@pytest.mark.parametrize(
    "settings",
    [
        TurnSettings(),
        PUBLISHED,
        TurnSettings(start_threshold=0.7, eager_end_threshold=0.6, end_threshold=0.4, end_timeout_ms=4500),
        TurnSettings(start_threshold=0.9, eager_end_threshold=0.3, end_threshold=0.05, end_timeout_ms=11_200),
        TurnSettings(start_threshold=0.61),
        TurnSettings(end_timeout_ms=640),
    ],
)
def test_settings_that_the_service_takes(settings: TurnSettings):
    assert SCHEMA.problem(settings) == ""


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        (
            TurnSettings(start_threshold=0.6),  # in range, and no more than the default of the next
            "start threshold 0.6 must be greater than eager end threshold 0.6 (the default)",
        ),
        (
            TurnSettings(eager_end_threshold=0.4, end_threshold=0.5),
            "eager end threshold 0.4 must be greater than end threshold 0.5",
        ),
        (
            TurnSettings(eager_end_threshold=0.3),
            "eager end threshold 0.3 must be greater than end threshold 0.3 (the default)",
        ),
        (
            TurnSettings(
                start_threshold=0.9, eager_end_threshold=0.30000000000000004, end_threshold=0.30000000000000004
            ),
            "eager end threshold 0.30000000000000004 must be greater than end threshold 0.30000000000000004",
        ),
        (TurnSettings(end_threshold=float("inf")), "end threshold is inf: it must lie from 0.05 to 0.5"),
        (TurnSettings(start_threshold=0.95), "start threshold is 0.95: it must lie from 0.5 to 0.9"),
        (TurnSettings(eager_end_threshold=0.2), "eager end threshold is 0.2: it must lie from 0.3 to 0.8"),
        (TurnSettings(end_threshold=float("nan")), "end threshold is nan: it must lie from 0.05 to 0.5"),
        (TurnSettings(end_timeout_ms=100), "end timeout ms is 100: it must lie from 640 to 11200"),
    ],
)
def test_settings_that_it_would_refuse(settings: TurnSettings, problem: str):
    assert SCHEMA.problem(settings) == problem


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        (TurnSettings(start_threshold=0.6), ""),  # by the defaults of July it would do
        (TurnSettings(eager_end_threshold=0.3), ""),
        (TurnSettings(end_threshold=2), "end threshold is 2: it must lie from 0.05 to 0.5"),
        (
            TurnSettings(start_threshold=0.5, end_threshold=0.5),
            "start threshold 0.5 must be greater than end threshold 0.5",
        ),
        (
            TurnSettings(eager_end_threshold=0.4, end_threshold=0.4),
            "eager end threshold 0.4 must be greater than end threshold 0.4",
        ),
        (
            TurnSettings(start_threshold=0.6, eager_end_threshold=0.7),
            "start threshold 0.6 must be greater than eager end threshold 0.7",
        ),
    ],
)
def test_of_defaults_that_nobody_knows_nothing_is_said(settings: TurnSettings, problem: str):
    assert SCHEMA.problem(settings, with_defaults=False) == problem


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        (Settings("ink-preview", language_hints=("en", "pt-BR", "zh-Hans-CN", "fr", "hi", "ja")), ""),
        (Settings("another", language_hints=("en",)), ""),
        (Settings(language_hints=("en",)), "ink-2 takes no language hints: give --model ink-preview"),
        (Settings("ink-2-2026-06-01", language_hints=("en",)), "ink-2-2026-06-01 takes no language hints"),
        (Settings("ink-preview", language_hints=("en",) * 7), "7 language hints are too many: give 6 at most"),
        (Settings("ink-preview", language_hints=("en,fr",)), "'en,fr' is no language"),
        (Settings("ink-preview", language_hints=("",)), "'' is no language"),
        (Settings("ink-preview", language_hints=("\x1b[2J",)), "is no language"),
        (Settings(turn=TurnSettings(end_threshold=2)), "end threshold is 2: it must lie"),
        (Settings(keyterms=("a" * 12,) * 100), ""),
        (Settings(keyterms=("a",) * 101), "101 key terms are too many: give 100 at most"),
        (Settings(keyterms=("a" * 600, "b" * 601)), "the key terms have 1201 characters: give 1200 at most, in all"),
    ],
)
def test_languages_and_key_terms_are_checked_too(settings: Settings, problem: str):
    with_defaults = True
    said = problem_of(settings, with_defaults)
    assert problem in said if problem else said == ""
    assert said.isprintable()
