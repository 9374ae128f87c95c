"""The text of a turn in the transcript: its pieces and their styles, what stands before each line."""

from itertools import accumulate
from typing import Final

from textual.content import Content

from stt_monitor.core.snapshot import FinishedTurn
from stt_monitor.core.state_machine import EndReason, State, Turn
from stt_monitor.core.text.sanitize import clean
from stt_monitor.ui.formatting import clock, lit

_WIDE_GUTTER: Final = 15
"""Cells for number and time before a text."""
_NARROW_GUTTER: Final = 5
"""Cells for the number alone."""
_NARROW: Final = 48
"""Cells below which a view has no room for times."""

_CHOSEN: Final = "▌"
"""Stands before every further line of the chosen turn."""

Parts = list[tuple[str, str]]
"""Pieces of text, each with its style."""

Looks = tuple[tuple[int, int, str], ...]
"""Where in a text which style begins and ends."""


def finished_parts(finished: FinishedTurn) -> Parts:
    """Return the text of a finished turn, and a word on what is wrong with it."""
    text = clean(finished.turn.transcript)
    parts: Parts = [(text, "")] if text else [("(no words)", ".faint")]
    if finished.turn.end_reason is EndReason.DANGLING:
        parts.append((" ✗ never ended", ".bad"))
    if finished.metrics.false_cutoff:
        parts.append((" ~cut", ".cut"))
    return parts


def open_parts(turn: Turn, state: State, known: int) -> Parts:
    """Return the text of the growing turn, of which `known` characters are not new; a guess is called one."""
    text = clean(turn.transcript)
    if state is State.EAGER_END:
        return [("◐ guess ", ".eager"), (text or "(no words)", ".guess")]
    return [(text[:known], ".growing"), (text[known:], ".new"), ("▏" if text else "…", ".speaking")]


def joined(parts: Parts) -> str:
    """Return the text without its styles."""
    return "".join(text for text, _ in parts)


def looks_of(parts: Parts) -> Looks:
    """Return where in the joined text which style is."""
    stops = accumulate(len(text) for text, _ in parts)
    return tuple((stop - len(text), stop, style) for stop, (text, style) in zip(stops, parts, strict=True) if style)


def look(finished: FinishedTurn) -> tuple[Parts, float]:
    """Return all that the picture of a finished turn depends on."""
    return finished_parts(finished), finished.turn.started_at


def text_width(width: int) -> int:
    """Return the cells that a view of so many leaves for text."""
    return max(1, width - _gutter(width))


def _gutter(width: int) -> int:
    return _WIDE_GUTTER if width >= _NARROW else _NARROW_GUTTER


def head_of(turn: Turn, width: int, *, chosen: bool, first: bool) -> Content:
    """Return what stands before a turn's line: number and time before its first; a chosen one is marked."""
    gutter = _gutter(width)
    number_style = ".speaking" if turn.end_reason is None else ".number"
    if not first:
        return Content.assemble((_CHOSEN if chosen else "", number_style), " " * (gutter - len(_CHOSEN) * chosen))
    number = f"{turn.number:>{_NARROW_GUTTER - 1}} "
    head = lit(number, number_style) if chosen else Content.assemble((number, number_style))
    if gutter == _WIDE_GUTTER:
        head = Content.assemble(head, (f"{clock(turn.started_at, tenths=True):>8}  ", ".faint"))
    return head
