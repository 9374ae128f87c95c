"""What a session may ask of it (services.md 3, 4)."""

from typing import Final

from stt_monitor.core.settings.requested import Order, Schema, Setting, Settings
from stt_monitor.services.lists import KEYTERMS, LANGUAGE_HINTS, code_problem

MODEL: Final = "flux-general-en"
MULTILINGUAL_MODEL: Final = "flux-general-multi"

EAGER: Final = "eager_eot_threshold"

SCHEMA: Final = Schema(
    (
        Setting(
            "eot_threshold", 0.5, 1.0, 0.7,
            label="end",
            meaning="EndOfTurn from this confidence on",
            hint="EndOfTurn from this confidence on: lower ends sooner, and cuts off more often",
            larger="ends later",
            leads_to="idle",
            confidence_of_end=True,
            step=0.05,
            fine=0.01,
        ),
        Setting(
            EAGER, 0.3, 0.9, None,
            label="eager end",
            meaning="EagerEndOfTurn from this confidence on",
            hint="EagerEndOfTurn from this confidence on, never if off: lower guesses sooner, and is wrong more often",
            larger="guesses later",
            leads_to="eager_end",
            confidence_of_end=True,
            step=0.05,
            fine=0.01,
        ),
        Setting(
            "eot_timeout_ms", 500, 60_000, 5000,
            label="timeout",
            meaning="EndOfTurn this long after speech, whatever the confidence",
            hint="EndOfTurn this long after speech, whatever the confidence",
            larger="ends later",
            unit="ms",
            step=500.0,
            fine=100.0,
        ),
    ),
    orders=(Order("eot_threshold", EAGER, ties=True),),
    end_timeout="eot_timeout_ms",
)  # fmt: skip

MOST_KEYTERMS: Final = 100

LISTS: Final = (KEYTERMS, LANGUAGE_HINTS)


def problem(settings: Settings, with_defaults: bool) -> str:  # noqa: FBT001  the only flag there is
    """Say in one sentence why the service would refuse these settings; `with_defaults` as for `Schema.problem`."""
    if len(settings.keyterms) > MOST_KEYTERMS:
        return f"{len(settings.keyterms)} key terms are too many: give {MOST_KEYTERMS} at most"
    if not all(term.strip() for term in settings.keyterms):
        return "a key term is empty: leave it out, or the service refuses the connection"
    hints = settings.language_hints
    if odd := code_problem(hints):
        return odd
    if hints and (settings.model or MODEL) == MODEL:
        return f"{MODEL} takes no language hints: give --model {MULTILINGUAL_MODEL}"
    return SCHEMA.problem(settings.turn, with_defaults=with_defaults)
