"""The sessions of all calls: each a session of its own, and whatever goes wrong in one is the end of that one alone."""

from collections import deque
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Final, NamedTuple

import msgspec

from stt_monitor.core.calls_state import CallsState, CallState
from stt_monitor.core.finished_turn import FinishedTurn
from stt_monitor.core.kept import FOR_SCREEN, Kept
from stt_monitor.core.listeners import Listeners, Observer, ignore
from stt_monitor.core.records.lines import Record
from stt_monitor.core.records.session import StallRecord
from stt_monitor.core.snapshot import Snapshot
from stt_monitor.core.wire_frame import WireFrame
from stt_monitor.services.base import Audio
from stt_monitor.system.bugs import report_bug
from stt_monitor.system.clock import Instant
from stt_monitor.tap.calls import CallRecord
from stt_monitor.tap.events import CallAnswered, CallBegan, CallBytes, CallDropped, CallEnded, CallEvent, CallHeldUp
from stt_monitor.tap.sessions.call import SWITCHING, Call
from stt_monitor.tap.sessions.entries import why_unreadable
from stt_monitor.tap.sessions.meter import Meter
from stt_monitor.tap.sessions.session import FELL_BEHIND, CallSession
from stt_monitor.tap.sessions.speech import Found, SpeechSearch

MOST_OVER: Final = 100
"""Calls that are over, and still listed."""

CUT_OFF: Final = "the tap ended, and the rest of this call was not read"

MakeSearch = Callable[[int, Audio, Callable[[Found], object]], SpeechSearch | None]
"""Makes what looks for reference speech in a call, by its number and the format of its sound; None: nobody does. What
it finds is for the callback, which must be called by `Calls.run`."""


class Sinks(NamedTuple):
    """Who is told. All of them must return at once, and none may raise."""

    on_record: Callable[[Record], object]
    """Gets the records of all sessions; each says which call it is about."""
    on_call: Callable[[CallRecord], object]
    """Gets calls as they begin, end, or stop being monitored."""
    on_over: Callable[[int, CallSession], object]
    """Gets the number of a call and its session, which is over, to have it saved to the end."""
    on_frame: Callable[[int, WireFrame], None] | None = None
    """Gets the messages of calls, by number; None: nobody does."""


def _nobody(_: int) -> None:
    """Keep no session."""


