"""Its messages (protocol.md 5): read by the client, written by the local server.

The structs carry the `type` as their tag, so that the same definitions serve both. Reading is lenient as section 5
asks: missing fields get defaults, unknown ones stay in the wire object alone, a field of the wrong JSON type counts as
missing.
"""

import re
from contextlib import suppress
from typing import Final

import msgspec

from stt_monitor.core.events import Language, Unknown, Unreadable, Wire
from stt_monitor.services.json_frames import UnreadableError, read_object, texts

Languages = tuple[Language, ...] | msgspec.UnsetType
"""What turn events may carry; unset where the service says nothing of languages (protocol.md 13)."""


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


TurnEvent = TurnStart | TurnUpdate | EagerEnd | TurnResume | TurnEnd
KnownEvent = Connected | TurnEvent | ServiceError | Likelihood
Event = KnownEvent | Unknown | Unreadable

_STATUS: Final = re.compile(r"\s*[1-9][0-9]{2}\s*", re.ASCII)

_KNOWN: Final[tuple[type[KnownEvent], ...]] = (
    Connected, TurnStart, TurnUpdate, EagerEnd, TurnResume, TurnEnd, ServiceError, Likelihood,
)  # fmt: skip
_BY_TAG: Final = {str(kind.__struct_config__.tag): kind for kind in _KNOWN}
_TEXTS: Final = {
    kind: tuple(field.name for field in msgspec.structs.fields(kind) if field.type is str) for kind in _KNOWN
}
"""The fields of each that are texts."""


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
        wire, readable = read_object(frame)
    except UnreadableError as error:
        return Unreadable(str(error)), {}
    return _from_wire(readable), wire


def _from_wire(wire: Wire) -> Event:
    tag = wire.get("type")
    if not isinstance(tag, str):
        return Unknown("")
    kind = _BY_TAG.get(tag)
    if kind is None:
        return Unknown(tag)
    if kind is ServiceError:
        return _service_error(wire)
    try:
        return msgspec.convert(wire, kind)
    except msgspec.ValidationError:
        # Of very many points none counts if one is malformed; of texts those that are none are missing.
        if kind is Likelihood:
            return Likelihood()
        event = kind(**texts(wire, *_TEXTS[kind]))
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


def _service_error(wire: Wire) -> ServiceError:
    told = texts(wire, *_TEXTS[ServiceError])
    older = wire.get("error")  # older API versions carry their text here (protocol.md 10.1)
    if "message" not in told and isinstance(older, str):
        told["message"] = older
    return ServiceError(status_code=_status(wire.get("status_code")), **told)


def _status(told: object) -> int:
    """Read a status, which services write as a number or as its digits; 0 for anything else."""
    if isinstance(told, str) and _STATUS.fullmatch(told):
        return int(told)
    return told if isinstance(told, int) and not isinstance(told, bool) else 0
