"""Takes from a session what pairs need of it. Pure."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import pairwise
from math import inf
from typing import Final

from stt_monitor.core.finished_turn import FinishedTurn
from stt_monitor.core.metrics.claims import ClaimBounds, first_span
from stt_monitor.core.metrics.definitions import TURN_METRICS
from stt_monitor.core.metrics.inclusion import Inclusion, inclusion
from stt_monitor.core.settings.requested import TurnSettings
from stt_monitor.core.snapshot import Snapshot
from stt_monitor.core.sound.heard import Finder, Heard, HeardTurn, Interruptions, merged, stretch_of
from stt_monitor.core.sound.reference_speech import Span

_MOVED_S: Final = 0.2
"""The file was paused or sent again where audio moves by more than this; nobody pauses it for less."""


def heard_of(snapshot: Snapshot, counts: Callable[[TurnSettings], bool] = lambda _: True) -> Heard:
    """Return what pairs need of a session.

    Args:
        snapshot: the session.
        counts: says whether turns under these settings count.
    """
    session, spans = snapshot.session, snapshot.speech
    live = any(span.onset_in_file is None for span in spans)
    speech = merged(map(stretch_of, spans))
    find = Finder(speech)
    known = spans[0].onset if spans else inf
    interruptions = _interruptions(spans, find)
    return Heard(
        source=session.source,
        started_at=session.started_at,
        live=live,
        audio_id=session.audio_id or "",
        degraded=tuple(session.degraded or ()),
        reference=session.reference,
        duration=snapshot.audio.duration,
        until=inf if live else snapshot.audio.played,
        speech=speech,
        missed=frozenset(find(span) for span in snapshot.missed if span.onset >= known),
        interruptions=interruptions,
        turns=tuple(
            _heard(each, since, find, interruptions, among=counts(each.turn.settings))
            for each, since in _with_since(snapshot.finished)
            if not each.metrics.pending and all(span.onset >= known for span in each.metrics.speech)
        ),
    )


def _interruptions(spans: Sequence[Span], find: Finder) -> Interruptions:
    within = {find(span) for span in spans if _is_moved(span)}
    after: set[int] = set()
    for one, other in pairwise(spans):
        if _are_moved(one, other):
            first, second = find(one), find(other)
            if first == second:
                within.add(first)
            else:
                after |= {first, second - 1}  # which lies before it, where audio was sent again
    return Interruptions(frozenset(within), frozenset(after))


def _with_since(finished: Iterable[FinishedTurn]) -> Iterator[tuple[FinishedTurn, float]]:
    """Yield the turns, each with the time when the one before it was over."""
    since = -inf
    for each in finished:
        yield each, since
        since = each.turn.over_at


def _heard(each: FinishedTurn, since: float, find: Finder, interruptions: Interruptions, *, among: bool) -> HeardTurn:
    turn, metrics = each.turn, each.metrics
    where = inclusion(turn, metrics)
    counts = among and where in (Inclusion.SUMMARY, Inclusion.FIRST)
    claimed = [span for span in metrics.speech if span.onset <= turn.over_at]
    begin = first_span(claimed, ClaimBounds(since, turn.started_at, turn.over_at))
    claimed = [span for span in claimed if begin is not None and span.onset >= begin.onset]
    if not claimed:
        at = turn.over_at if each.end_in_file is None else each.end_in_file
        return HeardTurn(turn.number, find(at), None, at, counts and bool(metrics.spurious))
    first, last = (pick(map(find, claimed)) for pick in (min, max))
    onset = next((one for one in claimed if one.onset_position == metrics.speech_start_position), None)
    end = next((one for one in claimed if one.end_position == metrics.speech_end_position), None)
    whole = not interruptions.touch(first, last)
    return HeardTurn(
        number=turn.number,
        first=first,
        last=last,
        at=min(stretch_of(span)[0] for span in claimed),
        counts=counts,
        onset=None if onset is None else stretch_of(onset)[0],
        end=None if end is None else stretch_of(end)[1],
        values=_values(each) if counts and whole and where is Inclusion.SUMMARY else {},
    )


def _values(each: FinishedTurn) -> dict[str, float]:
    values = ((metric.key, getattr(each.metrics, metric.key)) for metric in TURN_METRICS)
    return {key: value for key, value in values if value is not None and key not in each.marks.absent}


def _is_moved(span: Span) -> bool:
    """Return whether the file was paused or sent again in the middle of a span."""
    return _differ(_moved(span.onset_position, span.onset_in_file), _moved(span.end_position, span.end_in_file))


def _are_moved(one: Span, other: Span) -> bool:
    """Return whether it was between two spans."""
    return _differ(_moved(one.end_position, one.end_in_file), _moved(other.onset_position, other.onset_in_file))


def _moved(position: float | None, in_file: float | None) -> float | None:
    """Return by how much audio is later in the session than in the file; None where that is not known."""
    return None if position is None or in_file is None else position - in_file


def _differ(one: float | None, other: float | None) -> bool:
    return one is not None and other is not None and abs(one - other) > _MOVED_S
