"""The service's side of a session: what it reads, writes, and how it closes (services.md 4)."""

from collections import deque
from http import HTTPStatus
from typing import Any, Final

import msgspec

from stt_monitor.core import events
from stt_monitor.core.settings.requested import TurnSettings
from stt_monitor.services.flux.request import LAG
from stt_monitor.services.flux.server_side.messages import read_message
from stt_monitor.services.flux.server_side.rejections import code
from stt_monitor.services.flux.server_side.request import read_query
from stt_monitor.services.flux.server_side.turn_settings import thresholds
from stt_monitor.services.flux.settings import SCHEMA
from stt_monitor.services.server_side import (
    Command,
    Configure,
    Done,
    EndTurn,
    Farewell,
    Head,
    Opening,
    Parameters,
    Progress,
    RejectedError,
    Rejection,
    Signal,
    Visit,
)

UPDATE_S: Final = 0.25
"""Seconds of audio between two updates, also while nobody speaks."""

_DIGITS: Final = 4

_CLOSES: Final = {
    HTTPStatus.REQUEST_TIMEOUT: (1011, "NET-0001"),
    HTTPStatus.TOO_MANY_REQUESTS: (1011, "NET-0000"),
    HTTPStatus.INTERNAL_SERVER_ERROR: (1011, "NET-0000"),
}
"""Code and reason, by the status of what ends a session; 1008 for anything that the client did wrong."""


