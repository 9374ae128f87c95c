"""Turn settings as the service checks them (protocol.md 2.3)."""

from collections.abc import Mapping
from typing import Final

from stt_monitor.core.settings.requested import TurnSettings, order_text
from stt_monitor.services.cartesia.settings import SCHEMA
from stt_monitor.services.server_side import RejectedError, Rejection, Thresholds

INVALID: Final = "Invalid turn thresholds"

_THRESHOLD: Final = "_threshold"


def completed(given: Mapping[str, float], before: TurnSettings | None = None) -> TurnSettings:
    """Return all turn settings: those given, else those before, else the defaults.

    Raises:
        RejectedError: one is out of range, or they are out of order.
    """
    turn = SCHEMA.completed(TurnSettings({**(before or {}), **given}))
    if problem := _problem(turn):
        raise RejectedError(Rejection(INVALID, f"{problem[0].upper()}{problem[1:]}."))
    return turn


def thresholds(turn: TurnSettings) -> Thresholds:
    """Return what the detector compares its likelihood with; `turn` is complete."""
    return Thresholds(
        start=turn["start_threshold"],
        eager_end=turn["eager_end_threshold"],
        end=turn["end_threshold"],
        end_timeout_ms=turn["end_timeout_ms"],
    )


def _problem(turn: TurnSettings) -> str:
    for name in SCHEMA.names:
        if problem := SCHEMA.range_problem(name, turn[name]):
            return f"{_short(name)} is {turn[name]:g}; {problem}"
    if any(not turn[rule.upper] > turn[rule.lower] for rule in SCHEMA.orders):
        given = ", ".join(f"{turn[name]:g}" for name in SCHEMA.names if name.endswith(_THRESHOLD))
        return f"thresholds must be {order_text(SCHEMA.orders, _short)}, and are {given}"
    return ""


def _short(name: str) -> str:
    return name.removesuffix(_THRESHOLD)
