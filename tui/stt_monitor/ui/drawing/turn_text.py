"""Text of a turn in the transcript: styled parts, and the gutter before each line."""

from itertools import accumulate
from typing import Final

from textual.content import Content

from stt_monitor.core.finished_turn import FinishedTurn
from stt_monitor.core.notes import Note
from stt_monitor.core.text.sanitize import clean
from stt_monitor.core.turns.state import State
from stt_monitor.core.turns.turn import EndReason, Turn
from stt_monitor.ui.formatting import PENDING, clock
from stt_monitor.ui.toolkit.fitting import lit

_WIDE_GUTTER: Final = 15
"""Cells of a gutter with number and time."""
_NARROW_GUTTER: Final = 5
"""Cells of a gutter with the number alone."""
_NARROW: Final = 48
"""Views narrower than this have no room for times."""

_CHOSEN: Final = "▌"
"""Before every line of the chosen turn but the first."""

Parts = list[tuple[str, str]]
"""Parts of a text, each with its style."""

StyleSpans = tuple[tuple[int, int, str], ...]
"""Start, stop and style of each styled part of a text."""


def finished_parts(finished: FinishedTurn) -> Parts:
    """Return the text of a finished turn, and its faults."""
    text = clean(finished.turn.transcript)
    parts: Parts = [(text, "")] if text else [(PENDING if finished.awaits_text else "(no words)", ".faint")]
    if finished.turn.end_reason is EndReason.DANGLING:
        parts.append((" ✗ never ended", ".bad"))
    if finished.metrics.false_cutoff:
        parts.append((f" {finished.marks.cut_sign}cut", ".cut"))
    return parts


def open_parts(turn: Turn, state: State, known: int) -> Parts:
    """Return the text of the open turn, new after its first `known` characters; at an eager end it is labelled."""
    text = clean(turn.transcript)
    if state is State.EAGER_END:
        return [("◐ guess ", ".eager"), (text or "(no words)", ".eager-text")]
    return [(text[:known], ".growing"), (text[known:], ".new"), ("▏" if text else "…", ".speaking")]


def note_parts(text: str) -> Parts:
    """Return the text of a note as parts."""
    return [(text, ".label")]


def joined(parts: Parts) -> str:
    """Return the text without its styles."""
    return "".join(text for text, _ in parts)


def style_spans(parts: Parts) -> StyleSpans:
    """Return the styles in the joined text."""
    stops = accumulate(len(text) for text, _ in parts)
    return tuple((stop - len(text), stop, style) for stop, (text, style) in zip(stops, parts, strict=True) if style)


def appearance(finished: FinishedTurn) -> tuple[Parts, float]:
    """Return everything that the drawing of a finished turn depends on."""
    return finished_parts(finished), finished.turn.started_at


def text_width(width: int) -> int:
    """Return the cells for text in a view of `width` cells."""
    return max(1, width - _gutter(width))


def _gutter(width: int) -> int:
    return _WIDE_GUTTER if width >= _NARROW else _NARROW_GUTTER


def head_of(turn: Turn, width: int, *, chosen: bool, first: bool) -> Content:
    """Return the gutter of a turn's line: number and time before its first; a chosen one is marked."""
    gutter = _gutter(width)
    number_style = ".speaking" if turn.end_reason is None else ".number"
    if not first:
        return Content.assemble((_CHOSEN if chosen else "", number_style), " " * (gutter - len(_CHOSEN) * chosen))
    number = f"{turn.number:>{_NARROW_GUTTER - 1}} "
    head = lit(number, number_style) if chosen else Content.assemble((number, number_style))
    if gutter == _WIDE_GUTTER:
        head = Content.assemble(head, (f"{clock(turn.started_at, tenths=True):>8}  ", ".faint"))
    return head


def head_of_note(note: Note, width: int, *, first: bool) -> Content:
    """Return the gutter of a note's line: its time, before its first."""
    gutter = _gutter(width)
    if not first or gutter != _WIDE_GUTTER:
        return Content(" " * gutter)
    return Content.assemble((f"{clock(note.at, tenths=True):>{_WIDE_GUTTER - 2}}  ", ".faint"))
