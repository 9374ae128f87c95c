"""Compares the sessions of a run of the program with one of them, turn by turn. Pure."""

from collections.abc import Iterator

import msgspec

from stt_monitor.core.metrics.definitions import HEADLINE
from stt_monitor.core.metrics.intervals import Difference
from stt_monitor.core.pairs.hearing import heard_of
from stt_monitor.core.pairs.same_audio import Unpaired, why_unpaired
from stt_monitor.core.pairs.sessions import pair_heard
from stt_monitor.core.pairs.values import Pairs
from stt_monitor.core.records.session import SessionRecord
from stt_monitor.core.settings.requested import TurnSettings
from stt_monitor.core.snapshot import RowKey, Snapshot
from stt_monitor.core.sound.heard import Heard


class Against(msgspec.Struct, frozen=True):
    """How a row differs from the baseline in the headline metric."""

    pairs: Pairs | None = None
    """None where there can be none, or none are kept."""
    difference: Difference | None = None
    """Of the pairs; None without any."""
    unpaired: Unpaired | None = None
    """Why there are no pairs."""
    is_baseline: bool = False


class InThisRun:
    """Compares the rows of snapshots; it keeps what it has found, for the next snapshot."""

    def __init__(self) -> None:
        self._state: tuple[object, ...] = ()
        self._heard: dict[RowKey, Heard] = {}  # of the session at `_state`
        self._found: dict[tuple[int, int], tuple[Heard, Heard, Against]] = {}

    def rows(self, snapshot: Snapshot) -> dict[RowKey, Against]:
        """Compare each row of the session's settings, and of those of earlier sessions, with the baseline."""
        heard = dict(_earlier(snapshot)) | self._current(snapshot)
        key = snapshot.baseline if snapshot.baseline in heard else next(iter(heard), None)
        if key is None or all(_in_one_session(row, key) for row in heard):
            return {}
        baseline, before, self._found = heard[key], self._found, {}
        compared: dict[RowKey, Against] = {}
        for row, one in heard.items():
            if _in_one_session(row, key):  # which hears each turn once
                compared[row] = Against(is_baseline=row == key)
                continue
            ids = id(baseline), id(one)  # both are kept beside what was found: no other object has them
            found = self._found[ids] = before.get(ids) or (baseline, one, _against(baseline, one))
            compared[row] = found[-1]
        return compared

    def _current(self, snapshot: Snapshot) -> dict[RowKey, Heard]:
        """Return what the session heard under each of its settings; read anew when a turn is final."""
        finished = snapshot.finished
        final = len(finished)
        while final and finished[final - 1].metrics.pending:
            final -= 1
        settings = [group.settings for group in snapshot.groups]
        state = snapshot.identity, snapshot.session.service, final, settings
        if state != self._state:
            self._state = state
            self._heard = {
                row_key(snapshot.number, snapshot.session, each): heard_of(snapshot, each.__eq__) for each in settings
            }
        return self._heard


def _in_one_session(one: RowKey, other: RowKey) -> bool:
    return (one.number, one.service) == (other.number, other.service)


def row_key(number: int, session: SessionRecord, settings: TurnSettings) -> RowKey:
    """Return the key of the row of settings in the session of this number."""
    return RowKey(number, session.service or "", settings)


def _earlier(snapshot: Snapshot) -> Iterator[tuple[RowKey, Heard]]:
    for one in snapshot.earlier:
        for group, heard in zip(one.groups, one.heard, strict=False):  # none, where it is no longer kept
            yield row_key(one.number, one.session, group.settings), heard


def _against(baseline: Heard, one: Heard) -> Against:
    if (why := why_unpaired(baseline, one)) is not None:
        return Against(unpaired=why)
    found = pair_heard([baseline], [one])
    pairs = None if found is None else found.of(HEADLINE)
    return Against(pairs, None if pairs is None else pairs.difference)