class FluxSession:
    """One connection.

    A turn begins for the client with its first word, its text comes by the clock, and an eager end is confirmed with
    the very text that it had.

    Args:
        head: the request that opened it.
        visit: names it in every message.
    """

    def __init__(self, head: Head, visit: Visit) -> None:
        self._head = head
        self._request_id = visit.id
        self._overheard = visit.overheard
        self._number = 0
        self._turn = TurnSettings()
        self._keyterms: tuple[str, ...] = ()
        self._index = 0
        self._window_start = 0.0
        self._open = False  # the client knows of the turn
        self._eager = False
        self._text = ""
        self._words: tuple[dict[str, Any], ...] = ()
        self._forced = False  # the turn was ended by hand, just now
        self._refused: deque[Rejection | None] = deque()  # of the changes to be answered, why they are refused

    def open(self, message: str | bytes | None = None) -> Opening:  # noqa: ARG002  the query says it all
        """Read the query; `Connected` says that it is accepted."""
        asked = read_query(self._head.query, overheard=self._overheard)
        settings = asked.settings
        self._turn, self._keyterms = settings.turn, settings.keyterms
        parameters = Parameters(
            asked.audio,
            thresholds(settings.turn),
            settings.keyterms,
            asked.trace,
            progress_s=UPDATE_S,
            settings=settings,
        )
        return Opening(parameters, self._message("Connected"))

    def read(self, message: str | bytes) -> bytes | Command:
        """Take binary frames as audio, text frames as JSON."""
        if isinstance(message, bytes):
            return message
        try:
            read = read_message(message, self._turn, None if self._overheard else self._keyterms)
        except RejectedError as error:
            if error.rejection.fatal:
                raise
            self._refused.append(error.rejection)
            return Configure(thresholds(self._turn), self._turn)  # answered in its place, and nothing changes
        if isinstance(read, Configure):
            self._turn = read.turn
            if not self._overheard:
                self._refused.append(None)
        return read

    def write(self, signal: Signal) -> tuple[str, ...]:
        """Send turns, the updates of the clock, and the answers to commands."""
        match signal:
            case Progress(at, likelihood):
                return self._turn_info("Update", at, 1 - likelihood)
            case Done(Configure(_, turn)):
                refused = self._refused.popleft()
                return self._configured(turn) if refused is None else self.report(refused)
            case Done(EndTurn()):
                return self._forced_end()
            case events.Likelihood(_, lag) if lag is not None:
                return self._message(LAG, lag=lag)
            case events.Likelihood() | Done():
                return ()
            case _:
                return self._turn_event(signal)

    def report(self, rejection: Rejection) -> tuple[str, ...]:
        """Refuse a change; the connection stays open, and all settings as they were."""
        return self._message("ConfigureFailure", code=code(rejection), description=rejection.message)

    def close(self, rejection: Rejection | None = None) -> Farewell:
        """Close without a code for a client that has finished; send `Error` before any other close."""
        if rejection is None:
            return Farewell(code=None)
        number, reason = _CLOSES.get(HTTPStatus(rejection.status), (1008, code(rejection)))
        return Farewell(self._message("Error", code=code(rejection), description=rejection.message), number, reason)

    def _turn_event(self, event: events.TurnEvent) -> tuple[str, ...]:
        at, confidence = event.at or 0.0, event.confidence or 0.0
        before, self._text = self._text, event.text or self._text
        self._words = tuple(map(_word, event.words)) or self._words
        messages: tuple[str, ...] = ()
        if not self._open and self._text:
            self._open = True
            messages = self._turn_info("StartOfTurn", at, confidence)
        match event:
            case events.EagerEnd() if self._open:
                self._eager = True
                return (*messages, *self._turn_info("EagerEndOfTurn", at, confidence))
            case events.TurnResume() if self._eager:
                return self._resumed(at, confidence)
            case events.TurnEnd():
                if self._eager and self._text != before:  # an eager end is confirmed with its own text
                    messages = self._resumed(at, confidence)
                return (*messages, *self._end(event, at, confidence))
        return messages

    def _resumed(self, at: float, confidence: float) -> tuple[str, ...]:
        self._eager = False
        return self._turn_info("TurnResumed", at, confidence)

    def _end(self, event: events.TurnEnd, at: float, confidence: float) -> tuple[str, ...]:
        """End the turn; the end of the audio alone is no end of a turn, its last update is its text."""
        messages: tuple[str, ...] = ()
        closed = event.trigger is events.Trigger.CLOSED
        if self._open:
            name = "Update" if closed else "EndOfTurn"
            trigger = {} if closed or event.trigger is None else {"trigger": event.trigger.value}
            messages = self._turn_info(name, at, confidence, **trigger)
            self._index += not closed
            self._forced = event.trigger is events.Trigger.MANUAL
        self._open = self._eager = False
        self._text, self._words, self._window_start = "", (), at
        return messages

    def _forced_end(self) -> tuple[str, ...]:
        forced, self._forced = self._forced, False
        if forced:
            return ()
        return self._message(
            "Warning", code="FORCE_END_TURN_NO_ACTIVE_TURN", description="ForceEndTurn came without an active turn."
        )

    def _configured(self, turn: TurnSettings) -> tuple[str, ...]:
        return self._message(
            "ConfigureSuccess", thresholds=SCHEMA.completed(turn), keyterms=self._keyterms, language_hints=[]
        )

    def _turn_info(self, event: str, at: float, confidence: float, **more: Any) -> tuple[str, ...]:  # noqa: ANN401  what JSON can hold
        return self._message(
            "TurnInfo",
            event=event,
            turn_index=self._index,
            audio_window_start=round(self._window_start, _DIGITS),
            audio_window_end=round(at, _DIGITS),
            transcript=self._text,
            words=self._words,
            end_of_turn_confidence=round(confidence, _DIGITS),
            **more,
        )

    def _message(self, kind: str, **fields: Any) -> tuple[str, ...]:  # noqa: ANN401  what JSON can hold
        value = {"type": kind, "request_id": self._request_id, "sequence_id": self._number, **fields}
        self._number += 1
        return (msgspec.json.encode(value).decode(),)


def _word(word: events.Word) -> dict[str, Any]:
    times = {} if word.start is None or word.end is None else {"start": word.start, "end": word.end}
    return {"word": word.text} | {
        name: round(value, _DIGITS) for name, value in (times | {"confidence": word.confidence or 0.0}).items()
    }
