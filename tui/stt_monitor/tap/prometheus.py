"""Serves what is counted over all calls to Prometheus. Importing this without the extra raises InputError."""

import socket
import threading
from collections.abc import Callable, Iterable
from functools import partial
from http import HTTPStatus
from socketserver import ThreadingMixIn
from typing import Any, Final, Self
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

from stt_monitor.core.errors import InputError
from stt_monitor.core.exposition import (
    BUCKETS_S,
    CALLS,
    CALLS_DROPPED,
    EXPOSED,
    STALLS,
    Exposed,
    Kind,
    Observation,
    SettingsNames,
    observations,
)
from stt_monitor.core.finished_turn import FinishedTurn
from stt_monitor.core.records.session import SessionRecord
from stt_monitor.core.stall import Blame
from stt_monitor.server.visitors import Visitors
from stt_monitor.services.registry import name_of, schema_of
from stt_monitor.system.hosts import in_url

try:
    from prometheus_client import CollectorRegistry, Counter, Histogram, disable_created_metrics, make_wsgi_app
except ImportError as error:
    raise InputError("--metrics needs an extra that is not installed: pip install '.[metrics]'") from error

_REQUEST_S: Final = 10.0
"""How long a request may keep its connection waiting."""

MOST_REQUESTS: Final = 16
"""Requests at once; more are turned away."""

_POLL_S: Final = 0.1
"""How soon it notices that it shall stop."""

_Environment = dict[str, Any]
_App = Callable[[_Environment, Callable[..., Any]], Iterable[bytes]]


class PrometheusMeter:
    """Counts events of calls, and serves the counts by HTTP inside its `with` block, on threads of its own.

    Args:
        listening: the socket to accept requests on; closed at the end.
        visitors: the hosts and origins that are allowed.
    """

    def __init__(self, listening: socket.socket, visitors: Visitors) -> None:
        disable_created_metrics()  # when a series began is of no use here, and doubles their number
        registry = CollectorRegistry()
        self._series = {exposed.name: _series(exposed, registry) for exposed in EXPOSED}
        self._names = SettingsNames()
        host, port = listening.getsockname()[:2]
        self.url: Final = f"http://{in_url(host)}:{port}/metrics"
        """Where it serves."""
        self._server = _Server(listening, _guarded(make_wsgi_app(registry), visitors))
        serve = partial(self._server.serve_forever, poll_interval=_POLL_S)
        self._thread = threading.Thread(target=serve, name="metrics", daemon=True)

    def __enter__(self) -> Self:
        """Start to serve."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop, and close the socket."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def call(self, service: str) -> None:
        """Count a call whose websocket the service accepted."""
        self._observe(Observation(CALLS_DROPPED, 0, (service,)))  # a rate needs the 0 before the first
        for blame in Blame:
            self._observe(Observation(STALLS, 0, (service, blame.value)))
        self._observe(Observation(CALLS, 1, (service,)))

    def turn(self, session: SessionRecord, finished: FinishedTurn) -> None:
        """Count a turn of a call, once its metrics are final."""
        service = name_of(session)
        settings = self._names.name(service, schema_of(session), finished.turn.settings)
        for observation in observations(finished, service, settings):
            self._observe(observation)

    def dropped(self, service: str) -> None:
        """Count a call whose monitoring ended early."""
        self._observe(Observation(CALLS_DROPPED, 1, (service,)))

    def stalled(self, service: str, blame: str) -> None:
        """Count a stall that is over, by whose fault it was."""
        self._observe(Observation(STALLS, 1, (service, blame)))

    def _observe(self, observation: Observation) -> None:
        series = self._series[observation.metric.name].labels(*observation.labels)
        if isinstance(series, Histogram):
            series.observe(observation.amount)
        else:
            series.inc(observation.amount)


def _series(exposed: Exposed, registry: CollectorRegistry) -> Histogram | Counter:
    if exposed.kind is Kind.HISTOGRAM:
        return Histogram(exposed.name, exposed.meaning, exposed.labels, registry=registry, buckets=BUCKETS_S)
    return Counter(exposed.name, exposed.meaning, exposed.labels, registry=registry)


def _guarded(app: _App, visitors: Visitors) -> _App:
    """Refuse pages of other sites, which browsers let connect to this machine."""

    def guarded(environment: _Environment, start: Callable[..., Any]) -> Iterable[bytes]:
        hosts, origins = ([environment[name]] if name in environment else [] for name in ("HTTP_HOST", "HTTP_ORIGIN"))
        if not visitors.allows_host(hosts):
            sentence = "This server does not go by that name; --allow-host NAME lets it in.\n"
            return _refuse(start, HTTPStatus.MISDIRECTED_REQUEST, sentence)
        if not visitors.allows_origin(origins, hosts):
            return _refuse(start, HTTPStatus.FORBIDDEN, "Another site's page must not use this one.\n")
        return app(environment, start)

    return guarded


def _refuse(start: Callable[..., Any], status: HTTPStatus, sentence: str) -> Iterable[bytes]:
    start(f"{status.value} {status.phrase}", [("Content-Type", "text/plain; charset=utf-8")])
    return [sentence.encode()]


class _Handler(WSGIRequestHandler):
    timeout = _REQUEST_S

    def log_message(self, *_: object) -> None:
        """Say nothing: standard error is the tap's."""


class _Server(ThreadingMixIn, WSGIServer):
    """Serves on a socket that listens already, each request on a thread."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, listening: socket.socket, app: _App) -> None:
        address: tuple[str, int] = listening.getsockname()[:2]
        super().__init__(address, _Handler, bind_and_activate=False)
        self.socket.close()
        self.socket = listening
        self.server_name, self.server_port = address  # without asking the network for a name, as the library does
        self.setup_environ()
        self.set_app(app)
        self._free = threading.BoundedSemaphore(MOST_REQUESTS)

    def process_request(self, request: Any, client_address: Any) -> None:  # noqa: ANN401  as the library declares it
        """Refuse connections beyond the limit."""
        if self._free.acquire(blocking=False):
            super().process_request(request, client_address)
        else:
            self.shutdown_request(request)

    def process_request_thread(self, request: Any, client_address: Any) -> None:  # noqa: ANN401  as above
        """Answer a request on its thread."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._free.release()

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401  as above
        """Say nothing of clients that have gone or take too long."""
