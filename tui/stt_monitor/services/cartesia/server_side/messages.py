"""Text messages of a client, read into values (protocol.md 4)."""

import math
from typing import Any, Final

import msgspec

from stt_monitor.core.settings.requested import TurnSettings
from stt_monitor.services.cartesia.server_side.turn_settings import INVALID, completed
from stt_monitor.services.cartesia.settings import SCHEMA
from stt_monitor.services.server_side import Finish, RejectedError, Rejection

_FINISH: Final = {"close", "done"}


def read_message(text: str, turn: TurnSettings, *, overheard: bool = False) -> Finish | TurnSettings:
    """Read one text message.

    Args:
        text: the payload of the frame.
        turn: the settings that a `config` changes; what it does not name keeps its value (protocol.md 4.2).
        overheard: whether another server answers, which says itself what it refuses.

    Returns:
        `Finish` for `close` and `done`; for `config` the settings from here on, complete.

    Raises:
        RejectedError: it is no JSON object, its type is not accepted, or its settings are not valid.
    """
    try:
        message = msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        message = None
    if not isinstance(message, dict):
        sentence = "A text message must be a JSON object; accepted types: close, config."
        raise RejectedError(Rejection("Invalid message", sentence))
    kind = message.get("type")
    if isinstance(kind, str) and kind in _FINISH:
        return Finish()
    if kind == "config":
        return _changed(turn, message.get("turn"), overheard=overheard)
    raise RejectedError(Rejection("Unknown message type", "Accepted message types: done, close, config."))


def _changed(turn: TurnSettings, changes: Any, *, overheard: bool) -> TurnSettings:  # noqa: ANN401  JSON can be anything
    if changes is None:
        return turn
    if not isinstance(changes, dict):
        raise RejectedError(Rejection(INVALID, "In config, turn must be an object."))
    given = {}
    for name in SCHEMA.names:
        value = changes.get(name)
        if value is None:
            continue
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise RejectedError(Rejection(INVALID, f"In config, {name} must be a number."))
        try:
            given[name] = float(value)
        except OverflowError:  # an integer of hundreds of digits
            given[name] = math.inf
    return SCHEMA.completed(TurnSettings(turn | given)) if overheard else completed(given, turn)
