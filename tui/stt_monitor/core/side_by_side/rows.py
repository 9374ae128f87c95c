"""Rows of a comparison: one per stretch of reference speech, with what each service made of it. Pure.

All services of a run hear the same audio. A turn stands in the row of every stretch that it claims (see `claims`):
where one ended the turn in a pause, it has a turn in each row; one that waited has a turn that goes on. Turns without
speech have rows of their own, between the stretches.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from itertools import chain, zip_longest
from math import inf
from operator import is_

import msgspec

from stt_monitor.core.finished_turn import FinishedTurn
from stt_monitor.core.metrics.claims import ClaimBounds
from stt_monitor.core.snapshot import Snapshot
from stt_monitor.core.sound.reference_speech import Span
from stt_monitor.core.turns.state import State
from stt_monitor.core.turns.turn import Turn


class TurnPart(msgspec.Struct, frozen=True, gc=False):
    """A finished turn in a row, and whether its speech begins and ends there."""

    finished: FinishedTurn
    begins: bool = True
    ends: bool = True


class Answer(msgspec.Struct, frozen=True):
    """What one service made of a row's speech."""

    parts: tuple[TurnPart, ...] = ()
    """Its finished turns, oldest first."""
    open: State | None = None
    """The state of its open turn, if that is about this speech."""
    goes_on: bool = False
    """Whether the open turn is about later speech too."""
    heard: bool = True
    """Whether this speech is in the audio that it was sent."""
    missed: bool = False


class Row(msgspec.Struct, frozen=True):
    """A stretch of reference speech, or turns without any, and the answers of all services, in their order."""

    at: float
    """When it began, seconds of session."""
    speech: Span | None
    """None between stretches."""
    answers: tuple[Answer, ...]
    goes_on: bool = False
    """Whether a turn of the row before goes on here."""


class SideBySide:
    """The rows of a run. It keeps them, and makes only those again that a new snapshot can have changed."""

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self._lanes: tuple[Snapshot, ...] = ()

    def update(self, lanes: tuple[Snapshot, ...]) -> int | None:
        """Take the newest snapshots of all services; return the first row that changed, None if none did."""
        before, self._lanes = self._lanes, lanes
        since = -inf
        if [one.identity for one in before] == [one.identity for one in lanes]:
            since = min((_changed_since(*pair) for pair in zip(before, lanes, strict=True)), default=-inf)
        if since == inf:
            return None
        kept = max(0, bisect_right(self.rows, since, key=lambda row: row.at) - 1)
        while kept and self.rows[kept].speech is None:
            kept -= 1
        since = self.rows[kept].at if kept else -inf
        tail, old = rows_of(lanes, since), self.rows[kept:]
        same = next((i for i, (one, other) in enumerate(zip_longest(old, tail)) if one != other), len(tail))
        if same == len(tail) == len(old):
            return None
        self.rows[kept + same :] = tail[same:]
        return kept + same


def rows_of(lanes: Sequence[Snapshot], since: float = -inf) -> list[Row]:
    """Return the rows of the stretches that began at `since` or later, and those between them."""
    heard = [_since(lane.speech, since) for lane in lanes]
    stretches = _merged(heard)
    columns = [_Column(lane, spans, stretches, since) for lane, spans in zip(lanes, heard, strict=True)]
    rows: list[Row] = []
    for index in range(len(stretches) + 1):
        loose = [column.loose.get(index, ()) for column in columns]
        if any(loose):
            at = min(part.finished.turn.started_at for parts in loose for part in parts)
            rows.append(Row(at, None, tuple(map(Answer, loose))))
        if index < len(stretches):
            span = stretches[index]
            answers = tuple(column.answer(index) for column in columns)
            rows.append(Row(span.onset, span, answers, any(index in column.going_on for column in columns)))
    return rows


def blocks_of(rows: Sequence[Row], first: int = 0) -> Iterator[range]:
    """Yield the rows from `first` on in blocks that share no turn: within one, all services have the same speech."""
    start = first
    for index in range(first + 1, len(rows) + 1):
        if index == len(rows) or not _belongs(rows, index):
            yield range(start, index)
            start = index


def block_start(rows: Sequence[Row], index: int) -> int:
    """Return the first row of the block of a row; if that row is missing, its own number."""
    while 0 < index < len(rows) and _belongs(rows, index):
        index -= 1
    return index


def _belongs(rows: Sequence[Row], index: int) -> bool:
    """Return whether a row is in the block of the row before it."""
    if rows[index].speech is not None:
        return rows[index].goes_on
    return index + 1 < len(rows) and rows[index + 1].goes_on  # a turn of another service spans it


