"""A session along its audio, tier by tier: speech, turns, states, events. Positions are milliseconds of audio."""

from collections.abc import Iterable, Iterator

import msgspec

from stt_monitor.core.finished_turn import FinishedTurn
from stt_monitor.core.snapshot import Snapshot
from stt_monitor.core.text.sanitize import clean
from stt_monitor.core.turns.state import State
from stt_monitor.export.cues import in_ms
from stt_monitor.export.merge import in_order


class Interval(msgspec.Struct, frozen=True, order=True):
    """A part of a tier, and its text."""

    start: int
    end: int
    text: str


class Point(msgspec.Struct, frozen=True, order=True):
    """An instant, and its event."""

    at: int
    text: str


def turn_tier(turns: Iterable[FinishedTurn]) -> Iterator[Interval]:
    """Yield the turns with their words: intervals in order, without overlap, none empty, as in every tier.

    A turn that starts and ends at once lasts a millisecond.
    """
    return _without_overlap(map(_turn, turns), shortest=1)


def speech_tier(turns: Iterable[FinishedTurn]) -> Iterator[Interval]:
    """Yield the reference speech that turns were measured against, and the pauses inside labelled turns.

    So it can be read as labels again: what touches is one turn.
    """
    return _without_overlap(interval for each in turns for interval in _speech(each))


def agent_tier(snapshot: Snapshot) -> Iterator[Interval]:
    """Yield what the agent says; what is going on ends with the audio. Nothing where its side is not heard."""
    heard_until = in_ms(snapshot.audio.position)
    return _without_overlap(
        Interval(
            in_ms(span.onset_position),
            heard_until if span.end_position is None else in_ms(span.end_position),
            "speech",
        )
        for span in snapshot.agent_speech
    )


def state_tier(turns: Iterable[FinishedTurn]) -> Iterator[Interval]:
    """Yield the states of the turn machine while it was not idle."""
    return _without_overlap(interval for each in turns for interval in _states(each))


def event_tier(snapshot: Snapshot) -> Iterator[Point]:
    """Yield the transitions of the turn machine, in order."""
    return in_order(point for each in snapshot.finished for point in _events(each))


def length(snapshot: Snapshot) -> int:
    """Return where the tiers of a session end."""
    ends = (interval.end for tier in (turn_tier, speech_tier) for interval in tier(snapshot.finished))
    agent = max((interval.end for interval in agent_tier(snapshot)), default=0)
    return max(in_ms(snapshot.audio.position), in_ms(snapshot.audio.duration or 0.0), max(ends, default=0), agent)


def _turn(each: FinishedTurn) -> Interval:
    return Interval(in_ms(each.start_position), in_ms(each.end_position), _words(each))


def _words(each: FinishedTurn) -> str:
    return clean(each.turn.transcript) or f"(turn {each.turn.number}: no words)"


def _speech(each: FinishedTurn) -> Iterator[Interval]:
    before: int | None = None
    for span in each.metrics.speech:
        onset, end = span.onset_position, each.end_position if span.end_position is None else span.end_position
        if span.continues and before is not None:
            yield Interval(before, in_ms(onset), "pause")
        before = in_ms(end)
        yield Interval(in_ms(onset), before, "speech")


def _states(each: FinishedTurn) -> Iterator[Interval]:
    since, state = each.start_position, State.SPEAKING
    for at, following in _transitions(each):
        yield Interval(in_ms(since), in_ms(at), state.value)
        since, state = at, following
    yield Interval(in_ms(since), in_ms(each.end_position), state.value)


def _transitions(each: FinishedTurn) -> Iterator[tuple[float, State]]:
    for eager in each.turn.eager_ends:
        yield each.position_at(eager.at), State.EAGER_END
        if eager.resumed_at is not None:
            yield each.position_at(eager.resumed_at), State.SPEAKING


def _events(each: FinishedTurn) -> Iterator[Point]:
    yield Point(in_ms(each.start_position), "turn.start")
    for at, state in _transitions(each):
        yield Point(in_ms(at), "turn.eager_end" if state is State.EAGER_END else "turn.resume")
    if each.turn.ended_at is not None:
        yield Point(in_ms(each.end_position), "turn.end")


def _without_overlap(nearly_ordered: Iterable[Interval], *, shortest: int = 0) -> Iterator[Interval]:
    """Sort intervals; where two overlap, the later one begins where the earlier one ends.

    Drops those of which nothing is left, unless `shortest` (ms) keeps them.
    """
    free_from = 0
    for interval in in_order(nearly_ordered):
        start = max(interval.start, free_from)
        end = max(interval.end, start + shortest)
        if start < end:
            free_from = end
            yield Interval(start, end, interval.text)
