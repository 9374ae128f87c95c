"""How the frames are said that hold no message: the handshake, audio, pings, pongs and closes."""

from http import HTTPStatus
from typing import Final, NamedTuple
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
    FrameKind.CLOSE: "close frame",  # the message `close` is another thing
}

_OPENED: Final = 101
"""HTTP status of a handshake that opens a websocket."""
_PEACEFUL: Final = frozenset({None, 1000, 1001, 1005})
"""Codes of closes that nobody has to look into."""


class Meaning(NamedTuple):
    """What a close's code means."""

    name: str
    """As RFC 6455 (7.4.1) and its registry have it."""
    here: str = ""
    """What it means from this service, with the section of the protocol that says so."""


_RETRY: Final = "it may pass: the monitor connects again (protocol.md 10.2)"
_CLOSES: Final = {
    1000: Meaning("normal closure", "the answer to “close” when all has been said (protocol.md 9)"),
    1001: Meaning(
        "going away", "also after 180 s without audio, with “Idle timeout” as its reason (protocol.md 10.2, 11)"
    ),
    1002: Meaning("protocol error"),
    1003: Meaning("unsupported data"),
    1005: Meaning("no code", "as good as 1000 (protocol.md 9)"),
    1006: Meaning("abnormal closure", "never sent: it stands for a line that broke"),
    1007: Meaning("invalid data"),
    1008: Meaning(
        "policy violation", "model, encoding or settings are refused; trying again is no use (protocol.md 10.2)"
    ),
    1009: Meaning("message too big"),
    1010: Meaning("extension missing"),
    1011: Meaning("internal error", f"the service failed; {_RETRY}"),
    1012: Meaning("service restart", _RETRY),
    1013: Meaning("try again later", _RETRY),
    1014: Meaning("bad gateway", _RETRY),
    1015: Meaning("TLS failure", "never sent: it stands for a line that could not be made secure"),
}
_REGISTERED: Final = range(3000, 4000)
_PRIVATE: Final = range(4000, 5000)

_ASKED: Final = {
    (FrameKind.PING, True): "The monitor asks whether the line is alive; the time until its pong is the round trip.",
    (FrameKind.PING, False): "The service asks whether the line is alive; it is answered at once.",
    (FrameKind.PONG, True): "The answer to a ping of the service.",
    (FrameKind.PONG, False): "The answer to a ping of the monitor: what had been sent before that ping has arrived.",
}


def close_meaning(code: int | None) -> Meaning:
    """Say what a close's code means; None is a close without one."""
    known = _CLOSES.get(1005 if code is None else code)
    if known is not None:
        return known
    if code in _REGISTERED:
        return Meaning("registered by a library or a service")
    return Meaning("the service's own") if code in _PRIVATE else Meaning("not a code that may be sent")


def kind_style(frame: WireFrame) -> str:
    """Return the looks of the kind of a frame that holds no message."""
    match frame.kind:
        case FrameKind.HANDSHAKE:
            return ".good" if frame.code == _OPENED else ".bad"
        case FrameKind.CLOSE:
            return ".label" if frame.code in _PEACEFUL else ".bad"
        case _:
            return ".faint"


def kind_line(frame: WireFrame) -> str:
    """Say in a line what is special about a frame that holds no message."""
    match frame.kind:
        case FrameKind.BINARY if frame.position is not None:
            return f"from {clock_ms(frame.position)}"
        case FrameKind.CLOSE:
            return " · ".join(filter(None, [_code_and_name(frame.code), clean(frame.text or "")]))
        case FrameKind.HANDSHAKE:
            return f"{_status(frame.code)} · GET {clean(frame.text or '')}"
        case _:
            return _took(frame)


def kind_rows(frame: WireFrame) -> list[tuple[str, str]]:
    """Say all about a frame that holds no message, as rows of a name and a value."""
    match frame.kind:
        case FrameKind.CLOSE:
            rows = [
                ("code", _code_and_name(frame.code)),
                ("reason", clean(frame.text or "")),
                ("here", close_meaning(frame.code).here),
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
                ("", _ASKED.get((frame.kind, frame.sent), "")),
            ]
    return [row for row in rows if row[1]]


def _code_and_name(code: int | None) -> str:
    name = close_meaning(code).name
    return name if code is None else f"{code} {name}"


def _took(frame: WireFrame) -> str:
    return "" if frame.took is None else f"{frame.took * 1000:.1f} ms"


def _status(status: int | None) -> str:
    try:
        return f"{status} {HTTPStatus(status or 0).phrase}"
    except ValueError:  # one that nobody has registered
        return str(status)
