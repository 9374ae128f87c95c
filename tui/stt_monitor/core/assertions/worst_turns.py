"""The turns behind a failed assertion: where to listen. Pure."""

from collections.abc import Callable, Iterable, Iterator
from heapq import nlargest
from typing import Final

from stt_monitor.core.assertions.expressions import Assertion
from stt_monitor.core.finished_turn import FinishedTurn
from stt_monitor.core.metrics.inclusion import NOT_ENDED, Inclusion
from stt_monitor.core.metrics.metric import Source
from stt_monitor.core.metrics.units import in_data
from stt_monitor.core.metrics.worst import measured
from stt_monitor.core.records.summaries import AssertionRecord, WorstTurn
from stt_monitor.core.snapshot import Snapshot
from stt_monitor.core.turns.turn import EndReason

MOST: Final = 3
"""Turns to name for an assertion."""

_Blame = Callable[[FinishedTurn], float]
"""Returns how much of a session's metric a turn has, as measured; 0: none."""


def _ended(reason: EndReason) -> _Blame:
    return lambda each: float(each.turn.end_reason is reason)


def _part(name: str) -> _Blame:
    return lambda each: float(getattr(each.metrics, name) or 0)


def _fault(name: str) -> _Blame:
    """Excuse turns that machine or line slowed."""
    return lambda each: 0.0 if each.metrics.slow else float(getattr(each.metrics, name) or 0)


_BLAMED: Final[dict[str, _Blame]] = {
    **{reason.value: _ended(reason) for reason in NOT_ENDED},
    "slow": _part("slow"),
    "eager_ends": _part("eager_ends"),
    "resumes": _part("resumes"),
    "eager_precision": _part("resumes"),
    "eager_wasted": _fault("eager_wasted"),
    "wasted_replies": _fault("wasted_replies"),
    "false_cutoffs": _fault("false_cutoff"),
    "spurious": _fault("spurious"),
    "interruptions": _part("interruption"),
}
"""Of metrics of sessions that are made of turns, which turns are to blame."""
_BLAMED_FOR_TOO_LITTLE: Final = ("eager_precision",)
_VALUED: Final = ("eager_ends", "resumes", "eager_wasted", "wasted_replies")
"""Those of which a turn has a value of its own; others are only counted."""

_LONGEST: Final = {"pause_survived_max": "pause_survived"}
_SHORTEST: Final = {"pause_cut_min": "pause_cut"}
"""Metrics of sessions that are the longest or shortest value of turns, and what turns call it."""


def worst_turns(
    assertion: Assertion, failed: AssertionRecord, sessions: Iterable[tuple[str, Snapshot]]
) -> tuple[WorstTurn, ...]:
    """Return the worst turns behind a failed assertion, at most three, the worst first.

    Of a metric of turns, only those that break the limit themselves; of others, those that it counts.

    Args:
        assertion: the one that failed.
        failed: its verdict.
        sessions: the name of each file, and its session's last snapshot.
    """
    if assertion.metric.source is Source.TURN:
        found = _beyond_limit(assertion, sessions)
    elif field := (_SHORTEST if assertion.wants_more else _LONGEST).get(assertion.name):
        found = _beyond_limit(assertion, sessions, field)
    elif (failed.actual or 0.0) < assertion.limit and assertion.name not in _BLAMED_FOR_TOO_LITTLE:
        return ()  # too few of something: no turn is to blame
    elif assertion.name == "missed":
        return tuple(_missed(sessions))[-MOST:]
    else:
        found = _counted(assertion, sessions)
    return tuple(turn for _, turn in nlargest(MOST, found, key=lambda each: each[0]))


def named(source: str, each: FinishedTurn, value: float | None, before: float | None = None) -> WorstTurn:
    """Return a turn by its place in a file, its text and its value."""
    metrics = each.metrics
    place = (metrics.speech_start_in_file, metrics.speech_end_in_file)
    start, end = (None if at is None else round(at, 3) for at in place)
    return WorstTurn(source, each.turn.number, value, each.turn.transcript, start, end, before)


def _beyond_limit(
    assertion: Assertion, sessions: Iterable[tuple[str, Snapshot]], field: str = ""
) -> Iterator[tuple[float, WorstTurn]]:
    """Yield the turns that count and break the limit, each with how far it is from it.

    `field` is what turns call a metric of sessions, which all turns count for that nothing slowed.
    """
    if assertion.statistic == "n":
        return
    listed = Inclusion.FIRST if assertion.first_turns else Inclusion.SUMMARY
    for source, snapshot in sessions:
        for found, each in measured(snapshot.finished, field or assertion.name, None if field else listed):
            value = in_data(found, assertion.metric.unit)
            if value is not None and not assertion.holds_for(value):
                yield abs(value - assertion.limit), named(source, each, value)


def _counted(assertion: Assertion, sessions: Iterable[tuple[str, Snapshot]]) -> Iterator[tuple[float, WorstTurn]]:
    """Yield the turns that a metric of sessions is made of, each with its part of it."""
    if (blame := _BLAMED.get(assertion.name)) is None:
        return
    for source, snapshot in sessions:
        for each in snapshot.finished:
            if part := blame(each):
                value = in_data(part, assertion.metric.unit) if assertion.name in _VALUED else None
                yield part, named(source, each, value)


def _missed(sessions: Iterable[tuple[str, Snapshot]]) -> Iterator[WorstTurn]:
    """Yield the missed spans of speech; their place only where the audio sent is the file, from its beginning."""
    for source, snapshot in sessions:
        is_file = not snapshot.health.resent_s and snapshot.audio.played == snapshot.audio.position
        for span in snapshot.missed:
            places = (span.onset_position, span.end_position)
            start, end = (None if at is None or not is_file else round(at, 3) for at in places)
            yield WorstTurn(source, None, None, "", start, end)
