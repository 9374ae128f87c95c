"""Runs of sessions, and what users choose meanwhile. All of it happens in one event loop."""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

import msgspec

from stt_monitor.core.commands import ChooseInput, ChooseService, Command, FindOptions, Mute, Start, Stop, Tune
from stt_monitor.core.errors import ServiceUnavailableError, UserError
from stt_monitor.core.journal import Listeners
from stt_monitor.core.listeners import ignore
from stt_monitor.core.session_options import Available, ServiceChoice, SourceChoice, SourceKind
from stt_monitor.core.settings import TurnSettings
from stt_monitor.core.snapshot import Snapshot
from stt_monitor.session.aside import aside
from stt_monitor.session.outcome import Outcome, failed, no_session, outcome_of, sentence_of

if TYPE_CHECKING:
    from stt_monitor.core.metrics.batch import Batch
    from stt_monitor.core.records.lines import Record
    from stt_monitor.core.wire_frame import WireFrame
    from stt_monitor.session.client import Session
    from stt_monitor.session.factory import SessionFactory
    from stt_monitor.session.sources import SessionInput


class SessionRunner:
    """Runs a session for each of the factory's sounds, one after another, whenever it is told to start."""

    def __init__(self, factory: "SessionFactory") -> None:
        self.on_record: Callable[[Record], None] = ignore
        self.on_snapshot: Callable[[Snapshot], None] = ignore
        self.on_outcome: Callable[[Outcome], None] = ignore
        self.on_frame: Callable[[WireFrame], None] | None = None
        self.running = False
        """Whether a run is going on, or about to."""
        self._factory = factory
        self._run: asyncio.Task[None] | None = None
        self._session: Session | None = None
        self._stopping = False
        self._restarting = False  # another run follows, with what was chosen meanwhile
        self._shows_end = False  # the run's last snapshot has been shown; a recording may still be written
        self._muted = False
        self._finding_input: asyncio.Task[bool] | None = None
        self._finding_options: asyncio.Task[None] | None = None
        self._last: Snapshot | None = None

    def send(self, command: Command) -> None:
        """Carry out a command; a snapshot says what cannot be done."""
        match command:
            case Start():
                self._start()
            case Stop():
                self._stopping = True
                self._send_to_session(command)
            case Mute(on):
                self._send_to_session(command)
                if self._session is not None and self._session.source_kind is SourceKind.MICROPHONE:
                    self._muted = on  # in the sessions to come too
            case Tune(settings):
                self._tune(settings)
            case ChooseInput(choice):
                self._choose_input(choice)
            case ChooseService(choice):
                self._choose_service(choice)
            case FindOptions(on_found):
                self._finding_options = asyncio.create_task(self._find_options(on_found))
            case _:
                self._send_to_session(command)

    def when_over(self, call: Callable[[], None]) -> None:
        """Call back once no run is going on."""
        if self._run is None or self._run.done():
            call()
        else:
            self._run.add_done_callback(lambda _: call())

    async def stop_searching(self) -> None:
        """Cancel the search for inputs and options."""
        searches = [task for task in (self._finding_input, self._finding_options) if task is not None]
        for task in searches:
            task.cancel()
        await asyncio.gather(*searches, return_exceptions=True)

    def _send_to_session(self, command: Command) -> None:
        if self._session is not None:
            self._session.send(command)

    def _start(self) -> None:
        """Begin a run; once more, when the present one looks over but is not."""
        if self._run is None or self._run.done():
            self.running, self._stopping, self._shows_end = True, False, False
            self._run = asyncio.create_task(self._run_until_stopped())
        elif self._shows_end:
            self._stopping, self._restarting, self._shows_end = False, True, False

    def _tune(self, turn: TurnSettings) -> None:
        if problem := self._factory.problem(turn):
            self._complain(problem)
            return
        self._factory.tune(turn)
        if self._session is not None:
            self._session.send(Tune(turn))
        elif self._last is not None:
            self._show(msgspec.structs.replace(self._last, settings=turn))

    def _choose_input(self, choice: SourceChoice) -> None:
        if self._finding_input is not None:
            self._finding_input.cancel()
        self._finding_input = asyncio.create_task(self._find_input(choice))

    async def _find_input(self, choice: SourceChoice) -> bool:
        """Monitor another input, if it can be opened; returns whether it can."""
        try:
            self._factory.inputs = await aside(partial(self._factory.find_inputs, choice))
        except Exception as error:  # noqa: BLE001  whatever it is, the screen must say it and stay alive
            self._complain(sentence_of(error))
            return False
        self._restart()
        return True

    async def _find_options(self, on_found: Callable[[Available], None]) -> None:
        on_found(await aside(self._factory.offers))

    def _choose_service(self, choice: ServiceChoice) -> None:
        try:
            self._factory.choose_service(choice)
        except UserError as error:
            self._complain(str(error))
        else:
            self._restart()

    def _restart(self) -> None:
        if self._session is not None and not self._stopping:
            self._restarting = True
            self._session.send(Stop())

    def _complain(self, sentence: str) -> None:
        """Show a sentence about something that could not be done; the rest of the screen stays."""
        if self._session is not None:
            self._session.complain(sentence)
        elif self._last is not None:
            self._show(msgspec.structs.replace(self._last, error=sentence))
        else:
            self._show(failed(no_session(self._factory.service), sentence))

    def _show(self, snapshot: Snapshot) -> None:
        self._last = snapshot
        self._shows_end = not snapshot.running
        self.on_snapshot(snapshot)

    async def _run_until_stopped(self) -> None:
        """Run all sounds, and again whenever something else is chosen meanwhile."""
        outcome = Outcome()
        while await self._input_is_there():
            self._restarting = False
            try:
                outcome = await self._run_all()
            except Exception as error:  # noqa: BLE001  whoever waits for the end of the run must get it
                outcome = outcome_of(error)
            if not self._restarts:
                break
            self.on_outcome(msgspec.structs.replace(outcome, more=True))
        self.running = False
        self.on_outcome(outcome)

    @property
    def _restarts(self) -> bool:
        """Whether another run follows."""
        return self._restarting and not self._stopping

    async def _input_is_there(self) -> bool:
        """Wait for the input that was chosen just before; returns whether it can be opened."""
        found = True
        while (finding := self._finding_input) is not None and not finding.done():
            await asyncio.wait({finding})
            found = not finding.cancelled() and finding.result()  # cancelled: then there is a newer choice
        return found

    async def _run_all(self) -> Outcome:
        """Run one session after another, up to one that finds no service or is stopped."""
        from stt_monitor.core.metrics.batch import Batch  # not before the first paint

        clock = asyncio.get_running_loop().time
        began = clock()
        inputs = self._factory.inputs
        batch = Batch(len(inputs))
        worst = 0
        for number, chosen in enumerate(inputs, 1):
            place = partial(self._place, batch, number, last=number == len(inputs))
            before = self._last if number == 1 else None
            last, outcome = await self._run_one(chosen, place, before)
            batch.add(last)
            worst = max(worst, outcome.exit_code)
            ended = self._stopping or self._restarting or outcome.exit_code == ServiceUnavailableError.exit_code
            if ended or number == len(inputs):
                break
            self.on_outcome(msgspec.structs.replace(outcome, more=True))
        if len(inputs) > 1:
            self._show(batch.with_results(last, playing=number, going_on=self._restarts))
            self.on_record(batch.total(clock() - began))
        return msgspec.structs.replace(outcome, exit_code=worst)

    def _place(self, batch: "Batch", number: int, snapshot: Snapshot, *, last: bool) -> Snapshot:
        return batch.with_results(snapshot, playing=number, going_on=self._restarts or not last)

    async def _run_one(
        self, chosen: "SessionInput", place: Callable[[Snapshot], Snapshot], before: Snapshot | None
    ) -> tuple[Snapshot, Outcome]:
        """Run one session.

        Args:
            chosen: its input.
            place: adds the results of the run so far to a snapshot of the session.
            before: stays on the screen if the session cannot begin.

        Returns:
            Its last snapshot, and how it ended.
        """
        last = nothing = no_session(self._factory.service)

        def show(snapshot: Snapshot) -> None:
            nonlocal last
            last = snapshot
            self._show(place(snapshot))

        try:
            listeners = Listeners(self.on_record, show, self.on_frame)
            # Aside: a service may take its time to speak a sentence, or ask for patience.
            session = self._session = await aside(partial(self._factory.make, chosen, listeners))
            if self._muted and session.source_kind is SourceKind.MICROPHONE:
                session.send(Mute(on=True))
            if self._stopping:
                session.send(Stop())
            outcome = await session.run()
            self._factory.tune(session.wanted_turn)
        except Exception as error:  # noqa: BLE001  whatever it is, the screen must say it and stay alive
            outcome = outcome_of(error)
            shown = before if last is nothing and before is not None else last
            last = failed(last, outcome.sentence)
            self._show(place(failed(shown, outcome.sentence)))
        finally:
            self._session = None
        return last, outcome
