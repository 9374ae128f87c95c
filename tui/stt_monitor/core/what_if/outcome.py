"""A session judged again, as the outcome of a cell of a sweep: what a run with other settings would have measured."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import msgspec

from stt_monitor.core.settings.requested import TurnSettings
from stt_monitor.core.snapshot import Snapshot
from stt_monitor.core.sweep.outcome import END_UNKNOWN, UNKNOWN, CellOutcome, TurnOutcome, outcome_of
from stt_monitor.core.what_if.evidence import Evidence
from stt_monitor.core.what_if.session import WhatIf, what_if
from stt_monitor.core.what_if.turn import WhatIfTurn


class Rejudged(msgspec.Struct, frozen=True):
    """A session under other settings."""

    outcome: CellOutcome
    """True turns of which nothing can be told are `unknown`; of one that is cut short, only the cut is known."""
    unknown: dict[str, int]
    """Why turns of the service cannot be told, and how many, the most frequent reason first."""


def rejudge(snapshot: Snapshot, evidence: Evidence, grid: Iterable[TurnSettings]) -> Iterator[Rejudged]:
    """Judge a session again under each of several settings.

    Args:
        snapshot: the last one of a session, with all of its likelihood.
        evidence: of it.
        grid: settings; those not set have their published defaults.
    """
    for settings in grid:
        found = what_if(evidence, settings)
        yield Rejudged(_outcome(snapshot, found), found.unknown)


def _outcome(snapshot: Snapshot, found: WhatIf) -> CellOutcome:
    told = tuple(each.before if each.after is None else each.after for each in found.turns)
    outcome = outcome_of(msgspec.structs.replace(snapshot, finished=told))
    dark = [each for one in found.turns if (each := _untold(one)) is not None]
    return msgspec.structs.replace(outcome, turns=tuple(_standing(each, dark) for each in outcome.turns))


class _Stretch(NamedTuple):
    """A stretch of audio, seconds."""

    start: float
    end: float


def _untold(each: WhatIfTurn) -> _Stretch | None:
    """Return the part of a turn's speech of which nothing can be told: all, what follows a split, or none."""
    end = each.before.end_position
    if each.split and each.after is not None:
        return _Stretch(each.after.end_position, end)
    heard = (span.onset_position for span in each.before.metrics.speech if span.onset <= each.before.turn.over_at)
    return _Stretch(next(heard, each.before.start_position), end) if each.unknown else None


def _standing(turn: TurnOutcome, dark: Sequence[_Stretch]) -> TurnOutcome:
    """Say what is not known of a true turn, given the stretches that are not told, in order."""
    place = bisect_right(dark, turn.position, key=lambda each: each.end)
    if place == len(dark) or dark[place].start >= turn.end_position:
        return turn
    standing = UNKNOWN if dark[place].start <= turn.position else END_UNKNOWN
    return msgspec.structs.replace(turn, standing=standing, missed=False)
