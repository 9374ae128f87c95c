"""Draws the last seconds as lanes: sound, voice, turn, events, and the latency of each end of turn."""

from bisect import bisect_left
from collections.abc import Sequence
from typing import Final

from textual.content import Content

from stt_monitor.core.finished_turn import FinishedTurn, index_of
from stt_monitor.core.metrics.turn_metrics import TurnMetrics
from stt_monitor.core.notes import settings_since
from stt_monitor.core.settings.requested import TurnSettings
from stt_monitor.core.snapshot import Snapshot
from stt_monitor.core.turns.turn import Turn
from stt_monitor.services.registry import schema_of
from stt_monitor.ui.drawing.lanes import EMPTY, Lane, Window, blank, fits, is_free, joined, mark, paint, write
from stt_monitor.ui.drawing.notes import draw_notes
from stt_monitor.ui.drawing.timeline.probability_lane import draw_likelihood
from stt_monitor.ui.drawing.timeline.sound_lanes import draw_agent, draw_sound, draw_voice
from stt_monitor.ui.formatting import clock, milliseconds

LABEL_CELLS: Final = 8
"""Cells for the name of a lane."""

FIXED_LANES: Final = 5
"""Lanes besides the sound, which takes the rest of the height."""

CURVE_LANES: Final = range(3, 9)
"""Lines of the likelihood's curve."""
_CURVE_SHARE: Final = 2 / 3
"""Part of the room for sound and likelihood that the curve takes."""

_ROOMY: Final = 10
"""Lines from which on notes have a lane of their own."""

_TICKS: Final = (1, 2, 5, 10, 15, 30, 60, 120)
"""Seconds between two marks of the axis."""
_TICK_CELLS: Final = 12

_LABELLED: Final = 1000
"""Most turns drawn with their latency, the newest visible ones: more would be illegible."""
_OUTAGE: Final = ("×", ".bad")
"""No connection: the state of the turn is unknown."""
_BAR: Final = "━"


def draw_timeline(
    snapshot: Snapshot, window: Window, height: int, chosen: int | None = None, draft: TurnSettings | None = None
) -> list[Content]:
    """Draw all lanes, `height` lines in all; the axis names the chosen turn where it starts.

    Args:
        snapshot: of the session.
        window: the visible part.
        height: lines.
        chosen: number of the chosen turn.
        draft: settings whose thresholds are drawn on the likelihood beside those in force.
    """
    turns = [turn for turn, _ in visible_turns(snapshot, window)]
    agent = [("agent", draw_agent(snapshot, window))] if snapshot.session.agent else []
    notes = [("notes", draw_notes(snapshot, blank(window), window))] if snapshot.notes and height >= _ROOMY else []
    beside = len(agent) + len(notes)
    curve = _curve_rows(snapshot, height - beside)
    rows = max(1, height - FIXED_LANES - beside - curve)
    events = draw_events(turns, blank(window), window)
    index = index_of(snapshot.finished, chosen)
    lanes = [("", draw_axis(window, None if index is None else snapshot.finished[index].turn))]
    sound = [*draw_sound(snapshot, window, rows), draw_voice(snapshot, window)]
    marked = (mark(lane, window, snapshot.heard) for lane in sound)
    lanes += zip(["sound", *[""] * (rows - 1), "voice"], marked, strict=True)
    lanes += [
        *agent,
        *zip(["likely", *[""] * (curve - 1)], _likelihood(snapshot, window, curve, draft), strict=False),
        ("turn", mark(draw_turns(turns, snapshot, window), window, snapshot.heard)),
        ("events", events if notes else draw_notes(snapshot, events, window)),
        *notes,
        ("eot ms", draw_latencies(snapshot, blank(window), window)),
    ]
    return [labelled(name, LABEL_CELLS, lane) for name, lane in lanes[:height]]


def labelled(name: str, cells: int, lane: Lane) -> Content:
    """Return a lane with its name before it, padded to a width."""
    return Content.assemble((f"{name:>{cells - 1}} ", ".label"), joined(lane))


def _curve_rows(snapshot: Snapshot, height: int) -> int:
    """Return the number of lines of the likelihood: none if it is unknown, or without room."""
    spare = height - FIXED_LANES
    if not snapshot.likelihood or spare <= CURVE_LANES.start:
        return 0
    return min(CURVE_LANES[-1], max(CURVE_LANES.start, round(spare * _CURVE_SHARE)))


def _likelihood(snapshot: Snapshot, window: Window, rows: int, draft: TurnSettings | None) -> list[Lane]:
    if not rows:
        return []
    in_force = settings_since(snapshot.notes, snapshot.settings)
    return draw_likelihood(snapshot.likelihood, schema_of(snapshot.session), in_force, window, rows, draft=draft)


def visible_turns(snapshot: Snapshot, window: Window) -> list[tuple[Turn, FinishedTurn | None]]:
    """Return the turns in the window, oldest first; of those that start in one cell only the last."""
    turns: list[tuple[Turn, FinishedTurn | None]] = []
    if snapshot.open_turn is not None:
        turns.append((snapshot.open_turn, None))
    index = bisect_left(snapshot.finished, window.end, key=_start)
    while index:
        finished = snapshot.finished[index - 1]
        turns.append((finished.turn, finished))
        edge = window.start + window.column(finished.turn.started_at) * window.step
        # The rounded edge may lie after the turn: `hi` excludes it.
        index = bisect_left(snapshot.finished, edge, key=_start, hi=index - 1) if edge > window.start else 0
    return turns[::-1]


