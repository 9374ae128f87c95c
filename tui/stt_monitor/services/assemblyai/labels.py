"""How its messages are shown to people."""

from typing import Final

from stt_monitor.core.events import Connected, EagerEnd, ServiceError, TurnEnd, TurnStart, TurnUpdate, Wire
from stt_monitor.services.base import Label
from stt_monitor.services.json_frames import one_line

_EVENTS: Final = {"Begin": Connected.name, "SpeechStarted": TurnStart.name, "Error": ServiceError.name}
"""What the core calls them."""

_SAID_ELSEWHERE: Final = ("type",)

_FIRST: Final = ("transcript", "end_of_turn", "utterance")
"""Fields that details begin with: a line has room for few."""

_TEXTS: Final = ("transcript", "error", "warning")


def label(wire: Wire) -> Label:
    """Say what a message is."""
    told = wire.get("type", "Error" if "error" in wire else "")
    kind = told if isinstance(told, str) else ""
    details = {name: wire[name] for name in (*_FIRST, *wire) if name in wire and name not in _SAID_ELSEWHERE}
    return Label(
        kind=kind,
        event=_turn_event(wire) if kind == "Turn" else _EVENTS.get(kind, ""),
        text=next((text for field in _TEXTS if isinstance(text := wire.get(field), str)), _session(wire)),
        details=one_line(details)[1:-1],
    )


def _turn_event(wire: Wire) -> str:
    if wire.get("end_of_turn") is True:
        return TurnEnd.name
    return EagerEnd.name if wire.get("utterance") else TurnUpdate.name


def _session(wire: Wire) -> str:
    return f"session {wire.get('id', '')}" if wire.get("type") == "Begin" else ""
