"""What the service says, as values.

The structs carry the vendor's `type` as their tag (protocol.md 5), so that the same definitions serve both sides:
the client reads them with `parse`, the local server writes them with `encode`. Reading is lenient as section 5 asks:
missing fields get defaults, unknown fields are kept in the wire object only, a field of the wrong JSON type counts as
missing.
"""

import re
from contextlib import suppress
from math import isfinite
from typing import Any, Final, Never

import msgspec


class Language(msgspec.Struct, frozen=True, omit_defaults=True):
    """A language that the service thinks it hears (protocol.md 13)."""

    language: str
    """Its code, in the service's words."""
    confidence: float | None = None
    """How sure it is, 0 to 1."""


Languages = tuple[Language, ...] | msgspec.UnsetType
"""What turn events may carry; unset where the service says nothing of languages."""


class Connected(msgspec.Struct, frozen=True, tag_field="type", tag="connected"):
    """Once, first. `request_id` names the connection, not a turn (protocol.md 5)."""

    request_id: str = ""


class TurnStart(msgspec.Struct, frozen=True, omit_defaults=True, tag_field="type", tag="turn.start"):
    """The user began a turn."""

    request_id: str = ""
    turn_id: str = ""
    languages: Languages = msgspec.UNSET


class TurnUpdate(msgspec.Struct, frozen=True, tag_field="type", tag="turn.update"):
    """The whole text of the turn so far; it replaces what came before (protocol.md 7)."""

    transcript: str = ""
    request_id: str = ""
    turn_id: str = ""
    languages: Languages = msgspec.UNSET


class EagerEnd(msgspec.Struct, frozen=True, tag_field="type", tag="turn.eager_end"):
    """The user may be finished. A guess, to be confirmed by `TurnEnd` or taken back by `TurnResume`."""

    transcript: str = ""
    request_id: str = ""
    turn_id: str = ""
    languages: Languages = msgspec.UNSET


class TurnResume(msgspec.Struct, frozen=True, omit_defaults=True, tag_field="type", tag="turn.resume"):
    """The last eager end was wrong: the turn goes on."""

    request_id: str = ""
    turn_id: str = ""
    languages: Languages = msgspec.UNSET


class TurnEnd(msgspec.Struct, frozen=True, tag_field="type", tag="turn.end"):
    """The turn is over, for good; `transcript` is its definitive text."""

    transcript: str = ""
    request_id: str = ""
    turn_id: str = ""
    languages: Languages = msgspec.UNSET


class ServiceError(msgspec.Struct, frozen=True, omit_defaults=True, tag_field="type", tag="error"):
    """The service reports a failure (protocol.md 10). `status_code` is 0 when none was sent."""

    status_code: int = 0
    title: str = ""
    message: str = ""
    error_code: str = ""
    request_id: str = ""


class Likelihood(msgspec.Struct, frozen=True, tag_field="type", tag="x.likelihood"):
    """An extension of the local server, sent on request only: the number that the thresholds are compared with."""

    points: tuple[tuple[float, float], ...] = ()
    """(seconds of audio heard on this connection, likelihood from 0 to 1), in order."""
    request_id: str = ""
    lag: float | None = None
    """Seconds by which judging was behind what had been received, at the worst since it was told last; None where that
    would say nothing, because the client sends faster than in real time."""


class UnknownEvent(msgspec.Struct, frozen=True):
    """A well-formed object whose type this program does not know; counted, otherwise ignored."""

    type: str


class Unreadable(msgspec.Struct, frozen=True):
    """A frame that is no JSON object. `reason` says why, in words of ours."""

    reason: str


TurnEvent = TurnStart | TurnUpdate | EagerEnd | TurnResume | TurnEnd
KnownEvent = Connected | TurnEvent | ServiceError | Likelihood
Event = KnownEvent | UnknownEvent | Unreadable

Wire = dict[str, Any]
"""A JSON object exactly as it was received."""

