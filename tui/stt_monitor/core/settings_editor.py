"""Changing turn settings one at a time, so that what comes out is always in range and in order (protocol 2.3)."""

from typing import Final

import msgspec

from stt_monitor.core.settings import PUBLISHED, RANGES, THRESHOLDS, TurnSettings

_APART: Final = 0.01
"""How far apart neighbours are held."""

_STEPS: Final = {"end_timeout_ms": (500.0, 100.0)}
_THRESHOLD_STEPS: Final = (0.05, 0.01)
"""A step that is felt, and a fine one."""

_DECIMALS: Final = 3


def value_of(settings: TurnSettings, name: str) -> float | None:
    """Return one of the settings; None means that the server's default holds."""
    value: float | None = getattr(settings, name)
    return value


def effective(settings: TurnSettings, name: str) -> float:
    """Return one of the settings, with the published default in the place of what is not set."""
    value = value_of(settings.completed(), name)
    assert value is not None, "completed settings are complete"
    return value


def share_of_range(name: str, value: float) -> float:
    """Return where in its range a value lies, 0 to 1."""
    low, high = RANGES[name]
    return min(1.0, max(0.0, (value - low) / (high - low)))


def at_share(name: str, share: float) -> float:
    """Return the value at a place of its range (0 to 1), on a whole fine step."""
    low, high = RANGES[name]
    _, fine = _STEPS.get(name, _THRESHOLD_STEPS)
    return round(min(high, max(low, round((low + share * (high - low)) / fine) * fine)), _DECIMALS)


def stepped(settings: TurnSettings, name: str, by: int, *, fine: bool = False) -> TurnSettings:
    """Move one setting by so many steps, from the published default if it is not set."""
    step = _STEPS.get(name, _THRESHOLD_STEPS)[fine]
    return changed(settings, name, effective(settings, name) + by * step)


def changed(settings: TurnSettings, name: str, value: float) -> TurnSettings:
    """Give one setting a value, as far as its range allows; neighbours that are in its way are pushed."""
    low, high = RANGES[name]
    values: dict[str, float] = {name: round(min(high, max(low, value)), _DECIMALS)}
    if name in THRESHOLDS:
        place = THRESHOLDS.index(name)
        for direction, others in ((-1, THRESHOLDS[place + 1 :]), (1, THRESHOLDS[:place][::-1])):
            limit = values[name]
            for other in others:
                limit = round(limit + direction * _APART, _DECIMALS)
                if (effective(settings, other) - limit) * direction >= 0:
                    break
                values[other] = limit
    return msgspec.structs.replace(settings, **values)


def unset(settings: TurnSettings, name: str) -> TurnSettings | None:
    """Leave one setting to the server; None when its published default would be out of order with the others."""
    left = msgspec.structs.replace(settings, **{name: None})
    return None if left.problem() else left


def default_of(name: str) -> float:
    """Return the published default of a setting."""
    return effective(PUBLISHED, name)
