"""Turn settings as the service checks them (services.md 3)."""

from typing import Final

from stt_monitor.core.settings.requested import TurnSettings
from stt_monitor.services.flux.server_side.rejections import INVALID_THRESHOLD, refused
from stt_monitor.services.flux.settings import EAGER, SCHEMA
from stt_monitor.services.server_side import RejectedError, Thresholds

START: Final = 0.8
"""Likelihood that starts or resumes a turn; the service has no setting for it."""

_DIGITS: Final = 6


def checked(turn: TurnSettings) -> TurnSettings:
    """Return settings that are valid. Raises RejectedError."""
    if problem := SCHEMA.problem(turn):
        raise RejectedError(refused(f"{problem[0].upper()}{problem[1:]}.", INVALID_THRESHOLD))
    return turn


def thresholds(turn: TurnSettings) -> Thresholds:
    """Return what the detector compares its likelihood with: one minus the confidence that a turn has ended."""
    settings = SCHEMA.completed(turn)
    eager = settings.get(EAGER)
    return Thresholds(
        start=START,
        eager_end=0.0 if eager is None else round(1 - eager, _DIGITS),
        end=round(1 - settings["eot_threshold"], _DIGITS),
        end_timeout_ms=settings["eot_timeout_ms"],
    )
