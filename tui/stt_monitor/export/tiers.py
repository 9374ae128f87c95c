"""What a session did along its audio, lane by lane: speech, turns, states, events. Positions are milliseconds."""

from collections.abc import Iterable, Iterator

import msgspec

from stt_monitor.core.snapshot import FinishedTurn, Snapshot
from stt_monitor.core.state_machine import State
from stt_monitor.core.text.sanitize import clean
from stt_monitor.export.cues import in_ms
from stt_monitor.export.merge import in_order


class Stretch(msgspec.Struct, frozen=True, order=True):
    """A part of a lane, and what it says."""

    start: int
    end: int
    text: str


class Point(msgspec.Struct, frozen=True, order=True):
    """An instant, and what happened."""

    at: int
    text: str


def turn_lane(turns: Iterable[FinishedTurn]) -> Iterator[Stretch]:
    """Give the turns with their words: stretches in order, apart from one another and longer than nothing, as all.

    A turn that began and ended at once lasts a millisecond.
    """
    return _apart(map(_turn, turns), shortest=1)


def speech_lane(turns: Iterable[FinishedTurn]) -> Iterator[Stretch]:
    """Give the reference speech that turns were measured against."""
    return _apart(stretch for each in turns for stretch in _speech(each))


def state_lane(turns: Iterable[FinishedTurn]) -> Iterator[Stretch]:
    """Give the states of the turn machine, as long as it was not idle."""
    return _apart(stretch for each in turns for stretch in _states(each))


def event_lane(turns: Iterable[FinishedTurn]) -> Iterator[Point]:
    """Give the transitions of the turn machine, in order."""
    return in_order(point for each in turns for point in _events(each))


def length(snapshot: Snapshot) -> int:
    """Return where all lanes of a session end."""
    ends = (stretch.end for lane in (turn_lane, speech_lane) for stretch in lane(snapshot.finished))
    return max(in_ms(snapshot.audio.position), in_ms(snapshot.audio.duration or 0.0), max(ends, default=0))


def _turn(each: FinishedTurn) -> Stretch:
    return Stretch(in_ms(each.start_position), in_ms(each.end_position), _words(each))


def _words(each: FinishedTurn) -> str:
    return clean(each.turn.transcript) or f"(turn {each.turn.number}: no words)"


def _speech(each: FinishedTurn) -> Iterator[Stretch]:
    for span in each.figures.speech:
        end = each.end_position if span.end_position is None else span.end_position
        yield Stretch(in_ms(span.onset_position), in_ms(end), "speech")


def _states(each: FinishedTurn) -> Iterator[Stretch]:
    since, state = each.start_position, State.SPEAKING
    for at, following in _transitions(each):
        yield Stretch(in_ms(since), in_ms(at), state.value)
        since, state = at, following
    yield Stretch(in_ms(since), in_ms(each.end_position), state.value)


def _transitions(each: FinishedTurn) -> Iterator[tuple[float, State]]:
    for guess in each.turn.guesses:
        yield each.position_at(guess.at), State.EAGER_END
        if guess.resumed_at is not None:
            yield each.position_at(guess.resumed_at), State.SPEAKING


def _events(each: FinishedTurn) -> Iterator[Point]:
    yield Point(in_ms(each.start_position), "turn.start")
    for at, state in _transitions(each):
        yield Point(in_ms(at), "turn.eager_end" if state is State.EAGER_END else "turn.resume")
    if each.turn.ended_at is not None:
        yield Point(in_ms(each.end_position), "turn.end")


def _apart(nearly_ordered: Iterable[Stretch], *, shortest: int = 0) -> Iterator[Stretch]:
    """Put stretches in order; where two overlap, the earlier one goes on and the later one begins at its end.

    Those of which nothing is left are left out, unless they last `shortest` at least.
    """
    free_from = 0
    for stretch in in_order(nearly_ordered):
        start = max(stretch.start, free_from)
        end = max(stretch.end, start + shortest)
        if start < end:
            free_from = end
            yield Stretch(start, end, stretch.text)
