"""How its messages are shown to people."""

from typing import Final

from stt_monitor.core.events import Connected, EagerEnd, ServiceError, TurnEnd, TurnResume, TurnStart, TurnUpdate, Wire
from stt_monitor.services.base import Label
from stt_monitor.services.json_frames import one_line

_EVENTS: Final = {
    event.name for event in (Connected, TurnStart, TurnUpdate, EagerEnd, TurnResume, TurnEnd, ServiceError)
}
"""Its types are called as the core calls the events."""

_SAID_ELSEWHERE: Final = ("type", "request_id", "turn_id")
"""Fields that details leave out: the first is the kind, the others are the same in message after message."""

_TEXTS: Final = ("transcript", "message", "error")


def label(wire: Wire) -> Label:
    """Say what a message is."""
    kind = str(wire.get("type", ""))
    details = {name: value for name, value in wire.items() if name not in _SAID_ELSEWHERE}
    in_line = one_line(details["transcript"] if list(details) == ["transcript"] else details)
    return Label(
        kind=kind,
        event=kind if kind in _EVENTS else "",
        text=_text(wire),
        details=in_line if list(details) == ["transcript"] else in_line[1:-1],
    )


def _text(wire: Wire) -> str:
    """Return the text of a message, or what else there is to say: the vendor's examples print it (protocol.md 14.1)."""
    for field in _TEXTS:
        if isinstance(text := wire.get(field), str):
            return text
    return f"request {wire.get('request_id', '')}" if wire.get("type") == Connected.name else ""
