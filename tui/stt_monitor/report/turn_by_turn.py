"""Groups over the same audio, turn by turn, in words: how many turns differ, and those that changed most."""

from collections.abc import Iterator
from heapq import nlargest
from typing import Final

import msgspec

from stt_monitor.core.finished_turn import FinishedTurn
from stt_monitor.core.metrics.definitions import HEADLINE
from stt_monitor.core.pairs.sessions import SessionPairs
from stt_monitor.core.pairs.structure import Changes
from stt_monitor.core.pairs.values import Pair, Pairs
from stt_monitor.core.pairs.words import changes_in_words, counted
from stt_monitor.core.sound.heard import Heard
from stt_monitor.core.text.sanitize import clean
from stt_monitor.core.text.wording import plural
from stt_monitor.report.comparison import letter
from stt_monitor.report.formatting import cell_value, clock, signed
from stt_monitor.report.model import Group, Report

MOST: Final = 5
"""Turns that are shown as those that changed most."""

HOW_CHANGED: Final = (
    "Split: the second ended a turn before the speech of the first one's was over; merged: the other way round. "
    "Vanished: the second missed it; appeared: the first did. Turns that were slow, closed or in which the file was "
    "paused are not counted."
)


class ChangedTurn(msgspec.Struct, frozen=True):
    """A turn of both, in words."""

    source: str
    """Name of the file."""
    at: str
    """Where it begins in the file."""
    before: str
    after: str
    """The values."""
    difference: str
    words: str
    """Its words, after the change."""
    turns: tuple[FinishedTurn, FinishedTurn]
    pair: Pair


class TurnByTurn(msgspec.Struct, frozen=True):
    """A group against the baseline."""

    place: int
    """Number of the group, from 0."""
    letters: tuple[str, str]
    summary: str
    changes: Changes
    changed: tuple[ChangedTurn, ...]
    pairs: tuple[Pair, ...]
    left_out: int
    """Sessions of both that heard audio that the other did not."""

    @property
    def remarks(self) -> str:
        """What else there is to say of the turns; may be empty."""
        others = changes_in_words(self.changes)
        said = [
            f"Turns: {others}." if others else "",
            f"{plural(self.left_out, 'session')} of other audio left out." if self.left_out else "",
        ]
        return " ".join(filter(None, said))


def turn_by_turn(report: Report) -> Iterator[TurnByTurn]:
    """Yield each group that heard the same audio as the baseline, compared by the headline metric."""
    for place, (group, found) in enumerate(zip(report.groups, report.paired, strict=True)):
        if found is not None:
            yield _compared(report, place, group, found)


def _compared(report: Report, place: int, group: Group, found: SessionPairs) -> TurnByTurn:
    baseline = report.groups[0]
    pairs = found.of(HEADLINE)
    used = [each for both in found.sessions for each in (both.before, both.after)]
    left_out = sum(not any(each is one for one in used) for each in (*baseline.heard, *group.heard))
    return TurnByTurn(
        place,
        (letter(0), letter(place)),
        _summary(pairs),
        found.changes,
        tuple(_changed(baseline, group, found)),
        pairs.pairs,
        left_out,
    )


def _changed(baseline: Group, group: Group, found: SessionPairs) -> Iterator[ChangedTurn]:
    """Yield the turns that changed most, the most first."""
    each_pair = ((pair, both) for both in found.sessions for pair in both.of(HEADLINE).pairs)
    most = nlargest(MOST, each_pair, key=lambda each: abs(each[0].difference))
    for pair, both in most:
        before = _turn(baseline, both.before, pair.turns[0])
        after = _turn(group, both.after, pair.turns[1])
        yield ChangedTurn(
            source=both.after.source,
            at=clock(pair.at),
            before=cell_value(pair.before, HEADLINE.unit),
            after=cell_value(pair.after, HEADLINE.unit),
            difference=signed(pair.difference, HEADLINE.unit),
            words=clean(after.turn.transcript),
            turns=(before, after),
            pair=pair,
        )


def _turn(group: Group, heard: Heard, number: int) -> FinishedTurn:
    """Return a turn of one of a group's sessions."""
    session = next(one for one, other in zip(group.sessions, group.heard, strict=True) if other is heard)
    return next(each for each in session.snapshot.finished if each.turn.number == number)


def _summary(pairs: Pairs) -> str:
    """Say how many turns differ, and by how much."""
    found = pairs.difference
    if found is None:
        return f"no turn has {HEADLINE.key} in both"
    words = f"{counted(pairs)}, median {signed(found.of_medians, HEADLINE.unit)}{HEADLINE.unit.suffix}"
    if found.interval is None:
        return f"{words} (too few turns to be sure)"
    low, high = (signed(end, HEADLINE.unit) for end in (found.interval.low, found.interval.high))
    return f"{words} [{low} … {high}]{'' if found.significant else ', not significant'}"
