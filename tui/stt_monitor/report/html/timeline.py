"""The timeline of a turn: speech, states, events, and the wait for `turn.end`.

`templates/timeline.html` draws it. Places are shares of its width, in per cent.
"""

from collections.abc import Iterable, Iterator
from math import ceil, floor
from typing import Final

import msgspec

from stt_monitor.core.finished_turn import FinishedTurn
from stt_monitor.core.metrics.units import Unit
from stt_monitor.core.settings.requested import Schema
from stt_monitor.core.snapshot import Snapshot
from stt_monitor.core.sound.reference_speech import Span
from stt_monitor.core.text.sanitize import clean
from stt_monitor.report.formatting import bare_value, clock
from stt_monitor.report.html.likelihood import Likelihood, likelihood

SHORTEST_S: Final = 6.0
"""Turns up to this long are drawn to the same scale."""

_MARGIN_S: Final = 0.3
_ROOM_S: Final = 0.7
_ROOM_SHARE: Final = 0.14
"""Space right of the end, at least and as a share of the turn: text on a bar would be hard to read."""

_TICKS_S: Final = (1, 2, 5, 10, 30, 60, 300)
_MOST_TICKS: Final = 9


class Tick(msgspec.Struct, frozen=True):
    """A grid line and its time."""

    x: float
    time: str


class Segment(msgspec.Struct, frozen=True):
    """A bar; `kind` is its class in the style sheet."""

    kind: str
    x: float
    width: float
    title: str = ""


class Mark(msgspec.Struct, frozen=True):
    """The sign of an event."""

    x: float
    sign: str
    title: str


class Timeline(msgspec.Struct, frozen=True):
    """Everything that is drawn of a turn."""

    number: int
    ticks: tuple[Tick, ...]
    speech: tuple[Segment, ...]
    agent: tuple[Segment, ...]
    """What the agent says meanwhile."""
    states: tuple[Segment, ...]
    events: tuple[float, ...]
    marks: tuple[Mark, ...]
    end: float
    ended: bool
    wait: Segment | None
    waited: str
    """Length of the wait, with unit."""
    likelihood: Likelihood | None = None
    """None where it is not known."""


class _Axis:
    """Maps positions of audio (seconds) to shares of the width."""

    def __init__(self, start: float, end: float) -> None:
        self.start = start
        self.length = max(end - start, SHORTEST_S)

    @property
    def end(self) -> float:
        return self.start + self.length

    def x(self, position: float) -> float:
        return min(max(100 * (position - self.start) / self.length, 0.0), 100.0)

    def segment(self, kind: str, start: float, end: float, title: str = "") -> Segment:
        x = self.x(start)
        return Segment(kind, x, max(self.x(end) - x, 0.15), title)


def timeline(
    each: FinishedTurn, beside: FinishedTurn | None = None, *, of: tuple[Snapshot, Schema] | None = None
) -> Timeline:
    """Return the timeline of a turn.

    Args:
        each: the turn.
        beside: with room for this turn of another session, to the same scale.
        of: last snapshot of its session, and schema of its service's settings, to draw the likelihood; None: without.
    """
    turn, figures = each.turn, each.metrics
    start, end = _extent(each)
    if beside is not None:
        moved = _moved(each) - _moved(beside)
        other_start, other_end = _extent(beside)
        start, end = min(start, other_start + moved), max(end, other_end + moved)
    if of is not None:
        end = max(end, _reply(each))
    axis = _Axis(start, end + max(_ROOM_S, _ROOM_SHARE * (end - start)))
    spoken_until = figures.speech_end_position
    waited = figures.eot_latency if spoken_until is not None else None
    return Timeline(
        turn.number,
        ticks=tuple(_ticks(axis)),
        speech=tuple(_speech(each, axis)),
        agent=() if of is None else tuple(_agent(of[0].agent_speech, axis)),
        states=tuple(_states(each, axis)),
        events=tuple(axis.x(each.position_at(at)) for at in turn.event_times),
        marks=tuple(Mark(axis.x(at), sign, f"{event} at {clock(at)}") for at, sign, event in _marks(each)),
        end=axis.x(each.end_position),
        ended=turn.ended_at is not None,
        wait=None if waited is None or spoken_until is None else axis.segment("wait", spoken_until, each.end_position),
        waited=f"{bare_value(waited, Unit.MILLISECONDS)} ms",
        likelihood=None if of is None else likelihood(each, *of, axis.x),
    )


