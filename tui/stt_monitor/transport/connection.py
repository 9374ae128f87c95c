"""One open websocket to the service: sends, receives, keeps alive, and explains why it closed."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterable
from typing import Final, Self

import msgspec
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed
from websockets.frames import CloseCode

from stt_monitor.core.events import ServiceError
from stt_monitor.core.listeners import ignore
from stt_monitor.core.local_server import is_local_server
from stt_monitor.core.settings.requested import TurnSettings
from stt_monitor.services.base import Request
from stt_monitor.services.http_errors import NOT_ALLOWED
from stt_monitor.system.clock import Clock
from stt_monitor.transport.address import Address
from stt_monitor.transport.closes import why_closed, why_refused_in_band
from stt_monitor.transport.failures import Asked, ConnectionFailedError, Failure
from stt_monitor.transport.opening import open_socket
from stt_monitor.transport.pings import Pings
from stt_monitor.transport.redact_pieces import PiecesRedactor
from stt_monitor.transport.redirects import Target
from stt_monitor.transport.socket_queue import unacknowledged_bytes
from stt_monitor.transport.wire_log import AudioText, OnFrame, WireTap

PING_INTERVAL_S: Final = 0.25
"""Audio that is held up for longer than this and `SLOW_S` together is noticed for certain."""
PING_TIMEOUT_S: Final = 15.0
"""Finds a dead line within 20 s."""

HANG_UP_S: Final = 0.5
"""Longest wait for the service's half of the closing handshake."""

_GARBLED: Final = frozenset({CloseCode.PROTOCOL_ERROR, CloseCode.INVALID_DATA, CloseCode.MESSAGE_TOO_BIG})
"""Our close codes for invalid websocket traffic, invalid UTF-8 or messages above 1 MiB."""

_SILENCE: Final = Failure("the service fell silent", "check the network", passing=True)
_GARBAGE: Final = Failure("what came from the service could not be read", "check the network", passing=True)


class Frame(msgspec.Struct, frozen=True):
    """One message from the service, and its time by the connection's clock."""

    payload: str | bytes
    received_at: float


