"""A websocket frame, for the wire log."""

from enum import Enum

import msgspec


class FrameKind(Enum):
    """Kind of frame: data, control (RFC 6455, 5.5), or the handshake before them."""

    HANDSHAKE = "handshake"
    """The HTTP request that opens a websocket, and its response."""
    TEXT = "text"
    BINARY = "binary"
    PING = "ping"
    PONG = "pong"
    CLOSE = "close"


class WireFrame(msgspec.Struct, frozen=True, gc=False):  # no cycles, and there are very many
    """One frame, in or out. Has no headers, so no key. The text is raw: sanitize it for display."""

    at: float
    """When it was sent or received, seconds of session."""
    sent: bool
    """Sent by this program; else received."""
    size: int
    """Bytes of payload."""
    text: str | None = None
    """Payload of a text frame, reason of a close, or target of a handshake without secrets. None for others."""
    position: float | None = None
    """Position of the audio in a binary frame, seconds of the session's audio."""
    kind: FrameKind = FrameKind.TEXT
    code: int | None = None
    """Code of a close, if it has one; HTTP status of a handshake."""
    streams: bool = False
    """A message of a constant stream, such as progress reports."""
    took: float | None = None
    """From the request of a handshake to its response, or from our ping to its pong, seconds."""
    service: str = ""
    """Name of the service that it goes to or comes from."""
