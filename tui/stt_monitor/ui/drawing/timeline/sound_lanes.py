"""Draws audio level and reference speech; blank where nothing was measured."""

from collections.abc import Sequence
from typing import Final

from stt_monitor.core.snapshot import Snapshot
from stt_monitor.core.sound.reference_speech import Span
from stt_monitor.core.sound.sound_history import CLIPPED, QUIET, UNMEASURED, share_of
from stt_monitor.ui.drawing.lanes import EMPTY, Lane, Window, blank, paint

_BLOCKS: Final = " ▁▂▃▄▅▆▇█"
_STEPS: Final = len(_BLOCKS) - 1
_SILENT: Final = ("▁", ".faint")
"""Measured, and silent."""
_QUIET: Final = ("‖", ".warn")


def draw_sound(snapshot: Snapshot, window: Window, rows: int) -> list[Lane]:
    """Draw the level as bars in `rows` lanes."""
    lanes = [blank(window) for _ in range(rows)]
    for column, (start, stop) in enumerate(window.cells):
        level = snapshot.sound.loudest(start, stop)
        filled = round(share_of(level) * _STEPS * rows)
        style = ".bad" if level == CLIPPED else ".chart"
        for row in range(rows):
            part = min(_STEPS, filled - (rows - 1 - row) * _STEPS)
            if part > 0:
                lanes[row][column] = (_BLOCKS[part], style)
        if not filled and level != UNMEASURED:
            lanes[-1][column] = _QUIET if level == QUIET else _SILENT
    return lanes


def draw_voice(snapshot: Snapshot, window: Window) -> Lane:
    """Draw the known reference speech, only where audio was sent: a file pauses while the connection is lost."""
    return _draw_speech(snapshot, window, snapshot.speech, snapshot.speech_known_until)


def draw_agent(snapshot: Snapshot, window: Window) -> Lane:
    """Draw the known speech of the agent, likewise."""
    return _draw_speech(snapshot, window, snapshot.agent_speech, snapshot.agent_known_until)


def _draw_speech(snapshot: Snapshot, window: Window, speech: Sequence[Span], known_until: float) -> Lane:
    lane = blank(window)
    for span in reversed(speech):
        end = min(snapshot.at, known_until) if span.end is None else span.end
        if end < window.start:
            break
        paint(lane, window, span.onset, max(span.onset, end), ("━", ".voice"))
    for column, (start, stop) in enumerate(window.cells):
        if lane[column] is not EMPTY and snapshot.sound.loudest(start, stop) == UNMEASURED:
            lane[column] = EMPTY
    return lane
