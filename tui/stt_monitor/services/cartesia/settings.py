"""What a session may ask of it (protocol.md 2.3, 13)."""

from typing import Final

from stt_monitor.core.settings.requested import Order, Schema, Settings
from stt_monitor.services.lists import KEYTERMS, LANGUAGE_HINTS, code_problem
from stt_monitor.services.thresholds import Bounds, end_timeout, thresholds

MODEL: Final = "ink-2"
"""Any name that begins so is the same model, or a dated form of it (protocol.md 8)."""

SCHEMA: Final = Schema(
    (
        *thresholds(start=Bounds(0.5, 0.9, 0.8), eager_end=Bounds(0.3, 0.8, 0.6), end=Bounds(0.05, 0.5, 0.3)),
        end_timeout(Bounds(640, 11_200, 5600)),
    ),
    orders=(Order("start_threshold", "eager_end_threshold"), Order("eager_end_threshold", "end_threshold")),
    end_timeout="end_timeout_ms",
)
"""Ranges are the wider of the two published tables, defaults the newer, as in the local server (protocol.md 2.3)."""

MOST_LANGUAGE_HINTS: Final = 6
MOST_KEYTERMS: Final = 100
MOST_KEYTERM_CHARACTERS: Final = 1200
"""Of all key terms together (protocol.md 12)."""

LISTS: Final = (KEYTERMS, LANGUAGE_HINTS)


def problem(settings: Settings, with_defaults: bool) -> str:  # noqa: FBT001  the only flag there is
    """Say in one sentence why the service would refuse these settings; `with_defaults` as for `Schema.problem`."""
    if len(settings.keyterms) > MOST_KEYTERMS:
        return f"{len(settings.keyterms)} key terms are too many: give {MOST_KEYTERMS} at most"
    if (characters := sum(map(len, settings.keyterms))) > MOST_KEYTERM_CHARACTERS:
        return f"the key terms have {characters} characters: give {MOST_KEYTERM_CHARACTERS} at most, in all"
    hints = settings.language_hints
    if odd := code_problem(hints):
        return odd
    if len(hints) > MOST_LANGUAGE_HINTS:
        return f"{len(hints)} language hints are too many: give {MOST_LANGUAGE_HINTS} at most"
    if hints and (settings.model or MODEL).startswith(MODEL):
        return f"{settings.model or MODEL} takes no language hints: give --model ink-preview"
    return SCHEMA.problem(settings.turn, with_defaults=with_defaults)
