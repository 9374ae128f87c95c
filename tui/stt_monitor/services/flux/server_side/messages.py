"""Text messages of a client, read into values (services.md 4)."""

from typing import Any, Final

import msgspec

from stt_monitor.core.settings.requested import TurnSettings
from stt_monitor.services.flux.request import CLOSE_STREAM, FORCE_END_TURN
from stt_monitor.services.flux.server_side.rejections import UNPARSABLE, refused
from stt_monitor.services.flux.server_side.turn_settings import checked, thresholds
from stt_monitor.services.flux.settings import SCHEMA
from stt_monitor.services.server_side import Command, Configure, EndTurn, Finish, RejectedError

_FIELDS: Final = {"type", "thresholds", "keyterms", "language_hints", "numerals"}


def read_message(text: str, turn: TurnSettings, keyterms: tuple[str, ...] | None) -> Command:
    """Read one text message.

    Args:
        text: the payload of the frame.
        turn: the settings that a `Configure` changes; what it does not name keeps its value.
        keyterms: the words to expect, which this server cannot change in mid-connection; None: another server answers,
            which can, and has what this one lacks.

    Raises:
        RejectedError: its settings are not valid; or it is no message of the protocol, which ends the connection.
    """
    try:
        message = msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        message = None
    match message:
        case {"type": name} if name == FORCE_END_TURN:
            return EndTurn()
        case {"type": name} if name == CLOSE_STREAM:
            return Finish()
        case {"type": "Configure"}:
            return _configure(message, turn, keyterms)
    raise _unparsable(f"Accepted message types: Configure, {FORCE_END_TURN}, {CLOSE_STREAM}.")


def _configure(message: dict[str, Any], turn: TurnSettings, keyterms: tuple[str, ...] | None) -> Configure:
    unknown = message.keys() - _FIELDS
    if unknown and keyterms is not None:
        raise _unparsable(f"Configure has no {min(unknown)}.")
    terms, hints, numerals = (message.get(name) for name in ("keyterms", "language_hints", "numerals"))
    if not (_are_texts(terms) and _are_texts(hints) and isinstance(numerals, bool | None)):
        raise _unparsable("In Configure, keyterms and language_hints must be lists of texts, numerals true or false.")
    asked = turn_settings(message.get("thresholds"), turn)
    if keyterms is None:
        return Configure(thresholds(asked), asked)
    changed = checked(asked)
    if terms is not None and tuple(terms) != keyterms:
        raise RejectedError(refused("This local server takes keyterms in the request only.", "UNSUPPORTED"))
    if hints or numerals:
        raise RejectedError(refused("This local server has neither language hints nor numerals.", "UNSUPPORTED"))
    return Configure(thresholds(changed), changed)


def turn_settings(changes: object, turn: TurnSettings) -> TurnSettings:
    """Return settings with changes. Raises RejectedError: they are no thresholds."""
    if changes is None:
        return turn
    if not isinstance(changes, dict) or changes.keys() - set(SCHEMA.names):
        raise _unparsable(f"In Configure, thresholds must be an object of {', '.join(SCHEMA.names)}.")
    given = {name: value for name, value in changes.items() if value is not None}
    if any(isinstance(value, bool) or not isinstance(value, int | float) for value in given.values()):
        raise _unparsable("In Configure, thresholds must be numbers.")
    return TurnSettings(turn | given)


def _are_texts(told: object) -> bool:
    return told is None or (isinstance(told, list) and all(isinstance(text, str) for text in told))


def _unparsable(message: str) -> RejectedError:
    return RejectedError(refused(message, UNPARSABLE, fatal=True))
