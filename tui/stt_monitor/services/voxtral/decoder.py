"""Makes neutral events of its messages (services.md 5)."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final

import msgspec

from stt_monitor.core import events
from stt_monitor.core.dialect import Message
from stt_monitor.services.derived import TurnRules
from stt_monitor.services.json_frames import UnreadableError, numbers, read_object, seconds
from stt_monitor.services.voxtral.failures import service_error
from stt_monitor.services.voxtral.request import LIKELIHOOD

UPDATED: Final = "session.updated"
DELTA: Final = "transcription.text.delta"

TURN_EVENTS: Final[dict[str, type[events.TurnEvent]]] = {
    "turn.start": events.TurnStart,
    "turn.eager_end": events.EagerEnd,
    "turn.resume": events.TurnResume,
    "turn.end": events.TurnEnd,
}

TRIGGERS: Final = {"threshold": events.Trigger.MODEL, "timeout": events.Trigger.TIMEOUT}


_Reader = Callable[[events.Wire], tuple[events.Event, ...]]


class Decoder:
    """Reads the messages of one connection.

    Turn events carry no text: it comes in pieces beside them, and behind the sound. A piece belongs to the open turn;
    between two turns to the one that ended; before the first turn to that one.
    """

    def __init__(self) -> None:
        self._greeted = False
        self._number = 0  # of the last turn that started
        self._open = False  # whether it has not ended
        self._text = ""  # of that turn
        self._ahead = ""  # came while no turn was open, and is of the next
        self._languages: tuple[events.Language, ...] = ()
        self._heard = 0.0  # position that the last message named
        self._readers: dict[str, _Reader] = {
            "session.created": _nothing,
            UPDATED: self._greet,
            DELTA: self._piece,
            "transcription.segment": _nothing,
            "transcription.language": self._language,
            "transcription.done": self._finish,
            "error": self._error,
            LIKELIHOOD: lambda wire: (_likelihood(wire),),
        }

    def read(self, message: str | bytes) -> Message:
        """Decode a message."""
        try:
            wire, readable = read_object(message)
        except UnreadableError as error:
            return Message((events.Unreadable(str(error)),), {})
        return Message(self._told(readable), wire)

    def _told(self, wire: events.Wire) -> tuple[events.Event, ...]:
        kind = wire.get("type")
        kind = kind if isinstance(kind, str) else ""
        if (turn := TURN_EVENTS.get(kind)) is not None:
            return self._turn_event(turn, wire)
        read = self._readers.get(kind)
        return (events.Unknown(kind),) if read is None else read(wire)

    def _greet(self, wire: events.Wire) -> tuple[events.Event, ...]:
        """Return that the session is ready, by the first answer to its settings."""
        greeted, self._greeted = self._greeted, True
        return () if greeted else (_connected(wire),)

    def _error(self, wire: events.Wire) -> tuple[events.Event, ...]:
        """Return an error; before the session is ready it is about its settings."""
        return (service_error(wire, about_settings=not self._greeted),)

    def _turn_event(self, kind: type[events.TurnEvent], wire: events.Wire) -> tuple[events.Event, ...]:
        fields: dict[str, Any] = {"at": self._position(wire.get("time_s"))}
        if kind is events.TurnEnd:
            reason = wire.get("end_reason")
            fields["trigger"] = TRIGGERS.get(reason) if isinstance(reason, str) else None
            if whole := self._without_start(**fields):
                return whole
        if kind is events.TurnStart or (kind is events.EagerEnd and not self._open):
            self._begin()
        event = self._event(kind, **fields)
        self._open = self._open and kind is not events.TurnEnd
        return (event,)

    def _begin(self) -> None:
        """Begin a turn, with what has come ahead of it."""
        self._text, self._ahead = self._ahead, ""
        self._number += 1
        self._open = True

    def _piece(self, wire: events.Wire) -> tuple[events.Event, ...]:
        """Add a piece of text; spaces alone are no text yet, and may be the start of the next turn's."""
        text = wire.get("text")
        if not isinstance(text, str):
            return ()
        if self._open:
            self._text += text
            return (self._event(events.TurnUpdate),) if self._text.strip() else ()
        self._ahead += text
        if not self._number or not self._ahead.strip():
            return ()
        self._text, self._ahead = self._text + self._ahead, ""
        return (events.TurnText(self._text, self._key, languages=self._languages, last=False),)

    def _language(self, wire: events.Wire) -> tuple[events.Event, ...]:
        """Keep the language for the events to come."""
        told = wire.get("audio_language")
        self._languages = (events.Language(told),) if isinstance(told, str) and told else ()
        return ()

    def _finish(self, _: events.Wire) -> tuple[events.Event, ...]:
        return (*self._without_start(trigger=events.Trigger.CLOSED), events.Finished())

    def _without_start(self, **fields: Any) -> tuple[events.Event, ...]:  # noqa: ANN401  those of the event
        """Return a turn of what was said before any turn started; nothing where there is no such thing."""
        if self._number or not self._ahead.strip():
            return ()
        self._begin()
        end = self._event(events.TurnEnd, **fields)
        self._open = False
        return TurnRules().apply(end)

    def _event(self, kind: type[events.TurnEvent], **fields: Any) -> events.TurnEvent:  # noqa: ANN401  those of the event
        """Return an event of the open turn, if any, with its whole text."""
        text = self._text if self._open and self._text.strip() else None
        return kind(text=text, key=self._key if self._open else "", languages=self._languages, **fields)

    @property
    def _key(self) -> str:
        return str(self._number)

    def _position(self, told: object) -> float | None:
        """Return a position, seconds; None if it is none, or goes back."""
        at = seconds(told)
        if at is None or at < self._heard:
            return None
        self._heard = at
        return at


def _connected(wire: events.Wire) -> events.Connected:
    """Say which settings are in force, and where the service does without turns, which it is always asked for."""
    session = wire.get("session")
    turns = session.get("turn_detection") if isinstance(session, dict) else {}
    if not isinstance(turns, dict):
        return events.Connected("the service ignores that turns were asked for: check the model")
    return events.Connected(in_force=numbers(turns))


def _nothing(_: events.Wire) -> tuple[events.Event, ...]:
    """Ignore a message that is not about turns."""
    return ()


def _likelihood(wire: events.Wire) -> events.Likelihood:
    """Read what the local server adds; of very many points none counts if one is malformed."""
    with suppress(msgspec.ValidationError):
        return msgspec.convert(wire, events.Likelihood)
    return events.Likelihood()
