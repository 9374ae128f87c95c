"""Draws the turn states as a diagram: three boxes, five arrows, the active ones highlighted (protocol.md 6.1)."""

from typing import Final, Literal

import msgspec
from textual.content import Content

from stt_monitor.core.turns.state import State
from stt_monitor.ui.toolkit.fitting import lit

STATE_WORDS: Final = {State.IDLE: "idle", State.SPEAKING: "speaking", State.EAGER_END: "eager end"}
STATE_GLYPHS: Final = {State.IDLE: "○", State.SPEAKING: "●", State.EAGER_END: "◐"}
STATE_STYLES: Final = {State.IDLE: ".idle", State.SPEAKING: ".speaking", State.EAGER_END: ".eager"}

HEIGHT: Final = 5
"""Lines of the drawing."""

_BOX: Final = 13
_WIDE_BOX: Final = 15
"""With padding around the word, if there is room."""
_GAP_MIN: Final = 9
_GAP_MAX: Final = 17
MIN_WIDTH: Final = 3 * _BOX + 2 * _GAP_MIN

_COUNTED_GAP: Final = 14
"""From this width on, an arrow's count is beside its label; in a narrower gap it is in the arrow."""

_STATES: Final = (State.IDLE, State.SPEAKING, State.EAGER_END)

_LIGHT: Final = "╭─╮│╰╯"
_HEAVY: Final = "┏━┓┃┗┛"

Part = Content | tuple[str, str]

Count = int | Literal["n/a"]
"""How often something happened; n/a: the service has no such thing."""


class DiagramState(msgspec.Struct, frozen=True):
    """State of the diagram."""

    state: State | None
    """The highlighted box; None for none."""
    lasted: str
    """How long the state has lasted, shown in the highlighted box."""
    lit: str = ""
    """The highlighted arrow: `start`, `eager_end`, `resume`, `end` (from speaking), `late_end` (from eager end)."""
    counts: tuple[Count, Count, Count, Count] = (0, 0, 0, 0)
    """How often start, eager end, resume and end happened."""


def draw_diagram(view: DiagramState, width: int) -> list[Content]:
    """Draw the diagram, centred in `width` cells, at least `MIN_WIDTH`."""
    box = _WIDE_BOX if width >= 3 * _WIDE_BOX + 2 * _GAP_MIN else _BOX
    gap = min(_GAP_MAX, (width - 3 * box) // 2)
    margin: Part = (" " * ((width - 3 * box - 2 * gap) // 2), "")
    starts, eager_ends, resumes, ends = view.counts
    boxes = [_box(state, view, box - 2) for state in _STATES]
    rows = [
        _between(boxes, 0, _label("start", starts, gap, view), _label("eager_end", eager_ends, gap, view)),
        _between(boxes, 1, _arrow("start", starts, gap, view), _arrow("eager_end", eager_ends, gap, view)),
        _between(boxes, 2, _arrow("end", ends, gap, view), _arrow("resume", resumes, gap, view)),
        _between(boxes, 3, _label("end", ends, gap, view), _label("resume", resumes, gap, view)),
        _late_end_arrow(box, gap, view),
    ]
    return [Content.assemble(margin, *row) for row in rows]


def draw_one_line(view: DiagramState, width: int) -> Content:
    """Draw the machine as one line of words, the present one lit; the present one alone where it is narrow."""
    said = [_chip(state, view) for state in _STATES]
    whole = Content(" ─ ", spans=[]).join(said)
    if whole.cell_length <= width or view.state is None:
        return whole.truncate(width)
    return said[_STATES.index(view.state)].truncate(width)


def _chip(state: State, view: DiagramState) -> Content:
    text = f"{STATE_GLYPHS[state]} {STATE_WORDS[state]}"
    if state is not view.state:
        return Content.assemble((text, ".faint"))
    style = STATE_STYLES[state]
    return Content.assemble(lit(f" {text.upper()} ", style), (f" {view.lasted}", style))


def _box(state: State, view: DiagramState, inner: int) -> list[list[Part]]:
    """Return the four lines of a box."""
    shining = state is view.state
    top_left, flat, top_right, wall, low_left, low_right = _HEAVY if shining else _LIGHT
    edge = STATE_STYLES[state] if shining else ".faint"
    word = f"{STATE_GLYPHS[state]} {STATE_WORDS[state]}"
    bottom = [flat] * inner
    if state is State.IDLE:
        bottom[inner // 2] = "▴"
    if state is State.EAGER_END:
        bottom[inner // 2] = "┯" if shining else "┬"
    return [
        [(top_left + flat * inner + top_right, edge)],
        [
            (wall, edge),
            lit(word.upper().center(inner), edge) if shining else (word.center(inner), ".faint"),
            (wall, edge),
        ],
        [(wall, edge), ((view.lasted if shining else "").center(inner), edge), (wall, edge)],
        [(low_left + "".join(bottom) + low_right, edge)],
    ]


def _between(boxes: list[list[list[Part]]], row: int, first: Part, second: Part) -> list[Part]:
    idle, speaking, eager = (box[row] for box in boxes)
    return [*idle, first, *speaking, second, *eager]


def _label(name: str, count: Count, gap: int, view: DiagramState) -> Part:
    text = name.replace("_", " ")
    if gap >= max(_COUNTED_GAP, len(text) + len(f" {count}")):
        text += f" {count}"
    if view.lit == name:
        lamp = f" {text} "[:gap] if len(text) < gap else text
        margin = gap - len(lamp)
        return Content.assemble(" " * (margin // 2), lit(lamp, ".flash"), " " * (margin - margin // 2))
    return (text.center(gap), ".label")


def _arrow(name: str, count: Count, gap: int, view: DiagramState) -> Part:
    shining = view.lit == name
    line, length = "━" if shining else "─", gap - 3
    inlay = f" {count} " if gap < _COUNTED_GAP else ""
    shaft = inlay.center(length, line) if len(inlay) <= length else line * length
    text = f" ◂{shaft} " if name in {"end", "resume"} else f" {shaft}▸ "
    return (text, ".flash" if shining else ".arrow")


def _late_end_arrow(box: int, gap: int, view: DiagramState) -> list[Part]:
    """Draw the arrow from eager end to idle, beneath the boxes, from centre to centre."""
    shining = view.lit == "late_end"
    style, line, left, right = (".flash", "━", "┗", "┛") if shining else (".arrow", "─", "╰", "╯")
    word: Part = lit(" end ", style) if shining else (" end ", style)
    length = 2 * (box + gap) - 1 - len(" end ")
    first = length // 2
    return [(" " * (box // 2) + left + line * first, style), word, (line * (length - first) + right, style)]
