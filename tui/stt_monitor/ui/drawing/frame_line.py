"""Describes a websocket frame in one line, and in full as indented JSON."""

import re
from collections.abc import Iterator
from typing import Final

import msgspec
from rich.cells import cell_len
from textual.content import Content

from stt_monitor.core.events import (
    Connected,
    EagerEnd,
    ServiceError,
    TurnEnd,
    TurnResume,
    TurnStart,
    TurnText,
    TurnUpdate,
)
from stt_monitor.core.text.sanitize import beginning, clean, printable
from stt_monitor.core.text.wording import NO_VALUE
from stt_monitor.core.wire_frame import FrameKind, WireFrame
from stt_monitor.services.base import Service
from stt_monitor.services.json_frames import NoObjectError, UnreadableError, read_object
from stt_monitor.ui.drawing.frame_kinds import KIND_WORDS, kind_line, kind_rows, kind_style
from stt_monitor.ui.drawing.frame_places import NOWHERE, FramePlace
from stt_monitor.ui.formatting import clock_ms, lasting_short, size_text
from stt_monitor.ui.toolkit.wrapping import wrap
from stt_monitor.ui.wire_buffer import LONGEST

KIND_CELLS: Final = 15
"""Cells for the type of a message: `turn.eager_end` and a blank."""

_WIDE_ENOUGH: Final = 60
"""Fewest cells of a line that has room for the place of a frame in the session."""
_ROOMY: Final = 100
"""Fewest cells of one that has room for direction and size in words, too."""
_QUIET: Final = "quiet s"
"""Heading of the time since the end of speech."""
_LONGEST_LINE: Final = 500
"""Characters of the end of a text that are looked at for a line."""
_HANGING: Final = 2

_STYLES: Final = {
    Connected.name: ".good",
    TurnStart.name: ".speaking",
    TurnUpdate.name: "",
    EagerEnd.name: ".eager",
    TurnResume.name: ".resumed",
    TurnEnd.name: ".headline",
    ServiceError.name: ".bad",
}
_OF_TURNS: Final = frozenset(event.name for event in (TurnStart, TurnUpdate, EagerEnd, TurnResume, TurnEnd, TurnText))
"""Events whose text is that of a turn, so far."""
_OTHER: Final = ".label"
_HEAD: Final = 200
"""Characters of a cropped message that are searched for its type."""
_FAINT: Final = frozenset({FrameKind.BINARY, FrameKind.PING, FrameKind.PONG})
_CONTROL: Final = frozenset({FrameKind.PING, FrameKind.PONG, FrameKind.CLOSE})
STREAM_WORDS: Final = frozenset({"audio", "control", "ping", "pong", "likelihood"})
"""Filters that show stream frames."""

_FIELD: Final = re.compile(r'("(?:[^"\\]|\\.)*")(:\s?)(.*)', re.DOTALL)
_TEXT_FIELD: Final = re.compile(r'"([^"\\]*)"\s*:\s*"([^"\\]*)"')
_NUMBER: Final = re.compile(r"-?\d[\d.eE+-]*,?|(?:true|false|null),?")


def direction(frame: WireFrame) -> str:
    """Return the direction of a frame."""
    return "↑ out" if frame.sent else "↓ in "


def frame_heading(width: int) -> Content:
    """Return the names of the columns, for lines of `width` cells."""
    names = [f" {'time':>9} "]
    if width >= _WIDE_ENOUGH:
        names.append(f"{'+ s':>7} {'turn':>4} {_QUIET} ")
    names.append(" " * len(_arrow(sent=True, width=width)))
    names.append(f" {'message':<{KIND_CELLS}}")
    if width >= _ROOMY:
        names.append(f"{'size':>7}  ")
    return Content.assemble(("".join(names), ".label")).truncate(width)


def frame_line(frame: WireFrame, width: int, service: Service, place: FramePlace = NOWHERE) -> Content:
    """Return a frame in one line: time, place, direction, type, size and details, as much as there is room for.

    Args:
        frame: any.
        width: cells.
        service: whose messages these are.
        place: where it lies in the session.
    """
    kind, style, text, rest = _parts(frame, service)
    size = f"{size_text(frame.size):>7}  " if width >= _ROOMY else ""
    line = Content.assemble(
        (f" {clock_ms(frame.at):>9} ", ".label"),
        *(_place(place) if width >= _WIDE_ENOUGH else ()),
        (_arrow(sent=frame.sent, width=width), ".number" if frame.sent else ".voice"),
        (f" {beginning(kind)[: KIND_CELLS - 1]:<{KIND_CELLS}}", style),
        (size, ".faint"),
    )
    said = _fitted(text, beginning(rest), width - line.cell_length)
    return Content.assemble(line, (said, ".faint" if frame.kind in _FAINT else "")).truncate(width, ellipsis=True)


def _arrow(*, sent: bool, width: int) -> str:
    words = "↑ out" if sent else "↓ in "
    return f" {words} " if width >= _ROOMY else words[:1]