def _finished_in(snapshot: Snapshot, window: Window) -> Sequence[FinishedTurn]:
    """Return the newest finished turns that may be in the window."""
    last = bisect_left(snapshot.finished, window.end, key=_start)
    first = bisect_left(snapshot.finished, window.start, key=_start, hi=last) - 1
    return snapshot.finished[max(0, first, last - _LABELLED) : last]


def _start(finished: FinishedTurn) -> float:
    return finished.turn.started_at


def turn_at(snapshot: Snapshot, at: float, slack: float) -> int | None:
    """Return the number of the finished turn at a session time, give or take `slack` seconds."""
    for finished in reversed(snapshot.finished):
        turn = finished.turn
        if turn.started_at - slack <= at:
            return turn.number if at <= _end(turn, snapshot.at) + slack else None
    return None


def draw_axis(window: Window, chosen: Turn | None) -> Lane:
    """Mark full seconds, where the name of the chosen turn leaves room."""
    lane = blank(window)
    if chosen is not None:
        _name(lane, window, chosen)
    every = next((tick for tick in _TICKS if tick >= window.step * _TICK_CELLS), _TICKS[-1])
    tick = max(0, int(window.start // every)) * every
    while tick < window.end:
        text, column = f"╵{clock(tick)}", window.column(tick)
        if is_free(lane, column, text):
            write(lane, column, text, ".faint")
        tick += every
    return lane


def _name(lane: Lane, window: Window, turn: Turn) -> None:
    """Name a turn where it starts: its number right or left of the arrow, or the arrow alone."""
    column, name = window.column(turn.started_at), f"turn {turn.number}"
    write(lane, column, "▼", ".flash")
    if turn.started_at < window.start <= turn.over_at:
        write(lane, 0, f"◂ {name}", ".flash")
    elif fits(lane, column, f"▼ {name}"):
        write(lane, column, f"▼ {name}", ".flash")
    else:
        write(lane, column - len(name) - 1, f"{name} ▼", ".flash")


def draw_turns(turns: Sequence[Turn], snapshot: Snapshot, window: Window) -> Lane:
    """Draw the turns as bars, from their start to their end."""
    now = snapshot.at
    lane = blank(window, ("·", ".faint"))
    paint(lane, window, now + window.step, window.end, EMPTY)
    if window.start < 0:
        paint(lane, window, window.start, -window.step, EMPTY)
    for turn in turns:
        end = _end(turn, now)
        paint(lane, window, turn.started_at, end, ("█", ".speaking"))
        for eager_end in turn.eager_ends:
            paint(
                lane,
                window,
                eager_end.at,
                eager_end.resumed_at if eager_end.resumed_at is not None else end,
                ("▒", ".eager"),
            )
    for outage in snapshot.outages:
        paint(lane, window, outage.start, now if outage.end is None else outage.end, _OUTAGE)
    return lane


def draw_events(turns: Sequence[Turn], lane: Lane, window: Window) -> Lane:
    """Draw the events of turns into a lane."""
    for turn in turns:
        write(lane, window.column(turn.started_at), "▸", ".speaking")
        for eager_end in turn.eager_ends:
            write(lane, window.column(eager_end.at), "◐", ".eager")
            if eager_end.resumed_at is not None:
                write(lane, window.column(eager_end.resumed_at), "↺", ".resumed")
        if turn.ended_at is not None:
            write(lane, window.column(turn.ended_at), "■", ".idle")
    return lane


def draw_latencies(snapshot: Snapshot, lane: Lane, window: Window, *, over: str = "", edges: str = "") -> Lane:
    """Draw each latency into a lane, as a bar with its number, the longest first; a number without room is left out.

    Bars go into blank cells, numbers also over the characters in `over`, next to those in `edges`.
    """
    latencies = [
        (one, *span)
        for one in _finished_in(snapshot, window)
        if (span := _latency_span(one)) is not None and span[1] >= window.start
    ]
    for _, voice_end, turn_end in latencies:
        for column in range(max(0, window.column(voice_end)), min(window.column(turn_end) + 1, window.columns)):
            lane[column] = (_BAR, ".headline") if lane[column] == EMPTY else lane[column]
    for one, voice_end, turn_end in sorted(latencies, key=lambda each: each[1] - each[2]):
        text = milliseconds(one.metrics.eot_latency)
        places = (window.column(turn_end) + 1, window.column(voice_end) - len(text))
        if window.column(voice_end) < window.columns:
            free = (
                place
                for besides in (over, over + _BAR)
                for place in places
                if is_free(lane, place, text, besides=besides, edges=edges)
            )
            write(lane, next(free, -1), text, _style_of(one.metrics))
    return lane


def _style_of(metrics: TurnMetrics) -> str:
    """Return the style of a latency; one of a slow turn says nothing of the service."""
    if metrics.slow:
        return ".faint"
    return ".cut" if metrics.false_cutoff else ".headline"


def _latency_span(finished: FinishedTurn) -> tuple[float, float] | None:
    """Return when speech ended, and when the turn did; seconds of session."""
    turn, latency = finished.turn, finished.metrics.eot_latency
    return None if latency is None or turn.ended_at is None else (turn.ended_at - latency, turn.ended_at)


def _end(turn: Turn, now: float) -> float:
    if turn.ended_at is not None:
        return turn.ended_at
    return now if turn.end_reason is None else max(turn.event_times, default=turn.started_at)
