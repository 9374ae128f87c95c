"""The sessions of all calls: each a session of its own, and whatever goes wrong in one is the end of that one alone."""

from collections import deque
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Final, NamedTuple

import msgspec

from stt_monitor.core.calls_state import CallsState, CallState
from stt_monitor.core.listeners import Listeners, Observer, ignore
from stt_monitor.core.metrics.definitions import METRICS
from stt_monitor.core.metrics.units import in_data
from stt_monitor.core.records.lines import Record
from stt_monitor.core.records.session import StallRecord
from stt_monitor.core.records.turns import TurnRecord
from stt_monitor.core.snapshot import index_of
from stt_monitor.services.base import Audio
from stt_monitor.system.bugs import report_bug
from stt_monitor.system.clock import Instant
from stt_monitor.tap.events import CallAnswered, CallBegan, CallBytes, CallDropped, CallEnded, CallEvent
from stt_monitor.tap.messages import MessageReader
from stt_monitor.tap.sessions.meter import Meter
from stt_monitor.tap.sessions.session import FELL_BEHIND, CallSession
from stt_monitor.tap.sessions.speech import Found, SpeechSearch

MOST_OVER: Final = 100
"""Calls that are over, and still listed."""

_SWITCHING: Final = 101

MakeSearch = Callable[[int, Audio, Callable[[Found], object]], SpeechSearch | None]
"""Makes what looks for reference speech in a call, by its number and the format of its sound; None: nobody does. What
it finds is for the callback, which must be called by `Calls.run`."""


class Problem(NamedTuple):
    """Why a call is watched no more, or cannot be measured."""

    call: int
    sentence: str


class Sinks(NamedTuple):
    """Who is told. All of them must return at once, and none may raise."""

    on_record: Callable[[Record], object]
    """Gets the records of all calls; each says which call it is about."""
    on_problem: Callable[[Problem], object]
    on_over: Callable[[int, CallSession], object]
    """Gets the number of a call and its session, which is over, to have it saved to the end."""


def _nobody(_: int) -> None:
    """Keep no session."""


class _Call:
    def __init__(self, began: CallBegan) -> None:
        self.began = began
        self.session: CallSession | None = None
        self.readers: dict[bool, MessageReader] = {}
        self.ended = False
        self.problem = ""
        self.blame = ""  # of its present stall
        self.last: CallState | None = None


