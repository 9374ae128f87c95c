"""Runs the cells of a sweep, several at once in one event loop, and writes down how each went."""

import asyncio
import time
from collections.abc import Callable
from functools import partial
from math import inf
from typing import Final, NamedTuple

import msgspec

from stt_monitor.audio.sources.held_sound import HeldSound
from stt_monitor.core.errors import BugError, InputError, ServiceUnavailableError, UserError
from stt_monitor.core.records.session import Connection
from stt_monitor.core.snapshot import Snapshot
from stt_monitor.core.sound.arms import parse_chain
from stt_monitor.core.sweep.outcome import CellOutcome, outcome_of
from stt_monitor.core.sweep.result import CellState, SweepState
from stt_monitor.core.text.sanitize import legible
from stt_monitor.core.text.wording import plural
from stt_monitor.recording.recorder import Recorder
from stt_monitor.recording.writer import Upkeep
from stt_monitor.session.outcome import Outcome
from stt_monitor.session.service_setup import ServiceSetup
from stt_monitor.sweep.board import Board
from stt_monitor.sweep.cell_session import CellEnd, CellSession
from stt_monitor.sweep.folder import CellRun, SweepFolder
from stt_monitor.sweep.schedule import SLOW_SHARE, Schedule
from stt_monitor.sweep.sounds import Load, Sounds
from stt_monitor.system.clock import Clock

APART_S: Final = 1.0
"""Most between the starts of two cells. What is heavy in a recording, such as the end of a sentence for the local
server, is so for all cells that play it: they must not come to it at once."""
APART_SHARE: Final = 0.25
"""Most time that the starts of all cells that run at once take, as a share of their length."""
UPKEEP: Final = Upkeep(write_every_s=2.0, sync_every_s=inf)
"""Cells are written seldom, and on the disk at their end: one that was cut short is run again."""


class Listener(NamedTuple):
    """Listeners of a sweep, called in its event loop; they must return at once."""

    on_state: Callable[[SweepState], object]
    """Called twice a second, and at the end; without a result."""
    on_run: Callable[[CellRun], object]
    """Called with each finished cell, once it is saved."""
    on_note: Callable[[str], object]
    """Called with a sentence that people should read."""


class SweepEnd(NamedTuple):
    """How a sweep ended."""

    exit_code: int = 0
    """Of the contract, without what its result means for it."""
    sentence: str = ""
    """Why it ended before all cells were run; empty if they were."""
    stopped: bool = False
    """Whether it was stopped."""


