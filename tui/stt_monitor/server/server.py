"""The server: its address, its connections, and how many sessions it takes."""

import asyncio
import contextlib
import functools
import ipaddress
import logging
import time
import uuid
from collections.abc import Sequence
from statistics import mean
from typing import Final, Self
from urllib.parse import urlsplit

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.datastructures import Headers
from websockets.http11 import Request, Response

from stt_monitor import __version__
from stt_monitor.core.local_server import server_header
from stt_monitor.server.connection import ConnectionHandler
from stt_monitor.server.router import Router
from stt_monitor.server.settings import ServerSettings
from stt_monitor.server.sockets import ClientSocket
from stt_monitor.server.thread_pool import Workers, cores
from stt_monitor.server.tts.answer import answer_speech
from stt_monitor.server.tts.voice import Voice
from stt_monitor.server.turn_detection.interface import MakeDetector
from stt_monitor.services.registry import server_sides
from stt_monitor.services.server_side import Answer, Head, ServerSide, Synthesis, Visit
from stt_monitor.system.clock import Clock
from stt_monitor.system.hosts import in_url, is_loopback

SESSIONS_PER_CORE: Final = 8
"""Default limit of sessions: in most conversations somebody is silent."""

MAX_FRAME_BYTES: Final = 8 * 1024 * 1024
"""Of one message: 100 ms are usual, but some clients send a whole buffer at once."""

SPARE_CONNECTIONS: Final = 64
"""TCP connections beside those of sessions: handshakes, pages, refusals."""

LATE_S: Final = 0.5
"""How far recognition may be behind, on average, before new sessions are refused; one a core is always accepted."""

STOP_TIMEOUT_S: Final = 2.0
"""How long clients may take for the closing handshake when the server stops."""

IPV4: Final = 4

GREETING_S: Final = 5.0
"""How long a client may take to send its request: a silent connection holds a place."""

OPEN_TIMEOUT_S: Final = 20.0
CLOSE_TIMEOUT_S: Final = 30.0
"""How long a handshake may take, and a slow reader for its half of the closing handshake."""


