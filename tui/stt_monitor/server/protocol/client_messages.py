"""Text messages of a client, read into values (protocol.md 4). No I/O."""

import math
from typing import Any, Final

import msgspec

from stt_monitor.server.protocol.errors import RefusalError
from stt_monitor.server.protocol.query import checked
from stt_monitor.server.protocol.thresholds import RANGES, Thresholds


class Finish(msgspec.Struct, frozen=True):
    """No more audio follows: what was heard is to be finished, then the connection ends (`close`, `done`)."""


class Retune(msgspec.Struct, frozen=True):
    """The turn settings are these from here on (`config`)."""

    thresholds: Thresholds


Command = Finish | Retune

_FINISH: Final = {"close", "done"}
_CONFIG_FIELDS: Final = {name if name == "end_timeout_ms" else f"{name}_threshold": name for name in RANGES}


def read_command(text: str, current: Thresholds) -> Command:
    """Read one text message.

    Args:
        text: the payload of the frame.
        current: the settings that a `config` changes; what it does not name keeps its value (protocol.md 4.2).

    Raises:
        RefusalError: no JSON object, a type that is not accepted, or settings that are not valid.
    """
    try:
        message = msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        message = None
    if not isinstance(message, dict):
        raise RefusalError("Invalid message", "A text message must be a JSON object; accepted types: close, config.")
    kind = message.get("type")
    if isinstance(kind, str) and kind in _FINISH:
        return Finish()
    if kind == "config":
        return Retune(_retuned(message.get("turn"), current))
    raise RefusalError("Unknown message type", "Accepted message types: done, close, config.")


def _retuned(turn: Any, current: Thresholds) -> Thresholds:  # noqa: ANN401  JSON from outside can be anything
    if turn is None:
        return current
    if not isinstance(turn, dict):
        raise RefusalError("Invalid turn thresholds", "In config, turn must be an object.")
    given = {}
    for name, field in _CONFIG_FIELDS.items():
        value = turn.get(name)
        if value is None:
            continue
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise RefusalError("Invalid turn thresholds", f"In config, {name} must be a number.")
        try:
            given[field] = float(value)
        except OverflowError:  # an integer of hundreds of digits
            given[field] = math.inf
    return checked(msgspec.structs.replace(current, **given))
