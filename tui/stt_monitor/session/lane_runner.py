"""Runs the sessions of one input, one per service, and combines what they show."""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from stt_monitor.core.commands import Command, Mute, RetryNow, Stop, Tune
from stt_monitor.core.errors import ServiceUnavailableError
from stt_monitor.core.listeners import Listeners
from stt_monitor.core.session_options import SourceKind
from stt_monitor.core.snapshot import Snapshot, StartWait
from stt_monitor.services.registry import service
from stt_monitor.session.aside import aside
from stt_monitor.session.outcome import Outcome, failed, no_session, outcome_of

if TYPE_CHECKING:
    from stt_monitor.core.records.lines import Record
    from stt_monitor.session.client import Session
    from stt_monitor.session.factory import Lanes, SessionFactory
    from stt_monitor.session.sources import SessionInput


class LaneResults(NamedTuple):
    """How the sessions of one input ended."""

    lasts: tuple[Snapshot, ...]
    """The last snapshot of each service, of the session alone."""
    outcome: Outcome
    """With the worst exit code. The sentences of several have been passed on."""
    unavailable: bool
    """Whether no service could be reached."""


class LaneRunner:
    """Runs one session per service, at once; one that fails does not end the others. For use inside the event loop."""

    def __init__(
        self,
        factory: "SessionFactory",
        listeners: Listeners,
        on_outcome: Callable[[Outcome], None],
        place: Callable[[int, Snapshot], Snapshot],
    ) -> None:
        """Prepare.

        Args:
            factory: makes the sessions.
            listeners: who is told what happens; its snapshots are those of all services.
            on_outcome: called with the outcome of each of several services, as soon as it is over.
            place: adds the results of the run so far to a snapshot of a session, given the number of its service.
        """
        self._factory = factory
        self._names = factory.names
        self._several = len(self._names) > 1
        self._listeners = listeners
        self._on_outcome = on_outcome
        self._place = place
        self._lasts = [no_session(name) for name in self._names]
        self._lanes: Lanes | None = None
        self._is_stale = False  # what is shown
        self._told: set[str] = set()

    @property
    def sessions(self) -> "tuple[Session, ...]":
        """The sessions, once they are made; in the order of the services."""
        return () if self._lanes is None else self._lanes.sessions

    @property
    def has_microphone(self) -> bool:
        """Whether they hear a microphone."""
        return any(session.source_kind is SourceKind.MICROPHONE for session in self.sessions)

    def send(self, command: Command) -> None:
        """Pass on a command to the sessions that it is for."""
        match command:
            case RetryNow(service=name) if not name:
                chosen = self.sessions
            case Tune(service=name) | RetryNow(service=name):
                chosen = self._named(name)
            case _:
                chosen = self.sessions
        for session in chosen:
            session.send(command)

    def complain(self, sentence: str, name: str = "") -> None:
        """Show an error in the session of a service; of the first one without a name."""
        for session in self._named(name):
            session.complain(sentence)

    async def run(
        self, chosen: "SessionInput", before: Snapshot | None, *, muted: bool, stopping: Callable[[], bool]
    ) -> LaneResults:
        """Run the sessions to their end.

        Args:
            chosen: their input.
            before: stays on the screen if they cannot begin.
            muted: whether a microphone is muted from the beginning.
            stopping: whether the user has asked to stop, perhaps while they were made.
        """
        try:
            # Aside: a service may take its time to speak a sentence, or ask for patience.
            listeners = [self._listeners_of(number, name) for number, name in enumerate(self._names)]
            self._lanes = await aside(partial(self._factory.make, chosen, listeners))
        except Exception as error:  # noqa: BLE001  whatever it is, the screen must say it and stay alive
            return self._not_begun(outcome_of(error), before)
        if muted and self.has_microphone:
            self.send(Mute(on=True))
        if stopping():
            self.send(Stop())
        ticking = asyncio.create_task(self._tick()) if self._several else None
        try:
            outcomes = await asyncio.gather(*(self._run_lane(number) for number in range(len(self._names))))
        finally:
            self._lanes = None
            if ticking is not None:
                ticking.cancel()
        self._show_if_stale()
        unavailable = all(outcome.exit_code == ServiceUnavailableError.exit_code for outcome in outcomes)
        worst = max(outcome.exit_code for outcome in outcomes)
        return LaneResults(tuple(self._lasts), Outcome(worst) if self._several else outcomes[0], unavailable)

    def _not_begun(self, outcome: Outcome, before: Snapshot | None) -> LaneResults:
        """Show why the sessions could not be made, over the previous screen."""
        shown = self._lasts if before is None else before.lanes or (before,)
        self._lasts = [failed(last, outcome.sentence) for last in self._lasts]
        placed = (self._place(number, failed(each, outcome.sentence)) for number, each in enumerate(shown))
        self._listeners.on_snapshot(combined(tuple(placed)))
        unavailable = outcome.exit_code == ServiceUnavailableError.exit_code
        return LaneResults(tuple(self._lasts), outcome, unavailable)

    async def _run_lane(self, number: int) -> Outcome:
        session, name = self.sessions[number], self._names[number]
        try:
            outcome = await session.run()
            self._factory.setup(name).tune(session.wanted_turn)
        except Exception as error:  # noqa: BLE001  whatever it is, the screen must say it and stay alive
            outcome = outcome_of(error)
            self._see(number, failed(self._lasts[number], outcome.sentence))
        if self._several:
            self._tell(outcome, name)
        return outcome

    def _tell(self, outcome: Outcome, name: str) -> None:
        """Pass on the outcome of a service, by name; a problem of the input is no service's fault, and said once."""
        broken = self._lanes.fan_out.failure if self._lanes is not None and self._lanes.fan_out is not None else None
        of_input = not outcome.sentence or (broken is not None and outcome.sentence == str(broken))
        sentence = outcome.sentence if of_input else f"{service(name).title}: {outcome.sentence}"
        if sentence not in self._told:
            self._told.add(sentence)
            self._on_outcome(Outcome(outcome.exit_code, sentence, more=True))

    def _named(self, name: str) -> "tuple[Session, ...]":
        number = self._names.index(name) if name in self._names else 0
        return self.sessions[number : number + 1]

    def _listeners_of(self, number: int, name: str) -> Listeners:
        """Return the listeners of a session; of several, each record says whose it is."""
        all_of_them, see = self._listeners, partial(self._see, number)
        if not self._several:
            return msgspec.structs.replace(all_of_them, on_snapshot=see)

        def on_record(record: "Record") -> None:
            all_of_them.on_record(msgspec.structs.replace(record, service=name))

        return Listeners(on_record, see, all_of_them.on_frame)

    def _see(self, number: int, snapshot: Snapshot) -> None:
        """Take a session's snapshot; those that several take in one turn of the event loop are shown together."""
        self._lasts[number] = snapshot
        if not self._several:
            self._show()
        elif not self._is_stale:
            self._is_stale = True
            asyncio.get_running_loop().call_soon(self._show_if_stale)

    def _show_if_stale(self) -> None:
        if self._is_stale:
            self._show()

    def _show(self) -> None:
        self._is_stale = False
        shown = combined(tuple(self._place(number, last) for number, last in enumerate(self._lasts)))
        if wait := self._start_wait():
            shown = msgspec.structs.replace(shown, start_wait=wait)
        self._listeners.on_snapshot(shown)

    def _start_wait(self) -> StartWait | None:
        if self._lanes is None or (fan_out := self._lanes.fan_out) is None or fan_out.starts_by is None:
            return None
        awaited = tuple(self._names[number] for number in fan_out.awaited)
        return StartWait(awaited, fan_out.starts_by - self._lanes.began) if awaited else None

    async def _tick(self) -> None:
        from stt_monitor.session.client import SNAPSHOT_INTERVAL_S  # loads numpy and websockets, as the sessions did

        while True:
            for session in self.sessions:
                session.tick()
            await asyncio.sleep(SNAPSHOT_INTERVAL_S)


def combined(lanes: tuple[Snapshot, ...]) -> Snapshot:
    """Return one snapshot of several services: the first one's, with all of them as its lanes."""
    if len(lanes) == 1:
        return lanes[0]
    return msgspec.structs.replace(lanes[0], lanes=lanes, running=any(lane.running for lane in lanes))
