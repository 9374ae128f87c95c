"""The last seconds as lanes of cells: sound, voice, turn, events, and the wait for the end of each turn."""

from bisect import bisect_left
from collections.abc import Sequence
from typing import Final

from textual.content import Content

from stt_monitor.core.snapshot import FinishedTurn, Snapshot
from stt_monitor.core.state_machine import Turn
from stt_monitor.services.registry import service_of
from stt_monitor.ui.drawing.lanes import EMPTY, Lane, Window, blank, fits, is_free, joined, paint, write
from stt_monitor.ui.drawing.probability_lane import draw_likelihood
from stt_monitor.ui.drawing.sound_lanes import draw_sound, draw_voice
from stt_monitor.ui.formatting import clock, milliseconds
from stt_monitor.ui.toolkit.turn_list import index_of

LABEL_CELLS: Final = 8
"""Cells for the name of a lane."""

FIXED_LANES: Final = 5
"""Lanes besides the sound, which takes what is left."""

CURVE_LANES: Final = 3
"""Lines of the likelihood's curve, where there is one; one more where there is plenty of room."""

_TICKS: Final = (1, 2, 5, 10, 15, 30, 60, 120)
"""Seconds that may lie between two marks of the axis."""
_TICK_CELLS: Final = 12

_LABELLED: Final = 1000
"""Turns that may have their wait written at them, the newest that are seen: more cannot be told apart."""
_OUTAGE: Final = ("×", ".bad")
"""Nobody knows what the service made of it."""
_BAR: Final = "━"


def draw_timeline(snapshot: Snapshot, window: Window, height: int, chosen: int | None = None) -> list[Content]:
    """Draw all lanes, `height` lines in all; the chosen turn is named above where it starts."""
    turns = visible_turns(snapshot, window)
    curve = _curve_rows(snapshot, height)
    rows = max(1, height - FIXED_LANES - curve)
    index = index_of(snapshot.finished, chosen)
    lanes = [("", _axis(window, None if index is None else snapshot.finished[index].turn))]
    lanes += zip(["sound", *[""] * (rows - 1)], draw_sound(snapshot, window, rows), strict=True)
    lanes += [
        ("voice", draw_voice(snapshot, window)),
        *zip(["likely", *[""] * (curve - 1)], _likelihood(snapshot, window, curve), strict=False),
        ("turn", _turn_lane([turn for turn, _ in turns], snapshot, window)),
        ("events", _events([turn for turn, _ in turns], window)),
        ("eot ms", _waits(_finished_in(snapshot, window), window)),
    ]
    return [Content.assemble((f"{name:>{LABEL_CELLS - 1}} ", ".label"), joined(lane)) for name, lane in lanes[:height]]


def _curve_rows(snapshot: Snapshot, height: int) -> int:
    """Return how many lines the likelihood gets: none where it is not known, or where there is no room."""
    if not snapshot.likelihood or height < FIXED_LANES + 1 + CURVE_LANES:
        return 0
    return CURVE_LANES + (height >= FIXED_LANES + 3 + CURVE_LANES)


def _likelihood(snapshot: Snapshot, window: Window, rows: int) -> list[Lane]:
    if not rows:
        return []
    return draw_likelihood(
        snapshot.likelihood,
        service_of(snapshot.session).schema,
        snapshot.settings,
        start=window.start,
        step=window.step,
        columns=window.columns,
        rows=rows,
    )


def visible_turns(snapshot: Snapshot, window: Window) -> list[tuple[Turn, FinishedTurn | None]]:
    """Return the turns of which something is in the window, oldest first; of those that begin in one cell the last."""
    turns: list[tuple[Turn, FinishedTurn | None]] = []
    if snapshot.open_turn is not None:
        turns.append((snapshot.open_turn, None))
    index = bisect_left(snapshot.finished, window.end, key=_start)
    while index:
        finished = snapshot.finished[index - 1]
        turns.append((finished.turn, finished))
        edge = window.start + window.column(finished.turn.started_at) * window.step
        # Rounded, the edge may lie behind the turn: never look at one twice.
        index = bisect_left(snapshot.finished, edge, key=_start, hi=index - 1) if edge > window.start else 0
    return turns[::-1]