class _Column:
    """One service's answers, by the index of their stretch."""

    def __init__(self, lane: Snapshot, heard: Sequence[Span], stretches: Sequence[Span], since: float) -> None:
        self.loose: dict[int, tuple[TurnPart, ...]] = {}
        """Turns without speech, by the index of the stretch before which they come."""
        self.going_on: set[int] = set()
        """Stretches to which a turn goes on from the one before."""
        self._spans = heard
        self._missed = {span.onset for span in _since(lane.missed, since)}
        self._parts: dict[int, tuple[TurnPart, ...]] = {}
        self._open: list[int] = []
        """The stretches of the open turn."""
        self._state = lane.state
        self._onsets = [span.onset for span in stretches]
        for before, finished in _recent(lane.finished, since):
            claimed = _claimed(lane, finished, before)
            if claimed:
                self._place(finished, claimed, since)
            elif finished.turn.started_at >= since and not finished.metrics.pending:
                index = bisect_right(self._onsets, finished.turn.started_at)
                self.loose[index] = (*self.loose.get(index, ()), TurnPart(finished))
        if lane.open_turn is not None:
            claimed = _claimed_while_open(lane, lane.open_turn)
            self._open = self._indexes(span for span in claimed if span.onset >= since)
            self.going_on.update(self._open[not claimed or claimed[0].onset >= since :])

    def answer(self, index: int) -> Answer:
        """Return what the service made of a stretch."""
        own = self._own(index)
        missed = any(span.onset in self._missed for span in own)
        is_open = index in self._open
        goes_on = is_open and index != self._open[-1]
        return Answer(self._parts.get(index, ()), self._state if is_open else None, goes_on, bool(own), missed)

    def _place(self, finished: FinishedTurn, claimed: Sequence[Span], since: float) -> None:
        """Put a turn into the rows of its speech; it may have begun before `since`."""
        indexes = self._indexes(span for span in claimed if span.onset >= since)
        earlier = claimed[0].onset < since
        for place, index in enumerate(indexes):
            begins, ends = not place and not earlier, place == len(indexes) - 1
            self._parts[index] = (*self._parts.get(index, ()), TurnPart(finished, begins, ends))
            if not begins:
                self.going_on.add(index)

    def _indexes(self, spans: Iterator[Span] | Sequence[Span]) -> list[int]:
        """Return the indexes of the stretches that contain these spans, without repetition."""
        found = (bisect_right(self._onsets, span.onset) - 1 for span in spans)
        return list(dict.fromkeys(index for index in found if index >= 0))

    def _own(self, index: int) -> Sequence[Span]:
        """Return the service's own spans in a stretch: no span lies in two."""
        first = bisect_left(self._spans, self._onsets[index], key=_onset)
        following = index + 1 < len(self._onsets)
        return self._spans[first : bisect_left(self._spans, self._onsets[index + 1], key=_onset) if following else None]


def _onset(span: Span) -> float:
    return span.onset


def _since(spans: Sequence[Span], since: float) -> Sequence[Span]:
    """Return the spans that began at a time or later."""
    return spans[bisect_left(spans, since, key=_onset) :]


def _merged(heard: Sequence[Sequence[Span]]) -> list[Span]:
    """Return the reference speech of all services together: spans that overlap are one stretch.

    They are the same for all, except where one was not sent all audio.
    """
    first, *others = heard or ((),)
    if all(spans == first for spans in others):
        return list(first)
    merged: list[Span] = []
    until = -inf
    for span in sorted(chain.from_iterable(heard), key=lambda one: (one.onset, _known_end(one))):
        if not merged or span.onset > until:
            merged.append(span)
        elif _known_end(span) > until:
            merged[-1] = msgspec.structs.replace(merged[-1], end=span.end, end_position=span.end_position)
        until = max(until, _known_end(span))
    return merged


def _known_end(span: Span) -> float:
    """Return how far a span is certain: an open one may be of a service that gets no more audio."""
    return span.onset if span.end is None else span.end


def _recent(finished: Sequence[FinishedTurn], since: float) -> Iterator[tuple[Turn | None, FinishedTurn]]:
    """Yield the turns that were not over at `since`, oldest first, each with the turn before it."""
    if since == -inf:  # all: of a recording they are read from the disk, which is slow in any other order
        yield from zip(chain([None], (each.turn for each in finished)), finished, strict=False)
        return
    index = len(finished)
    while index and finished[index - 1].turn.over_at >= since:
        index -= 1
    before = finished[index - 1].turn if index else None
    for each in finished[index:]:
        yield before, each
        before = each.turn


def _claimed(lane: Snapshot, finished: FinishedTurn, before: Turn | None) -> Sequence[Span]:
    """Return the speech that a finished turn claims; as far as it is known, while that is not decided."""
    turn = finished.turn
    own = [span for span in finished.metrics.speech if span.onset <= turn.over_at]
    return own if own or not finished.metrics.pending else _covered(lane, turn.started_at, turn.over_at, before)


def _claimed_while_open(lane: Snapshot, turn: Turn) -> Sequence[Span]:
    return _covered(lane, turn.started_at, inf, lane.finished[-1].turn if lane.finished else None)


def _covered(lane: Snapshot, started: float, ended: float, before: Turn | None) -> list[Span]:
    """Return the known speech that a turn would claim."""
    bounds = ClaimBounds(-inf if before is None else before.over_at, started, ended)
    found: list[Span] = []
    for span in reversed(lane.speech):
        if span.end is not None and span.end <= bounds.since:
            break
        if bounds.covers(span):
            found.append(span)
    return found[::-1]


def _changed_since(before: Snapshot, after: Snapshot) -> float:
    """Return the time from which turns or speech differ; infinite if nothing does."""
    since = inf
    if before.finished is not after.finished:
        since = _speech_since(after, _same(before.finished, after.finished))
    if _opened(before) != _opened(after):
        since = min(since, _speech_since(after, len(after.finished)))
    for old, new in ((before.speech, after.speech), (before.missed, after.missed)):
        if old is not new:
            before_it = _same(old, new) - 1  # an open turn may now go on from there, or no longer
            since = min(since, new[before_it].onset if before_it >= 0 else -inf)
    return since


def _opened(lane: Snapshot) -> tuple[int, State] | None:
    return None if lane.open_turn is None else (lane.open_turn.number, lane.state)


def _speech_since(lane: Snapshot, index: int) -> float:
    """Return a time from which on is all speech that the turn of this index can claim."""
    over = lane.finished[index - 1].turn.over_at if index else -inf
    return min((over, *(span.onset for span in lane.speech[-1:] if span.end is None)))


def _same(old: Sequence[object], new: Sequence[object]) -> int:
    """Return how many first items are the same."""
    place = bytes(map(is_, old, new)).find(0)
    return min(len(old), len(new)) if place < 0 else place
