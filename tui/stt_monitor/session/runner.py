"""Runs of sessions, and what users choose meanwhile. All of it happens in one event loop."""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

import msgspec

from stt_monitor.core.commands import ChooseInput, ChooseService, Command, FindOptions, Mute, Start, Stop, Tune
from stt_monitor.core.errors import UserError
from stt_monitor.core.listeners import Listeners, ignore
from stt_monitor.core.session_options import Available, ServiceChoice, SourceChoice
from stt_monitor.core.snapshot import Snapshot
from stt_monitor.session.aside import aside
from stt_monitor.session.inputs_runner import InputsRunner, Wishes
from stt_monitor.session.lane_runner import LaneRunner, combined
from stt_monitor.session.outcome import Outcome, failed, no_session, outcome_of, sentence_of

if TYPE_CHECKING:
    from stt_monitor.core.records.lines import Record
    from stt_monitor.core.wire_frame import WireFrame
    from stt_monitor.session.factory import SessionFactory


class SessionRunner:
    """Runs sessions for all of the factory's inputs, whenever it is told to start."""

    def __init__(self, factory: "SessionFactory") -> None:
        self.on_record: Callable[[Record], None] = ignore
        self.on_snapshot: Callable[[Snapshot], None] = ignore
        self.on_outcome: Callable[[Outcome], None] = ignore
        self.on_frame: Callable[[WireFrame], None] | None = None
        self.running = False
        """Whether a run is going on, or about to."""
        self._factory = factory
        self._run: asyncio.Task[None] | None = None
        self._inputs: InputsRunner | None = None
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
                self._send_to_sessions(command)
            case Mute(on):
                self._send_to_sessions(command)
                if not on or any(each.has_microphone for each in self._lanes):
                    self._muted = on  # in the sessions to come too
            case Tune():
                self._tune(command)
            case ChooseInput(choice):
                self._choose_input(choice)
            case ChooseService(choice, name):
                self._choose_service(choice, name)
            case FindOptions(on_found):
                self._finding_options = asyncio.create_task(self._find_options(on_found))
            case _:
                self._send_to_sessions(command)

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

    def _send_to_sessions(self, command: Command) -> None:
        if self._inputs is not None:
            self._inputs.send(command)

    @property
    def _lanes(self) -> tuple[LaneRunner, ...]:
        return () if self._inputs is None else self._inputs.lanes

    def _start(self) -> None:
        """Begin a run; once more, when the present one looks over but is not."""
        if self._run is None or self._run.done():
            self.running, self._stopping, self._shows_end = True, False, False
            self._run = asyncio.create_task(self._run_until_stopped())
        elif self._shows_end:
            self._stopping, self._restarting, self._shows_end = False, True, False

    def _tune(self, command: Tune) -> None:
        setup = self._factory.setup(command.service)
        if problem := setup.problem(command.settings):
            self._complain(problem, command.service)
            return
        setup.tune(command.settings)
        if self._is_running:
            self._send_to_sessions(command)
        else:
            self._change_last(setup.speaks.name, settings=command.settings)

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

    def _choose_service(self, choice: ServiceChoice, name: str) -> None:
        try:
            self._factory.setup(name).choose(choice)
        except UserError as error:
            self._complain(str(error), name)
        else:
            self._restart()

    def _restart(self) -> None:
        if self._is_running and not self._stopping:
            self._restarting = True
            self._send_to_sessions(Stop())

    @property
    def _is_running(self) -> bool:
        """Whether there are sessions to send commands to."""
        return any(each.sessions for each in self._lanes)

    def _complain(self, sentence: str, name: str = "") -> None:
        """Show a sentence about something that could not be done; the rest of the screen stays."""
        if self._is_running:
            for each in self._lanes:
                each.complain(sentence, name)
        elif self._last is not None:
            self._change_last(self._factory.setup(name).speaks.name, error=sentence)
        else:
            self._show(combined(tuple(failed(no_session(each), sentence) for each in self._factory.names)))

    def _change_last(self, name: str, **changes: object) -> None:
        """Show the last snapshot again, changed for one service."""
        if self._last is None:
            return
        lanes = list(self._last.lanes or (self._last,))
        number = self._factory.names.index(name)
        lanes[number] = msgspec.structs.replace(lanes[number], **changes)
        self._show(combined(tuple(lanes)))

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
            except Exception as error:  # noqa: BLE001  raised where the end of the run is awaited
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
        """Run the sessions of all inputs."""
        wishes = Wishes(lambda: self._stopping, lambda: self._restarts, lambda: self._muted)
        listeners = Listeners(self.on_record, self._show, self.on_frame)
        self._inputs = InputsRunner(self._factory, listeners, self.on_outcome, wishes)
        try:
            return await self._inputs.run(self._last)
        finally:
            self._inputs = None
