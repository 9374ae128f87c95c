"""The traffic of a session's websockets, for whoever wants to look at it."""

from enum import Enum

import msgspec


class FrameKind(Enum):
    """What a frame is: of the three that carry data or open the connection, or one that controls it (RFC 6455, 5.5)."""

    HANDSHAKE = "handshake"
    """No frame yet: the HTTP request that opens a websocket, and its answer."""
    TEXT = "text"
    BINARY = "binary"
    PING = "ping"
    PONG = "pong"
    CLOSE = "close"


class WireFrame(msgspec.Struct, frozen=True):
    """One frame, in or out. It holds no header, hence no key; the text is as it went by: clean it to show it."""

    at: float
    """When it had been sent, or was received, seconds of session."""
    sent: bool
    """Out of this program; else into it."""
    size: int
    """Bytes of payload."""
    text: str | None = None
    """The payload of a text frame, the reason of a close; of a handshake the target that was asked for, without
    secrets. None for all others."""
    position: float | None = None
    """Where the audio in a binary frame begins, seconds of the session's audio."""
    kind: FrameKind = FrameKind.TEXT
    code: int | None = None
    """The code of a close, None when it has none; the HTTP status of a handshake."""
    streams: bool = False
    """A message that is one of the many which flow all the time, whatever is said."""
    took: float | None = None
    """From the request of a handshake to its answer, or from our ping to its pong, seconds."""
