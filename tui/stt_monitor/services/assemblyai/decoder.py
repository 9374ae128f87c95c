"""Makes neutral events of its messages (services.md 6)."""

from collections.abc import Iterator
from typing import Any, Final

from stt_monitor.core import events
from stt_monitor.core.dialect import Message
from stt_monitor.core.text.growth import grows
from stt_monitor.services.assemblyai.failures import service_error
from stt_monitor.services.assemblyai.families import Family, family_of
from stt_monitor.services.assemblyai.request import LIKELIHOOD
from stt_monitor.services.derived import TurnRules
from stt_monitor.services.json_frames import UnreadableError, read_object, seconds, share, whole

SETTLED_TEXT: Final = "settled_text"
"""`transcript` is never taken back; the words beside it that are not final may be."""

_QUIET: Final = frozenset({"Warning", "Heartbeat", "Silence", "SpeakerRevision", "LLMGatewayResponse"})
"""Types that say nothing of turns."""


class Decoder:
    """Reads the messages of one connection.

    Args:
        model: the one asked for.
    """

    def __init__(self, model: str) -> None:
        self._model = model
        self._family: Family = family_of(model)
        self._rules = TurnRules(derives_resumes=self._family.tells_pauses)
        self._order = -1  # the highest `turn_order` so far
        self._ended = -1  # the highest that ended
        self._keys: dict[int, str] = {}  # of turns that began before their number was known, where it was another
        self._begun: str | None = None  # key of the turn that has begun with `SpeechStarted`, before any `Turn` of it
        self._onset: float | None = None  # where speech began, by the last `SpeechStarted` without a `Turn`
        self._waits = False  # that came while a turn was open
        self._traced = False  # whether the local server tells the likelihood itself
        self._settled = ""  # `transcript` of the open turn
        self._paused = ""  # text of the open turn at its last pause

    def read(self, message: str | bytes) -> Message:
        """Decode a message."""
        try:
            wire, readable = read_object(message)
        except UnreadableError as error:
            return Message((events.Unreadable(str(error)),), {})
        told = tuple(each for event in self._told(readable) for each in self._rules.apply(event))
        return Message(told, wire)

    def _told(self, wire: events.Wire) -> Iterator[events.Event]:
        match wire.get("type"):
            case "Turn":
                yield from self._turn(wire)
            case "SpeechStarted":
                yield from self._speech_started(_position(wire.get("timestamp")))
            case "Begin":
                yield events.Connected(difference=self._difference(wire.get("configuration")))
            case "Termination":
                yield events.Finished()
            case "Error":
                yield service_error(wire)
            case None if "error" in wire:
                yield service_error(wire)
            case kind if kind == LIKELIHOOD:
                self._traced = True
                yield events.Likelihood(_points(wire.get("points")), seconds(wire.get("lag")))
            case str() as kind if kind in _QUIET:
                return
            case kind:
                yield events.Unknown(kind if isinstance(kind, str) else "")

    def _difference(self, told: object) -> str:
        """Say where the service does another thing than it was asked for: it refuses no parameter that it ignores."""
        model = told.get("model") if isinstance(told, dict) else None
        if not isinstance(model, str) or model.startswith(self._model):
            return ""
        return f"the service uses {model}, and ignores that {self._model} was asked for"

    def _speech_started(self, at: float | None) -> Iterator[events.Event]:
        """Start a turn, unless one is open: its number is not known before its first `Turn`."""
        self._onset = at
        if self._order > self._ended:
            self._waits = True
        elif self._begun is None:
            self._begun = str(self._order + 1)
            yield events.TurnStart(key=self._begun, speech_start=at)

    def _turn(self, wire: events.Wire) -> Iterator[events.Event]:
        told = whole(wire.get("turn_order"))
        order = max(self._order, self._ended + 1) if told is None else told
        ends, formatted = wire.get("end_of_turn") is True, wire.get("turn_is_formatted") is True
        fields = self._fields(wire, ends=ends)
        if order <= self._ended:
            if ends:  # the formatted copy
                yield events.TurnEnd(**fields, key=self._key(order))
            return
        if fields["confidence"] is not None and not self._traced:
            yield events.Likelihood(now=1 - fields["confidence"])
        if order > self._order and (fields["text"] or self._begun is not None):
            yield from self._open(order)
        fields["key"] = self._key(order)
        fields["speech_start"], self._onset = (None, self._onset) if self._waits else (self._onset, None)
        yield from self._check(_text(wire, "transcript"), formatted=formatted)
        goes_on = bool(self._paused) and fields["text"] != self._paused and not (ends and formatted)
        if goes_on or not ends:
            yield from self._within(wire, fields, goes_on=goes_on)
        if ends:
            self._order = self._ended = order
            self._settled = self._paused = ""
            yield events.TurnEnd(**fields)

    def _open(self, order: int) -> Iterator[events.Event]:
        if self._begun is not None and self._begun != str(order):
            self._keys = {order: self._begun}
        elif self._begun is None and self._waits:
            yield events.TurnStart(key=str(order), derived=True)
        self._order = order
        self._begun, self._waits = None, False
        self._settled = self._paused = ""

    def _within(self, wire: events.Wire, fields: dict[str, Any], *, goes_on: bool) -> Iterator[events.Event]:
        """Yield events of an open turn, or of its pause."""
        pauses = self._family.tells_pauses and bool(_text(wire, "utterance")) and wire.get("end_of_turn") is not True
        if goes_on:
            self._paused = ""
        if goes_on or not pauses:
            yield events.TurnUpdate(**fields)
        if pauses and not self._paused and fields["text"]:
            self._paused = fields["text"]
            yield events.EagerEnd(**fields)

    def _check(self, settled: str, *, formatted: bool) -> Iterator[events.Event]:
        """Notice text that is taken back though the service promises not to."""
        if not self._family.settles or formatted:
            return
        if not grows(self._settled, settled):
            yield events.Violation(SETTLED_TEXT, "the transcript does not begin with the transcript sent before")
        self._settled = settled

    def _fields(self, wire: events.Wire, *, ends: bool) -> dict[str, Any]:
        """Return what every event of a turn has: text is what is settled, and while it goes on the words behind it."""
        words = _words(wire.get("words"))
        behind = () if ends or not self._family.tells_pauses else (word.text for word in words if not word.settled)
        code = _text(wire, "language_code")
        return {
            "text": " ".join(part for part in (_text(wire, "transcript"), *behind) if part),
            "words": words,
            "confidence": share(wire.get("end_of_turn_confidence")) if self._family.tells_confidence else None,
            "languages": (events.Language(code, share(wire.get("language_confidence"))),) if code else (),
        }

    def _key(self, order: int) -> str:
        return self._keys.get(order, str(order))


def _words(told: object) -> tuple[events.Word, ...]:
    words = told if isinstance(told, list) else []
    return tuple(
        events.Word(
            _text(word, "text"),
            _position(word.get("start")),
            _position(word.get("end")),
            share(word.get("confidence")),
            settled=word.get("word_is_final") is not False,
        )
        for word in words
        if isinstance(word, dict)
    )


def _points(told: object) -> tuple[tuple[float, float], ...]:
    points = told if isinstance(told, list) else []
    pairs = ((seconds(point[0]), share(point[1])) for point in points if isinstance(point, list) and len(point) == 2)  # noqa: PLR2004  position and value
    return tuple((at, value) for at, value in pairs if at is not None and value is not None)


def _position(milliseconds: object) -> float | None:
    """Return a position, seconds; None if it is none."""
    told = seconds(milliseconds)
    return None if told is None else told / 1000


def _text(fields: dict[str, Any], name: str) -> str:
    return text if isinstance(text := fields.get(name), str) else ""
