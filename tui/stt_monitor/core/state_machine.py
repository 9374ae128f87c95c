"""Three states and five transitions that hold for every service (protocol.md 6.1), tolerant of slips (6.4 there).

A fold without clock or I/O: `TurnMachine.receive` takes one event and the time it came, and says what it led to.
Whatever arrives, in whatever order, leaves the machine in one of the three states; what the service's own promises
forbid is reported as a `Violation` beside the result.
"""

from array import array
from collections.abc import Mapping
from enum import Enum
from typing import Final

import msgspec

from stt_monitor.core.dialect import Promise
from stt_monitor.core.events import (
    Connected,
    EagerEnd,
    Event,
    Language,
    Trigger,
    TurnEnd,
    TurnEvent,
    TurnResume,
    TurnStart,
    TurnUpdate,
    Unknown,
    Unreadable,
    Violation,
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
    """Counted from 1 over the session, in the order of `turn.start`; names of the service's are not used."""
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
    trigger: Trigger | None = None
    """Why it ended, where the service says so."""

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

    def __init__(self, promises: Mapping[Promise, str], settings: TurnSettings = _SERVER_DEFAULTS) -> None:
        """Begin.

        Args:
            promises: what the service promises, each with its name: nothing else can be violated.
            settings: in force at the beginning.
        """
        self.settings = settings
        """In force now; every turn is stamped with them."""
        self.state = State.IDLE
        self.turn: Turn | None = None
        self._count = 0
        self._promises = promises
        self._times = array("d")
        self._connected = False
        self._fresh_connection = True
        self._closing = False
        self._slips: list[Violation] = []
        self._ended: list[Turn] = []

    def receive(self, event: Event, at: float) -> Step:
        """Take one event.

        Args:
            event: as the service's decoder made it.
            at: when its frame was received, seconds of session, never decreasing.
        """
        self._slips, self._ended = [], []
        number: int | None = None
        match event:
            case TurnEvent():
                number = self._turn_event(event, at)
            case Violation():
                self._slips.append(event)
            case Unreadable(reason):
                self._slips.append(Violation("bad_json", reason))
            case Unknown(kind):
                self._slips.append(Violation("unknown_type", kind or "an object without a type"))
            case Connected():
                self._connect(event)
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
            self._finish(None, EndReason.DANGLING)
        self._connected, self._fresh_connection, self._closing = False, True, False
        return tuple(self._ended)

    def _connect(self, event: Connected) -> None:
        if self._connected:
            self._slip(Promise.GREETING, f"{event.name} came a second time")
        self._connected = True

    def _turn_event(self, event: TurnEvent, at: float) -> int | None:
        if not self._connected:
            self._slip(Promise.GREETING, f"{event.name} came before {Connected.name}")
            self._connected = True  # said once a connection
        match event:
            case TurnStart():
                self._start(event, at)
            case TurnUpdate():
                self._open_if_idle(event, at)
                self._add(event, at, Promise.GROWING_TEXT)
            case EagerEnd():
                self._open_if_idle(event, at)
                self._guess(event, at)
            case TurnResume():
                self._resume(event, at)
            case TurnEnd():
                return self._end(event, at)
        return self.turn.number if self.turn else None

    def _start(self, event: TurnStart, at: float) -> None:
        if self.turn is not None:
            self._slip(Promise.ONE_TURN, f"{event.name} came while turn {self.turn.number} was open")
            self._finish(at, EndReason.DANGLING)
        self._open(at)
        self._add(event, at, Promise.GROWING_TEXT)

    def _open(self, at: float) -> None:
        self._count += 1
        self.turn = Turn(self._count, at, first_of_connection=self._fresh_connection, settings=self.settings)
        self._times = array("d")
        self._fresh_connection = False
        self.state = State.SPEAKING

    def _open_if_idle(self, event: TurnEvent, at: float) -> None:
        if self.turn is None:
            self._slip(Promise.STARTED, f"{event.name} came without {TurnStart.name}")
            self._open(at)

    def _add(self, event: TurnEvent, at: float, promise: Promise) -> None:
        """Add an event to the open turn; `promise` is what is said of its text."""
        assert self.turn is not None
        self._times.append(at)
        text, first = event.text, self.turn.first_text_at
        if text is not None and not text.startswith(self.turn.transcript):
            self._slip(promise, "the text does not begin with the text sent before")
        self.turn = msgspec.structs.replace(
            self.turn,
            transcript=self.turn.transcript if text is None else text,
            first_text_at=at if first is None and text else first,
            languages=event.languages or self.turn.languages,
        )

    def _guess(self, event: EagerEnd, at: float) -> None:
        if self.state is State.EAGER_END:
            self._slip(Promise.ONE_EAGER_END, f"{event.name} came twice without {TurnResume.name}")
        self._add(event, at, Promise.GROWING_TEXT)
        assert self.turn is not None
        guess = Guess(at, self.turn.transcript)
        self.turn = msgspec.structs.replace(self.turn, guesses=(*self.turn.guesses, guess))
        self.state = State.EAGER_END

    def _resume(self, event: TurnResume, at: float) -> None:
        if self.turn is None or self.state is not State.EAGER_END:
            self._slip(Promise.RESUMES_EAGER_END, f"{event.name} came without {EagerEnd.name}")
            return
        *earlier, last = self.turn.guesses
        taken_back = msgspec.structs.replace(last, resumed_at=at)
        self.turn = msgspec.structs.replace(self.turn, guesses=(*earlier, taken_back))
        self._add(event, at, Promise.GROWING_TEXT)
        self.state = State.SPEAKING

    def _end(self, event: TurnEnd, at: float) -> int | None:
        if self.turn is None:
            self._slip(Promise.STARTED, f"{event.name} came without {TurnStart.name}")
            if not event.text:  # nothing was said and nothing was open: no turn to speak of
                return None
            self._open(at)
        assert self.turn is not None
        number = self.turn.number
        self._add(event, at, Promise.FINAL_TEXT_GROWS)
        self.turn = msgspec.structs.replace(self.turn, trigger=event.trigger)
        closed = self._closing or event.trigger is Trigger.CLOSED
        self._finish(at, EndReason.CLOSED if closed else EndReason.ENDED)
        return number

    def _finish(self, at: float | None, reason: EndReason) -> None:
        assert self.turn is not None
        self._ended.append(
            msgspec.structs.replace(self.turn, ended_at=at, end_reason=reason, event_times=tuple(self._times))
        )
        self.turn = None
        self.state = State.IDLE

    def _slip(self, promise: Promise, detail: str) -> None:
        """Note what broke a promise, if it was made."""
        name = self._promises.get(promise)
        if name is not None:
            self._slips.append(Violation(name, detail))
