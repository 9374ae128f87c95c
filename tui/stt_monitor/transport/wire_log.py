"""Logs websocket traffic besides messages and audio: handshake, pings, pongs, closes, texts sent."""

from collections import deque
from collections.abc import Callable
from typing import Any, Final

import msgspec
from websockets.asyncio.client import ClientConnection
from websockets.client import ClientProtocol
from websockets.exceptions import InvalidHandshake
from websockets.frames import DATA_OPCODES, Frame, Opcode
from websockets.http11 import Request, Response

from stt_monitor.core.journal import FramePassed
from stt_monitor.core.listeners import ignore
from stt_monitor.core.wire_frame import FrameKind
from stt_monitor.system.clock import Clock
from stt_monitor.transport.redact import IsPublic, Redactor, shown_target
from stt_monitor.transport.redirects import STATUSES

OnFrame = Callable[[FramePassed], None]
"""Gets a frame; its `at` is the connection's clock. Called in the event loop: must not block."""

_CODE_BYTES: Final = 2


class AudioText(bytes):
    """Audio as the payload of a text frame: the wire log shows it as audio too."""

    __slots__ = ()


class WireTap:
    """Passes frames on in wire order.

    The library has taken a frame in before whoever reads messages gets the ones before it. So a frame that came after
    a message waits until that message has been dealt with.
    """

    def __init__(self, on_frame: OnFrame, redact: Redactor, is_public: IsPublic, clock: Clock) -> None:
        """Pass frames to `on_frame`, without the secrets that a service may repeat.

        Of the parameters of a URL those keep their values that are public.
        """
        self.is_public = is_public
        self.clock = clock
        self._on_frame = on_frame
        self._redact = redact
        self._came = 0  # messages so far
        self._read = 0  # those of them that have been dealt with
        self._waiting: deque[tuple[int, FramePassed]] = deque()  # with the number of messages before each
        self._in_order = True

    @property
    def connection_type(self) -> type[ClientConnection]:
        """Connection class that logs frames: for `create_connection` of the library's `connect`."""
        tap = self

        class LoggedConnection(ClientConnection):
            def __init__(self, protocol: ClientProtocol, **options: Any) -> None:  # noqa: ANN401 - as they come
                super().__init__(_LoggedProtocol(protocol, tap), **options)

            def connection_lost(self, exc: Exception | None) -> None:
                if hasattr(self, "transport"):  # else it is lost before it is made: in TLS behind a proxy
                    super().connection_lost(exc)

        return LoggedConnection

    def log(self, frame: FramePassed) -> None:
        """Log a frame."""
        text = frame.text and self._redact(frame.text)
        frame = frame if text == frame.text else msgspec.structs.replace(frame, text=text)
        if self._came > self._read and self._in_order:
            self._waiting.append((self._came, frame))
        else:
            self._on_frame(frame)

    def message_received(self) -> None:
        """Count a message that will be read."""
        self._came += 1

    def message_processed(self, at: float) -> None:
        """Count a message as read and processed, at this time; pass on the frames behind it."""
        self._read += 1
        while self._waiting and self._waiting[0][0] <= self._read:
            frame = self._waiting.popleft()[1]
            self._on_frame(msgspec.structs.replace(frame, at=max(at, frame.at)))

    def stop_waiting(self) -> None:
        """Stop waiting for messages to be read: pass frames on at once."""
        self._in_order = False
        while self._waiting:
            self._on_frame(self._waiting.popleft()[1])

    def end(self) -> None:
        """Stop logging."""
        self.stop_waiting()
        self._on_frame = ignore


_OLD: Final = b"HTTP/1.0 "


class RedirectedError(InvalidHandshake):
    """The service redirects to `location`; the caller decides whether to follow."""

    def __init__(self, location: str) -> None:
        super().__init__("redirected")
        self.location = location


class _LoggedProtocol(ClientProtocol):
    """Sans-I/O protocol of the library that logs each frame first."""

    def __init__(self, plain: ClientProtocol, tap: WireTap) -> None:
        """Replace the library's own, which has no extensions and no subprotocols."""
        super().__init__(plain.uri, logger=plain.logger)
        self._tap = tap
        self._target = ""
        self._asked_at = 0.0
        self._pinged: dict[bytes, float] = {}  # those that wait for their pongs, oldest first
        self._start: bytearray | None = bytearray()  # of the answer, until its version is known

    def receive_data(self, data: bytes | bytearray) -> None:
        """Read an answer of HTTP/1.0 as one of 1.1, or the library reads neither `Location` nor `Retry-After` in it."""
        if self._start is not None:
            self._start += data
            if len(self._start) < len(_OLD):
                return
            data, self._start = bytes(self._start), None
            if data.startswith(_OLD):
                data = data.replace(b"1.0", b"1.1", 1)
        super().receive_data(data)

    def receive_eof(self) -> None:
        if self._start:
            data, self._start = self._start, None
            super().receive_data(data)
        super().receive_eof()

    def send_request(self, request: Request) -> None:
        self._target, self._asked_at = shown_target(request.path, self._tap.is_public), self._tap.clock()
        super().send_request(request)

    def process_response(self, response: Response) -> None:
        at = self._tap.clock()
        self._tap.log(
            FramePassed(
                at,
                FrameKind.HANDSHAKE,
                size=len(response.body or b""),
                text=self._target,
                code=response.status_code,
                took=at - self._asked_at,
            )
        )
        location = response.headers.get_all("Location")
        if response.status_code in STATUSES and location:
            raise RedirectedError(location[0])
        super().process_response(response)

    def send_frame(self, frame: Frame) -> None:
        self._log_frame(frame, sent=True)
        super().send_frame(frame)

    def recv_frame(self, frame: Frame) -> None:
        self._log_frame(frame, sent=False)
        super().recv_frame(frame)
        if frame.fin and frame.opcode in DATA_OPCODES:
            self._tap.message_received()

    def _answer(self, data: bytes, at: float) -> float | None:
        """Return how long the ping with this data has waited; those before it are answered too (RFC 6455, 5.5.3)."""
        if data not in self._pinged:
            return None
        while True:
            first = next(iter(self._pinged))
            pinged = self._pinged.pop(first)
            if first == data:
                return at - pinged

    def _log_frame(self, frame: Frame, *, sent: bool) -> None:
        at, size = self._tap.clock(), len(frame.data)
        match frame.opcode:
            case Opcode.PING:
                if sent:
                    self._pinged[bytes(frame.data)] = at
                self._tap.log(FramePassed(at, FrameKind.PING, sent, size))
            case Opcode.PONG:
                took = None if sent else self._answer(bytes(frame.data), at)
                self._tap.log(FramePassed(at, FrameKind.PONG, sent, size, took=took))
            case Opcode.CLOSE:
                code, reason = _closing(bytes(frame.data))
                self._tap.log(FramePassed(at, FrameKind.CLOSE, sent, size, reason, code))
            case Opcode.TEXT if sent and not isinstance(frame.data, AudioText):
                self._tap.log(FramePassed(at, FrameKind.TEXT, sent, size, bytes(frame.data).decode()))


def _closing(payload: bytes) -> tuple[int | None, str]:
    """Read code and reason of a close, whatever they are: it is the library that objects to what may not be."""
    if len(payload) < _CODE_BYTES:
        return None, ""
    return int.from_bytes(payload[:_CODE_BYTES], "big"), payload[_CODE_BYTES:].decode("utf-8", "replace")
