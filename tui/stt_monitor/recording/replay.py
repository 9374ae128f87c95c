"""What a recording tells, told again: the same records and the same picture, to the last digit."""

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

import msgspec

from stt_monitor.core.errors import InputError
from stt_monitor.core.journal import Began, ConnectionChanged, ConnectionLost, Entry, Finished
from stt_monitor.core.monitor import Monitor
from stt_monitor.core.records.lines import Record
from stt_monitor.core.records.session import Connection
from stt_monitor.core.snapshot import FinishedTurn, Snapshot
from stt_monitor.recording.reader import Recording
from stt_monitor.recording.turn_store import TurnStore
from stt_monitor.services.registry import service_of

BROKEN_OFF = "the recording breaks off here"


class Folded(NamedTuple):
    """A session from its first entry to its last."""

    monitor: Monitor
    snapshot: Snapshot
    """The last one."""


def tell(recording: Recording, wait: Callable[[float], object] | None = None) -> Iterator[Record]:
    """Give the records of a session from its beginning to its end: those that went out while it ran.

    Args:
        recording: as it was opened.
        wait: is called with each session time before what happened then is told.

    Raises:
        InputError: it cannot be read, or is damaged.
    """
    entries = completed(recording.entries())
    monitor = begin(next(entries), keep=_forget)  # its last record says what all turns come to
    for entry in entries:
        if wait is not None:
            wait(entry.at)
        yield from monitor.take(entry)


def fold(
    recording: Recording,
    on_record: Callable[[Record], object] | None = None,
    *,
    keep_in: TurnStore | None = None,
) -> Folded:
    """Tell a session from its beginning to its end, as fast as can be.

    Args:
        recording: as it was opened.
        on_record: gets the records, in order: those that went out while the session ran.
        keep_in: where its turns are kept, for the snapshot to have; None: in memory.

    Raises:
        InputError: it cannot be read, or is damaged.
    """
    entries = completed(recording.entries())
    monitor = begin(next(entries), keep=None if keep_in is None else keep_in.append)
    at = 0.0
    for entry in entries:
        at = entry.at
        records = monitor.take(entry)
        if on_record is not None:
            for record in records:
                on_record(record)
    snapshot = monitor.snapshot(at, running=False)
    return Folded(monitor, snapshot if keep_in is None else msgspec.structs.replace(snapshot, finished=keep_in))


def has_turn(recording: Recording) -> bool:
    """Tell whether a turn was finished in a session; one that was broken off is read until one is."""
    if recording.manifest.turns is not None:
        return recording.manifest.turns > 0
    try:
        entries = recording.entries()
        monitor = begin(next(entries), keep=_forget)
        for entry in entries:
            monitor.take(entry)
            if monitor.turns:
                return True
    except InputError:
        return False
    return False


def begin(entry: Entry, *, keep: Callable[[FinishedTurn], object] | None = None) -> Monitor:
    """Make the monitor that the first entry asks for; `keep` is as for every monitor.

    Raises:
        InputError: it is another entry, or it names a service that this program does not know.
    """
    if not isinstance(entry, Began):
        raise InputError("the beginning of the recording is missing; it cannot be played")
    return Monitor.begin(entry, service_of(entry.session).dialect, keep=keep)


def completed(entries: Iterable[Entry]) -> Iterator[Entry]:
    """Give a journal an orderly end if it has none, because the program was killed or still goes on."""
    entry: Entry | None = None
    for entry in entries:
        yield entry
    if entry is not None and not isinstance(entry, Finished):
        yield ConnectionLost(entry.at)
        yield ConnectionChanged(entry.at, Connection.CLOSED, BROKEN_OFF)
        yield Finished(entry.at)


def _forget(_: FinishedTurn) -> None:
    """Nobody asks for past turns."""
