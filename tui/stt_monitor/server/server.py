"""The server: who is let in, what plain HTTP is answered, which conversations go on (protocol.md 2, 10, 11)."""

import asyncio
import contextlib
import functools
import ipaddress
import logging
from http import HTTPStatus
from statistics import mean
from typing import Final, Self
from urllib.parse import urlsplit

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.datastructures import Headers
from websockets.http11 import Request, Response

from stt_monitor import __version__
from stt_monitor.core.local_server import server_header
from stt_monitor.server import pages as web
from stt_monitor.server.asr.interface import MakeHearing
from stt_monitor.server.connection import Conversation
from stt_monitor.server.http import HttpRequest
from stt_monitor.server.protocol.query import Query, api_version, presents_key, read_query
from stt_monitor.server.settings import Settings
from stt_monitor.server.sockets import EndpointSocket
from stt_monitor.server.thread_pool import Workers, cores
from stt_monitor.server.tts.answer import answer_speech
from stt_monitor.server.tts.voice import Voice
from stt_monitor.server.visitors import Visitors
from stt_monitor.system.hosts import in_url, is_loopback

SESSIONS_PER_CORE: Final = 8
"""How many sessions a core is trusted with, when nobody says otherwise: in most conversations somebody is silent."""

MAX_FRAME_BYTES: Final = 8 * 1024 * 1024
"""Of one message: 100 ms are usual, but some clients send what they have buffered at once."""

SPARE_CONNECTIONS: Final = 64
"""TCP connections beside the sessions: handshakes, pages, refusals."""

LATE_S: Final = 0.5
"""How far recognition may be behind, on average, before newcomers are turned away; one a core is always let in."""

STOP_TIMEOUT_S: Final = 2.0
"""How long clients may take for the closing handshake when the server ends."""

IPV4: Final = 4

GREETING_S: Final = 5.0
"""How long a client may take to send its request: whoever connects and says nothing holds a place."""

OPEN_TIMEOUT_S: Final = 20.0
CLOSE_TIMEOUT_S: Final = 30.0
"""How long a request may take with its answer, and a client that reads slowly for its half of the closing handshake."""


