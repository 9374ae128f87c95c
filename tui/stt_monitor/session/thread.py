"""Sessions on a thread and event loop of their own: a stuck terminal delays the screen alone (architecture.md 2)."""

import asyncio
import threading
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Final

import msgspec

from stt_monitor.core.commands import ChooseInput, ChooseService, Command, FindOptions, Mute, Start, Stop, Tune
from stt_monitor.core.errors import ServiceUnavailableError, UserError
from stt_monitor.core.journal import Listeners
from stt_monitor.core.listeners import ignore
from stt_monitor.core.records.lines import Record
from stt_monitor.core.session_options import Available, ServiceChoice, SourceChoice, SourceKind
from stt_monitor.core.settings import TurnSettings
from stt_monitor.core.snapshot import Snapshot
from stt_monitor.core.wire_frame import WireFrame
from stt_monitor.session.aside import aside
from stt_monitor.session.outcome import Outcome, failed, no_session, outcome_of, sentence_of

if TYPE_CHECKING:
    from stt_monitor.core.metrics.batch import Batch
    from stt_monitor.session.client import Session
    from stt_monitor.session.factory import SessionFactory
    from stt_monitor.session.sources import Sound

CLOSE_TIMEOUT_S: Final = 4.0
"""The program waits no longer than this for its last session; the session itself takes two seconds at most."""


