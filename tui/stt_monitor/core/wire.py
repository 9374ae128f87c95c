"""The traffic of a session's websockets, for whoever wants to look at it."""

import msgspec


class WireFrame(msgspec.Struct, frozen=True):
    """One data frame, in or out. It holds no header, hence no key; the text is as it went by: clean it to show it."""

    at: float
    """When it had been sent, or was received, seconds of session."""
    sent: bool
    """Out of this program; else into it."""
    size: int
    """Bytes of payload."""
    text: str | None = None
    """The payload of a text frame; None for a binary one."""
    position: float | None = None
    """Where the audio in a binary frame begins, seconds of the session's audio."""
