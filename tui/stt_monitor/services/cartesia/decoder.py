"""Makes neutral events of its messages."""

from typing import Final

from msgspec import UNSET

from stt_monitor.core import events
from stt_monitor.core.dialect import Message
from stt_monitor.services.cartesia import codec
from stt_monitor.services.cartesia.failures import service_error
from stt_monitor.services.cartesia.guarantees import SAME_REQUEST

_TURN_EVENTS: Final[dict[type[codec.TurnEvent], type[events.TurnEvent]]] = {
    codec.TurnStart: events.TurnStart,
    codec.TurnUpdate: events.TurnUpdate,
    codec.EagerEnd: events.EagerEnd,
    codec.TurnResume: events.TurnResume,
    codec.TurnEnd: events.TurnEnd,
}


class Decoder:
    """Reads the messages of one connection."""

    def __init__(self) -> None:
        self._request_id = ""
        self._accepted = False
        """Something came that was no error (protocol.md 10.3)."""

    def read(self, message: str | bytes) -> Message:
        """Decode a message; its events are one, and the violation that it may be."""
        told, wire = codec.parse(message)
        event = self._neutral(told)
        self._accepted = self._accepted or not isinstance(event, events.ServiceError)
        if isinstance(told, events.Unknown | events.Unreadable) or not self._is_other_request(told.request_id):
            return Message((event,), wire)
        slip = events.Violation(SAME_REQUEST, "request_id changed on one connection")
        return Message((event, slip) if isinstance(event, events.Connected) else (slip, event), wire)

    def _is_other_request(self, request_id: str) -> bool:
        before, self._request_id = self._request_id, request_id or self._request_id
        return bool(before) and self._request_id != before

    def _neutral(self, told: codec.Event) -> events.Event:
        match told:
            case codec.Connected():
                return events.Connected()
            case codec.ServiceError():
                return service_error(told, accepted=self._accepted)
            case codec.Likelihood():
                return events.Likelihood(told.points, told.lag)
            case events.Unknown() | events.Unreadable():
                return told
            case _:
                return _turn_event(told)


def _turn_event(told: codec.TurnEvent) -> events.TurnEvent:
    text = None if isinstance(told, codec.TurnStart | codec.TurnResume) else told.transcript
    return _TURN_EVENTS[type(told)](text, languages=() if told.languages is UNSET else told.languages)
