"""Edits turn settings one at a time, and keeps all in range and in order."""

from typing import Final

from stt_monitor.core.settings.requested import Schema, TurnSettings

_APART: Final = 0.01
"""Least distance between neighbours that may not be equal."""

_DECIMALS: Final = 3


def effective(schema: Schema, settings: TurnSettings, name: str) -> float | None:
    """Return the value of a setting, or its published default if it is not set; None if it is off."""
    return schema.completed(settings).get(name)


def share_of_range(schema: Schema, name: str, value: float) -> float:
    """Return a value's place in its range, 0 to 1."""
    low, high = schema[name].low, schema[name].high
    return min(1.0, max(0.0, (value - low) / (high - low)))


def at_share(schema: Schema, name: str, share: float) -> float:
    """Return the value at a place in its range (0 to 1), rounded to a fine step."""
    low, high, fine = schema[name].low, schema[name].high, schema[name].fine
    return round(min(high, max(low, round((low + share * (high - low)) / fine) * fine)), _DECIMALS)


def stepped(schema: Schema, settings: TurnSettings, name: str, by: int, *, fine: bool = False) -> TurnSettings:
    """Move a setting by steps, from the published default if it is not set; one that is off begins in mid-range."""
    step = schema[name].fine if fine else schema[name].step
    value = effective(schema, settings, name)
    return changed(schema, settings, name, at_share(schema, name, 0.5) if value is None else value + by * step)


def changed(schema: Schema, settings: TurnSettings, name: str, value: float) -> TurnSettings:
    """Set a value, clamped to its range, and push neighbours out of the way; those that are off stay off."""
    low, high = schema[name].low, schema[name].high
    values: dict[str, float] = {name: round(min(high, max(low, value)), 0 if schema[name].words else _DECIMALS)}
    moved = [name]
    while moved:
        at = moved.pop()
        present = schema.completed(TurnSettings(settings | values))
        for rule in schema.rules(present):
            apart = 0.0 if rule.ties else _APART
            if at == rule.lower and present[rule.upper] < (limit := round(values[at] + apart, _DECIMALS)):
                values[rule.upper] = limit
                moved.append(rule.upper)
            elif at == rule.upper and present[rule.lower] > (limit := round(values[at] - apart, _DECIMALS)):
                values[rule.lower] = limit
                moved.append(rule.lower)
    return schema.ordered(settings | values)


def unset(schema: Schema, settings: TurnSettings, name: str) -> TurnSettings | None:
    """Unset a setting; None when its published default would be out of order with the others."""
    left = TurnSettings({other: value for other, value in settings.items() if other != name})
    return None if schema.problem(left) else left
