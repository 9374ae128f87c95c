"""The turn state machine: three states, five transitions (protocol.md 6.1), tolerant of violations (6.4 there).

Sans-I/O and without a clock: `TurnMachine.receive` takes an event and its time, and returns the step that it caused.
Any event in any order leaves the machine in one of the three states; what breaks a promise of the service is returned
as a `Violation`.
"""

from collections.abc import Mapping
from typing import Final

import msgspec

from stt_monitor.core.dialect import Promise
from stt_monitor.core.events import (
    Connected,
    EagerEnd,
    Event,
    Trigger,
    TurnEnd,
    TurnEvent,
    TurnResume,
    TurnStart,
    TurnText,
    TurnUpdate,
    Unreadable,
    Violation,
)
from stt_monitor.core.settings.requested import TurnSettings
from stt_monitor.core.text.growth import grows
from stt_monitor.core.turns.state import State
from stt_monitor.core.turns.turn import Begin, EndReason, Turn, TurnEagerEnd, said


class Step(msgspec.Struct, frozen=True):
    """The result of one event."""

    turn: int | None
    """Number of the event's turn."""
    state: State
    violations: tuple[Violation, ...] = ()
    ended: tuple[Turn, ...] = ()
    """Turns that this event finished: at most one, or two when a violation closed an older one."""


_SERVER_DEFAULTS: Final = TurnSettings()


