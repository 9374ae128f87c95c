"""Folds recordings: the same records and snapshots as while the session ran, to the last digit."""

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
from stt_monitor.services.registry import dialect_of

BROKEN_OFF = "the recording breaks off here"


class Folded(NamedTuple):
    """A session folded from its first entry to its last."""

    monitor: Monitor
    snapshot: Snapshot
    """The last snapshot."""


def replay_records(recording: Recording, wait: Callable[[float], object] | None = None) -> Iterator[Record]:
    """Yield the records of a session in order, the same ones as while it ran.

    Args:
        recording: the one to read.
        wait: called with the session time of each entry, before its records.

    Raises:
        InputError: it cannot be read, or is damaged.
    """
    entries = with_end(recording.entries())
    monitor = begin(next(entries), on_final=_drop)  # the summary counts all turns
    for entry in entries:
        if wait is not None:
            wait(entry.at)
        yield from monitor.apply(entry)


def fold(
    recording: Recording,
    on_record: Callable[[Record], object] | None = None,
    *,
    store: TurnStore | None = None,
) -> Folded:
    """Read a session to its end, as fast as possible.

    Args:
        recording: the one to read.
        on_record: gets the records in order, the same ones as while it ran.
        store: holds the snapshot's finished turns; None: memory does.

    Raises:
        InputError: it cannot be read, or is damaged.
    """
    entries = with_end(recording.entries())
    monitor = begin(next(entries), on_final=None if store is None else store.append)
    at = 0.0
    for entry in entries:
        at = entry.at
        records = monitor.apply(entry)
        if on_record is not None:
            for record in records:
                on_record(record)
    snapshot = monitor.snapshot(at, running=False)
    return Folded(monitor, snapshot if store is None else msgspec.structs.replace(snapshot, finished=store))


def has_turn(recording: Recording) -> bool:
    """Return whether a session has a finished turn; reads the journal if the manifest does not say."""
    if recording.manifest.turns is not None:
        return recording.manifest.turns > 0
    try:
        entries = recording.entries()
        monitor = begin(next(entries), on_final=_drop)
        for entry in entries:
            monitor.apply(entry)
            if monitor.turns:
                return True
    except InputError:
        return False
    return False


def begin(entry: Entry, *, on_final: Callable[[FinishedTurn], object] | None = None) -> Monitor:
    """Make the monitor for a journal from its first entry; `on_final` as in `Monitor.begin`.

    Raises:
        InputError: it is not a first entry, or names an unknown service.
    """
    if not isinstance(entry, Began):
        raise InputError("the beginning of the recording is missing; it cannot be played")
    return Monitor.begin(entry, dialect_of(entry.session), on_final=on_final)


def with_end(entries: Iterable[Entry]) -> Iterator[Entry]:
    """Add an orderly end to a journal that has none: the program was killed, or is still recording."""
    entry: Entry | None = None
    for entry in entries:
        yield entry
    if entry is not None and not isinstance(entry, Finished):
        yield ConnectionLost(entry.at)
        yield ConnectionChanged(entry.at, Connection.CLOSED, BROKEN_OFF)
        yield Finished(entry.at)


def _drop(_: FinishedTurn) -> None:
    """Drop a finished turn, which is not needed again."""
