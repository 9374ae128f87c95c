"""What a session did along its audio, lane by lane: speech, turns, states, events. Positions are milliseconds."""

from collections.abc import Iterator

import msgspec

from stt_monitor.core.snapshot import FinishedTurn, Snapshot
from stt_monitor.core.text import clean
from stt_monitor.core.turns import State
from stt_monitor.export.cues import in_ms


class Stretch(msgspec.Struct, frozen=True, order=True):
    """A part of a lane, and what it says."""

    start: int
    end: int
    text: str


class Point(msgspec.Struct, frozen=True, order=True):
    """An instant, and what happened."""

    at: int
    text: str


class Lanes(msgspec.Struct, frozen=True):
    """All lanes: in order, the stretches of one apart from one another and longer than nothing."""

    length: int
    speech: list[Stretch]
    """Reference speech that turns were measured against."""
    turns: list[Stretch]
    states: list[Stretch]
    events: list[Point]


def lanes(snapshot: Snapshot) -> Lanes:
    """Draw the lanes of a session."""
    finished = snapshot.finished
    speech = [stretch for each in finished for stretch in _speech(each)]
    turns = [Stretch(in_ms(each.start_position), in_ms(each.end_position), _words(each)) for each in finished]
    states = [stretch for each in finished for stretch in _states(each)]
    events = sorted(point for each in finished for point in _events(each))
    ends = [stretch.end for stretch in (*speech, *turns)]
    return Lanes(
        length=max([in_ms(snapshot.audio.position), in_ms(snapshot.audio.duration or 0.0), *ends]),
        speech=_apart(speech),
        turns=_apart(turns),
        states=_apart(states),
        events=events,
    )


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


def _apart(stretches: list[Stretch]) -> list[Stretch]:
    """Put stretches in order; where two overlap, the earlier one goes on and the later one begins at its end."""
    apart: list[Stretch] = []
    for stretch in sorted(stretches):
        start = max(stretch.start, apart[-1].end if apart else 0)
        if start < stretch.end:
            apart.append(Stretch(start, stretch.end, stretch.text))
    return apart