class Calls:
    """Takes what a tap tells, and makes a session of each websocket of a service that it knows. For one thread.

    Args:
        began: when the tap began, on its clock and on the wall.
        sinks: who is told.
        make_search: makes what looks for reference speech.
        observe: makes who keeps the session of a call, by its number; None: nobody does.
        meter: counts over all calls; None: nobody does.
    """

    def __init__(
        self,
        began: Instant,
        sinks: Sinks,
        make_search: MakeSearch,
        observe: Callable[[int], Observer | None] = _nobody,
        meter: Meter | None = None,
    ) -> None:
        self._began = began
        self._sinks = sinks
        self._make_search = make_search
        self._observe = observe
        self._meter = meter
        self._calls: dict[int, _Call] = {}
        self._over: deque[CallState] = deque(maxlen=MOST_OVER)
        self._count = 0
        self._dropped = 0

    def handle(self, event: CallEvent) -> None:
        """Take an event. Never raises."""
        if isinstance(event, CallBegan):
            self._count += 1
            self._calls[event.call] = _Call(event)
            return
        self.run(event.call, partial(self._handle, event))

    def run(self, number: int, step: Callable[[], object]) -> None:
        """Run a step of a call, if it is still known; a bug in it ends the session of that call, and nothing else."""
        call = self._calls.get(number)
        if call is None:
            return
        try:
            step()
        except Exception as error:  # noqa: BLE001  the other calls go on, and this one too
            self._fail(call, report_bug(error, f"call {number} is watched no more, and goes on"))
        if number not in self._calls:  # a step within the step was its last
            return
        if call.session is not None and call.session.over and call.last is None:
            self._sinks.on_over(number, call.session)
            call.last = self._state(call)
        if call.ended and (call.session is None or call.session.over):
            self._over.append(self._state(call))
            del self._calls[number]

    def end(self) -> None:
        """End all sessions that wait for nothing but reference speech: they are told without the rest of it."""
        for number, call in list(self._calls.items()):
            call.ended = True
            if call.session is not None:
                self.run(number, call.session.give_up_speech)

    @property
    def waiting(self) -> bool:
        """Whether sessions are not over."""
        return any(call.session is not None and not call.session.over for call in self._calls.values())

    @property
    def state(self) -> CallsState:
        """The calls at this moment."""
        going_on = tuple(self._state(call) for call in self._calls.values())
        listed = sorted((*self._over, *going_on), key=lambda each: each.call)
        return CallsState(tuple(listed), self._count, self._dropped)

    # Events

    def _handle(self, event: CallEvent) -> None:
        call = self._calls[event.call]
        match event:
            case CallAnswered() if event.status == _SWITCHING and call.began.service:
                self._open(call, event)
            case CallBytes() if call.session is not None:
                for message in call.readers[event.from_agent].feed(event.data):
                    call.session.hear(message, from_agent=event.from_agent, at=event.at)
                if event.from_agent:
                    call.session.passed_on(len(event.data), event.unacknowledged)
            case CallDropped() if call.session is not None:
                self._drop(call, FELL_BEHIND, is_told=True)  # by the log of calls
                call.session.abandon(FELL_BEHIND)
            case CallEnded():
                call.ended = True
                if call.session is not None:
                    call.session.end(event)

    def _open(self, call: _Call, answered: CallAnswered) -> None:
        number = call.began.call

        def on_record(record: Record) -> None:
            self._sinks.on_record(msgspec.structs.replace(record, call=number))
            if isinstance(record, TurnRecord):
                self._count_turn(call, record.turn)
            elif isinstance(record, StallRecord):
                self._count_stall(call, record)

        if self._meter is not None:
            self._meter.call(call.began.service)
        listeners = Listeners(on_record, ignore, observer=self._observe(number))
        wall = datetime.fromisoformat(self._began.wall) + timedelta(seconds=call.began.at - self._began.at)
        call.readers = {
            agent: MessageReader(from_agent=agent, extensions=answered.extensions) for agent in (True, False)
        }
        call.session = CallSession(
            call.began,
            answered,
            wall.isoformat(timespec="milliseconds"),
            listeners,
            partial(self._make_search, number),
        )
        if call.session.problem:
            call.problem = call.session.problem
            self._sinks.on_problem(Problem(number, call.problem))

    def _count_turn(self, call: _Call, number: int) -> None:
        """Have a turn counted whose record is told: that is once, when its metrics are final."""
        if self._meter is None or call.session is None or (snapshot := call.session.snapshot()) is None:
            return
        index = index_of(snapshot.finished, number)
        if index is not None:
            self._meter.turn(snapshot.session, snapshot.finished[index])

    def _count_stall(self, call: _Call, record: StallRecord) -> None:
        """Have a stall counted once it is over: until then more may become known of its cause."""
        if not record.blame and self._meter is not None:
            self._meter.stalled(call.began.service, call.blame)
        call.blame = record.blame

    def _fail(self, call: _Call, sentence: str) -> None:
        session = call.session
        self._drop(call, sentence)
        if session is None or session.over:
            return
        try:
            session.abandon(sentence)
            session.give_up_speech()
        except Exception as error:  # noqa: BLE001  it was broken before
            report_bug(error)
            session.over = True

    def _drop(self, call: _Call, sentence: str, *, is_told: bool = False) -> None:
        if not call.problem:
            self._dropped += 1
            if self._meter is not None:
                self._meter.dropped(call.began.service)
            call.problem = sentence
            if not is_told:
                self._sinks.on_problem(Problem(call.began.call, sentence))

    def _state(self, call: _Call) -> CallState:
        if call.last is not None:
            return call.last if not call.ended else msgspec.structs.replace(call.last, state="over")
        number, began = call.began.call, call.began
        state = CallState(
            number, began.service, "over" if call.ended else "unwatched", began.at - self._began.at,
            problem=call.problem,
        )  # fmt: skip
        snapshot = None if call.session is None else call.session.snapshot()
        if snapshot is None:
            return state
        eot = METRICS["eot_latency"]
        return msgspec.structs.replace(
            state,
            state="unwatched" if call.problem or not snapshot.running else snapshot.state.value,
            turns=len(snapshot.finished),
            eot_p50_ms=in_data(snapshot.summaries[eot.key].p50, eot.unit),
            lag_s=call.session.speech_lag if call.session is not None else None,
        )
