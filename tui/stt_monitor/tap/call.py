"""Forwards one call: reads the head of the request, connects to the service, then passes bytes on, unchanged.

Each side is read only as fast as the other takes it. What is told of a call is a copy, and can hold up nothing.
"""

import asyncio
import ssl
from collections.abc import Callable
from http import HTTPStatus
from math import inf
from typing import Final, Protocol

from stt_monitor import __version__
from stt_monitor.core.sound.slowness import SLOW_S
from stt_monitor.server.visitors import Visitors
from stt_monitor.services.base import Service
from stt_monitor.tap.connecting import connect
from stt_monitor.tap.credentials import credentials
from stt_monitor.tap.events import CallAnswered, CallBegan, CallBytes, CallDropped, CallEnded, CallEvent, CallHeldUp
from stt_monitor.tap.heads import RefusedError, RequestHead, ResponseReader, harmless, read_request
from stt_monitor.tap.side import Side
from stt_monitor.tap.upstream import Route, Upstream

HEAD_TIMEOUT_S: Final = 10.0
"""How long an agent may take to send the head of its request."""

LINGER_S: Final = 2.0
"""How long an agent may take to read why its request is refused."""

Tell = Callable[[CallEvent], bool]
"""Takes an event of a call, at once; False if the queue is full."""


class Switchboard(Protocol):
    """What calls have in common."""

    route: Route
    visitors: Visitors
    tls: ssl.SSLContext

    def tell(self, event: CallEvent) -> bool:
        """Pass on an event of a call, at once; returns False if the queue is full. Does not raise."""

    def clock(self) -> float:
        """Return the time, seconds of a monotonic clock."""

    def late_s(self, at: float) -> float:
        """Return by how many seconds data seen at a time may have arrived earlier, because the tap was held up."""

    def connected(self, call: "Call") -> bool:
        """Remember a connection; returns False where there are too many."""

    def number(self) -> int:
        """Return the number of the next call."""

    def gone(self, call: "Call") -> None:
        """Forget a connection."""

    def report(self, error: Exception) -> None:
        """Take note of a bug that the call survives."""


