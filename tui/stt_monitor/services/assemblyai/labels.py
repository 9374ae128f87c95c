"""How its messages are shown to people."""

from collections.abc import Mapping
from typing import Final

import msgspec

from stt_monitor.core.events import Connected, EagerEnd, ServiceError, TurnEnd, TurnStart, TurnUpdate, Wire
from stt_monitor.services.base import Label

_EVENTS: Final = {"Begin": Connected.name, "SpeechStarted": TurnStart.name, "Error": ServiceError.name}
"""What the core calls them."""

_SAID_ELSEWHERE: Final = ("type",)

_TEXTS: Final = ("transcript", "error", "warning")

CLOSES: Final[Mapping[int, str]] = {
    1000: "the answer to “Terminate” when all has been said (services.md 6)",
    1008: "key or account are refused, or too many sessions are open (services.md 6)",
    3005: "the service failed: the monitor connects again (services.md 6)",
    3006: "a message is refused, or none came for too long (services.md 6)",
    3007: "a frame holds less than 50 ms of audio or more than 1000, or it came faster than real time (services.md 6)",
    3008: "the session has run for as long as one may (services.md 6)",
    3009: "too many sessions are open: the monitor tries again (services.md 6)",
}
"""What its closes mean, by code."""


def label(wire: Wire) -> Label:
    """Say what a message is."""
    told = wire.get("type", "Error" if "error" in wire else "")
    kind = told if isinstance(told, str) else ""
    details = {name: value for name, value in wire.items() if name not in _SAID_ELSEWHERE}
    return Label(
        kind=kind,
        event=_turn_event(wire) if kind == "Turn" else _EVENTS.get(kind, ""),
        text=next((text for field in _TEXTS if isinstance(text := wire.get(field), str)), _session(wire)),
        details=msgspec.json.encode(details).decode()[1:-1],
    )


def _turn_event(wire: Wire) -> str:
    if wire.get("end_of_turn") is True:
        return TurnEnd.name
    return EagerEnd.name if wire.get("utterance") else TurnUpdate.name


def _session(wire: Wire) -> str:
    return f"session {wire.get('id', '')}" if wire.get("type") == "Begin" else ""
