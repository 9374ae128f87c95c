"""How a frame of the websocket is said: in one line, and as JSON that is laid out."""

import re
from typing import Final

import msgspec
from textual.content import Content

from stt_monitor.core.text.sanitize import beginning, printable
from stt_monitor.core.wire_frame import FrameKind, WireFrame
from stt_monitor.ui.drawing.frame_kinds import KIND_WORDS, kind_line, kind_rows, kind_style
from stt_monitor.ui.formatting import clock_ms, size_text
from stt_monitor.ui.toolkit.wrapping import wrap
from stt_monitor.ui.wire_buffer import LONGEST

KIND_CELLS: Final = 15
"""Cells for the type of a message: `turn.eager_end` and a blank."""

_WIDE_ENOUGH: Final = 60
"""Cells from which on a line has room for the size."""
_HANGING: Final = 2
_SAID_ELSEWHERE: Final = ("type", "request_id", "turn_id")
"""Fields that a line leaves out: the first stands in front, the others are the same in line after line."""

_KIND_STYLES: Final = {
    "connected": ".good",
    "turn.start": ".speaking",
    "turn.update": "",
    "turn.eager_end": ".eager",
    "turn.resume": ".resumed",
    "turn.end": ".headline",
    "error": ".bad",
}
_FAINT: Final = frozenset({FrameKind.BINARY, FrameKind.PING, FrameKind.PONG})
_CONTROL: Final = frozenset({FrameKind.PING, FrameKind.PONG, FrameKind.CLOSE})
STREAM_WORDS: Final = frozenset({"audio", "control", "ping", "pong", "likelihood"})
"""Filters that ask for frames which flow all the time."""

_FIELD: Final = re.compile(r'("(?:[^"\\]|\\.)*")(:\s?)(.*)', re.DOTALL)
_KIND: Final = re.compile(r'"type"\s*:\s*"([^"\\]*)"')
_NUMBER: Final = re.compile(r"-?\d[\d.eE+-]*,?|(?:true|false|null),?")


def direction(frame: WireFrame) -> str:
    """Say which way a frame went."""
    return "↑ out" if frame.sent else "↓ in "


def frame_line(frame: WireFrame, width: int) -> Content:
    """Return a frame in one line: when, which way, of what type and size, and what is special about it."""
    kind, rest = _kind_and_rest(frame)
    style = _KIND_STYLES.get(kind, ".label") if frame.kind is FrameKind.TEXT else kind_style(frame)
    size = f"{size_text(frame.size):>7}  " if width >= _WIDE_ENOUGH else ""
    line = Content.assemble(
        (f" {clock_ms(frame.at):>9} ", ".label"),
        (f" {direction(frame)} ", ".number" if frame.sent else ".voice"),
        (f" {beginning(kind)[: KIND_CELLS - 1]:<{KIND_CELLS}}", style),
        (size, ".faint"),
        (beginning(rest), ".faint" if frame.kind in _FAINT else ""),
    )
    return line.truncate(width, ellipsis=True)


def frame_lines(frame: WireFrame, width: int) -> list[Content]:
    """Return all of a frame, its JSON laid out."""
    if frame.kind is not FrameKind.TEXT or frame.text is None:
        return [line for name, value in kind_rows(frame) for line in _row_lines(name, value, width)]
    try:
        laid_out = msgspec.json.format(frame.text, indent=2)
    except msgspec.DecodeError:  # no JSON, or cut off: as it came
        laid_out = frame.text
    lines = [line for text in laid_out.split("\n") for line in _json_lines(printable(text), width)]
    if len(frame.text) >= LONGEST:
        rest = f"… the first {LONGEST} characters of {size_text(frame.size)}"
        lines += [Content.assemble((rest[start:stop], ".warn")) for start, stop in wrap(rest, width)]
    return lines


def matches(frame: WireFrame, wanted: str) -> bool:
    """Tell whether a frame contains what is looked for (in lower case), or is of the direction or the kind that is."""
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


def _kind_and_rest(frame: WireFrame) -> tuple[str, str]:
    if frame.kind is not FrameKind.TEXT or frame.text is None:
        return KIND_WORDS[frame.kind], kind_line(frame)
    try:
        message = msgspec.json.decode(frame.text)
    except msgspec.DecodeError:
        kind = _KIND.search(frame.text) if len(frame.text) >= LONGEST else None  # it is only cut off here
        return ("not JSON" if kind is None else kind[1]), frame.text
    if not isinstance(message, dict):
        return "no object", frame.text
    rest = {name: value for name, value in message.items() if name not in _SAID_ELSEWHERE}
    if list(rest) == ["transcript"]:
        return str(message.get("type", "")), msgspec.json.encode(rest["transcript"]).decode()
    return str(message.get("type", "")), msgspec.json.encode(rest).decode()[1:-1]


def _row_lines(name: str, value: str, width: int) -> list[Content]:
    """Break a row of a name and a value; what goes on stands a little further in."""
    text = f"{name}: {value}" if name else value
    head = len(text) - len(value)
    lines = []
    for row, (start, stop) in enumerate(wrap(text, max(1, width - _HANGING))):
        cut = min(max(head, start), stop)
        lines.append(Content.assemble(" " * (_HANGING if row else 0), (text[start:cut], ".label"), text[cut:stop]))
    return lines


def _json_lines(text: str, width: int) -> list[Content]:
    """Break a line of JSON that is laid out; what goes on stands a little further in."""
    body = text.lstrip(" ")
    margin = min(len(text) - len(body), max(0, width - 1))
    looks = _looks(body)
    lines = []
    for row, (start, stop) in enumerate(wrap(body, width - margin - _HANGING)):
        indent = margin + (_HANGING if row else 0)
        lines.append(Content.assemble(" " * indent, looks[start:stop]))
    return lines


def _looks(body: str) -> Content:
    field = _FIELD.fullmatch(body)
    if field is None:
        return _value(body)
    name, colon, value = field.groups()
    return Content.assemble((name, ".title"), (colon, ".faint"), _value(value))


def _value(text: str) -> Content:
    return Content.assemble((text, ".number" if _NUMBER.fullmatch(text) else ""))
