"""Describes frames without a message: handshake, audio, pings, pongs and closes."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Final
from urllib.parse import parse_qsl

from stt_monitor.core.text.sanitize import clean
from stt_monitor.core.wire_frame import FrameKind, WireFrame
from stt_monitor.ui.formatting import clock_ms, size_text

KIND_WORDS: Final = {
    FrameKind.HANDSHAKE: "handshake",
    FrameKind.TEXT: "text",
    FrameKind.BINARY: "audio",
    FrameKind.PING: "ping",
    FrameKind.PONG: "pong",
    FrameKind.CLOSE: "close frame",  # not the message `close`
}

_OPENED: Final = 101
"""HTTP status of a handshake that opens a websocket."""
_NO_CODE: Final = 1005
_PEACEFUL: Final = frozenset({None, 1000, 1001, 1005})
"""Close codes that need no attention."""


_CLOSES: Final = {
    1000: "normal closure",
    1001: "going away",
    1002: "protocol error",
    1003: "unsupported data",
    _NO_CODE: "no code",
    1006: "abnormal closure",
    1007: "invalid data",
    1008: "policy violation",
    1009: "message too big",
    1010: "extension missing",
    1011: "internal error",
    1012: "service restart",
    1013: "try again later",
    1014: "bad gateway",
    1015: "TLS failure",
}
"""Names of close codes: RFC 6455 (7.4.1) and its registry."""
_NEVER_SENT: Final = {
    1006: "never sent: it stands for a lost connection",
    1015: "never sent: it stands for a failed TLS handshake",
}
_REGISTERED: Final = range(3000, 4000)
_PRIVATE: Final = range(4000, 5000)

_PING_MEANINGS: Final = {
    (FrameKind.PING, True): "Sent by the monitor; the time until its pong is the round trip.",
    (FrameKind.PING, False): "Sent by the service; answered at once.",
    (FrameKind.PONG, True): "Answers a ping of the service.",
    (FrameKind.PONG, False): "Answers a ping of the monitor: everything sent before that ping has arrived.",
}


def kind_style(frame: WireFrame) -> str:
    """Return the style of a frame without a message."""
    match frame.kind:
        case FrameKind.HANDSHAKE:
            return ".good" if frame.code == _OPENED else ".bad"
        case FrameKind.CLOSE:
            return ".label" if frame.code in _PEACEFUL else ".bad"
        case _:
            return ".faint"


def kind_line(frame: WireFrame) -> str:
    """Describe a frame without a message in one line."""
    match frame.kind:
        case FrameKind.BINARY if frame.position is not None:
            return f"from {clock_ms(frame.position)}"
        case FrameKind.CLOSE:
            return " · ".join(filter(None, [_code_and_name(frame.code), clean(frame.text or "")]))
        case FrameKind.HANDSHAKE:
            return f"{_status(frame.code)} · GET {clean(frame.text or '')}"
        case _:
            return _took(frame)


def kind_rows(frame: WireFrame, closes: Mapping[int, str]) -> list[tuple[str, str]]:
    """Describe a frame without a message in rows of name and value; `closes`: meanings of codes for the service."""
    match frame.kind:
        case FrameKind.CLOSE:
            code = _NO_CODE if frame.code is None else frame.code
            rows = [
                ("code", _code_and_name(frame.code)),
                ("reason", clean(frame.text or "")),
                ("here", closes.get(code) or _NEVER_SENT.get(code, "")),
            ]
        case FrameKind.HANDSHAKE:
            path, _, query = (frame.text or "").partition("?")
            rows = [
                ("status", _status(frame.code)),
                ("after", _took(frame)),
                ("GET", clean(path)),
                *((clean(name), clean(value)) for name, value in parse_qsl(query, keep_blank_values=True)),
                ("headers", "not kept: the key is in one of them"),
            ]
        case FrameKind.BINARY:
            at = "" if frame.position is None else f" from {clock_ms(frame.position)} of the audio"
            rows = [("", f"{size_text(frame.size)} of audio{at}; its samples are not kept")]
        case _:
            rows = [
                ("payload", size_text(frame.size)),
                ("after", _took(frame)),
                ("", _PING_MEANINGS.get((frame.kind, frame.sent), "")),
            ]
    return [row for row in rows if row[1]]


def _code_and_name(code: int | None) -> str:
    """Return a close code with its name; None is a close without a code."""
    return _CLOSES[_NO_CODE] if code is None else f"{code} {_CLOSES.get(code) or _unnamed(code)}"


def _unnamed(code: int) -> str:
    if code in _REGISTERED:
        return "registered by a library or a service"
    return "the service's own" if code in _PRIVATE else "not a code that may be sent"


def _took(frame: WireFrame) -> str:
    return "" if frame.took is None else f"{frame.took * 1000:.1f} ms"


def _status(status: int | None) -> str:
    try:
        return f"{status} {HTTPStatus(status or 0).phrase}"
    except ValueError:  # not registered
        return str(status)
