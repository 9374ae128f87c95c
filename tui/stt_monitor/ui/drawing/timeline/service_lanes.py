"""Draws the last seconds of several services: sound and reference speech once, and lanes for each service."""

from collections.abc import Sequence
from typing import Final

from textual.content import Content

from stt_monitor.core.snapshot import Snapshot
from stt_monitor.ui.drawing.lanes import Lane, Window, blank, mark, write
from stt_monitor.ui.drawing.notes import draw_glyphs, draw_notes
from stt_monitor.ui.drawing.timeline.sound_lanes import draw_sound, draw_voice
from stt_monitor.ui.drawing.timeline.turn_lanes import (
    draw_axis,
    draw_events,
    draw_latencies,
    draw_turns,
    labelled,
    visible_turns,
)
from stt_monitor.ui.lanes import name_of

_SHARED: Final = 2
"""Lines of the axis and of reference speech."""
_MOST_PER_SERVICE: Final = 3
"""Lines of a service with plenty of room: turns, events, latencies."""
_IDLE: Final = "·"
_EDGES: Final = "■▸█▒×"
"""What a number may stand next to in a lane that holds more than numbers."""
_NOTED: Final = "·█▒×"
"""What a note may stand for in such a lane: a cell of a bar, or of no turn."""
_LONGEST_NAME: Final = 10


def label_cells(lanes: Sequence[Snapshot]) -> int:
    """Return the cells for the names of lanes."""
    names = (len(name_of(lane)) for lane in lanes)
    return max(len("sound"), *(min(cells, _LONGEST_NAME) for cells in names)) + 2


def lines_wanted(services: int, most: int) -> int:
    """Return how many of at most `most` lines are put to good use."""
    per_service = _per_service(services, most)
    return min(most, _SHARED + per_service + per_service * services)  # the sound is as tall as a service


def _per_service(services: int, height: int) -> int:
    return max(1, min(_MOST_PER_SERVICE, (height - _SHARED - 1) // max(1, services)))


def draw_services(
    lanes: Sequence[Snapshot],
    window: Window,
    height: int,
    cells: int,
    chosen: str = "",
    *,
    marked: float | None = None,
) -> list[Content]:
    """Draw everything in `height` lines: a service has one line to three, what is left is the sound's.

    Args:
        lanes: the services; the sound is that of the first which has some.
        window: the visible part.
        height: lines.
        cells: cells for the names.
        chosen: name of the service that is marked.
        marked: a time that the axis marks, seconds of session.
    """
    per_service = _per_service(len(lanes), height)
    rows = max(0, height - _SHARED - per_service * len(lanes))
    heard = max(lanes, key=lambda lane: len(lane.speech))
    loudest = max(lanes, key=lambda lane: lane.audio.position)
    axis = draw_axis(window, None)
    if marked is not None:
        write(axis, window.column(marked), "▼", ".flash")
    drawn = [labelled("", cells, axis)]
    sound = [*(draw_sound(loudest, window, rows) if rows else ()), draw_voice(heard, window)]
    names = [*["sound", *([""] * rows)][:rows], "voice"]
    drawn += [labelled(name, cells, mark(lane, window, loudest.heard)) for name, lane in zip(names, sound, strict=True)]
    for lane in lanes:
        name = name_of(lane)
        first, *others = _draw_service(lane, window, per_service)
        short = name if len(name) <= cells - 2 else f"{name[: cells - 3]}…"
        label = labelled(f"{'▸' if name == chosen else ''}{short}", cells, first)
        drawn += [label, *(labelled("", cells, other) for other in others)]
    return drawn[:height]


def _draw_service(lane: Snapshot, window: Window, rows: int) -> list[Lane]:
    """Draw one service in one line, which holds everything, of notes the marks alone; or in two or three."""
    turns = [turn for turn, _ in visible_turns(lane, window)]
    bars = draw_turns(turns, lane, window)
    if rows == 1:
        measured = draw_latencies(lane, draw_events(turns, bars, window), window, over=_IDLE, edges=_EDGES)
        return [draw_glyphs(lane, measured, window, _NOTED)]
    if rows < _MOST_PER_SERVICE:
        measured = draw_latencies(lane, draw_events(turns, blank(window), window), window, edges=_EDGES)
        return [bars, draw_notes(lane, measured, window)]
    events = draw_notes(lane, draw_events(turns, blank(window), window), window)
    return [bars, events, draw_latencies(lane, blank(window), window)]