class TurnMachine:
    """Folds the events of a session, over all its connections, into turns."""

    def __init__(self, promises: Mapping[Promise, str], settings: TurnSettings = _SERVER_DEFAULTS) -> None:
        """Start idle.

        Args:
            promises: the service's promises and their names; nothing else can be violated.
            settings: turn settings at the start.
        """
        self.settings = settings
        """The current settings; every turn carries its own."""
        self.state = State.IDLE
        self.turn: Turn | None = None
        self._count = 0
        self._promises = promises
        self._times: list[float] = []  # the same numbers that turns have, not copies of them
        self._connected = False
        self._fresh_connection = True
        self._closing = False
        self._violations: list[Violation] = []
        self._ended: list[Turn] = []

    def receive(self, event: Event, at: float) -> Step:
        """Process an event.

        Args:
            event: from the service's decoder.
            at: when its frame was received, seconds of session; never decreases.
        """
        self._violations, self._ended = [], []
        number: int | None = None
        match event:
            case TurnText():  # of a turn that is open no more: see `WaitingTurns`
                pass
            case TurnEvent():
                number = self._turn_event(event, at)
            case Violation():
                self._violations.append(event)
            case Unreadable(reason):
                self._violations.append(Violation("bad_json", reason))
            case Connected():
                self._connect(event)
        return Step(number, self.state, tuple(self._violations), tuple(self._ended))

    def change_settings(self, settings: TurnSettings) -> None:
        """Change the settings, for an open turn too (protocol.md 4.2)."""
        self.settings = settings
        if self.turn is not None and self.turn.settings != settings:
            self.turn = msgspec.structs.replace(self.turn, settings=settings, settings_changed=True)

    def close_sent(self) -> None:
        """Record that our `close` was sent: it flushes the turns that end from now on (protocol.md 9)."""
        self._closing = True

    def connection_lost(self, *, closed_at: float | None = None) -> tuple[Turn, ...]:
        """Reset for another connection; return an open turn, with its text.

        A new connection starts from zero: no turn is carried over (protocol.md 14.1).

        Args:
            closed_at: when our `close` ended the connection and with it the turn, seconds of session; None leaves the
                turn dangling.
        """
        self._ended = []
        if self.turn is not None:
            self._finish(closed_at, EndReason.DANGLING if closed_at is None else EndReason.CLOSED)
        self._connected, self._fresh_connection, self._closing = False, True, False
        return tuple(self._ended)

    def _connect(self, event: Connected) -> None:
        if self._connected:
            self._violate(Promise.GREETING, f"{event.name} came a second time")
        self._connected = True

    def _turn_event(self, event: TurnEvent, at: float) -> int | None:
        if not self._connected:
            self._violate(Promise.GREETING, f"{event.name} came before {Connected.name}")
            self._connected = True  # report it once per connection
        match event:
            case TurnStart():
                self._start(event, at)
            case TurnUpdate():
                self._open_if_idle(event, at)
                self._add(event, at, Promise.GROWING_TEXT)
            case EagerEnd():
                self._open_if_idle(event, at)
                self._eager_end(event, at)
            case TurnResume():
                self._resume(event, at)
            case TurnEnd():
                return self._end(event, at)
        return self.turn.number if self.turn else None

    def _start(self, event: TurnStart, at: float) -> None:
        if self.turn is not None:
            self._violate(Promise.ONE_TURN, f"{event.name} came while turn {self.turn.number} was open")
            self._finish(at, EndReason.DANGLING)
        self._open(event, at, Begin.DERIVED if event.derived else Begin.TOLD)
        self._add(event, at, Promise.GROWING_TEXT)

    def _open(self, event: TurnEvent, at: float, begin: Begin) -> None:
        self._count += 1
        self.turn = Turn(
            self._count,
            at,
            first_of_connection=self._fresh_connection,
            settings=self.settings,
            key=event.key,
            begin=begin,
        )
        self._times = []
        self._fresh_connection = False
        self.state = State.SPEAKING

    def _open_if_idle(self, event: TurnEvent, at: float) -> None:
        if self.turn is None:
            self._violate(Promise.STARTED, f"{event.name} came without {TurnStart.name}")
            self._open(event, at, Begin.DERIVED)

    def _add(self, event: TurnEvent, at: float, promise: Promise) -> None:
        """Add an event to the open turn; `promise` is the one about its text."""
        assert self.turn is not None
        self._times.append(at)
        text, first, before = event.text, self.turn.first_text_at, self.turn.transcript
        if text is not None and not grows(before, text):
            self._violate(promise, "the text does not begin with the text sent before")
        self.turn = msgspec.structs.replace(
            self.turn,
            transcript=before if text in (None, before) else text,  # most end as they were guessed: one text, not two
            first_text_at=at if first is None and text else first,
            **said(self.turn, event, at),
        )

    def _eager_end(self, event: EagerEnd, at: float) -> None:
        if self.state is State.EAGER_END:
            self._violate(Promise.ONE_EAGER_END, f"{event.name} came twice without {TurnResume.name}")
        self._add(event, at, Promise.GROWING_TEXT)
        assert self.turn is not None
        eager_end = TurnEagerEnd(at, self.turn.transcript)
        self.turn = msgspec.structs.replace(self.turn, eager_ends=(*self.turn.eager_ends, eager_end))
        self.state = State.EAGER_END

    def _resume(self, event: TurnResume, at: float) -> None:
        if self.turn is None or self.state is not State.EAGER_END:
            self._violate(Promise.RESUMES_EAGER_END, f"{event.name} came without {EagerEnd.name}")
            return
        *earlier, last = self.turn.eager_ends
        resumed = msgspec.structs.replace(last, resumed_at=at)
        self.turn = msgspec.structs.replace(self.turn, eager_ends=(*earlier, resumed))
        self._add(event, at, Promise.GROWING_TEXT)
        self.state = State.SPEAKING

    def _end(self, event: TurnEnd, at: float) -> int | None:
        if self.turn is None:
            self._violate(Promise.STARTED, f"{event.name} came without {TurnStart.name}")
            if not event.text:  # no open turn and no text: not a turn
                return None
            self._open(event, at, Begin.MISSING)
        assert self.turn is not None
        if self.turn.begin is Begin.DERIVED and self.turn.first_text_at is None:  # it was derived from this end
            self.turn = msgspec.structs.replace(self.turn, begin=Begin.MISSING)
        number = self.turn.number
        self._add(event, at, Promise.FINAL_TEXT_GROWS)
        self.turn = msgspec.structs.replace(self.turn, trigger=event.trigger)
        self._finish(at, self._reason(event))
        return number

    def _reason(self, event: TurnEnd) -> EndReason:
        if self._closing or event.trigger is Trigger.CLOSED:
            return EndReason.CLOSED
        return EndReason.MANUAL if event.trigger is Trigger.MANUAL else EndReason.ENDED

    def _finish(self, at: float | None, reason: EndReason) -> None:
        assert self.turn is not None
        self._ended.append(
            msgspec.structs.replace(self.turn, ended_at=at, end_reason=reason, event_times=tuple(self._times))
        )
        self.turn = None
        self.state = State.IDLE

    def _violate(self, promise: Promise, detail: str) -> None:
        """Add a violation, if the service made this promise."""
        name = self._promises.get(promise)
        if name is not None:
            self._violations.append(Violation(name, detail))