def _finished_in(snapshot: Snapshot, window: Window) -> Sequence[FinishedTurn]:
    """Return the newest of the finished turns of which something can be in the window."""
    last = bisect_left(snapshot.finished, window.end, key=_start)
    first = bisect_left(snapshot.finished, window.start, key=_start, hi=last) - 1
    return snapshot.finished[max(0, first, last - _LABELLED) : last]


def _start(finished: FinishedTurn) -> float:
    return finished.turn.started_at


def turn_at(snapshot: Snapshot, at: float, slack: float) -> int | None:
    """Return the number of the finished turn that went on at a session time, or ended no more than `slack` before."""
    for finished in reversed(snapshot.finished):
        turn = finished.turn
        if turn.started_at - slack <= at:
            return turn.number if at <= _end(turn, snapshot.at) + slack else None
    return None


def _axis(window: Window, chosen: Turn | None) -> Lane:
    """Mark full seconds, as far as the name of the chosen turn leaves them room."""
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
    """Name a turn where it starts: its number beside the arrow where there is room, the arrow alone elsewhere."""
    column, name = window.column(turn.started_at), f"turn {turn.number}"
    write(lane, column, "▼", ".flash")
    if turn.started_at < window.start <= turn.over_at:
        write(lane, 0, f"◂ {name}", ".flash")
    elif fits(lane, column, f"▼ {name}"):
        write(lane, column, f"▼ {name}", ".flash")
    else:
        write(lane, column - len(name) - 1, f"{name} ▼", ".flash")


def _turn_lane(turns: Sequence[Turn], snapshot: Snapshot, window: Window) -> Lane:
    now = snapshot.at
    lane = blank(window, ("·", ".faint"))
    paint(lane, window, now + window.step, window.end, EMPTY)
    if window.start < 0:
        paint(lane, window, window.start, -window.step, EMPTY)
    for turn in turns:
        end = _end(turn, now)
        paint(lane, window, turn.started_at, end, ("█", ".speaking"))
        for guess in turn.eager_ends:
            paint(lane, window, guess.at, guess.resumed_at if guess.resumed_at is not None else end, ("▒", ".eager"))
    for outage in snapshot.outages:
        paint(lane, window, outage.start, now if outage.end is None else outage.end, _OUTAGE)
    return lane


def _events(turns: Sequence[Turn], window: Window) -> Lane:
    lane = blank(window)
    for turn in turns:
        write(lane, window.column(turn.started_at), "▸", ".speaking")
        for guess in turn.eager_ends:
            write(lane, window.column(guess.at), "◐", ".eager")
            if guess.resumed_at is not None:
                write(lane, window.column(guess.resumed_at), "↺", ".resumed")
        if turn.ended_at is not None:
            write(lane, window.column(turn.ended_at), "■", ".idle")
    return lane


def _waits(finished: Sequence[FinishedTurn], window: Window) -> Lane:
    """Draw each wait as a bar, and say how long it was: the longest first, each whole or not at all."""
    lane = blank(window)
    waits = [(one, *wait) for one in finished if (wait := _wait(one)) is not None and wait[1] >= window.start]
    for _, voice_end, turn_end in waits:
        paint(lane, window, voice_end, turn_end, (_BAR, ".headline"))
    for one, voice_end, turn_end in sorted(waits, key=lambda wait: wait[1] - wait[2]):
        text = milliseconds(one.metrics.eot_latency)
        places = (window.column(turn_end) + 1, window.column(voice_end) - len(text))
        if window.column(voice_end) < window.columns:
            free = (place for besides in ("", _BAR) for place in places if is_free(lane, place, text, besides=besides))
            write(lane, next(free, -1), text, ".cut" if one.metrics.false_cutoff else ".headline")
    return lane


def _wait(finished: FinishedTurn) -> tuple[float, float] | None:
    """Return when a turn's voice ended, and when the turn did; seconds of session."""
    turn, latency = finished.turn, finished.metrics.eot_latency
    return None if latency is None or turn.ended_at is None else (turn.ended_at - latency, turn.ended_at)


def _end(turn: Turn, now: float) -> float:
    if turn.ended_at is not None:
        return turn.ended_at
    return now if turn.end_reason is None else max(turn.event_times, default=turn.started_at)
