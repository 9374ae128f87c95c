"""A session as the service holds it: what it reads, what it writes, how it closes (services.md 6)."""

import re
from typing import Any, Final

import msgspec

from stt_monitor.core import events
from stt_monitor.core.settings.requested import TurnSettings
from stt_monitor.services.assemblyai.request import LIKELIHOOD
from stt_monitor.services.assemblyai.server_side.messages import Update, duration_ms, read_message
from stt_monitor.services.assemblyai.server_side.rejections import error, farewell
from stt_monitor.services.assemblyai.server_side.request import Asked, checked, read_request
from stt_monitor.services.assemblyai.server_side.turn_settings import thresholds
from stt_monitor.services.server_side import (
    Command,
    Configure,
    Done,
    Farewell,
    Head,
    Opening,
    Parameters,
    Progress,
    Rejection,
    Signal,
    Visit,
)

LONGEST_S: Final = 3 * 3600
"""How long a session may last; this server only says so."""

_DIGITS: Final = 4
_AROUND: Final = re.compile(r"^\W+|\W+$")
"""Punctuation around a word."""


class AssemblySession:
    """One connection.

    A turn has its number once it has a word. The streaming models write plain words, and with `format_turns` say each
    turn once more as it is written; the newer ones tell when speech began, and write all of it.

    Args:
        head: the request that opened it.
        visit: names it, and tells the time.
    """

    def __init__(self, head: Head, visit: Visit) -> None:
        self._head = head
        self._visit = visit
        self._began = visit.now()
        self._asked: Asked | None = None
        self._turn = TurnSettings()
        self._formats = False
        self._heard_ms = 0.0
        self._order = 0
        self._onset: float | None = None  # position at which the turn began that has no word yet
        self._text = ""  # of the turn, as written
        self._words: tuple[events.Word, ...] = ()  # of it
        self._told = False  # the client knows of the turn
        self._paused = ""  # its text at the last pause, plain

    def open(self, message: str | bytes | None = None) -> Opening:  # noqa: ARG002  the query says it all
        """Read the query; `Begin` says that it is accepted, and what is in force."""
        self._asked = asked = read_request(self._head, overheard=self._visit.overheard)
        self._turn, self._formats = asked.turn, asked.formats
        configuration = {"model": asked.model, "api_version": asked.version}
        if asked.mode is not None:
            configuration["mode"] = asked.mode
        begin = _message(
            "Begin", id=self._visit.id, expires_at=int(self._began) + LONGEST_S, configuration=configuration
        )
        parameters = Parameters(
            asked.audio,
            thresholds(asked.family, asked.turn),
            asked.keyterms,
            asked.trace,
            idle_timeout_s=asked.idle_timeout_s,
            settings=asked.settings,
        )
        return Opening(parameters, (begin,))

    def read(self, message: str | bytes) -> bytes | Command:
        """Take binary frames as audio, text frames as JSON."""
        asked = self._accepted
        if isinstance(message, bytes):
            if not self._visit.overheard:
                self._heard_ms += duration_ms(message, asked.audio)
            return message
        read = read_message(message, asked.family)
        if isinstance(read, Update):
            return self._update(read)
        return b"" if read is None else read

    def write(self, signal: Signal) -> tuple[str, ...]:
        """Send turns; a change of the settings is not answered."""
        match signal:
            case Done() | Progress():
                return ()
            case events.Likelihood(points, lag):
                return (_message(LIKELIHOOD, points=points, lag=lag),)
            case events.TurnStart():
                self._onset = signal.at if signal.speech_start is None else signal.speech_start
                return ()
            case _:
                return self._turn_event(signal)

    def report(self, rejection: Rejection) -> tuple[str, ...]:
        """Send an error for a refused message; all refusals of this service end the session."""
        return (error(rejection),)

    def close(self, rejection: Rejection | None = None) -> Farewell:
        """Say how much was heard for a client that has finished; an error before any other close."""
        if rejection is not None:
            return farewell(rejection)
        lasted = self._visit.now() - self._began
        heard = {"audio_duration_seconds": round(self._heard_ms / 1000), "session_duration_seconds": round(lasted)}
        return Farewell((_message("Termination", **heard),))

    @property
    def _accepted(self) -> Asked:
        assert self._asked is not None, "what a client asks for is read before anything else"
        return self._asked

    def _update(self, update: Update) -> Configure:
        asked = self._accepted
        turn = TurnSettings(self._turn | update.turn)
        self._turn = turn if self._visit.overheard else checked(asked.family, turn)
        self._formats = self._formats if update.formats is None else update.formats
        return Configure(thresholds(asked.family, self._turn), self._turn)

    def _turn_event(self, event: events.TurnEvent) -> tuple[str, ...]:
        before, self._text = self._text, event.text or self._text
        self._words = event.words or self._words
        messages = self._speech_started()
        match event:
            case events.TurnUpdate() | events.EagerEnd() if self._told:
                messages += self._told_turn(event, utterance=self._utterance(event))
            case events.TurnEnd():
                messages += self._end(event, changed=self._text != before)
        return messages

    def _utterance(self, event: events.TurnEvent) -> str:
        """Return what was said since the last pause, at a pause; else nothing."""
        if not isinstance(event, events.EagerEnd):
            return ""
        before, self._paused = self._paused, plain(self._text)
        return self._paused[len(before) :].strip()

    def _speech_started(self) -> tuple[str, ...]:
        """Yield the start of speech, once it has a word."""
        if self._told or not self._text:
            return ()
        self._told = True
        if not self._accepted.family.tells_starts:
            return ()
        return (_message("SpeechStarted", timestamp=round((self._onset or 0.0) * 1000)),)

    def _end(self, event: events.TurnEnd, *, changed: bool) -> tuple[str, ...]:
        """End the turn; the end of the audio alone is no end of a turn."""
        messages: tuple[str, ...] = ()
        if self._told and event.trigger is events.Trigger.CLOSED:
            messages = self._told_turn(event) if changed else ()
        elif self._told:
            messages = self._told_turn(event, ends=True)
            if self._accepted.family.tells_pauses and self._formats:
                messages += self._told_turn(event, ends=True, formatted=True)
            self._order += 1
        self._text, self._words, self._paused, self._told, self._onset = "", (), "", False, None
        return messages

    def _told_turn(
        self, event: events.TurnEvent, *, utterance: str = "", ends: bool = False, formatted: bool = False
    ) -> tuple[str, ...]:
        writes_all = not self._accepted.family.tells_pauses
        writes = str if formatted or writes_all else plain
        sure = (event.confidence or 0.0) if not writes_all else float(ends)
        turn = _message(
            "Turn",
            turn_order=self._order,
            turn_is_formatted=formatted or (writes_all and ends),
            end_of_turn=ends,
            transcript=writes(self._text),
            end_of_turn_confidence=round(sure, _DIGITS),
            words=[_word(word, text) for word in self._words if (text := writes(word.text))],
            utterance="" if writes_all else utterance,
        )
        return (turn,)


def plain(text: str) -> str:
    """Return the words of a text in lower case, without punctuation around them."""
    return " ".join(word for each in text.lower().split() if (word := _AROUND.sub("", each)))


def _word(word: events.Word, text: str) -> dict[str, Any]:
    return {
        "text": text,
        "start": round((word.start or 0.0) * 1000),
        "end": round((word.end or 0.0) * 1000),
        "confidence": round(word.confidence or 0.0, _DIGITS),
        "word_is_final": True,
    }


def _message(kind: str, **fields: Any) -> str:  # noqa: ANN401  what JSON can hold
    return msgspec.json.encode({"type": kind, **fields}).decode()