class SessionThread:
    """Runs sessions whenever it is told to. Methods return at once and may be called from any thread."""

    def __init__(
        self, maker: "SessionFactory", new_loop: Callable[[], asyncio.AbstractEventLoop] = asyncio.new_event_loop
    ) -> None:
        """Start the thread; a run has a session for each of the maker's sounds, one after another.

        Args:
            maker: makes the sessions.
            new_loop: makes the thread's event loop, which goes by the clock of the sessions.
        """
        self._maker = maker
        self._on_record: Callable[[Record], None] = ignore
        self._on_snapshot: Callable[[Snapshot], None] = ignore
        self._on_outcome: Callable[[Outcome], None] = ignore
        self._on_frame: Callable[[WireFrame], None] | None = None
        self._loop = new_loop()
        self._task: asyncio.Task[None] | None = None
        self._session: Session | None = None
        self._running = False
        self._stopping = False
        self._renewing = False  # the run begins anew, with what was chosen meanwhile
        self._seen_over = False  # the run's last snapshot has been shown; a recording may still be written
        self._muted = False
        self._choosing: asyncio.Task[bool] | None = None
        self._offering: asyncio.Task[None] | None = None
        self._last: Snapshot | None = None
        self._thread = threading.Thread(target=self._serve, name="sessions", daemon=True)
        self._thread.start()

    @property
    def running(self) -> bool:
        """Whether a run is going on, from `Start` until its last snapshot."""
        return self._running

    @property
    def has_live(self) -> bool:
        """These are live sessions."""
        return True

    @property
    def settings(self) -> TurnSettings:
        """The turn settings that the next session will ask for."""
        return self._maker.turn_settings

    def subscribe(
        self,
        on_snapshot: Callable[[Snapshot], None] | None = None,
        *,
        on_record: Callable[[Record], None] | None = None,
        on_outcome: Callable[[Outcome], None] | None = None,
        on_frame: Callable[[WireFrame], None] | None = None,
    ) -> None:
        """Have snapshots, records, outcomes and frames of the websocket handed to callbacks, on the sessions' thread.

        They must not block. Frames are handed out from the next session on.

        Every session has an outcome; the last one of a run is told with the gravest exit code of all.
        """
        self._on_snapshot = on_snapshot or self._on_snapshot
        self._on_record = on_record or self._on_record
        self._on_outcome = on_outcome or self._on_outcome
        self._on_frame = on_frame or self._on_frame

    def send(self, command: Command) -> None:
        """Carry out a command on the sessions' thread; what cannot be done is said in a snapshot."""
        if isinstance(command, Start):
            self._running = True  # at once: the caller may ask
        self._loop.call_soon_threadsafe(self._obey, command)

    def close(self) -> None:
        """End the session and the thread; waits for both, `CLOSE_TIMEOUT_S` at most. Idempotent."""
        if not self._thread.is_alive():
            return
        self.send(Stop())
        self._loop.call_soon_threadsafe(self._finish)
        self._thread.join(CLOSE_TIMEOUT_S)

    def _serve(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()
        looking = [task for task in (self._choosing, self._offering) if task is not None]
        for task in looking:
            task.cancel()
        self._loop.run_until_complete(asyncio.gather(*looking, return_exceptions=True))
        self._loop.close()

    def _obey(self, command: Command) -> None:
        match command:
            case Start():
                self._start()
            case Stop():
                self._stopping = True
                self._tell_session(command)
            case Mute(on):
                self._tell_session(command)
                if self._session is not None and self._session.source_kind is SourceKind.MICROPHONE:
                    self._muted = on  # the next sessions find it muted too
            case Tune(settings):
                self._tune(settings)
            case ChooseInput(choice):
                self._choose_input(choice)
            case ChooseService(choice):
                self._choose_service(choice)
            case FindOptions(on_found):
                self._offering = self._loop.create_task(self._find_options(on_found))
            case _:
                self._tell_session(command)

    def _tell_session(self, command: Command) -> None:
        if self._session is not None:
            self._session.send(command)

    def _start(self) -> None:
        """Begin a run; once more, when the present one looks over but is not."""
        if self._task is None or self._task.done():
            self._running, self._stopping, self._seen_over = True, False, False
            self._task = self._loop.create_task(self._run())
        elif self._seen_over:
            self._stopping, self._renewing, self._seen_over = False, True, False

    def _tune(self, turn: TurnSettings) -> None:
        if problem := self._maker.problem(turn):
            self._complain(problem)
            return
        self._maker.tune(turn)
        if self._session is not None:
            self._session.send(Tune(turn))
        elif self._last is not None:
            self._show(msgspec.structs.replace(self._last, settings=turn))

    def _choose_input(self, choice: SourceChoice) -> None:
        if self._choosing is not None:
            self._choosing.cancel()
        self._choosing = self._loop.create_task(self._find(choice))

    async def _find(self, choice: SourceChoice) -> bool:
        """Hear something else, if it can be had; returns whether it can."""
        try:
            self._maker.sounds = await aside(partial(self._maker.find_sounds, choice))
        except Exception as error:  # noqa: BLE001  whatever it is, the screen must say it and stay alive
            self._complain(sentence_of(error))
            return False
        self._renew()
        return True

    async def _find_options(self, on_found: Callable[[Available], None]) -> None:
        on_found(await aside(self._maker.offers))

    def _choose_service(self, choice: ServiceChoice) -> None:
        try:
            self._maker.choose_service(choice)
        except UserError as error:
            self._complain(str(error))
        else:
            self._renew()

    def _renew(self) -> None:
        if self._session is not None and not self._stopping:
            self._renewing = True
            self._session.send(Stop())

    def _complain(self, sentence: str) -> None:
        """Show a sentence about something that could not be done; what is on the screen stays."""
        if self._session is not None:
            self._session.complain(sentence)
        elif self._last is not None:
            self._show(msgspec.structs.replace(self._last, error=sentence))
        else:
            self._show(failed(no_session(), sentence))

    def _show(self, snapshot: Snapshot) -> None:
        self._last = snapshot
        self._seen_over = not snapshot.running
        self._on_snapshot(snapshot)

    def _finish(self) -> None:
        if self._task is None or self._task.done():
            self._loop.stop()
        else:
            self._task.add_done_callback(lambda _: self._loop.stop())

    async def _run(self) -> None:
        """Have a run, and another when something else is chosen meanwhile."""
        outcome = Outcome()
        while await self._can_begin():
            self._renewing = False
            try:
                outcome = await self._run_all()
            except Exception as error:  # noqa: BLE001  who waits for the end of the run must get it
                outcome = outcome_of(error)
            if not self._renewing or self._stopping:
                break
            self._on_outcome(msgspec.structs.replace(outcome, more=True))
        self._running = False
        self._on_outcome(outcome)

    async def _can_begin(self) -> bool:
        """Wait for what was chosen just before, and is still being looked for; tell whether it was found."""
        found = True
        while (choosing := self._choosing) is not None and not choosing.done():
            await asyncio.wait({choosing})
            found = not choosing.cancelled() and choosing.result()  # cancelled: then there is a newer choice
        return found

    async def _run_all(self) -> Outcome:
        """Have one session after another; one that finds no service, or is stopped, is the last."""
        from stt_monitor.core.metrics.batch import Batch

        began = self._loop.time()
        sounds = self._maker.sounds
        batch = Batch(len(sounds))
        gravest = 0
        for number, sound in enumerate(sounds, 1):
            place = partial(self._place, batch, number, last=number == len(sounds))
            before = self._last if number == 1 else None
            last, outcome = await self._run_one(sound, place, before)
            batch.add(last)
            gravest = max(gravest, outcome.exit_code)
            ended = self._stopping or self._renewing or outcome.exit_code == ServiceUnavailableError.exit_code
            if ended or number == len(sounds):
                break
            self._on_outcome(msgspec.structs.replace(outcome, more=True))
        if len(sounds) > 1:
            self._show(batch.with_results(last, playing=number, going_on=self._goes_on))
            self._on_record(batch.total(self._loop.time() - began))
        return msgspec.structs.replace(outcome, exit_code=gravest)

    @property
    def _goes_on(self) -> bool:
        """Whether another run follows."""
        return self._renewing and not self._stopping

    def _place(self, batch: "Batch", number: int, snapshot: Snapshot, *, last: bool) -> Snapshot:
        return batch.with_results(snapshot, playing=number, going_on=self._goes_on or not last)

    async def _run_one(
        self, sound: "Sound", place: Callable[[Snapshot], Snapshot], before: Snapshot | None
    ) -> tuple[Snapshot, Outcome]:
        """Run one session.

        Args:
            sound: what is heard.
            place: puts the session's snapshots into their place in the run.
            before: what stays on the screen should the session not come about.

        Returns:
            Its last snapshot, and how it ended.
        """
        last = nothing = no_session()

        def show(snapshot: Snapshot) -> None:
            nonlocal last
            last = snapshot
            self._show(place(snapshot))

        try:
            listeners = Listeners(self._on_record, show, self._on_frame)
            # Aside, for a service may take its time to speak a sentence, or ask for patience.
            session = self._session = await aside(partial(self._maker.make, sound, listeners))
            if self._muted and session.source_kind is SourceKind.MICROPHONE:
                session.send(Mute(on=True))
            if self._stopping:
                session.send(Stop())
            outcome = await session.run()
            self._maker.tune(session.wanted_turn)
        except Exception as error:  # noqa: BLE001  whatever it is, the screen must say it and stay alive
            outcome = outcome_of(error)
            pictured = before if last is nothing and before is not None else last
            last = failed(last, outcome.sentence)
            self._show(place(failed(pictured, outcome.sentence)))
        finally:
            self._session = None
        return last, outcome
