"""How its messages are shown to people."""

from typing import Final

from stt_monitor.core.events import Connected, ServiceError, TurnUpdate, Wire
from stt_monitor.services.base import Label
from stt_monitor.services.json_frames import one_line
from stt_monitor.services.voxtral.decoder import DELTA, TURN_EVENTS, UPDATED
from stt_monitor.services.voxtral.failures import error_text

_EVENTS: Final = {
    **{name: event.name for name, event in TURN_EVENTS.items()},
    DELTA: TurnUpdate.name,
    UPDATED: Connected.name,
    "error": ServiceError.name,
}
"""What the core calls them."""


def label(wire: Wire) -> Label:
    """Say what a message is."""
    name = wire.get("type")
    kind = name if isinstance(name, str) else ""
    details = {field: value for field, value in wire.items() if field != "type"}
    return Label(kind=kind, event=_EVENTS.get(kind, ""), text=_text(kind, wire), details=one_line(details)[1:-1])


def _text(kind: str, wire: Wire) -> str:
    if kind == "error":
        return error_text(wire)
    session, text = wire.get("session"), wire.get("text")
    if isinstance(session, dict) and isinstance(request := session.get("request_id"), str):
        return f"request {request}"
    return text if isinstance(text, str) else ""
