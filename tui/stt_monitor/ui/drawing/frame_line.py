"""How a frame of the websocket is said: in one line, and as JSON that is laid out."""

import re
from typing import Final

import msgspec
from textual.content import Content

from stt_monitor.core.events import Connected, EagerEnd, ServiceError, TurnEnd, TurnResume, TurnStart, TurnUpdate
from stt_monitor.core.text.sanitize import beginning, printable
from stt_monitor.core.wire_frame import FrameKind, WireFrame
from stt_monitor.services.base import Service
from stt_monitor.services.json_frames import NoObjectError, UnreadableError, read_object
from stt_monitor.ui.drawing.frame_kinds import KIND_WORDS, kind_line, kind_rows, kind_style
from stt_monitor.ui.formatting import clock_ms, size_text
from stt_monitor.ui.toolkit.wrapping import wrap
from stt_monitor.ui.wire_buffer import LONGEST

KIND_CELLS: Final = 15
"""Cells for the type of a message: `turn.eager_end` and a blank."""

_WIDE_ENOUGH: Final = 60
"""Cells from which on a line has room for the size."""
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
_OTHER: Final = ".label"
_HEAD: Final = 200
"""Characters of a message that is cut off in which its type is looked for."""
_FAINT: Final = frozenset({FrameKind.BINARY, FrameKind.PING, FrameKind.PONG})
_CONTROL: Final = frozenset({FrameKind.PING, FrameKind.PONG, FrameKind.CLOSE})
STREAM_WORDS: Final = frozenset({"audio", "control", "ping", "pong", "likelihood"})
"""Filters that ask for frames which flow all the time."""

_FIELD: Final = re.compile(r'("(?:[^"\\]|\\.)*")(:\s?)(.*)', re.DOTALL)
_TEXT_FIELD: Final = re.compile(r'"([^"\\]*)"\s*:\s*"([^"\\]*)"')
_NUMBER: Final = re.compile(r"-?\d[\d.eE+-]*,?|(?:true|false|null),?")


def direction(frame: WireFrame) -> str:
    """Say which way a frame went."""
    return "↑ out" if frame.sent else "↓ in "


def frame_line(frame: WireFrame, width: int, service: Service) -> Content:
    """Return a frame in one line: when, which way, of what type and size, and what is special about it.

    `service` is whose messages they are.
    """
    kind, style, rest = _parts(frame, service)
    size = f"{size_text(frame.size):>7}  " if width >= _WIDE_ENOUGH else ""
    line = Content.assemble(
        (f" {clock_ms(frame.at):>9} ", ".label"),
        (f" {direction(frame)} ", ".number" if frame.sent else ".voice"),
        (f" {beginning(kind)[: KIND_CELLS - 1]:<{KIND_CELLS}}", style),
        (size, ".faint"),
        (beginning(rest), ".faint" if frame.kind in _FAINT else ""),
    )
    return line.truncate(width, ellipsis=True)


def frame_lines(frame: WireFrame, width: int, service: Service) -> list[Content]:
    """Return all of a frame, its JSON laid out; `service` is whose messages they are."""
    if frame.kind is not FrameKind.TEXT or frame.text is None:
        return [line for name, value in kind_rows(frame, service.closes) for line in _row_lines(name, value, width)]
    try:
        laid_out = msgspec.json.format(frame.text, indent=2)
    except (msgspec.DecodeError, RecursionError):  # no JSON, cut off, or nested too deep: as it came
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


def _parts(frame: WireFrame, service: Service) -> tuple[str, str, str]:
    """Return the kind of a frame, its style, and what else there is to say."""
    if frame.kind is not FrameKind.TEXT or frame.text is None:
        return KIND_WORDS[frame.kind], kind_style(frame), kind_line(frame)
    try:
        _, message = read_object(frame.text)
    except NoObjectError:
        return "no object", _OTHER, frame.text
    except UnreadableError:
        if len(frame.text) < LONGEST:
            return "unreadable", _OTHER, frame.text
        fields = dict(reversed(_TEXT_FIELD.findall(frame.text[:_HEAD])))  # it is only cut off here
        begun = service.label(fields)
        return begun.kind or "unreadable", _STYLES.get(begun.event, _OTHER), frame.text
    label = service.label(message)
    return label.kind, _STYLES.get(label.event, _OTHER), label.details


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
