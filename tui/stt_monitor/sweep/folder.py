"""The folder of a sweep: its plan, a line for each cell that is over, and the saved sessions of the cells."""

import io
import os
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Final, Self

import msgspec

from stt_monitor.core.errors import InputError
from stt_monitor.core.settings.requested import decode_hook
from stt_monitor.core.sweep.outcome import CellOutcome
from stt_monitor.recording.growing_wav import write_all
from stt_monitor.recording.lock import lock
from stt_monitor.recording.manifest import decoded, sync_folder
from stt_monitor.recording.retention import delete
from stt_monitor.sweep.plan import FORMAT, SweepPlan, differences, folder_name, problem_of

PLAN: Final = "sweep.json"
CELLS: Final = "cells.jsonl"


class CellRun(msgspec.Struct, frozen=True, omit_defaults=True):
    """How a cell went. The last line about a cell counts."""

    cell: int
    """Number of the cell in the plan, from 0."""
    outcome: CellOutcome | None = None
    """What its session says; None where it failed."""
    problem: str = ""
    """Why it does not count, in a sentence; empty for one that does."""

    @property
    def counts(self) -> bool:
        """Whether its outcome is part of the result."""
        return self.outcome is not None and not self.problem


class SweepFolder:
    """An open folder of a sweep; no other program writes it meanwhile. Methods raise OSError when the disk fails."""

    def __init__(self, path: Path, plan: SweepPlan, file: io.FileIO, runs: Iterable[CellRun]) -> None:
        self.path: Final = path
        self.plan: Final = plan
        self.cells: Final = plan.cells
        """All cells; one is known by its number, its place here."""
        self._file = file
        self._runs = {run.cell: run for run in runs}
        self._encoder = msgspec.json.Encoder()

    @classmethod
    def open(cls, path: Path, wanted: SweepPlan | None = None) -> Self:
        """Open the folder of a sweep; with the plan that is wanted, make it where there is none.

        Raises:
            InputError: it cannot be written, holds another sweep or something else, or is being written.
        """
        try:
            if wanted is not None and not (path / PLAN).exists():
                _begin(path, wanted)
            plan = read_plan(path)
            if wanted is not None and (other := differences(plan, wanted)):
                raise InputError(f"{path}: holds a sweep with {_listed(other)}: give another --name")
            file = io.FileIO(path / CELLS, "a+")
        except OSError as error:
            raise InputError(f"{path}: cannot be written ({error.strerror}): give another --record DIR") from error
        with ExitStack() as opened:
            opened.enter_context(file)
            try:
                lock(file)
            except BlockingIOError as error:
                raise InputError(f"{path}: another program runs this sweep: wait for it, or stop it") from error
            runs = list(_read_runs(path, file, len(plan.cells)))
            opened.pop_all()
        return cls(path, plan, file, runs)

    def __enter__(self) -> Self:
        """Use the folder in a `with` block, which closes it."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self._file.close()

    @property
    def runs(self) -> dict[int, CellRun]:
        """How each cell that is over went last, by its number."""
        return dict(self._runs)

    def counts(self, number: int) -> bool:
        """Return whether a cell is over, and its outcome part of the result."""
        return number in self._runs and self._runs[number].counts

    def add(self, run: CellRun) -> None:
        """Write down how a cell went; it survives a power cut."""
        begin = self._file.seek(0, os.SEEK_END)
        line = self._encoder.encode(run) + b"\n"
        try:
            write_all(self._file, line)
            os.fsync(self._file.fileno())
        except OSError:
            with suppress(OSError):
                self._file.truncate(begin)
            raise
        self._runs[run.cell] = run

    def session(self, number: int) -> Path:
        """Return the folder in which the session of a cell is saved, whether it is there or not."""
        return self.path / folder_name(number, self.cells[number])

    def clear(self, number: int) -> None:
        """Delete the session of a cell that was cut short, or is about to run again."""
        folder = self.session(number)
        if folder.exists():
            delete(folder)


def read_plan(path: Path) -> SweepPlan:
    """Read the plan of a sweep from its folder.

    Raises:
        InputError: it cannot be read, is damaged, or made by a newer program.
    """
    try:
        raw = (path / PLAN).read_bytes()
    except OSError as error:
        raise InputError(f"{path / PLAN}: cannot be read ({error.strerror})") from error
    try:
        plan = decoded(raw, SweepPlan, FORMAT, path)
        problem = problem_of(plan)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        problem = str(error)
    if problem:
        raise InputError(f"{path / PLAN}: damaged ({problem}): sweep again into another folder")
    return plan


def is_sweep(path: Path) -> bool:
    """Return whether a path is the folder of a sweep."""
    try:
        return (path / PLAN).is_file()
    except OSError:  # its name is too long, or nobody may look
        return False


def _begin(path: Path, plan: SweepPlan) -> None:
    """Make the folder with the plan in it: whole, or not at all."""
    path.mkdir(parents=True, exist_ok=True)
    if any(each.name != f"{PLAN}.new" for each in path.iterdir()):
        raise InputError(f"{path}: not empty, and no sweep: give another --name")
    temporary = path / f"{PLAN}.new"
    with temporary.open("wb") as file:
        file.write(msgspec.json.format(msgspec.json.encode(plan), indent=2) + b"\n")
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path / PLAN)
    sync_folder(path)


def _read_runs(path: Path, file: io.FileIO, cells: int) -> Iterator[CellRun]:
    """Yield the lines, and cut off the last one where a kill or a power cut left a part of it."""
    file.seek(0)
    whole, newline, rest = file.read().rpartition(b"\n")
    if rest:
        file.truncate(len(whole) + len(newline))
    decoder = msgspec.json.Decoder(CellRun, dec_hook=decode_hook)
    for number, line in enumerate(filter(None, whole.split(b"\n")), 1):
        try:
            run = decoder.decode(line)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise InputError(f"{path / CELLS}: line {number} is damaged ({error}): delete that line") from error
        if 0 <= run.cell < cells:
            yield run


def _listed(words: list[str]) -> str:
    return ", ".join(words)