class Call:
    """One request, and its connection until both sides have ended it."""

    def __init__(self, board: Switchboard) -> None:
        self._board = board
        self.agent, self.service = Side(self, from_agent=True), Side(self, from_agent=False)
        self.agent.other, self.service.other = self.service, self.agent
        self._received = bytearray()
        self._request: RequestHead | None = None
        self._response = ResponseReader()
        self._body_left: int | None = None
        """Bytes of the request's body that have not come; None where that is not known."""
        self._watched = True
        self._unwatched_bytes = 0
        self._held_up_at = -inf
        """When the tap last reported being held up."""
        self._number = 0
        """0 until there is something to be told of it."""
        self.is_websocket = False
        """Whether the request is for a websocket."""
        self._by = ""
        self._problem = ""
        self._opening: asyncio.Task[None] | None = None
        self._timeout: asyncio.TimerHandle | None = None

    def accept(self) -> None:
        """Wait for the head of a request, with a time limit."""
        self._timeout = asyncio.get_running_loop().call_later(HEAD_TIMEOUT_S, self.abort)
        if not self._board.connected(self):
            self._refuse(RefusedError(HTTPStatus.SERVICE_UNAVAILABLE, "The tap has too many connections open."))

    def received(self, data: bytes, *, from_agent: bool) -> None:
        """Pass bytes on, then tell of them."""
        at = self._board.clock()
        if not from_agent:
            self.agent.write(data)
            self._watch(at, data, from_agent=False)
        elif self.service.is_connected:
            own = self._of_this_request(data)
            if own:
                self.service.write(own)
                self._watch(at, own, from_agent=True)
        elif self._request is None and not self._problem:
            # Some clients send a line end after their last body.
            self._received += data if self._received else data.lstrip(b"\r\n")
            self._read_request(at)

    def ended(self, by: str) -> None:
        """Note who ended it first."""
        self._by = self._by or by

    def over(self) -> None:
        """Report that both sides are gone, once."""
        if self._timeout is not None:
            self._timeout.cancel()
        if self._opening is not None:
            self._opening.cancel()
        self._board.gone(self)
        if self._number:
            self._board.tell(
                CallEnded(
                    self._number,
                    self._board.clock(),
                    self._by or "tap",
                    self.agent.received_bytes,
                    self.service.received_bytes,
                    self.agent.was_reset or self.service.was_reset,
                    self._problem,
                    self._unwatched_bytes,
                )
            )

    def abort(self) -> None:
        """End it at once."""
        self.ended("tap")
        for side in (self.agent, self.service):
            side.abort()

    def _read_request(self, at: float) -> None:
        try:
            read = read_request(bytes(self._received))
            if read is None:
                return
            self._request, rest = read
            if self._timeout is not None:
                self._timeout.cancel()
            self.agent.pause()
            upstream = self._admit(at, self._request)
        except RefusedError as error:
            self._refuse(error)
            return
        self._opening = asyncio.create_task(self._open(upstream, self._request, rest))

    def _admit(self, at: float, request: RequestHead) -> Upstream:
        """Report a request, and return where it goes. Raises RefusedError."""
        head = request.head
        hosts = head.header("host")
        if not self._board.visitors.allows_host(hosts):
            raise RefusedError(
                HTTPStatus.MISDIRECTED_REQUEST, "The tap does not go by that name; --allow-host NAME lets it in."
            )
        if not self._board.visitors.allows_origin(head.header("origin"), hosts):
            raise RefusedError(HTTPStatus.FORBIDDEN, "Pages of other sites may not use the tap.")
        try:
            upstream, refused = self._board.route.find(head.path), None
        except RefusedError as error:
            upstream, refused = None, error
        spoken = upstream.service if upstream is not None else None
        public = (spoken.public_names, spoken.public_prefix) if spoken is not None else (frozenset[str](), "")
        self._number = self._board.number()
        self.is_websocket = request.is_websocket
        self._board.tell(
            CallBegan(
                self._number,
                at,
                request.method,
                harmless(head, *public),
                spoken.name if spoken is not None and self._is_known(head.path, spoken) else "",
                upstream.where if upstream is not None else "",
                websocket=self.is_websocket,
                secrets=credentials(head, *public),
            )
        )
        if upstream is None:
            assert refused is not None
            raise refused
        return upstream

    def _is_known(self, path: str, spoken: Service) -> bool:
        """Return whether a request is of the protocol of its service; vendors have websockets of other kinds, too."""
        return not self.is_websocket or self._board.route.is_chosen or path.endswith(spoken.path)

    async def _open(self, upstream: Upstream, request: RequestHead, rest: bytes) -> None:
        """Connect to the service, and pass the request on."""
        try:
            await connect(upstream, self._board.tls, self.service)
            self._received.clear()
            self.service.write(request.forwarded(upstream.base_path, upstream.place))
            self._body_left = request.body_bytes
            self.agent.resume()  # first: what follows may be more than the service takes, which pauses the agent
            if rest:
                self.received(rest, from_agent=True)
        except RefusedError as error:
            self._refuse(error)
        except Exception as error:  # noqa: BLE001  nobody else would notice that the call hangs
            self._board.report(error)
            self.abort()

    def _refuse(self, error: RefusedError) -> None:
        """Respond in place of the service, and close."""
        self.ended("tap")
        self._problem = error.sentence
        body = f"{error.sentence}\n".encode()
        lines = (
            f"HTTP/1.1 {error.status.value} {error.status.phrase}",
            f"Server: stt-monitor-tap/{__version__}",
            "Content-Type: text/plain; charset=utf-8",
            f"Content-Length: {len(body)}",
            "Connection: close",
        )
        self.agent.write("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
        # Closed while something is unread, the connection would be reset, and the answer lost.
        self.agent.end()
        self.agent.resume()
        if self._timeout is not None:
            self._timeout.cancel()
        self._timeout = asyncio.get_running_loop().call_later(LINGER_S, self.agent.close)

    def _of_this_request(self, data: bytes) -> bytes:
        """Return which bytes of the agent belong to the request; a next request would need a head of its own."""
        head = self._response.head
        if self._body_left is None or (head is not None and head.status == HTTPStatus.SWITCHING_PROTOCOLS):
            return data
        if self.is_websocket and head is None:
            return data  # a client that sends frames before the response
        own = data[: self._body_left]
        self._body_left -= len(own)
        if len(own) < len(data) and head is not None:
            # After the response: a client that finds its connection closed opens another.
            self.agent.close()
            self.service.close()
        return own

    def _watch(self, at: float, data: bytes, *, from_agent: bool) -> None:
        """Report bytes that have been passed on. Errors here never affect the call."""
        try:
            self._copy(at, data if from_agent else self._after_head(at, data), from_agent=from_agent)
        except Exception as error:  # noqa: BLE001  whatever it is, the call goes on
            self._watched = False
            self._board.report(error)

    def _after_head(self, at: float, data: bytes) -> bytes:
        """Return what of the service's bytes comes after the head of its response, and tell of that."""
        head, rest = self._response.feed(data)
        if head is not None:
            self._board.tell(
                CallAnswered(
                    self._number,
                    at,
                    head.status,
                    head.header("sec-websocket-extensions"),
                    head.header("sec-websocket-protocol"),
                    head.header("server"),
                )
            )
        return rest

    def _copy(self, at: float, data: bytes, *, from_agent: bool) -> None:
        """Report bytes of a websocket; stop once the queue is full, because a gap makes the rest unreadable."""
        if not data or not self.is_websocket:
            return
        late = self._board.late_s(at)
        if self._watched and late > SLOW_S and at - self._held_up_at > late:  # else it is told already
            self._held_up_at = at
            self._board.tell(CallHeldUp(self._number, at, late))
        unacknowledged = self.service.unacknowledged if from_agent and self._watched else None
        if self._watched and not self._board.tell(CallBytes(self._number, at, from_agent, data, unacknowledged)):
            self._watched = False
            self._board.tell(CallDropped(self._number, at))
        if not self._watched:
            self._unwatched_bytes += len(data)
