"""Runs a sweep without a screen: progress on standard error, a line of JSON for each cell that is over."""

import time
from collections.abc import Callable
from queue import SimpleQueue
from typing import Final, NamedTuple

import msgspec

from stt_monitor.core.records.lines import to_json
from stt_monitor.core.sweep.lines import CellRecord
from stt_monitor.core.sweep.result import CellState, SweepResult, SweepState
from stt_monitor.core.text.moments import duration
from stt_monitor.core.text.sanitize import escaped, legible
from stt_monitor.headless.signals import SIGNAL_BASE, stop_on_signals
from stt_monitor.sweep.folder import CellRun, SweepFolder
from stt_monitor.sweep.runner import Listener, SweepEnd, SweepRunner
from stt_monitor.sweep.thread import SweepThread
from stt_monitor.system.streams import Output, ReaderLeftError, TerminalGoneError, diagnose
from stt_monitor.system.waiting import next_of

LINE_EVERY_S: Final = 10.0
"""How often progress is told, and"""
LINES: Final = 60
"""how often at most over a whole sweep, about."""

_INTERRUPTED: Final = 130

_Arrival = SweepState | CellRun | str | SweepEnd


class Told(NamedTuple):
    """How a sweep went."""

    end: SweepEnd
    """With 128 + signal as its exit code, if a signal ended it."""
    seconds: float
    """How long it took."""


def run_sweep(folder: SweepFolder, make: Callable[[Listener], SweepRunner], *, json: bool) -> Told:
    """Run what is left of a sweep.

    Args:
        folder: of the sweep.
        make: makes the runner, in the sweep's event loop.
        json: whether to print a line for each cell that is over.

    Raises:
        InputError: standard output cannot be written; the sweep is stopped in order.
    """
    output = Output(for_programs=json)
    output.flush()  # a closed standard output fails before the sweep begins
    arrivals: SimpleQueue[_Arrival] = SimpleQueue()
    listener = Listener(arrivals.put, arrivals.put, arrivals.put)
    thread = SweepThread(lambda: make(listener), arrivals.put)
    teller = _Teller(folder, output, json=json)
    with stop_on_signals(thread, lambda: output.written) as received:
        thread.start()
        try:
            end = teller.tell_all(arrivals)
        except ReaderLeftError:  # ends the sweep, and is no error
            end = SweepEnd(_INTERRUPTED, stopped=True)
        except TerminalGoneError as error:
            end = SweepEnd(error.exit_code, stopped=True)
        finally:
            thread.close()
    return Told(end._replace(exit_code=SIGNAL_BASE + received[0]) if received else end, teller.seconds)


def print_result(result: SweepResult, seconds: float, *, json: bool) -> None:
    """Print the result of a sweep, that took so many seconds: as a table in words, or as the last line of JSON.

    Raises:
        InputError: standard output cannot be written.
    """
    from stt_monitor.report.sweep.data import json_result
    from stt_monitor.report.sweep.plain import plain

    output = Output(for_programs=json)
    if json:
        told = msgspec.json.decode("".join(json_result(result)))
        output.write_lines([escaped(msgspec.json.encode({"kind": "sweep", "t": seconds, **told}).decode())])
    else:
        output.write_lines(plain(result))
    output.flush()


class _Teller:
    """Tells what a sweep does."""

    def __init__(self, folder: SweepFolder, output: Output, *, json: bool) -> None:
        self._folder = folder
        self._output = output
        self._json = json
        self._began = time.monotonic()
        self._progress = _Progress()

    @property
    def seconds(self) -> float:
        """Seconds since it began."""
        return time.monotonic() - self._began

    def tell_all(self, arrivals: "SimpleQueue[_Arrival]") -> SweepEnd:
        """Pass on all that remains."""
        while True:
            match next_of(arrivals):
                case SweepEnd() as end:
                    return end
                case SweepState() as state:
                    self._progress.tell(state)
                case CellRun() as run if self._json:
                    self._output.write_lines([to_json(self._record(run))])
                    self._output.flush()
                case str(sentence):
                    diagnose(sentence)

    def _record(self, run: CellRun) -> CellRecord:
        cell = self._folder.cells[run.cell]
        return CellRecord(
            t=self.seconds,
            number=run.cell + 1,
            settings=cell.settings,
            recording=cell.recording,
            arm=cell.arm,
            repetition=cell.repetition,
            session=legible(str(self._folder.session(run.cell))),
            outcome=run.outcome,
            problem=run.problem,
        )


class _Progress:
    """Tells from time to time how far a sweep is."""

    def __init__(self) -> None:
        self._due = time.monotonic() + LINE_EVERY_S

    def tell(self, state: SweepState) -> None:
        now = time.monotonic()
        if now < self._due:
            return
        self._due = now + max(LINE_EVERY_S, (state.seconds_left or 0.0) / LINES)
        diagnose(progress_line(state))


def progress_line(state: SweepState) -> str:
    """Say how far a sweep is, in a line."""
    counts = (
        (CellState.RUNNING, "running"), (CellState.SLOW, "slow"), (CellState.FAILED, "failed"),
    )  # fmt: skip
    parts = [f"{state.number(CellState.DONE)} of {len(state.cells)} cells done"]
    parts += [f"{number} {word}" for kind, word in counts if (number := state.number(kind))]
    if state.seconds_left:
        parts.append(f"{duration(state.seconds_left)} left")
    return ", ".join(parts)
