"""The timeline of a turn as SVG: the speech, what the service made of it, its events, and the wait for `turn.end`."""

from collections.abc import Iterator
from html import escape
from math import ceil, floor
from typing import Final

from stt_monitor.core.metrics.units import Unit
from stt_monitor.core.snapshot import FinishedTurn
from stt_monitor.core.text.sanitize import clean
from stt_monitor.report.formatting import bare, clock
from stt_monitor.report.html.charts import titled

SHORTEST_S: Final = 6.0
"""Turns up to this long are drawn to the same scale."""

_MARGIN_S: Final = 0.3
_ROOM_S: Final = 0.7
_ROOM_SHARE: Final = 0.14
"""Right of the end, at least, and of what there is: for the words there, which would be hard to read on a bar."""

_TICKS_S: Final = (1, 2, 5, 10, 30, 60, 300)
_MOST_TICKS: Final = 9

SPEECH_Y: Final = 4
TURN_Y: Final = 22
_LANE: Final = 14
_EVENTS_Y: Final = 44
_HEIGHT: Final = 66


class _Axis:
    """Maps positions of audio (seconds) to shares of the width."""

    def __init__(self, start: float, end: float) -> None:
        self.start = start
        self.length = max(end - start, SHORTEST_S)

    def x(self, position: float) -> float:
        return min(max(100 * (position - self.start) / self.length, 0.0), 100.0)

    def bar(self, kind: str, start: float, end: float, y: float) -> str:
        x = self.x(start)
        width = max(self.x(end) - x, 0.15)
        return f'<rect class="{kind}" x="{x:.2f}%" width="{width:.2f}%" y="{y}" height="{_LANE}" rx="2"/>'

    def text(self, kind: str, position: float, y: float, words: str, *, anchor: str = "middle", dx: float = 0) -> str:
        return (
            f'<text class="{kind}" x="{self.x(position):.2f}%" y="{y}" dx="{dx:g}" text-anchor="{anchor}">'
            f"{escape(words)}</text>"
        )


def timeline(each: FinishedTurn) -> str:
    """Draw a turn."""
    spans = each.figures.speech
    starts = [each.start_position, *(span.onset_position for span in spans[:1])]
    ends = [each.end_position, *(span.end_position for span in spans if span.end_position is not None)]
    start, end = max(0.0, min(starts) - _MARGIN_S), max(ends)
    axis = _Axis(start, end + max(_ROOM_S, _ROOM_SHARE * (end - start)))
    drawers = (_seconds, _speech, _states, _events, _wait)
    parts = "".join(part for drawer in drawers for part in drawer(each, axis))
    label = f"timeline of turn {each.turn.number}"
    return f'<svg class="timeline" height="{_HEIGHT}" role="img" aria-label="{label}">{parts}</svg>'


def _seconds(_: FinishedTurn, axis: _Axis) -> Iterator[str]:
    longest = ceil(axis.length / _MOST_TICKS / _TICKS_S[-1]) * _TICKS_S[-1]
    step = next((step for step in _TICKS_S if axis.length / step <= _MOST_TICKS), longest)
    for tick in range(ceil(axis.start / step), floor((axis.start + axis.length) / step) + 1):
        x = axis.x(tick * step)
        yield f'<line class="grid" x1="{x:.2f}%" x2="{x:.2f}%" y1="0" y2="{_HEIGHT - 12}"/>'
        yield axis.text("tick", tick * step, _HEIGHT - 2, f"{tick * step // 60}:{tick * step % 60:02}")


def _speech(each: FinishedTurn, axis: _Axis) -> Iterator[str]:
    after = each.turn.ended_at
    for span in each.figures.speech:
        end = axis.start + axis.length if span.end_position is None else span.end_position
        comes_back = after is not None and (span.end is None or span.end > after)
        kind = "speech cut" if each.figures.false_cutoff and comes_back else "speech"
        words = f"speech from {clock(span.onset_position)} to {clock(end)}"
        yield titled(axis.bar(kind, span.onset_position, end, SPEECH_Y), words)


def _states(each: FinishedTurn, axis: _Axis) -> Iterator[str]:
    since = each.start_position
    for guess in each.turn.guesses:
        at = each.position_at(guess.at)
        yield axis.bar("speaking", since, at, TURN_Y)
        since = each.end_position if guess.resumed_at is None else each.position_at(guess.resumed_at)
        fate = (
            "it stood"
            if guess.resumed_at is None
            else f"taken back {bare(guess.resumed_at - guess.at, Unit.MILLISECONDS)} ms later"
        )
        yield titled(axis.bar("eager", at, since, TURN_Y), f"eager end, {fate}: “{clean(guess.transcript)}”")
    if not each.turn.guesses or each.turn.guesses[-1].resumed_at is not None:
        yield axis.bar("speaking", since, each.end_position, TURN_Y)


def _events(each: FinishedTurn, axis: _Axis) -> Iterator[str]:
    for at in each.turn.event_times:
        x = axis.x(each.position_at(at))
        yield f'<line class="event" x1="{x:.2f}%" x2="{x:.2f}%" y1="{TURN_Y + _LANE}" y2="{TURN_Y + _LANE + 4}"/>'
    y = _EVENTS_Y + 6
    yield titled(axis.text("mark", each.start_position, y, "▸"), f"turn.start at {clock(each.start_position)}")
    for guess in each.turn.guesses:
        at = each.position_at(guess.at)
        yield titled(axis.text("mark", at, y, "◐"), f"turn.eager_end at {clock(at)}")
        if guess.resumed_at is not None:
            at = each.position_at(guess.resumed_at)
            yield titled(axis.text("mark", at, y, "↺"), f"turn.resume at {clock(at)}")
    if each.turn.ended_at is not None:
        yield titled(axis.text("mark", each.end_position, y, "■"), f"turn.end at {clock(each.end_position)}")
    else:
        yield axis.text("mark", each.end_position, y, "✂ never ended", anchor="start", dx=4)


def _wait(each: FinishedTurn, axis: _Axis) -> Iterator[str]:
    """The gap between the end of speech and `turn.end`."""
    latency, end = each.figures.eot_latency, each.figures.speech_end_position
    if latency is None or end is None:
        return
    yield axis.bar("wait", end, each.end_position, SPEECH_Y)
    yield axis.text(
        "waited", each.end_position, SPEECH_Y + 11, f"{bare(latency, Unit.MILLISECONDS)} ms", anchor="start", dx=4
    )