_JSON_ESCAPE: Final = (
    r"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(u[dD][89a-fA-F][0-9a-fA-F]{2})|.)"
)
"""An escape in JSON; its group is a surrogate that lacks its other half."""

_LONG: Final = 19
"""Digits of a whole number that may have more than 64 bits."""

_STATUS: Final = re.compile(r"\s*[1-9][0-9]{2}\s*", re.ASCII)

_KNOWN: Final[tuple[type[KnownEvent], ...]] = (
    Connected, TurnStart, TurnUpdate, EagerEnd, TurnResume, TurnEnd, ServiceError, Likelihood,
)  # fmt: skip
_BY_TAG: Final = {str(kind.__struct_config__.tag): kind for kind in _KNOWN}


def wire_type(event: KnownEvent) -> str:
    """Return the vendor's name of an event, such as `turn.start`."""
    return str(event.__struct_config__.tag)


def encode(event: KnownEvent) -> str:
    """Return the JSON text of an event, as the service would send it."""
    return msgspec.json.encode(event).decode()


def parse(frame: str | bytes) -> tuple[Event, Wire]:
    """Read one frame from the service.

    Args:
        frame: the payload of a text frame; a binary frame is read all the same, though the service sends none.

    Returns:
        The event, and the object as it came (empty when the frame was no JSON object). Texts of the event can be
        encoded; a lone surrogate is in the object alone. Never raises.
    """
    try:
        wire = readable = msgspec.json.decode(frame)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        try:
            wire, readable = _read_leniently(frame)
        except (ValueError, RecursionError):
            return Unreadable(f"not JSON: {error}"), {}
    if not isinstance(wire, dict):
        return Unreadable(f"JSON, but no object: {type(wire).__name__}"), {}
    return _from_wire(readable), wire


def _read_leniently(frame: str | bytes) -> tuple[Any, Any]:
    """Read valid JSON that the quick reader refuses: lone surrogates, vast numbers, a byte order mark.

    Returns:
        The frame as it came, numbers that no machine has as their text; and the same with a replacement for each lone
        surrogate.

    Raises:
        ValueError: it is no JSON all the same.
    """
    import json  # rarely needed: a service may cut an emoji in two

    text = (frame if isinstance(frame, str) else frame.decode()).removeprefix("\ufeff")
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


def _from_wire(wire: Wire) -> Event:
    tag = wire.get("type")
    if not isinstance(tag, str):
        return UnknownEvent("")
    kind = _BY_TAG.get(tag)
    if kind is None:
        return UnknownEvent(tag)
    if kind is ServiceError:
        return _service_error(wire)
    try:
        return msgspec.convert(wire, kind)
    except msgspec.ValidationError:
        # Of very many points none counts if one is malformed; of texts those that are none are missing.
        if kind is Likelihood:
            return Likelihood()
        event = kind(**_texts(wire, kind.__struct_fields__))
        languages = _languages(wire)
        return msgspec.structs.replace(event, languages=languages) if languages else event


def _languages(wire: Wire) -> tuple[Language, ...]:
    """Return those that can be read."""
    listed = wire.get("languages")
    found = []
    for each in listed if isinstance(listed, list) else ():
        with suppress(msgspec.ValidationError):
            found.append(msgspec.convert(each, Language))
    return tuple(found)


def _texts(wire: Wire, fields: tuple[str, ...]) -> dict[str, Any]:
    return {name: value for name in fields if name != "languages" and isinstance(value := wire.get(name), str)}


def _service_error(wire: Wire) -> ServiceError:
    texts = _texts(wire, ("title", "message", "error_code", "request_id"))
    older = wire.get("error")  # older API versions carry their text here (protocol.md 10.1)
    if "message" not in texts and isinstance(older, str):
        texts["message"] = older
    return ServiceError(status_code=_status(wire.get("status_code")), **texts)


def _status(told: object) -> int:
    """Read a status, which services write as a number or as its digits; 0 for anything else."""
    if isinstance(told, str) and _STATUS.fullmatch(told):
        return int(told)
    return told if isinstance(told, int) and not isinstance(told, bool) else 0