class Calls:
    """Takes what a tap tells, and makes a session of each websocket of a service that it knows. For one thread.

    Args:
        began: when the tap began, on its clock and on the wall.
        sinks: who is told.
        make_search: makes what looks for reference speech.
        observe: makes who keeps the session of a call, by its number; None: nobody does.
        meter: counts over all calls; None: nobody does.
        kept: how much of each session stays in memory.
    """

    def __init__(
        self,
        began: Instant,
        sinks: Sinks,
        make_search: MakeSearch,
        observe: Callable[[int], Observer | None] = _nobody,
        meter: Meter | None = None,
        *,
        kept: Kept = FOR_SCREEN,
    ) -> None:
        self._began = began
        self._sinks = sinks
        self._make_search = make_search
        self._observe = observe
        self._meter = meter
        self._kept = kept
        self._now = began.at
        self._calls: dict[int, Call] = {}
        self._saved: set[int] = set()  # whose session is over
        self._over: deque[CallState] = deque(maxlen=MOST_OVER)
        self._begun = self._requests = self._turns = self._dropped = 0

    def handle(self, event: CallEvent) -> None:
        """Take an event. Never raises."""
        self._now = event.at
        if isinstance(event, CallBegan):
            self._begun += event.websocket
            self._requests += not event.websocket
            self._calls[event.call] = call = Call(event, self._began.at)
            self._sinks.on_call(call.log.began())
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
        if call.session is not None and call.session.over and number not in self._saved:
            self._saved.add(number)
            self._sinks.on_over(number, call.session)
        if call.over:
            if call.began.websocket:
                self._over.append(call.state)
            del self._calls[number]
            self._saved.discard(number)

    def cut_off(self) -> None:
        """End the calls of whose end nobody told, for the tap has ended."""
        for number, call in list(self._calls.items()):
            if call.end is None:
                self.handle(CallEnded(number, self._now, "tap", problem=CUT_OFF))

    def end(self) -> None:
        """End all sessions that wait only for reference speech: their turns become final without the rest of it."""
        for number, call in list(self._calls.items()):
            if call.session is not None:
                self.run(number, call.session.give_up_speech)

    def snapshot(self, number: int, now: float) -> Snapshot | None:
        """Return the session of a call at a time of the tap's clock; None where there is none, or it is over."""
        call = self._calls.get(number)
        return None if call is None or call.session is None or call.session.over else call.session.snapshot(now)

    @property
    def waiting(self) -> bool:
        """Whether sessions are not over."""
        return any(call.session is not None and not call.session.over for call in self._calls.values())

    @property
    def state(self) -> CallsState:
        """The calls at this moment."""
        going_on = tuple(call.state for call in self._calls.values() if call.began.websocket)
        listed = sorted((*self._over, *going_on), key=lambda each: each.call)
        return CallsState(
            tuple(listed),
            begun=self._begun,
            turns=self._turns,
            requests=self._requests,
            dropped=self._dropped,
        )

    # Events

    def _handle(self, event: CallEvent) -> None:
        call = self._calls[event.call]
        match event:
            case CallAnswered():
                call.answered(event)
                if event.status == SWITCHING and call.began.service:
                    self._open(call, event)
            case CallBytes():
                self._hear(call, event)
            case CallHeldUp():
                if call.session is not None:
                    call.session.held_up(event)
            case CallDropped():
                if call.session is not None:
                    call.session.abandon(FELL_BEHIND)
                self._drop(call, FELL_BEHIND, told="monitoring fell behind")
            case CallEnded():
                end = call.ended(event)
                if call.session is not None:
                    call.session.end(event)
                self._sinks.on_call(end)

    def _hear(self, call: Call, copied: CallBytes) -> None:
        for message in call.read(copied):
            if call.session is not None:
                call.session.hear(message, from_agent=copied.from_agent, at=copied.at)
            why = why_unreadable(message, from_agent=copied.from_agent)
            if why:
                self._say(call, f"this call is watched no more: {why}; it goes on", told=why)
        if call.session is not None and copied.from_agent:
            call.session.passed_on(len(copied.data), copied.unacknowledged)

    def _open(self, call: Call, answered: CallAnswered) -> None:
        number = call.began.call

        def on_record(record: Record) -> None:
            self._sinks.on_record(msgspec.structs.replace(record, call=number))
            if isinstance(record, StallRecord):
                self._count_stall(call, record)

        if self._meter is not None:
            self._meter.call(call.began.service)
        on_frame = None if self._sinks.on_frame is None else partial(self._sinks.on_frame, number)
        listeners = Listeners(
            on_record, ignore, on_frame, self._observe(number), on_final=partial(self._count_turn, call)
        )
        wall = datetime.fromisoformat(self._began.wall) + timedelta(seconds=call.began.at - self._began.at)
        call.session = CallSession(
            call.began,
            answered,
            wall.isoformat(timespec="milliseconds"),
            listeners,
            partial(self._make_search, number),
            kept=self._kept,
        )
        if call.session.problem:
            self._say(call, call.session.problem)

    def _count_turn(self, call: Call, finished: FinishedTurn) -> None:
        """Count a turn once its metrics are final."""
        self._turns += 1
        record = None if call.session is None else call.session.record
        if self._meter is not None and record is not None:
            self._meter.turn(record, finished)

    def _count_stall(self, call: Call, record: StallRecord) -> None:
        """Have a stall counted once it is over: until then more may become known of its cause."""
        if not record.blame and self._meter is not None:
            self._meter.stalled(call.began.service, call.blame)
        call.blame = record.blame

    def _fail(self, call: Call, sentence: str) -> None:
        session = call.session
        if not call.problem:
            self._drop(call, sentence)
        if session is None or session.over:
            return
        try:
            session.abandon(sentence)
            session.give_up_speech()
        except Exception as error:  # noqa: BLE001  it was broken before
            report_bug(error)
            session.over = True

    def _drop(self, call: Call, sentence: str, told: str = "") -> None:
        """Count a call whose monitoring we gave up, and say so."""
        if not call.problem:
            self._dropped += 1
            if self._meter is not None:
                self._meter.dropped(call.began.service)
        self._say(call, sentence, told)

    def _say(self, call: Call, sentence: str, told: str = "") -> None:
        """Say why a call is not monitored; `told`: where the reader knows what it is about."""
        call.problem = call.problem or sentence
        if call.end is None:
            self._sinks.on_call(call.log.unwatched(self._now, told or sentence))
