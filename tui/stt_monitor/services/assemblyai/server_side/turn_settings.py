"""Turn settings, as the detector takes them (services.md 3)."""

from typing import Final

from stt_monitor.core.settings.requested import TurnSettings
from stt_monitor.services.assemblyai.families import Family
from stt_monitor.services.server_side import Thresholds

START: Final = 0.8
"""Likelihood that starts a turn; the service has no setting for it."""

PAUSE: Final = 0.75
"""Likelihood below which a pause may be the end."""

SURE: Final = 0.3
"""Likelihood below which the models that have no threshold are sure of the end."""

_DIGITS: Final = 6


def thresholds(family: Family, turn: TurnSettings) -> Thresholds:
    """Return what the detector compares its likelihood with: one minus the confidence that a turn has ended."""
    settings = family.schema.completed(turn)
    threshold = settings.get("end_of_turn_confidence_threshold")
    end = SURE if threshold is None else round(1 - threshold, _DIGITS)
    return Thresholds(
        start=START,
        eager_end=max(PAUSE, end) if family.tells_pauses else 0.0,
        end=end,
        end_timeout_ms=settings["max_turn_silence"],
        min_silence_ms=settings["min_turn_silence"],
        hasty_eager_end=True,
    )