class LocalServer:
    """The local server, serving as long as its context is entered.

    Args:
        make_hearing: makes the ear of a connection.
        settings: how to run.
    """

    def __init__(self, make_hearing: MakeHearing, settings: Settings | None = None) -> None:
        self._settings = settings or Settings()
        self._make_hearing = make_hearing
        self._workers = Workers(cores())
        self._max_sessions = self._settings.max_sessions or SESSIONS_PER_CORE * self._workers.threads
        self._voice = Voice()
        self._visitors = Visitors.of(self._settings.host, self._settings.allow_hosts, self._settings.allow_origins)
        self._connections: dict[EndpointSocket, None] = {}
        """In the order in which they came."""
        self._admitted: set[ServerConnection] = set()
        self._conversations: set[Conversation] = set()
        self._served = 0
        self._refused = 0
        self._server: Server | None = None

    async def __aenter__(self) -> Self:
        """Begin to listen. Raises OSError."""
        connection = functools.partial(
            EndpointSocket, answer=self._answer_plain, opened=self._opened, lost=self._lost, patience=GREETING_S
        )
        self._server = await serve(
            self._converse,
            self._settings.host,
            self._settings.port,
            process_request=self._admit,
            create_connection=connection,  # type: ignore[arg-type] # documented as a factory, typed as a class
            compression=None,  # nothing to gain on loopback, and no bombs
            max_size=MAX_FRAME_BYTES,
            open_timeout=OPEN_TIMEOUT_S,
            close_timeout=CLOSE_TIMEOUT_S,
            # A client that reads only at the end answers no ping (protocol.md 14.1); the idle time-out finds the dead.
            ping_interval=None,
            logger=_quiet_logger(),
            server_header=server_header(__version__),
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop listening, close the connections (1001), drop what waits."""
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
        """`http://host:port`, what an SDK is given as its base URL."""
        host, port = self._listening
        return f"http://{_reachable(host)}:{port}"

    @property
    def listening_url(self) -> str:
        """The same with the address that is listened on, which may stand for all of this machine's."""
        host, port = self._listening
        return f"http://{in_url(host)}:{port}"

    @property
    def is_local(self) -> bool:
        """Whether nobody but this machine can reach it."""
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
            "largest_backlog_s": round(max((each.backlog_s for each in self._conversations), default=0.0), 3),
        }

    async def _converse(self, connection: ServerConnection) -> None:
        assert connection.request is not None
        conversation = Conversation(
            connection,
            _query(connection.request.path),
            make_hearing=self._make_hearing,
            workers=self._workers,
            idle_timeout=self._settings.idle_timeout,
            trace=self._settings.trace,
        )
        self._conversations.add(conversation)
        self._served += 1
        try:
            await conversation.run()
        finally:
            self._conversations.discard(conversation)

    def _admit(self, connection: ServerConnection, request: Request) -> Response | None:
        """Answer a GET, or return None to let it become a session."""
        query, headers = _query(request.path), request.headers
        answer = self._answer_get(request, query)
        if answer is not None:
            return _response(web.in_version(answer, api_version(query, headers.get_all("Cartesia-Version"))))
        self._admitted.add(connection)
        return None

    def _answer_get(self, request: Request, query: Query) -> web.Answer | None:
        """Return the page that was asked for, or the reason why no session begins, or None."""
        path, headers = _path(request.path), request.headers
        stranger = self._turn_away(headers.get_all("Host"), headers.get_all("Origin"))
        if stranger is not None:
            return stranger
        upgrade = "websocket" in ",".join(headers.get_all("Upgrade")).lower()
        if not (upgrade and path.endswith(web.WEBSOCKET_PATH)):
            return self._page(path, headers.get_all("Host"))
        if not self._has_key(query, headers.get_all("Authorization"), headers.get_all("X-API-Key")):
            return web.unauthorized()
        full = self._full()
        if full is not None:
            self._refused += 1
            return web.too_busy(full)
        return None

    def _turn_away(self, hosts: list[str], origins: list[str]) -> web.Answer | None:
        """Refuse what a page of another site has a browser ask."""
        if not self._visitors.know_host(hosts):
            return web.misdirected()
        if not self._visitors.welcome(origins, hosts):
            return web.foreign_page()
        return None

    def _full(self) -> str | None:
        """Say why no further session is let in, or None."""
        if len(self._admitted) >= self._max_sessions:
            return f"All {self._max_sessions} sessions of this local server are in use."
        if len(self._admitted) >= self._workers.threads and mean(self._behind()) > LATE_S:
            return "Recognition is running late; another session would do harm to those that run."
        return None

    def _behind(self) -> list[float]:
        """Return by how many seconds recognition is behind each of the live clients, at least one number."""
        return [each.behind_s for each in self._conversations if each.behind_s is not None] or [0.0]

    def _page(self, path: str, hosts: list[str]) -> web.Answer:
        if path == "/":
            return web.front_page(hosts[0] if hosts else urlsplit(self.base_url).netloc)
        if path == web.HEALTH_PATH:
            return web.as_json(self.health())
        if path.endswith(web.WEBSOCKET_PATH):
            return web.upgrade_required()
        if path.endswith(web.SPEECH_PATH):
            return web.method_not_allowed("POST")
        return web.not_found()

    async def _answer_plain(self, request: HttpRequest) -> web.Answer:
        """Answer a request that is no GET."""
        version = api_version(_query(request.target), request.header("cartesia-version"))
        return web.in_version(await self._answer_other(request), version)

    async def _answer_other(self, request: HttpRequest) -> web.Answer:
        path = _path(request.target)
        stranger = self._turn_away(request.header("host"), request.header("origin"))
        if stranger is not None:
            return stranger
        if request.method == "POST" and path.endswith(web.SPEECH_PATH):
            if not self._has_key(_query(request.target), request.header("authorization"), request.header("x-api-key")):
                return web.unauthorized()
            return await answer_speech(request.body, self._voice, self._workers)
        page = self._page(path, request.header("host"))
        if request.method == "HEAD" or page.status is not HTTPStatus.OK:
            return page
        return web.method_not_allowed("GET, HEAD")

    def _has_key(self, query: Query, authorization: list[str], api_key_headers: list[str]) -> bool:
        key = self._settings.key
        return not key or presents_key(key, query, authorization, api_key_headers)

    def _opened(self, connection: EndpointSocket) -> None:
        """Take a connection in; where there are too many, the oldest goes that nothing is being done for.

        It has asked nothing yet, or does not take leave after its answer.
        """
        self._connections[connection] = None
        if len(self._connections) <= self._max_sessions + SPARE_CONNECTIONS:
            return
        idle = (each for each in self._connections if each not in self._admitted and not each.is_answering)
        oldest = next(idle, connection)
        del self._connections[oldest]
        oldest.transport.abort()

    def _lost(self, connection: EndpointSocket) -> None:
        self._connections.pop(connection, None)
        self._admitted.discard(connection)


def _path(target: str) -> str:
    return target.partition("?")[0]


def _query(target: str) -> Query:
    return read_query(target.partition("?")[2])


def _response(answer: web.Answer) -> Response:
    headers = Headers([("Content-Type", answer.content_type), ("Content-Length", str(len(answer.body)))])
    for name, value in answer.headers:
        headers[name] = value
    if "Connection" not in headers:
        headers["Connection"] = "close"
    return Response(answer.status.value, answer.status.phrase, headers, answer.body)


def _reachable(host: str) -> str:
    """Return an address under which this machine reaches what listens on `host`, as a URL writes it."""
    address = ipaddress.ip_address(host)
    if address.is_unspecified:
        return "127.0.0.1" if address.version == IPV4 else "[::1]"
    return in_url(host)


def _quiet_logger() -> logging.Logger:
    """Return a logger for the library that tells nothing of what clients do wrong: scanners would fill the log."""
    logger = logging.getLogger(f"{__name__}.websockets")
    logger.setLevel(logging.CRITICAL)
    return logger
