"""Makes neutral events of its messages (services.md 4)."""

from typing import Any, Final

from stt_monitor.core import events
from stt_monitor.core.dialect import Message
from stt_monitor.services.derived import TurnRules
from stt_monitor.services.flux.failures import service_error
from stt_monitor.services.flux.request import LAG
from stt_monitor.services.json_frames import UnreadableError, numbers, read_object, seconds, share, whole

SEQUENCE: Final = "sequence_id"
"""Every message has the number after the one before: a hole is a lost message."""

TURN_EVENTS: Final[dict[str, type[events.TurnEvent]]] = {
    "StartOfTurn": events.TurnStart,
    "Update": events.TurnUpdate,
    "EagerEndOfTurn": events.EagerEnd,
    "TurnResumed": events.TurnResume,
    "EndOfTurn": events.TurnEnd,
}

TRIGGERS: Final = {
    "model": events.Trigger.MODEL,
    "timeout": events.Trigger.TIMEOUT,
    "manual": events.Trigger.MANUAL,
}
"""An open set: others are no reason that we know."""


class Decoder:
    """Reads the messages of one connection."""

    def __init__(self) -> None:
        self._due = 0  # number of the next message
        self._rules = TurnRules()
        self._heard = 0.0  # position that the last message named

    def read(self, message: str | bytes) -> Message:
        """Decode a message; its events are those that it tells, and a violation where one before it is missing."""
        try:
            wire, readable = read_object(message)
        except UnreadableError as error:
            return Message((events.Unreadable(str(error)),), {})
        told, hole = self._told(readable), self._hole(readable)
        greets = any(isinstance(event, events.Connected) for event in told)
        return Message((*told, *hole) if greets else (*hole, *told), wire)

    def _hole(self, wire: events.Wire) -> tuple[events.Event, ...]:
        number, due = whole(wire.get("sequence_id")), self._due
        if number is None:
            return ()
        self._due = number + 1
        return () if due == number else (events.Violation(SEQUENCE, f"{number} came in the place of {due}"),)

    def _told(self, wire: events.Wire) -> tuple[events.Event, ...]:
        event: events.Event
        match wire.get("type"):
            case "TurnInfo":
                return self._turn_info(wire)
            case "Warning":
                return ()
            case "Connected":
                event = events.Connected()
            case "ConfigureSuccess":
                event = events.SettingsApplied(numbers(wire.get("thresholds")))
            case "ConfigureFailure" | "Error":
                event = service_error(wire)
            case kind if kind == LAG:
                event = events.Likelihood(lag=seconds(wire.get("lag")))
            case kind:
                event = events.Unknown(kind if isinstance(kind, str) else "")
        return (event,)

    def _turn_info(self, wire: events.Wire) -> tuple[events.Event, ...]:
        told = wire.get("event")
        kind = TURN_EVENTS.get(told) if isinstance(told, str) else None
        if kind is None:
            return (events.Unknown(f"TurnInfo {told}" if isinstance(told, str) else "TurnInfo"),)
        at, confidence = self._position(wire.get("audio_window_end")), share(wire.get("end_of_turn_confidence"))
        curve = (events.Likelihood(((at, 1 - confidence),)),) if at is not None and confidence is not None else ()
        text, index = wire.get("transcript"), whole(wire.get("turn_index"))
        fields: dict[str, Any] = {
            "text": text if isinstance(text, str) else None,
            "key": "" if index is None else str(index),
            "at": at,
            "languages": _languages(wire.get("languages")),
            "confidence": confidence,
            "words": _words(wire.get("words")),
        }
        if kind is events.TurnEnd:
            trigger = wire.get("trigger")
            fields["trigger"] = TRIGGERS.get(trigger) if isinstance(trigger, str) else None
        return (*curve, *self._rules.apply(kind(**fields)))

    def _position(self, told: object) -> float | None:
        """Return a position, seconds; None if it is none, or goes back."""
        at = seconds(told)
        if at is None or at < self._heard:
            return None
        self._heard = at
        return at


def _languages(told: object) -> tuple[events.Language, ...]:
    codes = told if isinstance(told, list) else []
    return tuple(events.Language(code) for code in codes if isinstance(code, str))


def _words(told: object) -> tuple[events.Word, ...]:
    words = [word for word in (told if isinstance(told, list) else []) if isinstance(word, dict)]
    return tuple(
        events.Word(text, seconds(word.get("start")), seconds(word.get("end")), share(word.get("confidence")))
        for word in words
        if isinstance(text := word.get("word"), str)
    )
