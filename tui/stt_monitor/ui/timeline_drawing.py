"""The last seconds as lanes of cells: sound, voice, turn, events, and the wait for the end of each turn."""

from bisect import bisect_left
from collections.abc import Sequence
from itertools import groupby
from typing import Final

import msgspec
from textual.content import Content

from stt_monitor.core.snapshot import FinishedTurn, Snapshot
from stt_monitor.core.turns import Turn
from stt_monitor.ui.likelihood_lane import draw_likelihood
from stt_monitor.ui.sound_history import LOUDEST, SoundHistory, voice_anchors
from stt_monitor.ui.wording import clock, milliseconds

LABEL_CELLS: Final = 8
"""Cells for the name of a lane."""

FIXED_LANES: Final = 5
"""Lanes besides the sound, which takes what is left."""

CURVE_LANES: Final = 3
"""Lines of the likelihood's curve, where there is one; one more where there is plenty of room."""

_BLOCKS: Final = " ▁▂▃▄▅▆▇█"
_TICKS: Final = (1, 2, 5, 10, 15, 30, 60, 120)
"""Seconds that may lie between two marks of the axis."""
_TICK_CELLS: Final = 12

Cell = tuple[str, str]
Lane = list[Cell]
_EMPTY: Final = (" ", "")


class Window(msgspec.Struct, frozen=True):
    """The stretch of session that is seen: `columns` cells of `step` seconds each, up to `end`."""

    end: float
    step: float
    columns: int

    @property
    def start(self) -> float:
        """Session time of the left edge."""
        return self.end - self.step * self.columns

    def column(self, at: float) -> int:
        """Return the cell that a session time falls in; it may lie outside."""
        return int((at - self.start) // self.step)


def draw_timeline(
    snapshot: Snapshot, history: SoundHistory, window: Window, height: int, chosen: int | None = None
) -> list[Content]:
    """Draw all lanes, `height` lines in all; the chosen turn is named above where it starts."""
    turns = visible_turns(snapshot, window)
    curve = _curve_rows(snapshot, height)
    rows = max(1, height - FIXED_LANES - curve)
    sound = _sound(history, window, rows)
    axis = _axis(window)
    for turn, _ in turns:
        if turn.number == chosen:
            _write(axis, max(0, window.column(turn.started_at)), f"▼ turn {chosen} ", ".flash")
    lanes = [("", axis), *zip(["sound", *[""] * (rows - 1)], sound, strict=True)]
    lanes += [
        ("voice", _voice(history, window)),
        *zip(["likely", *[""] * (curve - 1)], _likelihood(snapshot, window, curve), strict=False),
        ("turn", _turn_lane([turn for turn, _ in turns], snapshot.at, window)),
        ("events", _events([turn for turn, _ in turns], window)),
        ("eot ms", _waits([finished for _, finished in turns if finished is not None], window)),
    ]
    return [Content.assemble((f"{name:>{LABEL_CELLS - 1}} ", ".label"), _joined(lane)) for name, lane in lanes[:height]]


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
    before = window.end
    while index := bisect_left(snapshot.finished, before, key=_start):
        finished = snapshot.finished[index - 1]
        turns.append((finished.turn, finished))
        before = window.start + window.column(finished.turn.started_at) * window.step
        if before <= window.start:
            break
    return turns[::-1]


def _start(finished: FinishedTurn) -> float:
    return finished.turn.started_at


def turn_at(snapshot: Snapshot, at: float, slack: float) -> int | None:
    """Return the number of the finished turn that went on at a session time, or ended no more than `slack` before."""
    for finished in reversed(snapshot.finished):
        turn = finished.turn
        if turn.started_at - slack <= at:
            return turn.number if at <= _end(turn, snapshot.at) + slack else None
    return None


def _joined(lane: Lane) -> Content:
    runs = groupby(lane, key=lambda cell: cell[1])
    return Content.assemble(*(("".join(char for char, _ in run), style) for style, run in runs))


def _blank(window: Window, cell: Cell = _EMPTY) -> Lane:
    return [cell] * window.columns


def _paint(lane: Lane, window: Window, start: float, stop: float, cell: Cell) -> None:
    """Fill the cells from `start` to `stop`, at least one."""
    first, last = window.column(start), max(window.column(start), window.column(stop))
    for column in range(max(first, 0), min(last + 1, window.columns)):
        lane[column] = cell


def _write(lane: Lane, column: int, text: str, style: str) -> None:
    """Put text into a lane, if all of it is inside."""
    if column >= 0 and column + len(text) <= len(lane):
        lane[column : column + len(text)] = [(char, style) for char in text]


def _axis(window: Window) -> Lane:
    lane = _blank(window)
    every = next((tick for tick in _TICKS if tick >= window.step * _TICK_CELLS), _TICKS[-1])
    tick = max(0, int(window.start // every)) * every
    while tick < window.end:
        _write(lane, window.column(tick), f"╵{clock(tick)}", ".faint")
        tick += every
    return lane


def _sound(history: SoundHistory, window: Window, rows: int) -> list[Lane]:
    lanes = [_blank(window) for _ in range(rows)]
    steps = len(_BLOCKS) - 1
    for column in range(window.columns):
        start = window.start + column * window.step
        level = history.loudest(start, start + window.step)
        filled = round(level / LOUDEST * steps * rows)
        style = ".bad" if level >= LOUDEST else ".chart"
        for row in range(rows):
            part = min(steps, max(0, filled - (rows - 1 - row) * steps))
            if part:
                lanes[row][column] = (_BLOCKS[part], style)
    return lanes


def _voice(history: SoundHistory, window: Window) -> Lane:
    starts = (window.start + column * window.step for column in range(window.columns))
    return [("━", ".voice") if history.voice(start, start + window.step) else _EMPTY for start in starts]


def _turn_lane(turns: Sequence[Turn], now: float, window: Window) -> Lane:
    lane = _blank(window, ("·", ".faint"))
    _paint(lane, window, now + window.step, window.end, _EMPTY)
    if window.start < 0:
        _paint(lane, window, window.start, -window.step, _EMPTY)
    for turn in turns:
        end = _end(turn, now)
        _paint(lane, window, turn.started_at, end, ("█", ".speaking"))
        for guess in turn.guesses:
            _paint(lane, window, guess.at, guess.resumed_at if guess.resumed_at is not None else end, ("▒", ".eager"))
    return lane


def _events(turns: Sequence[Turn], window: Window) -> Lane:
    lane = _blank(window)
    for turn in turns:
        _write(lane, window.column(turn.started_at), "▸", ".speaking")
        for guess in turn.guesses:
            _write(lane, window.column(guess.at), "◐", ".eager")
            if guess.resumed_at is not None:
                _write(lane, window.column(guess.resumed_at), "↺", ".warn")
        if turn.ended_at is not None:
            _write(lane, window.column(turn.ended_at), "■", ".idle")
    return lane


def _waits(finished: Sequence[FinishedTurn], window: Window) -> Lane:
    lane = _blank(window)
    for one in finished:
        anchors = voice_anchors(one)
        if anchors is None:
            continue
        _, voice_end, turn_end = anchors
        _paint(lane, window, voice_end, turn_end, ("━", ".headline"))
        text, column = milliseconds(one.figures.eot_latency), window.column(turn_end) + 1
        if column + len(text) > window.columns:
            column = window.column(voice_end) - len(text)
        _write(lane, column, text, ".warn" if one.figures.false_cutoff else ".headline")
    return lane


def _end(turn: Turn, now: float) -> float:
    if turn.ended_at is not None:
        return turn.ended_at
    return now if turn.end_reason is None else max(turn.event_times, default=turn.started_at)
