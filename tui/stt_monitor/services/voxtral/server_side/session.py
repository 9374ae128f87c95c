"""A session as the service holds it: what it reads, what it writes, how it closes (services.md 5)."""

from typing import Any, Final

import msgspec

from stt_monitor.core import events
from stt_monitor.services.server_side import (
    Command,
    Done,
    Farewell,
    Finish,
    Head,
    Opening,
    Progress,
    Rejection,
    Signal,
    Visit,
    holds_key,
)
from stt_monitor.services.voxtral.decoder import DELTA, TRIGGERS, UPDATED
from stt_monitor.services.voxtral.request import APPEND, END, LIKELIHOOD, UPDATE
from stt_monitor.services.voxtral.server_side.messages import audio, read_message
from stt_monitor.services.voxtral.server_side.rejections import AFTER_AUDIO, error, refused
from stt_monitor.services.voxtral.server_side.settings import MODELS, SessionSettings

_INTERNAL_ERROR: Final = 1011
_DIGITS: Final = 4
_REASONS: Final = {trigger: name for name, trigger in TRIGGERS.items()}


def shows_key(key: str, head: Head) -> bool:
    """Return whether a request carries `key`, behind `Bearer`."""
    return holds_key(key, head.logins("Bearer"))


class VoxtralSession:
    """One connection. Audio settles its settings; without turn detection it tells text alone.

    Args:
        head: the request that opened it.
        visit: names it.
    """

    def __init__(self, head: Head, visit: Visit) -> None:
        self._head = head
        self._request_id = visit.id
        self._overheard = visit.overheard
        self._settings = SessionSettings(head.query.get("model", [""])[-1])
        self._text = ""  # of the turn
        self._said = ""  # all of it

    def open(self, message: str | bytes | None = None) -> Opening:
        """Greet, then take updates of the settings until something else comes."""
        if message is None:
            if self._settings.model not in MODELS and not self._overheard:
                raise refused(f"There is no such model with turns; use {' or '.join(MODELS)}.")
            return Opening(None, (self._session("session.created"),))
        kind, fields = read_message(message)
        if kind == UPDATE:
            self._settings = self._settings.changed(fields.get("session"), overheard=self._overheard)
            return Opening(None, (self._session(UPDATED),))
        trace = self._head.query.get("trace", [""])[-1] == "1"
        return Opening(self._settings.parameters(trace=trace), first=self.read(message))

    def read(self, message: str | bytes) -> bytes | Command:
        """Take base64 in JSON as audio; a flush changes nothing, for text comes as soon as it can."""
        kind, fields = read_message(message)
        if kind == UPDATE:
            raise refused(AFTER_AUDIO)
        if kind == APPEND:
            return audio(fields)
        return Finish() if kind == END else b""

    def write(self, signal: Signal) -> tuple[str, ...]:
        """Send text in pieces, and turns beside it; the end of the audio alone is no end of a turn."""
        match signal:
            case Done() | Progress():
                return ()
            case events.Likelihood(points, lag):
                return (_message(LIKELIHOOD, points=points, lag=lag),)
        told = self._pieces(signal)
        if self._settings.turn is None or isinstance(signal, events.TurnUpdate):
            return told
        fields: dict[str, Any] = {"time_s": round(signal.at or 0.0, _DIGITS)}
        if isinstance(signal, events.TurnEnd):
            reason = None if signal.trigger is None else _REASONS.get(signal.trigger)
            if reason is None:
                return told
            fields["end_reason"] = reason
        return (*told, _message(signal.name, **fields))

    def report(self, rejection: Rejection) -> tuple[str, ...]:
        """Send an error for a refused message; all refusals of this service end the session."""
        return (error(rejection),)

    def close(self, rejection: Rejection | None = None) -> Farewell:
        """Say all of the text, and drop the connection; after an error close it."""
        if rejection is None:
            return Farewell((self._done(),), drops=True)
        return Farewell(self.report(rejection), _INTERNAL_ERROR)

    def _pieces(self, event: events.TurnEvent) -> tuple[str, ...]:
        """Return what is new in the text, if anything; from the second text on, a turn's begins with a space."""
        if isinstance(event, events.TurnStart):
            self._text = ""
        text = event.text or ""
        new = text[len(self._text) :]
        piece = f" {new}" if new and not self._text and self._said else new
        self._text = self._text + new
        self._said += piece
        return (_message(DELTA, text=piece),) if piece else ()

    def _session(self, kind: str) -> str:
        return _message(kind, session=self._settings.shown(self._request_id))

    def _done(self) -> str:
        usage = {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}
        return _message(
            "transcription.done", model=self._settings.model, text=self._said, language=None, segments=(), usage=usage
        )


def _message(kind: str, **fields: Any) -> str:  # noqa: ANN401  what JSON can hold
    return msgspec.json.encode({"type": kind, **fields}).decode()