class LocalServer:
    """The local server; serves inside its `async with` block.

    Args:
        make_detector: makes the detector of a connection.
        settings: how to run.
        sides: the services that are spoken; all by default.
        clock: tells how long recognition takes; the event loop has the same.
    """

    def __init__(
        self,
        make_detector: MakeDetector,
        settings: ServerSettings | None = None,
        sides: Sequence[ServerSide] | None = None,
        clock: Clock = time.monotonic,
    ) -> None:
        self._clock = clock
        self._settings = settings or ServerSettings()
        self._make_detector = make_detector
        self._workers = Workers(cores())
        self._max_sessions = self._settings.max_sessions or SESSIONS_PER_CORE * self._workers.threads
        self._voice = Voice()
        self._router = Router(
            sides or server_sides(),
            self._settings,
            speak=self._speak,
            health=self.health,
            address=lambda: urlsplit(self.base_url).netloc,
        )
        self._connections: dict[ClientSocket, None] = {}
        """Oldest first."""
        self._admitted: set[ServerConnection] = set()
        self._handlers: set[ConnectionHandler] = set()
        self._served = 0
        self._refused = 0
        self._server: Server | None = None

    async def __aenter__(self) -> Self:
        """Start to listen. Raises OSError."""
        connection = functools.partial(
            ClientSocket,
            answer=self._router.answer_other,
            reject=self._router.reject,
            opened=self._opened,
            lost=self._lost,
            request_timeout=GREETING_S,
        )
        self._server = await serve(
            self._serve,
            self._settings.host,
            self._settings.port,
            process_request=self._admit,
            create_connection=connection,  # type: ignore[arg-type] # documented as a factory, typed as a class
            compression=None,  # nothing to gain on loopback, and no bombs
            max_size=MAX_FRAME_BYTES,
            open_timeout=OPEN_TIMEOUT_S,
            close_timeout=CLOSE_TIMEOUT_S,
            # A client that reads only at the end answers no ping; the idle timeout finds lost ones.
            ping_interval=None,
            logger=_quiet_logger(),
            server_header=server_header(__version__),
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop listening, close the connections (1001), drop waiting work."""
        self._workers.close()
        if self._server is None:
            return
        self._server.close()
        for connection in self._connections.keys() - self._admitted:
            connection.transport.abort()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(STOP_TIMEOUT_S):
                await self._server.wait_closed()
        for connection in tuple(self._connections):
            connection.transport.abort()
        await self._server.wait_closed()

    @property
    def base_url(self) -> str:
        """`http://host:port`, the base URL for an SDK."""
        host, port = self._listening
        return f"http://{_reachable(host)}:{port}"

    @property
    def listening_url(self) -> str:
        """The same with the address that it listens on, which may stand for all of this machine's."""
        host, port = self._listening
        return f"http://{in_url(host)}:{port}"

    @property
    def is_local(self) -> bool:
        """Whether only this machine can reach it."""
        return is_loopback(self._listening[0])

    @property
    def _listening(self) -> tuple[str, int]:
        assert self._server is not None
        host, port = next(iter(self._server.sockets)).getsockname()[:2]
        return host, port

    def health(self) -> dict[str, object]:
        """Return the figures of `/health`."""
        full = self._full()
        return {
            "status": "ok" if full is None else "busy",
            "sessions": len(self._admitted),
            "max_sessions": self._max_sessions,
            "sessions_served": self._served,
            "sessions_refused": self._refused,
            "recognition_threads": self._workers.threads,
            "behind_mean_s": round(mean(self._behind()), 3),
            "behind_max_s": round(max(self._behind()), 3),
            "largest_backlog_s": round(max((each.backlog_s for each in self._handlers), default=0.0), 3),
        }

    async def _serve(self, connection: ServerConnection) -> None:
        assert connection.request is not None
        head = _head(connection.request)
        side = self._router.side(head.path)
        assert side is not None
        request_id = str(uuid.uuid4())
        handler = ConnectionHandler(
            connection,
            side.open(head, Visit(request_id, time.time)),
            request_id,
            make_detector=self._make_detector,
            workers=self._workers,
            idle_timeout=self._settings.idle_timeout,
            trace=self._settings.trace,
            clock=self._clock,
            refused=self._router.stranger(head, side),
        )
        self._handlers.add(handler)
        self._served += 1
        try:
            await handler.run()
        finally:
            self._handlers.discard(handler)

    def _admit(self, connection: ServerConnection, request: Request) -> Response | None:
        """Answer a GET; return None to open a session."""
        head = _head(request)
        side = self._router.side(head.path) if "websocket" in ",".join(head.header("upgrade")).lower() else None
        answer = self._router.answer_get(head) if side is None else self._router.refusal(head, side, self._no_room)
        if answer is not None:
            return _response(answer)
        self._admitted.add(connection)
        return None

    def _no_room(self) -> str | None:
        """Return why no further session is accepted, and count it; None when one is."""
        full = self._full()
        self._refused += full is not None
        return full

    def _full(self) -> str | None:
        """Return why no further session is accepted, or None."""
        if len(self._admitted) >= self._max_sessions:
            return f"All {self._max_sessions} sessions of this local server are in use."
        if len(self._admitted) >= self._workers.threads and mean(self._behind()) > LATE_S:
            return "Recognition is running late; another session would do harm to those that run."
        return None

    def _behind(self) -> list[float]:
        """Return by how many seconds recognition is behind each live client; one 0 without any."""
        return [each.behind_s for each in self._handlers if each.behind_s is not None] or [0.0]

    async def _speak(self, synthesis: Synthesis, body: bytes) -> Answer:
        return await answer_speech(synthesis, body, self._voice, self._workers)

    def _opened(self, connection: ClientSocket) -> None:
        """Register a connection; above the limit, drop the oldest that has no session and no request in work.

        It has sent no request yet, or does not close after its answer.
        """
        self._connections[connection] = None
        if len(self._connections) <= self._max_sessions + SPARE_CONNECTIONS:
            return
        idle = (each for each in self._connections if each not in self._admitted and not each.is_answering)
        oldest = next(idle, connection)
        del self._connections[oldest]
        oldest.transport.abort()

    def _lost(self, connection: ClientSocket) -> None:
        self._connections.pop(connection, None)
        self._admitted.discard(connection)


def _head(request: Request) -> Head:
    return Head(request.path, tuple((name.lower(), value) for name, value in request.headers.raw_items()))


def _response(answer: Answer) -> Response:
    headers = Headers([("Content-Type", answer.content_type), ("Content-Length", str(len(answer.body)))])
    for name, value in answer.headers:
        headers[name] = value
    if "Connection" not in headers:
        headers["Connection"] = "close"
    return Response(answer.status.value, answer.status.phrase, headers, answer.body)


def _reachable(host: str) -> str:
    """Return how this machine reaches what listens on `host`, as part of a URL."""
    address = ipaddress.ip_address(host)
    if address.is_unspecified:
        return "127.0.0.1" if address.version == IPV4 else "[::1]"
    return in_url(host)


def _quiet_logger() -> logging.Logger:
    """Return a logger for the library that drops clients' mistakes: scanners would fill the log."""
    logger = logging.getLogger(f"{__name__}.websockets")
    logger.setLevel(logging.CRITICAL)
    return logger
