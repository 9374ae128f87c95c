"""One end of a call: passes on how it sends, takes, pauses, ends and breaks."""

import asyncio
import socket
import struct
from contextlib import suppress
from typing import Final, Protocol

from stt_monitor.transport.socket_queue import unacknowledged_bytes

MOST_WAITING_BYTES: Final = 64 * 1024
"""What one side has not taken yet; above this, nothing more is read from the other."""

_NO_LINGER: Final = struct.pack("ii", 1, 0)
"""Of `SO_LINGER`: closing resets the connection."""


class Carrier(Protocol):
    """A call, as its two sides know it."""

    is_websocket: bool
    """Whether the request is for a websocket."""

    def accept(self) -> None:
        """Wait for a request of the agent."""

    def received(self, data: bytes, *, from_agent: bool) -> None:
        """Take bytes of a side."""

    def ended(self, by: str) -> None:
        """Note who ended it first."""

    def over(self) -> None:
        """Take note that both sides are gone."""


class Side(asyncio.Protocol):
    """The connection to the agent, or that to the service.

    Args:
        call: that it belongs to.
        from_agent: whether the agent is there.
    """

    def __init__(self, call: Carrier, *, from_agent: bool) -> None:
        self._call = call
        self._from_agent = from_agent
        self._transport: asyncio.Transport | None = None
        self.other: Side
        """The other end of the call."""
        self.is_lost = False
        """Whether the connection is gone."""
        self.is_at_end = False
        """Whether it sends nothing more."""
        self.received_bytes = 0
        self.was_reset = False

    @property
    def is_connected(self) -> bool:
        """Whether it is connected, or was."""
        return self._transport is not None

    @property
    def is_closing(self) -> bool:
        """Whether nothing can be written any more."""
        return self._transport is not None and self._transport.is_closing()

    @property
    def unacknowledged(self) -> int | None:
        """Bytes written that the other end of the line has not acknowledged; None where the system does not tell."""
        return None if self._transport is None else unacknowledged_bytes(self._transport)

    def write(self, data: bytes) -> None:
        """Send bytes, unless it is gone."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(data)

    def pause(self) -> None:
        """Read nothing more until `resume`."""
        if self._transport is not None:
            self._transport.pause_reading()

    def resume(self) -> None:
        """Read again."""
        if self._transport is not None:
            self._transport.resume_reading()

    def close(self) -> None:
        """Close in order, after all that has been written."""
        if self._transport is not None:
            self._transport.close()

    def abort(self) -> None:
        """Close at once."""
        if self._transport is not None:
            self._transport.abort()

    def reset(self) -> None:
        """Reset the connection, as the other side was, after flushing pending data."""
        if self._transport is None or self._transport.is_closing():
            return
        if self._transport.get_write_buffer_size():
            self._transport.close()
            return
        raw = self._transport.get_extra_info("socket")
        with suppress(OSError, AttributeError):
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
        self._transport.abort()

    def end(self) -> None:
        """Say that nothing more follows, after all that has been written."""
        if self._transport is None or self._transport.is_closing():
            return
        if self._transport.can_write_eof():
            self._transport.write_eof()
        elif self._call.is_websocket:
            self._transport.close()  # TLS has no half of a connection; of a request the response may still come

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the transport; of an agent, wait for its request."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.set_write_buffer_limits(high=MOST_WAITING_BYTES)
        _hold_little(transport)
        if self._from_agent:
            self._call.accept()

    def data_received(self, data: bytes) -> None:
        """Pass bytes on."""
        self.received_bytes += len(data)
        self._call.received(data, from_agent=self._from_agent)

    def eof_received(self) -> bool:
        """Pass on a half-close; the other direction stays open until that side ends too."""
        self._call.ended("agent" if self._from_agent else "service")
        self.is_at_end = True
        if not self.other.is_connected:
            return False
        self.other.end()
        if self.other.is_at_end:
            self.other.close()
            return False
        return self._transport is not None and self._transport.can_write_eof()

    def connection_lost(self, exc: Exception | None) -> None:
        """End the other side as this one has ended."""
        self.is_lost = True
        if exc is not None:
            self.was_reset = True
            self._call.ended("agent" if self._from_agent else "service")
        if exc is not None and not self.is_at_end:
            self.other.reset()
        else:
            self.other.close()
        if self.other.is_lost or not self.other.is_connected:
            self._call.over()

    def pause_writing(self) -> None:
        """Pause reading from the other side: this one does not keep up."""
        self.other.pause()

    def resume_writing(self) -> None:
        """Read from the other side again."""
        self.other.resume()


def _hold_little(transport: asyncio.Transport) -> None:
    """Keep the system's send buffer short: what waits in it hides back-pressure from the other side."""
    option, raw = getattr(socket, "TCP_NOTSENT_LOWAT", None), transport.get_extra_info("socket")
    if option is not None and raw is not None:
        with suppress(OSError):
            raw.setsockopt(socket.IPPROTO_TCP, option, MOST_WAITING_BYTES)
