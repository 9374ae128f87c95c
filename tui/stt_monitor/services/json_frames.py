"""Lenient JSON parsing for every service: accepts any valid JSON, whatever its fields."""

import re
from math import isfinite
from sys import float_info, maxsize
from typing import Any, Final, Never

import msgspec

from stt_monitor.core.events import Wire
from stt_monitor.core.text.sanitize import legible

_JSON_ESCAPE: Final = (
    r"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(u[dD][89a-fA-F][0-9a-fA-F]{2})|.)"
)
"""An escape in JSON; its group is a surrogate that lacks its other half."""

_LONG: Final = 19
"""Digits of a whole number that may have more than 64 bits."""

_DEEPEST: Final = 650
"""Levels of JSON nesting accepted: as many can also be written before Python's stack is full."""


class UnreadableError(ValueError):
    """A message is no JSON object; the text says why."""


class NoObjectError(UnreadableError):
    """A message is JSON, but no object."""


def read_object(message: str | bytes) -> tuple[Wire, Wire]:
    """Read a message that should be a JSON object, of a text frame or a binary one.

    Returns:
        The object as it came, with numbers that no machine has as their text; and the same with a replacement for each
        lone surrogate, so that its texts can be encoded.

    Raises:
        NoObjectError: it is JSON of another kind.
        UnreadableError: it is no JSON, or nested too deep.
    """
    try:
        wire = readable = msgspec.json.decode(message)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        try:
            wire, readable = _read_leniently(message)
        except (ValueError, RecursionError):
            raise UnreadableError(f"not JSON: {error}") from None
    if not isinstance(wire, dict):
        raise NoObjectError(f"JSON, but no object: {type(wire).__name__}")
    if _is_too_deep(message, wire):
        raise UnreadableError(f"JSON, but nested more than {_DEEPEST} levels deep")
    return wire, readable


def texts(wire: Wire, *names: str) -> dict[str, Any]:
    """Return those fields of an object that are texts, to make a struct of: one of another type counts as missing."""
    return {name: value for name in names if isinstance(value := wire.get(name), str)}


def seconds(told: object) -> float | None:
    """Return a position or a duration that a field tells; None if it is none."""
    if not isinstance(told, int | float) or isinstance(told, bool):
        return None
    return float(told) if 0 <= told <= float_info.max else None  # JSON's integers may be larger


def whole(told: object) -> int | None:
    """Return a count that a field tells; None if it is none."""
    if not isinstance(told, int) or isinstance(told, bool):
        return None
    return told if 0 <= told <= maxsize else None


def numbers(told: object) -> dict[str, float]:
    """Return those fields of an object that are numbers, none of them negative; nothing where it is no object."""
    fields = told.items() if isinstance(told, dict) else ()
    return {name: value for name, each in fields if (value := seconds(each)) is not None}


def share(told: object) -> float | None:
    """Return a share, 0 to 1, that a field tells; None if it is none."""
    if not isinstance(told, int | float) or isinstance(told, bool):
        return None
    return float(told) if 0 <= told <= 1 else None


def one_line(value: object) -> str:
    """Encode a message, or a part of one, as JSON in one line for people: a replacement stands for a lone surrogate."""
    try:
        return msgspec.json.encode(value).decode()
    except UnicodeEncodeError:
        import json  # rarely needed

        return legible(json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=_digits))


def _is_too_deep(message: str | bytes, wire: Wire) -> bool:
    text = message if isinstance(message, str) else message.decode(errors="replace")
    if text.count("[") + text.count("{") <= _DEEPEST:
        return False
    level: list[Any] = [wire]
    for _ in range(_DEEPEST):
        level = [
            inner
            for each in level
            for inner in (each.values() if isinstance(each, dict) else each)
            if isinstance(inner, dict | list)
        ]
        if not level:
            return False
    return True


def _digits(number: msgspec.Raw) -> str:
    return bytes(number).decode()


def _read_leniently(message: str | bytes) -> tuple[Any, Any]:
    """Read valid JSON that the quick reader refuses: lone surrogates, vast numbers, a byte order mark.

    Raises:
        ValueError: it is no JSON all the same.
    """
    import json  # rarely needed: a service may cut an emoji in two

    text = (message if isinstance(message, str) else message.decode()).removeprefix("\ufeff")
    replaced = re.sub(_JSON_ESCAPE, lambda escape: r"\ufffd" if escape[1] else escape[0], text, flags=re.DOTALL)
    decoder = json.JSONDecoder(parse_int=_whole, parse_float=_fraction, parse_constant=_refuse)
    return decoder.decode(text), decoder.decode(replaced)


def _whole(text: str) -> int | msgspec.Raw:
    return int(text) if len(text) < _LONG else msgspec.Raw(text.encode())


def _fraction(text: str) -> float | msgspec.Raw:
    return value if isfinite(value := float(text)) else msgspec.Raw(text.encode())


def _refuse(name: str) -> Never:
    """Refuse `NaN` and `Infinity`, which are no JSON."""
    raise ValueError(name)
