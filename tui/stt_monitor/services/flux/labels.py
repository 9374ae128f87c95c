"""How its messages are shown to people."""

from typing import Final

from stt_monitor.core.events import Connected, ServiceError, Wire
from stt_monitor.services.base import Label
from stt_monitor.services.flux.decoder import TURN_EVENTS
from stt_monitor.services.json_frames import one_line

_EVENTS: Final = {
    **{name: event.name for name, event in TURN_EVENTS.items()},
    "Connected": Connected.name,
    "Error": ServiceError.name,
    "ConfigureFailure": ServiceError.name,
}
"""What the core calls them."""

_SAID_ELSEWHERE: Final = ("type", "event", "request_id", "sequence_id")
"""Fields that details leave out: the kind, and those that are in every message."""

_TEXTS: Final = ("transcript", "description")


def label(wire: Wire) -> Label:
    """Say what a message is."""
    names = [name for name in (wire.get("event"), wire.get("type")) if isinstance(name, str)]
    kind = names[0] if names else ""
    details = {name: value for name, value in wire.items() if name not in _SAID_ELSEWHERE}
    return Label(
        kind=kind,
        event=_EVENTS.get(kind, ""),
        text=next((text for field in _TEXTS if isinstance(text := wire.get(field), str)), _request(wire)),
        details=one_line(details)[1:-1],
    )


def _request(wire: Wire) -> str:
    return f"request {wire.get('request_id', '')}" if wire.get("type") == "Connected" else ""