def _place(place: FramePlace) -> Iterator[tuple[str, str]]:
    gap = "" if place.gap is None else f"+{lasting_short(place.gap)}"
    turn = NO_VALUE if place.turn is None else str(place.turn)
    after = NO_VALUE if place.after_speech is None else lasting_short(place.after_speech)
    yield f"{gap:>7} ", ".faint"
    yield f"{turn:>4} ", ""
    yield f"{after:>{len(_QUIET)}} ", ".label"


def _fitted(text: str, rest: str, room: int) -> str:
    """Return details that fit a width; if they are too long, the end of the text comes first.

    A service says a turn's text again and again, and what is new stands at its end.
    """
    if not text or cell_len(rest) <= room:
        return rest
    return f"“{_ending(text, max(1, room - 2))}”"


def _ending(text: str, room: int) -> str:
    """Return the end of a text, in at most `room` cells."""
    shown = clean(text[-_LONGEST_LINE:])
    if len(shown) == len(text) and cell_len(shown) <= room:
        return shown
    start, cells = len(shown), 1  # of the ellipsis
    while start and (cells := cells + cell_len(shown[start - 1])) <= room:
        start -= 1
    return f"…{shown[start:]}"


def frame_lines(frame: WireFrame, width: int, service: Service) -> list[Content]:
    """Return a frame in full, its JSON indented; `service`: whose messages these are."""
    if frame.kind is not FrameKind.TEXT or frame.text is None:
        return [line for name, value in kind_rows(frame, service.closes) for line in _row_lines(name, value, width)]
    try:
        laid_out = msgspec.json.format(frame.text, indent=2)
    except (msgspec.DecodeError, RecursionError):  # not JSON, cropped, or nested too deep: show it unchanged
        laid_out = frame.text
    lines = [line for text in laid_out.split("\n") for line in _json_lines(printable(text), width)]
    if len(frame.text) >= LONGEST:
        rest = f"… the first {LONGEST} characters of {size_text(frame.size)}"
        lines += [Content.assemble((rest[start:stop], ".warn")) for start, stop in wrap(rest, width)]
    return lines


def matches(frame: WireFrame, wanted: str) -> bool:
    """Return whether a frame contains `wanted` (in lower case), or has the direction or kind of that name."""
    match wanted:
        case "in" | "out":
            return frame.sent is (wanted == "out")
        case "text":
            return frame.kind is FrameKind.TEXT
        case "control":
            return frame.kind in _CONTROL
        case _ if frame.kind is FrameKind.TEXT:
            return wanted in (frame.text or "").lower()
        case _:
            return wanted in f"{KIND_WORDS[frame.kind]} {kind_line(frame)}".lower()


def _parts(frame: WireFrame, service: Service) -> tuple[str, str, str, str]:
    """Return the kind of a frame, its style, the text of its turn, and its details."""
    if frame.kind is not FrameKind.TEXT or frame.text is None:
        return KIND_WORDS[frame.kind], kind_style(frame), "", kind_line(frame)
    try:
        _, message = read_object(frame.text)
    except NoObjectError:
        return "no object", _OTHER, "", frame.text
    except UnreadableError:
        if len(frame.text) < LONGEST:
            return "unreadable", _OTHER, "", frame.text
        fields = dict(reversed(_TEXT_FIELD.findall(frame.text[:_HEAD])))  # it is only cropped here
        begun = service.label(fields)
        return begun.kind or "unreadable", _STYLES.get(begun.event, _OTHER), "", frame.text
    label = service.label(message)
    return label.kind, _STYLES.get(label.event, _OTHER), label.text if label.event in _OF_TURNS else "", label.details


def _row_lines(name: str, value: str, width: int) -> list[Content]:
    """Break a row of name and value into lines; continued lines are indented."""
    text = f"{name}: {value}" if name else value
    head = len(text) - len(value)
    lines = []
    for row, (start, stop) in enumerate(wrap(text, max(1, width - _HANGING))):
        cut = min(max(head, start), stop)
        lines.append(Content.assemble(" " * (_HANGING if row else 0), (text[start:cut], ".label"), text[cut:stop]))
    return lines


def _json_lines(text: str, width: int) -> list[Content]:
    """Break a line of indented JSON into lines; continued lines are indented further."""
    body = text.lstrip(" ")
    margin = min(len(text) - len(body), max(0, width - 1))
    styled = _styled_json(body)
    lines = []
    for row, (start, stop) in enumerate(wrap(body, width - margin - _HANGING)):
        indent = margin + (_HANGING if row else 0)
        lines.append(Content.assemble(" " * indent, styled[start:stop]))
    return lines


def _styled_json(body: str) -> Content:
    field = _FIELD.fullmatch(body)
    if field is None:
        return _value(body)
    name, colon, value = field.groups()
    return Content.assemble((name, ".title"), (colon, ".faint"), _value(value))


def _value(text: str) -> Content:
    return Content.assemble((text, ".number" if _NUMBER.fullmatch(text) else ""))
