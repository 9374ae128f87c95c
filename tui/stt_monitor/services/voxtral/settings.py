"""What a session may ask of it (services.md 3, 5)."""

from typing import Final

from stt_monitor.core.settings.requested import Order, Schema, Setting, Settings, number_text
from stt_monitor.services.lists import KEYTERMS, LANGUAGE_HINTS, code_problem
from stt_monitor.services.thresholds import Bounds, end_timeout, thresholds

MODEL: Final = "voxtral-mini-transcribe-realtime-3"

SCHEMA: Final = Schema(
    (
        *thresholds(start=Bounds(0.01, 1.0, 0.5), eager_end=Bounds(0.01, 1.0, 0.5), end=Bounds(0.0, 0.99, 0.33)),
        Setting(
            "min_silence_ms", 0, 10_000, 500,
            label="silence",
            meaning="no end of a turn before so much silence",
            hint="no end of a turn before so much silence: less ends sooner, and cuts off more often",
            larger="ends later",
            unit="ms",
            step=100.0,
            fine=50.0,
        ),
        end_timeout(Bounds(0, 60_000, 3000)),
    ),
    orders=(
        Order("start_threshold", "eager_end_threshold", ties=True),
        Order("eager_end_threshold", "end_threshold"),
        Order("end_timeout_ms", "min_silence_ms", ties=True),
    ),
    end_timeout="end_timeout_ms",
    min_silence="min_silence_ms",
)  # fmt: skip
"""The vendor publishes no ranges: these leave room for whatever the order of the settings allows."""

LISTS: Final = (KEYTERMS, LANGUAGE_HINTS)


def problem(settings: Settings, with_defaults: bool) -> str:  # noqa: FBT001  the only flag there is
    """Say in one sentence why the service would refuse these settings; `with_defaults` as for `Schema.problem`."""
    if not all(term.strip() for term in settings.keyterms):
        return "a key term is empty: leave it out"
    hints = settings.language_hints
    if odd := code_problem(hints):
        return odd
    if len(hints) > 1:
        return f"{len(hints)} languages are too many: the service takes one --language-hint"
    for name, value in settings.turn.items():
        if name in SCHEMA.names and SCHEMA[name].unit and value != int(value):
            return f"{name.replace('_', ' ')} is {number_text(value)}: it must be a whole number of milliseconds"
    return SCHEMA.problem(settings.turn, with_defaults=with_defaults)