class SweepRunner:
    """Runs what is left of a sweep. All of it, `stop` included, belongs to one event loop."""

    def __init__(
        self,
        folder: SweepFolder,
        setup: ServiceSetup,
        load: Load,
        listener: Listener,
        *,
        at_once: int,
        clock: Clock = time.monotonic,
    ) -> None:
        """Prepare.

        Args:
            folder: of the sweep; cells that count there are not run again.
            setup: the service.
            load: reads the sound of a recording and an arm.
            listener: who is told.
            at_once: most cells at once.
            clock: tells the time; the event loop has the same.
        """
        self._folder = folder
        self._plan = folder.plan
        self._cells = folder.cells
        self._recordings = folder.plan.by_path
        self._setup = setup
        self._listener = listener
        self._at_once = at_once
        self._clock = clock
        left = [number for number in range(len(self._cells)) if not folder.counts(number)]
        self._seconds = [self._recordings[cell.recording].seconds for cell in self._cells]
        self._schedule = Schedule(
            {number: (self._seconds[number], self._cells[number].settings) for number in left}, at_once
        )
        self._sounds = Sounds((self._cells[number] for number in left), load)
        self._sessions: dict[int, CellSession] = {}
        self._slots: dict[int, int] = {}
        self._board = Board(folder, self._seconds, self._schedule, listener.on_state)
        self._end: SweepEnd | None = None
        self._lowered_by = ""
        self._bug = ""

    def stop(self) -> None:
        """End all sessions in order; running the sweep again resumes with the remaining cells."""
        self._finish(SweepEnd(stopped=True))

    async def run(self) -> SweepEnd:
        """Run all cells that are left; failures are in the result."""
        showing = asyncio.create_task(self._board.keep_showing())
        running: dict[asyncio.Task[CellEnd], int] = {}
        try:
            while True:
                number = None if self._end else self._schedule.start()
                if number is not None:
                    running[asyncio.create_task(self._run_cell(number))] = number
                elif not running:
                    break
                done, _ = await asyncio.wait(running, timeout=self._apart(number), return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    self._take(running.pop(task), task.result())
        finally:
            showing.cancel()
            self._board.show()
        if self._bug and not (self._end and self._end.stopped):
            return SweepEnd(BugError.exit_code, self._bug)
        return self._end or SweepEnd()

    def _apart(self, started: int | None) -> float | None:
        """Return how long to wait after a start, seconds; without one, until a cell ends."""
        return None if started is None else min(APART_S, self._seconds[started] * APART_SHARE / self._at_once)

    async def _run_cell(self, number: int) -> CellEnd:
        cell = self._cells[number]
        self._slots[number] = min(set(range(self._at_once)) - set(self._slots.values()))
        self._board.mark(number, CellState.RUNNING)
        try:
            self._folder.clear(number)
            sound = await self._sounds.get(cell)
            if self._end:
                return CellEnd(Outcome(), stopped=True)
            recorder = Recorder(self._folder.path, None, UPKEEP._replace(name=self._folder.session(number).name))
            session = self._sessions[number] = self._session(number, sound, recorder)
            end = await session.run()
            state = recorder.state
            return end._replace(unsaved=_unsaved(state.stopped) if state is not None and state.stopped else "")
        except UserError as error:  # the recording is gone, or another one
            return CellEnd(Outcome(error.exit_code), unsaved=str(error))
        finally:
            del self._slots[number]
            self._sessions.pop(number, None)

    def _session(self, number: int, sound: HeldSound, recorder: Recorder) -> CellSession:
        cell = self._cells[number]
        return CellSession(
            self._setup,
            self._plan.asked(cell),
            sound,
            arms=parse_chain(cell.arm),
            recording=self._recordings[cell.recording],
            observer=recorder,
            chunk_ms=self._plan.chunk_ms,
            phase=self._slots[number] / self._at_once,
            clock=self._clock,
            on_change=partial(self._see, number),
            may_wait=lambda: self._schedule.running == 1,
        )

    def _see(self, number: int) -> None:
        """Take note of what a running session says."""
        session = self._sessions.get(number)
        if session is None or (last := session.last) is None:
            return
        if last.connection is Connection.CONNECTED:
            self._schedule.hears(number)
            self._tell_if_lowered()
        self._board.plays(number, last.audio.played, saved=last.recording is not None)
        if last.recording is not None and last.recording.stopped:  # the rest of it is not worth the time
            asyncio.get_running_loop().call_soon(session.stop)

    def _take(self, number: int, end: CellEnd) -> None:
        """Judge a cell that is over, and write down what it says."""
        sentence, code = end.outcome.sentence, end.outcome.exit_code
        counted = False
        if end.stopped or end.unsaved:  # perhaps stopped because it was not saved
            self._put_back(number, end)
        elif code == 0 and end.snapshot is not None:
            counted = self._judge(number, end.snapshot)
        elif end.outcome.busy:
            self._put_back_busy(number, end)
        elif end.heard or code != ServiceUnavailableError.exit_code:
            self._bug = sentence if code == BugError.exit_code else self._bug
            self._fail(number, sentence)
        elif end.outcome.final:
            self._refuse(number, end)
        else:
            self._put_back_unreached(number, end)
        self._tell_if_lowered()
        for refused in () if self._end else self._schedule.settle():
            self._write(CellRun(refused, problem=legible(self._board.note_of(refused))))
        if not counted and self._board.state(number) is CellState.WAITING:
            self._folder.clear(number)
        if not self._schedule.is_left(number):
            self._sounds.release(self._cells[number])

    def _judge(self, number: int, last: Snapshot) -> bool:
        """Take what a session says, unless this machine was too slow; returns whether it counts."""
        outcome = _in_unicode(outcome_of(last))
        share = outcome.slow_share
        if share > SLOW_SHARE:
            self._fail(number, f"{share:.0%} of its turns were slow: this machine or its network held them up", outcome)
            return False
        self._schedule.done(number)
        self._board.mark(number, CellState.DONE, played=1.0, saved=True)
        self._write(CellRun(number, outcome))
        return True

    def _fail(self, number: int, sentence: str, outcome: CellOutcome | None = None) -> None:
        """Let a cell come again; the second time it is missing."""
        is_slow = outcome is not None
        comes_again = self._schedule.failed(number, slow=is_slow)
        self._board.mark(number, CellState.SLOW if is_slow else CellState.FAILED, saved=True, note=sentence)
        if not comes_again:
            self._write(CellRun(number, outcome, legible(sentence)))

    def _put_back(self, number: int, end: CellEnd) -> None:
        """End the sweep because a session was not saved; one that was told to stop is run another time."""
        self._schedule.put_back(number)
        self._board.mark(number, CellState.WAITING)
        if end.unsaved:
            self._finish(SweepEnd(end.outcome.exit_code or InputError.exit_code, end.unsaved))

    def _put_back_busy(self, number: int, end: CellEnd) -> None:
        """Run fewer at once; the end of the sweep, if the service takes none at all."""
        self._board.mark(number, CellState.WAITING)
        if self._schedule.busy(number):
            self._lowered_by = end.outcome.sentence
        elif end.waited and not self._schedule.running:
            self._finish(SweepEnd(end.outcome.exit_code, end.outcome.sentence))

    def _tell_if_lowered(self) -> None:
        """Say how many run at once from now on, when it is clear how many the service takes."""
        if self._lowered_by and self._schedule.is_settled:
            at_once = plural(self._schedule.limit, "session")
            self._tell(f"{self._lowered_by}: going on with {at_once} at once")
            self._lowered_by = ""

    def _refuse(self, number: int, end: CellEnd) -> None:
        """Leave out a cell that was refused for good, or end the sweep if that is no fault of its own."""
        is_end = self._schedule.refused(number)
        self._board.mark(number, CellState.FAILED, note=end.outcome.sentence)
        if is_end:
            self._finish(SweepEnd(end.outcome.exit_code, end.outcome.sentence))

    def _put_back_unreached(self, number: int, end: CellEnd) -> None:
        """Wait for the service to come back to the others; without any it is the end of the sweep."""
        self._board.mark(number, CellState.WAITING)
        if self._schedule.unreached(number):
            self._finish(SweepEnd(end.outcome.exit_code, end.outcome.sentence))

    def _write(self, run: CellRun) -> None:
        try:
            self._folder.add(run)
        except OSError as error:
            reason = (error.strerror or "unknown").lower()
            self._board.mark(run.cell, CellState.WAITING)
            self._finish(SweepEnd(InputError.exit_code, _unsaved(f"the disk failed ({reason})")))
        else:
            self._listener.on_run(run)

    def _finish(self, end: SweepEnd) -> None:
        """Start no more cells, and stop those that run."""
        if self._end is None:
            self._end = end
            for session in self._sessions.values():
                session.stop()

    def _tell(self, sentence: str) -> None:
        self._board.note = sentence
        self._listener.on_note(sentence)


def _in_unicode(outcome: CellOutcome) -> CellOutcome:
    """Return an outcome that can be written: a service may send halves of characters."""
    turns = (msgspec.structs.replace(turn, text=legible(turn.text)) for turn in outcome.turns)
    return msgspec.structs.replace(outcome, turns=tuple(turns))


def _unsaved(why: str) -> str:
    return f"a session cannot be saved: {why}"
