"""The vendor's three states and five transitions (protocol.md 6.1), tolerant of slips (protocol.md 6.4).

A fold without clock or I/O: `TurnMachine.receive` takes one event and the time it came, and says what it led to.
Whatever arrives, in whatever order, leaves the machine in one of the three states; what the vendor's guarantees forbid
(protocol.md 6.3) is reported as a `Violation` beside the result.
"""

from array import array
from enum import Enum
from typing import Final

import msgspec

from stt_monitor.core.events import (
    Connected,
    EagerEnd,
    Event,
    Language,
    Likelihood,
    ServiceError,
    TurnEnd,
    TurnEvent,
    TurnResume,
    TurnStart,
    TurnUpdate,
    UnknownEvent,
    Unreadable,
    wire_type,
)
from stt_monitor.core.settings import TurnSettings


class State(Enum):
    """Where the service says the user is."""

    IDLE = "idle"
    SPEAKING = "speaking"
    EAGER_END = "eager_end"


class EndReason(Enum):
    """Why a turn is over, as far as it can be known when it ends."""

    ENDED = "ended"
    """The service ended it of its own accord; whether by threshold or timeout only reference speech can tell."""
    CLOSED = "closed"
    """It ended after our `close` (protocol.md 9)."""
    DANGLING = "dangling"
    """It never ended: the connection was lost, or the service began another."""


class Guess(msgspec.Struct, frozen=True, gc=False):  # here and below: no cycles, and there are very many
    """One eager end: when it came, the text it came with, and when it was taken back, if it was. Seconds of session."""

    at: float
    transcript: str
    resumed_at: float | None = None


class Turn(msgspec.Struct, frozen=True, gc=False):
    """A turn as the service told it. Times are seconds of session; `None` means it has not happened."""

    number: int
    """Counted from 1 over the session, in the order of `turn.start`; wire ids are not used (protocol.md 5)."""
    started_at: float
    transcript: str = ""
    first_text_at: float | None = None
    guesses: tuple[Guess, ...] = ()
    event_times: tuple[float, ...] = ()
    """When each of its events was received; kept for finished turns only."""
    ended_at: float | None = None
    end_reason: EndReason | None = None
    first_of_connection: bool = False
    settings: TurnSettings = TurnSettings()
    """In force when it started; if they changed in the middle of it, those in force at its end."""
    languages: tuple[Language, ...] = ()
    """What the service thinks it was spoken in, as it said last; empty where it says nothing."""

    @property
    def open_guess(self) -> Guess | None:
        """The last eager end, if it was not taken back, whoever or whatever ended the turn."""
        return self.guesses[-1] if self.guesses and self.guesses[-1].resumed_at is None else None

    @property
    def standing_guess(self) -> Guess | None:
        """The eager end that stood. Where our `close` ended the turn, or nothing did, the service decided on none."""
        return None if self.end_reason in (EndReason.CLOSED, EndReason.DANGLING) else self.open_guess

    @property
    def over_at(self) -> float:
        """When a finished turn ended; the time of its last event, if it never did."""
        return self.event_times[-1] if self.ended_at is None else self.ended_at


class Violation(msgspec.Struct, frozen=True):
    """A guarantee of the protocol (G1..G9 of 6.3, `unknown_type`, `bad_json`) that an event broke."""

    rule: str
    detail: str


class Step(msgspec.Struct, frozen=True):
    """What one event led to."""

    turn: int | None
    """Number of the turn that the event belongs to."""
    state: State
    violations: tuple[Violation, ...] = ()
    ended: tuple[Turn, ...] = ()
    """Turns that this event finished: usually none or one, two when a slip closed an older one."""


_SERVER_DEFAULTS: Final = TurnSettings()


