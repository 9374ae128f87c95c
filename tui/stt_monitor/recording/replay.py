"""Folds recordings: the same records and snapshots as while the session ran, to the last digit."""

from collections.abc import Callable, Iterator
from heapq import merge
from typing import Final, NamedTuple

import msgspec

from stt_monitor.core.errors import InputError
from stt_monitor.core.finished_turn import FinishedTurn
from stt_monitor.core.journal import Began, ConnectionChanged, ConnectionLost, Entry, Finished
from stt_monitor.core.kept import FOR_SCREEN, WITHOUT_TURNS, Kept
from stt_monitor.core.monitoring.monitor import Monitor
from stt_monitor.core.records.lines import Record
from stt_monitor.core.records.session import Connection
from stt_monitor.core.snapshot import Snapshot
from stt_monitor.recording.reader import Recording
from stt_monitor.recording.saved_sessions import SavedSession
from stt_monitor.recording.turn_store import TurnStore
from stt_monitor.services.registry import dialect_of, service_of

BROKEN_OFF: Final = "the recording breaks off here"
GOES_ON: Final = "it is still being recorded"


class Folded(NamedTuple):
    """A session folded from its first entry to its last."""

    monitor: Monitor
    snapshot: Snapshot
    """The last snapshot."""


def replay_records(session: SavedSession, wait: Callable[[float], object] | None = None) -> Iterator[Record]:
    """Yield the records of a saved session in order, the same ones as while it ran.

    Services side by side are replayed together, in the order of time; each record says whose it is.

    Args:
        session: the one to read.
        wait: called with the session time of each entry, before its records.

    Raises:
        InputError: it cannot be read, or is damaged.
    """
    lanes = [_replay(lane, side_by_side=bool(session.services)) for lane in session.lanes]
    for at, records in merge(*lanes, key=lambda told: told.at) if len(lanes) > 1 else lanes[0]:
        if wait is not None:
            wait(at)
        yield from records


class _Told(NamedTuple):
    """What an entry told, and its time."""

    at: float
    records: list[Record]


def _replay(recording: Recording, *, side_by_side: bool) -> Iterator[_Told]:
    entries = with_end(recording)
    monitor = begin(next(entries), kept=WITHOUT_TURNS, tells_others=True)  # the summary counts all turns
    service = service_of(recording.manifest.session).name
    for entry in entries:
        records = monitor.apply(entry)
        if side_by_side:
            records = [msgspec.structs.replace(record, service=service) for record in records]
        yield _Told(entry.at, records)


def fold(
    recording: Recording,
    on_record: Callable[[Record], object] | None = None,
    *,
    store: TurnStore | None = None,
    whole_likelihood: bool = False,
) -> Folded:
    """Read a session to its end, as fast as possible.

    Args:
        recording: the one to read.
        on_record: gets the records in order, the same ones as while it ran.
        store: holds the snapshot's finished turns; None: memory does.
        whole_likelihood: whether the snapshot has all of the likelihood, to judge its turns again.

    Raises:
        InputError: it cannot be read, or is damaged.
    """
    entries = with_end(recording)
    kept = FOR_SCREEN if store is None else WITHOUT_TURNS
    kept = msgspec.structs.replace(kept, likelihood=None) if whole_likelihood else kept
    on_final = None if store is None else store.append
    monitor = begin(next(entries), on_final=on_final, kept=kept, tells_others=on_record is not None)
    at = 0.0
    for entry in entries:
        at = entry.at
        records = monitor.apply(entry)
        if on_record is not None:
            for record in records:
                on_record(record)
    snapshot = monitor.snapshot(at, running=False)
    return Folded(monitor, snapshot if store is None else msgspec.structs.replace(snapshot, finished=store))


def readable(session: SavedSession) -> SavedSession:
    """Return a session; of services side by side those that are damaged are told apart, and hide no other.

    Reads their journals: a damaged line would else be met in the middle of what is told of the others.

    Raises:
        InputError: all of several are damaged.
    """
    return session if isinstance(session, Recording) else session.checked(_check)


def _check(recording: Recording) -> None:
    dialect_of(recording.manifest.session)
    entries = recording.entries()
    begin(next(entries))
    for _ in entries:
        pass


def has_turn(session: SavedSession) -> bool:
    """Return whether a session, or one of several side by side, has a finished turn."""
    return any(map(_has_turn, session.lanes))


def _has_turn(recording: Recording) -> bool:
    """Return the same of one session; reads the journal if the manifest does not say."""
    if recording.manifest.turns is not None:
        return recording.manifest.turns > 0
    try:
        entries = recording.entries()
        monitor = begin(next(entries), kept=WITHOUT_TURNS)
        for entry in entries:
            monitor.apply(entry)
            if monitor.turns:
                return True
    except InputError:
        return False
    return False


def begin(
    entry: Entry,
    *,
    on_final: Callable[[FinishedTurn], object] | None = None,
    kept: Kept = FOR_SCREEN,
    tells_others: bool = False,
) -> Monitor:
    """Make the monitor for a journal from its first entry; the other arguments are those of `Monitor`.

    Raises:
        InputError: it is not a first entry, or names an unknown service.
    """
    if not isinstance(entry, Began):
        raise InputError("the beginning of the recording is missing; it cannot be played")
    return Monitor.begin(entry, dialect_of(entry.session), on_final=on_final, kept=kept, tells_others=tells_others)


def with_end(recording: Recording) -> Iterator[Entry]:
    """Yield the entries of a journal; add an orderly end where it has none: it is still being written, or never was.

    Raises:
        InputError: it cannot be read, or is damaged.
    """
    growing = recording.growing  # before reading: afterwards it may have ended
    entry: Entry | None = None
    for entry in recording.entries():
        yield entry
    if entry is not None and not isinstance(entry, Finished):
        yield ConnectionLost(entry.at)
        yield ConnectionChanged(entry.at, Connection.CLOSED, GOES_ON if growing else BROKEN_OFF)
        yield Finished(entry.at)