def _extent(each: FinishedTurn) -> tuple[float, float]:
    """Return where a turn and its speech begin, with a margin, and end; seconds of audio."""
    spans = each.metrics.speech
    starts = [each.start_position, *(span.onset_position for span in spans[:1])]
    ends = [each.end_position, *(span.end_position for span in spans if span.end_position is not None)]
    return max(0.0, min(starts) - _MARGIN_S), max(ends)


def _reply(each: FinishedTurn) -> float:
    """Return where the agent's reply begins, seconds of audio; 0 without one."""
    gap, until = each.metrics.response_gap, each.metrics.speech_end_position
    return 0.0 if gap is None or until is None else until + gap


def _moved(each: FinishedTurn) -> float:
    """Return by how much audio a turn is later in its session than in the file."""
    first = next(iter(each.metrics.speech), None)
    return 0.0 if first is None or first.onset_in_file is None else first.onset_position - first.onset_in_file


def _ticks(axis: _Axis) -> Iterator[Tick]:
    longest = ceil(axis.length / _MOST_TICKS / _TICKS_S[-1]) * _TICKS_S[-1]
    step = next((step for step in _TICKS_S if axis.length / step <= _MOST_TICKS), longest)
    for place in range(ceil(axis.start / step), floor(axis.end / step) + 1):
        at = place * step
        yield Tick(axis.x(at), f"{at // 60}:{at % 60:02}")


def _speech(each: FinishedTurn, axis: _Axis) -> Iterator[Segment]:
    after = each.turn.ended_at
    for span in each.metrics.speech:
        end = axis.end if span.end_position is None else span.end_position
        goes_on = after is not None and (span.end is None or span.end > after)
        kind = "speech cut" if each.metrics.false_cutoff and goes_on else "speech"
        title = f"speech from {clock(span.onset_position)} to {clock(end)}"
        yield axis.segment(kind, span.onset_position, end, title)


def _agent(spans: Iterable[Span], axis: _Axis) -> Iterator[Segment]:
    for span in spans:
        end = axis.end if span.end_position is None else span.end_position
        if span.onset_position < axis.end and end > axis.start:
            title = f"agent speaks from {clock(span.onset_position)} to {clock(end)}"
            yield axis.segment("agent", span.onset_position, end, title)


def _states(each: FinishedTurn, axis: _Axis) -> Iterator[Segment]:
    since = each.start_position
    speaking = True
    for guess in each.turn.eager_ends:
        at = each.position_at(guess.at)
        yield axis.segment("speaking", since, at)
        speaking = guess.resumed_at is not None
        if guess.resumed_at is None:
            since, fate = each.end_position, "not resumed"
        else:
            since = each.position_at(guess.resumed_at)
            fate = f"resumed {bare_value(guess.until_resume, Unit.MILLISECONDS)} ms later"
        yield axis.segment("eager", at, since, f"eager end, {fate}: “{clean(guess.transcript)}”")
    if speaking:
        yield axis.segment("speaking", since, each.end_position)


def _marks(each: FinishedTurn) -> Iterator[tuple[float, str, str]]:
    """Yield position, sign and name of each event that changed the state."""
    yield each.start_position, "▸", "turn.start"
    for guess in each.turn.eager_ends:
        yield each.position_at(guess.at), "◐", "turn.eager_end"
        if guess.resumed_at is not None:
            yield each.position_at(guess.resumed_at), "↺", "turn.resume"
    if each.turn.ended_at is not None:
        yield each.end_position, "■", "turn.end"