class TurnMachine:
    """Folds the events of a session, over all its connections, into turns."""

    def __init__(self, settings: TurnSettings = _SERVER_DEFAULTS) -> None:
        self.settings = settings
        """In force now; every turn is stamped with them."""
        self.state = State.IDLE
        self.turn: Turn | None = None
        self._count = 0
        self._times = array("d")
        self._connected = False
        self._request_id = ""
        self._fresh_connection = True
        self._closing = False
        self._slips: list[Violation] = []
        self._ended: list[Turn] = []

    def receive(self, event: Event, at: float) -> Step:
        """Take one event.

        Args:
            event: as parsed from the wire.
            at: when its frame was received, seconds of session, never decreasing.
        """
        self._slips, self._ended = [], []
        number: int | None = None
        match event:
            case Unreadable(reason):
                self._slip("bad_json", reason)
            case UnknownEvent(kind):
                self._slip("unknown_type", kind or "an object without a type")
            case ServiceError() | Likelihood():
                self._note_request(event.request_id)
            case Connected():
                self._connect(event)
            case _:
                number = self._turn_event(event, at)
        return Step(number, self.state, tuple(self._slips), tuple(self._ended))

    def configured(self, settings: TurnSettings) -> None:
        """Note that other settings are in force, for an open turn too (protocol.md 4.2)."""
        self.settings = settings
        if self.turn is not None:
            self.turn = msgspec.structs.replace(self.turn, settings=settings)

    def close_sent(self) -> None:
        """Note that our `close` went out: turns that end from now on were flushed by it (protocol.md 9)."""
        self._closing = True

    def connection_lost(self) -> tuple[Turn, ...]:
        """Forget the connection; an open turn is left dangling with its text, and returned.

        A new connection starts from zero: nothing of a turn is carried over (protocol.md 14.1).
        """
        self._ended = []
        if self.turn is not None:
            self._finish(self.turn.transcript, None, EndReason.DANGLING)
        self._connected, self._request_id, self._fresh_connection, self._closing = False, "", True, False
        return tuple(self._ended)

    def _connect(self, event: Connected) -> None:
        if self._connected:
            self._slip("G1", "connected came a second time")
        self._connected = True
        self._note_request(event.request_id)

    def _turn_event(self, event: TurnEvent, at: float) -> int | None:
        if not self._connected:
            self._slip("G1", f"{wire_type(event)} came before connected")
            self._connected = True  # said once a connection
        self._note_request(event.request_id)
        match event:
            case TurnStart():
                self._start(at)
            case TurnUpdate(transcript):
                self._open_if_idle(event, at)
                self._replace_text(transcript, at, "G7")
            case EagerEnd(transcript):
                self._open_if_idle(event, at)
                self._guess(transcript, at)
            case TurnResume():
                self._resume(at)
            case TurnEnd():
                return self._end(event, at)
        self._note_languages(event)
        return self.turn.number if self.turn else None

    def _start(self, at: float) -> None:
        if self.turn is not None:
            self._slip("G6", f"turn.start came while turn {self.turn.number} was open")
            self._finish(self.turn.transcript, at, EndReason.DANGLING)
        self._open(at)

    def _open(self, at: float) -> None:
        self._count += 1
        self.turn = Turn(self._count, at, first_of_connection=self._fresh_connection, settings=self.settings)
        self._times = array("d", [at])
        self._fresh_connection = False
        self.state = State.SPEAKING

    def _open_if_idle(self, event: TurnEvent, at: float) -> None:
        if self.turn is None:
            self._slip("G2", f"{wire_type(event)} came without turn.start")
            self._open(at)

    def _replace_text(self, transcript: str, at: float, rule: str) -> None:
        assert self.turn is not None
        if not transcript.startswith(self.turn.transcript):
            self._slip(rule, "the text does not begin with the text sent before")
        first = self.turn.first_text_at
        self.turn = msgspec.structs.replace(
            self.turn,
            transcript=transcript,
            first_text_at=at if first is None and transcript else first,
        )
        self._times.append(at)

    def _guess(self, transcript: str, at: float) -> None:
        if self.state is State.EAGER_END:
            self._slip("G3", "turn.eager_end came twice without turn.resume")
        self._replace_text(transcript, at, "G7")
        assert self.turn is not None
        self.turn = msgspec.structs.replace(self.turn, guesses=(*self.turn.guesses, Guess(at, transcript)))
        self.state = State.EAGER_END

    def _resume(self, at: float) -> None:
        if self.turn is None or self.state is not State.EAGER_END:
            self._slip("G4", "turn.resume came without turn.eager_end")
            return
        *earlier, last = self.turn.guesses
        taken_back = msgspec.structs.replace(last, resumed_at=at)
        self.turn = msgspec.structs.replace(self.turn, guesses=(*earlier, taken_back))
        self._times.append(at)
        self.state = State.SPEAKING

    def _note_languages(self, event: TurnEvent) -> None:
        if self.turn is not None and event.languages:
            self.turn = msgspec.structs.replace(self.turn, languages=event.languages)

    def _end(self, event: TurnEnd, at: float) -> int | None:
        transcript = event.transcript
        if self.turn is None:
            self._slip("G2", "turn.end came without turn.start")
            if not transcript:  # nothing was said and nothing was open: no turn to speak of
                return None
            self._open(at)
        assert self.turn is not None
        number = self.turn.number
        self._replace_text(transcript, at, "G8")
        self._note_languages(event)
        self._finish(transcript, at, EndReason.CLOSED if self._closing else EndReason.ENDED)
        return number

    def _finish(self, transcript: str, at: float | None, reason: EndReason) -> None:
        assert self.turn is not None
        self._ended.append(
            msgspec.structs.replace(
                self.turn, transcript=transcript, ended_at=at, end_reason=reason, event_times=tuple(self._times)
            )
        )
        self.turn = None
        self.state = State.IDLE

    def _note_request(self, request_id: str) -> None:
        if self._request_id and request_id and request_id != self._request_id:
            self._slip("G9", "request_id changed on one connection")
        self._request_id = request_id or self._request_id

    def _slip(self, rule: str, detail: str) -> None:
        self._slips.append(Violation(rule, detail))