class ServiceConnection:
    """An open websocket. Reading and writing are independent of each other; one task each."""

    def __init__(self, socket: ClientConnection, tap: WireTap, asked: Asked, clock: Clock) -> None:
        """Take over an open socket, opened as `asked`, and keep it alive; call inside the event loop."""
        self._asked = asked
        self._redact = asked.redact
        self._redact_message = PiecesRedactor(asked.redact)
        self._tap = tap
        self._socket = socket
        self._clock = clock
        self._handed = 0
        self._framed = 0  # what frames have made of it: base64 is longer
        self._pings = Pings(socket, lambda: self._handed, clock)
        self._silent = False
        self._garbled = False
        self._keeping_alive = asyncio.create_task(self._keep_alive())

    @classmethod
    async def open(
        cls, address: Address, request: Request, on_frame: OnFrame = ignore, *, clock: Clock = time.monotonic
    ) -> Self:
        """Connect, following redirects.

        Args:
            address: the service, for what is said about it.
            request: what opens it.
            on_frame: gets every frame that is neither a message from the service nor audio.
            clock: tells when frames pass, and how long answers take.

        Raises:
            ConnectionFailedError: it could not be reached, or it refused.
        """
        redact = address.redact
        tap = WireTap(on_frame, redact, address.service.is_public, clock)
        target = Target(
            request.url,
            request.headers,
            address.shown,
            address.service,
            credential=address.credential,
            by_key=address.is_vendors,
        )
        socket, asked = await open_socket(target, tap, redact, close_timeout_s=HANG_UP_S)
        connection = cls(socket, tap, asked, clock)
        await connection._send_all(request.messages)
        return connection

    async def send_audio(self, data: bytes) -> bool:
        """Send one frame of audio; waits while the service does not read. Returns False if the socket is closed."""
        encoded = self._asked.service.encode(data)
        frame = encoded if isinstance(encoded, bytes) else AudioText(encoded.encode())
        sent = await self._send(frame, text=isinstance(encoded, str))
        self._handed += len(data) if sent else 0
        self._framed += len(frame) if sent else 0
        return sent

    async def send_close(self, *, in_turn: bool = False) -> bool:
        """Tell the service that the audio is over; `in_turn`: a turn is open. Returns False if the socket is closed."""
        return await self._send_all(self._asked.service.finish(in_turn))

    async def send_config(self, turn: TurnSettings) -> bool:
        """Change the turn settings that are set, of a service that takes changes. Returns False if it is closed."""
        configure = self._asked.service.configure
        return configure is not None and await self._send(configure(turn))

    async def frames(self) -> AsyncIterator[Frame]:
        """Yield incoming messages until the connection closes, for whatever reason.

        A secret of ours that the service repeats, say in an error, goes no further.
        """
        try:
            while True:
                payload = await self._socket.recv()
                received_at = self._clock()
                yield Frame(self._without_secrets(payload), received_at)
                self._tap.message_processed(received_at)
        except ConnectionClosed as closed:
            self._garbled = closed.sent is not None and closed.sent.code in _GARBLED and not closed.rcvd_then_sent
        finally:
            self._tap.stop_waiting()

    async def ping(self) -> float:
        """Measure the round trip now; returns seconds.

        Raises:
            ConnectionFailedError: the socket was closed, or the service is silent.
        """
        try:
            async with asyncio.timeout(PING_TIMEOUT_S):
                return await (await self._socket.ping())
        except TimeoutError:
            raise ConnectionFailedError(_SILENCE) from None
        except ConnectionClosed:
            raise ConnectionFailedError(self.why_closed(None)) from None

    def give_up(self) -> None:
        """Abort a connection that no longer answers."""
        self._silent = True
        self._socket.transport.abort()

    async def hang_up(self, patience: float = HANG_UP_S) -> None:
        """Close the socket; abort it unless the service answers within `patience` seconds."""
        self._keeping_alive.cancel()
        self._tap.stop_waiting()
        try:
            async with asyncio.timeout(patience):
                await self._socket.close()
        except TimeoutError:
            self._socket.transport.abort()  # a stalled line takes no close frame either
        finally:
            self._tap.end()

    @property
    def round_trip(self) -> float | None:
        """Seconds: see `Pings.round_trip`."""
        return self._pings.round_trip

    def pop_round_trip(self) -> float | None:
        """Return the longest since the last call, seconds: see `Pings.pop_round_trip`."""
        return self._pings.pop_round_trip()

    @property
    def unconfirmed(self) -> int:
        """Bytes of audio sent after the last answered ping: they may not have arrived."""
        return self._handed - self._pings.confirmed

    @property
    def unacknowledged(self) -> int | None:
        """Bytes of audio that the other end of the line has not acknowledged; None where the system does not tell."""
        waiting = unacknowledged_bytes(self._socket.transport)
        return None if waiting is None else round(waiting * self._handed / self._framed) if self._framed else 0

    @property
    def silent(self) -> bool:
        """Whether a ping timed out: audio sent after the last answered one has not arrived."""
        return self._silent

    @property
    def useful(self) -> bool:
        """Whether any audio is known to have arrived."""
        return self._pings.confirmed > 0

    @property
    def is_local_server(self) -> bool:
        """Whether the handshake's `Server` header names a local server of this program."""
        response = self._socket.response
        return response is not None and any(map(is_local_server, response.headers.get_all("Server")))

    @property
    def lost(self) -> bool:
        """Whether it ended without a close frame."""
        return self._socket.close_code in (CloseCode.ABNORMAL_CLOSURE, None)

    @property
    def closed_normally(self) -> bool:
        """Whether the close handshake ended as it should after `close` (protocol.md 9)."""
        return self._socket.close_code in (CloseCode.NORMAL_CLOSURE, CloseCode.NO_STATUS_RCVD)

    def why_closed(self, error: ServiceError | None, *, refused: bool = False) -> Failure:
        """Describe why the socket was closed, or is about to be (protocol.md 10.2).

        Args:
            error: the error event that came just before, if any.
            refused: it came in the place of `connected`.
        """
        if self._silent:
            return _SILENCE
        if self._garbled:
            return _GARBAGE
        code, reason = self._socket.close_code, self._redact(self._socket.close_reason or "")
        not_allowed = code == CloseCode.POLICY_VIOLATION and error is not None and error.status in NOT_ALLOWED
        if error is not None and (refused or not_allowed):
            # However it closes after a refusal, and whether it has yet: the error says all.
            return why_refused_in_band(error, "" if refused else reason, self._asked)
        return why_closed(code, reason, self._asked.service, error)

    def _without_secrets(self, payload: str | bytes) -> str | bytes:
        if isinstance(payload, str):
            return self._redact_message(payload)
        return self._redact_message(payload.decode("latin-1")).encode("latin-1")  # it gives every byte back

    async def _send_all(self, messages: Iterable[str]) -> bool:
        return all([await self._send(message) for message in messages])

    async def _send(self, message: str | bytes, *, text: bool | None = None) -> bool:
        """Send a message; `text`: whether bytes are those of a text frame."""
        try:
            await self._socket.send(message, text=text)
        except ConnectionClosed:
            return False  # the reading side notices too, and says why
        return True

    async def _keep_alive(self) -> None:
        """Ping the service; abort when it falls silent."""
        try:
            await self._pings.keep_alive(PING_INTERVAL_S, PING_TIMEOUT_S)
        except TimeoutError:
            self.give_up()
        except ConnectionClosed:
            return  # the reading side notices too, and says why
