"""One websocket to the service: opened, written to, read from, and its failures told apart."""

import time
from collections.abc import AsyncIterator
from typing import Final

import msgspec
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, WebSocketException
from websockets.frames import CloseCode

from stt_monitor import __version__
from stt_monitor.client.address import Address
from stt_monitor.client.wording import why_closed, why_not_open
from stt_monitor.core.errors import ServiceUnavailableError

OPEN_TIMEOUT_S: Final = 10.0
"""Handshake time-out that the vendor's SDK uses (protocol 2.6)."""

PING_INTERVAL_S: Final = 5.0
PING_TIMEOUT_S: Final = 15.0
"""Together they find a dead line within 20 s."""

_CLOSE: Final = '{"type":"close"}'


class Frame(msgspec.Struct, frozen=True):
    """What came from the service, and when (`time.monotonic`)."""

    payload: str | bytes
    received_at: float


class ServiceConnection:
    """An open websocket. Reading and writing are independent of each other; one task each."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket

    @classmethod
    async def open(cls, address: Address, url: str) -> "ServiceConnection":
        """Connect.

        Args:
            address: the service, for its headers and for what is said about it.
            url: the full URL with its parameters.

        Raises:
            ServiceUnavailableError: it could not be reached, or it refused.
        """
        loopback = address.host in {"127.0.0.1", "::1", "localhost"}
        try:
            socket = await connect(
                url,
                additional_headers=address.headers,
                user_agent_header=f"stt-monitor/{__version__}",
                compression=None,  # audio does not shrink, and packing costs time
                open_timeout=OPEN_TIMEOUT_S,
                ping_interval=PING_INTERVAL_S,
                ping_timeout=PING_TIMEOUT_S,
                close_timeout=1,
                proxy=None if loopback else True,
            )
        except (OSError, WebSocketException, ValueError) as error:
            raise ServiceUnavailableError(f"{address.shown} {why_not_open(error)}") from None
        return cls(socket)

    async def send_audio(self, data: bytes) -> None:
        """Send one binary frame; waits while the service does not read. Does nothing once the socket is closed."""
        await self._send(data)

    async def send_close(self) -> None:
        """Say that no more audio will come (protocol 4.1). Does nothing once the socket is closed."""
        await self._send(_CLOSE)

    async def frames(self) -> AsyncIterator[Frame]:
        """Give out what the service sends until the socket is closed, by whichever side and however."""
        try:
            while True:
                payload = await self._socket.recv()
                yield Frame(payload, time.monotonic())
        except ConnectionClosed:
            return

    async def hang_up(self) -> None:
        """Close the socket, politely if the service answers within a second."""
        await self._socket.close()

    @property
    def round_trip(self) -> float | None:
        """Seconds from the last ping to its pong; None before the first."""
        return self._socket.latency or None

    @property
    def closed_normally(self) -> bool:
        """Whether the close handshake ended as it should after `close` (protocol 9)."""
        return self._socket.close_code in (CloseCode.NORMAL_CLOSURE, CloseCode.NO_STATUS_RCVD)

    @property
    def farewell(self) -> str:
        """Why the socket was closed, in a sentence with the remedy (protocol 10.2)."""
        return why_closed(self._socket.close_code, self._socket.close_reason or "")

    async def _send(self, message: str | bytes) -> None:
        try:
            await self._socket.send(message)
        except ConnectionClosed:
            return  # the reading side notices too, and says why
