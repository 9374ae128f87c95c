"""Runs the sessions of all inputs of a run: one after another, or several at once."""

import asyncio
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from stt_monitor.core.commands import Command
from stt_monitor.core.listeners import Listeners
from stt_monitor.core.snapshot import Snapshot
from stt_monitor.session.lane_runner import LaneResults, LaneRunner, combined
from stt_monitor.session.outcome import Outcome

if TYPE_CHECKING:
    from stt_monitor.core.records.lines import Record
    from stt_monitor.session.factory import SessionFactory
    from stt_monitor.session.sources import SessionInput


class Wishes(NamedTuple):
    """What users want of a run meanwhile."""

    stopping: Callable[[], bool]
    """Whether the run is to stop."""
    restarting: Callable[[], bool]
    """Whether another run follows."""
    muted: Callable[[], bool]
    """Whether a microphone is muted from the beginning."""


class InputsRunner:
    """Runs sessions for each of the factory's inputs. For use inside the event loop.

    Of several at once, records say which file they are about; results are in the order of the files.
    """

    def __init__(
        self, factory: "SessionFactory", listeners: Listeners, on_outcome: Callable[[Outcome], None], wishes: Wishes
    ) -> None:
        """Prepare.

        Args:
            factory: makes the sessions.
            listeners: who is told what happens.
            on_outcome: called with the outcome of each input but the last, and of each of several services.
            wishes: what users want meanwhile.
        """
        from stt_monitor.core.metrics.batch import Batch  # not before the first paint

        self._factory = factory
        self._inputs = factory.inputs
        self._listeners = listeners
        self._on_outcome = on_outcome
        self._wishes = wishes
        self._batches: list[Batch] = [Batch(len(self._inputs)) for _ in factory.services]
        self._running: list[LaneRunner] = []
        self._ended: dict[int, LaneResults] = {}
        self._added = 0
        self._unavailable = False

    @property
    def lanes(self) -> tuple[LaneRunner, ...]:
        """Those that run, the one that began first before the others."""
        return tuple(self._running)

    def send(self, command: Command) -> None:
        """Pass on a command to the sessions that run."""
        for each in self._running:
            each.send(command)

    async def run(self, before: Snapshot | None) -> Outcome:
        """Run them all, up to one that finds no service or is stopped.

        Args:
            before: what is shown if the first cannot begin.
        """
        clock = asyncio.get_running_loop().time
        began = clock()
        left = deque(enumerate(self._inputs, 1))
        tasks: set[asyncio.Task[int]] = set()
        worst, number = Outcome(), 1
        try:
            while True:
                while left and len(tasks) < self._factory.at_once and (left[0][0] == 1 or not self._is_over):
                    tasks.add(asyncio.create_task(self._run_input(*left.popleft(), before)))
                if not tasks:
                    break
                done, tasks = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
                ended = sorted(task.result() for task in done)
                for number in ended:
                    outcome = self._end(number)
                    worst = msgspec.structs.replace(outcome, exit_code=max(worst.exit_code, outcome.exit_code))
                    if number != ended[-1] or tasks or (left and not self._is_over):
                        self._on_outcome(msgspec.structs.replace(outcome, more=True))
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        if len(self._inputs) > 1:
            self._show_end(number, clock() - began)
        return worst

    @property
    def _is_over(self) -> bool:
        """Whether no more sessions may begin."""
        return self._wishes.stopping() or self._wishes.restarting() or self._unavailable

    async def _run_input(self, number: int, chosen: "SessionInput", before: Snapshot | None) -> int:
        """Run the sessions of an input; returns its number."""
        place = partial(self._place, number)
        runner = LaneRunner(self._factory, self._listeners_of(chosen), partial(self._tell, chosen), place)
        self._running.append(runner)
        try:
            self._ended[number] = await runner.run(
                chosen, before if number == 1 else None, muted=self._wishes.muted(), stopping=self._wishes.stopping
            )
        finally:
            self._running.remove(runner)
        return number

    def _end(self, number: int) -> Outcome:
        """Take the results of an input that is over; return its outcome."""
        results = self._ended[number]
        self._unavailable = self._unavailable or results.unavailable
        while (following := self._ended.get(self._added + 1)) is not None:
            self._added += 1
            for batch, last in zip(self._batches, following.lasts, strict=True):
                batch.add(last)
        return self._named(self._inputs[number - 1], results.outcome)

    def _show_end(self, number: int, took: float) -> None:
        """Show the results of all, and tell them; `number` is that of the input that ended last."""
        placed = (
            batch.with_results(last, playing=number, going_on=self._wishes.restarting())
            for batch, last in zip(self._batches, self._ended[number].lasts, strict=True)
        )
        self._listeners.on_snapshot(combined(tuple(placed)))
        for name, batch in zip(self._factory.names, self._batches, strict=True):
            total = batch.total(took)
            self._listeners.on_record(msgspec.structs.replace(total, service=name) if len(self._batches) > 1 else total)

    def _place(self, number: int, lane: int, snapshot: Snapshot) -> Snapshot:
        goes_on = self._wishes.restarting() or number < len(self._inputs) or len(self._running) > 1
        return self._batches[lane].with_results(snapshot, playing=number, going_on=goes_on)

    def _listeners_of(self, chosen: "SessionInput") -> Listeners:
        """Return the listeners of an input; where several run at once, each record says whose it is."""
        if self._factory.at_once == 1:
            return self._listeners

        def on_record(record: "Record") -> None:
            self._listeners.on_record(msgspec.structs.replace(record, file=chosen.name))

        return msgspec.structs.replace(self._listeners, on_record=on_record)

    def _tell(self, chosen: "SessionInput", outcome: Outcome) -> None:
        self._on_outcome(self._named(chosen, outcome))

    def _named(self, chosen: "SessionInput", outcome: Outcome) -> Outcome:
        """Return an outcome that says which file it is about, where several run at once."""
        if self._factory.at_once == 1 or not outcome.sentence:
            return outcome
        return msgspec.structs.replace(outcome, sentence=f"{chosen.name}: {outcome.sentence}")
