"""One accepted TCP connection: a websocket, or an HTTP request that the websocket library cannot read."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final

from websockets.asyncio.server import ServerConnection

from stt_monitor.server.http import HttpRequest, read_request, serialize
from stt_monitor.services.server_side import Answer, RejectedError, Rejection

_GET: Final = b"GET "


class ClientSocket(ServerConnection):
    """Looks at the first bytes: GET goes to the websocket library, everything else to `answer`.

    Args:
        answer: answers any request but a GET; does not raise.
        reject: refuses bytes that are no request.
        opened: called when the connection is accepted; may abort it.
        lost: called when the connection is gone.
        request_timeout: seconds for the request to arrive.
    """

    def __init__(
        self,
        *args: Any,  # noqa: ANN401  the library's, handed through
        answer: Callable[[HttpRequest], Awaitable[Answer]],
        reject: Callable[[Rejection], Answer],
        opened: Callable[["ClientSocket"], None],
        lost: Callable[["ClientSocket"], None],
        request_timeout: float,
        **kwargs: Any,  # noqa: ANN401  the library's, handed through
    ) -> None:
        super().__init__(*args, **kwargs)
        self._answer = answer
        self._reject = reject
        self._opened = opened
        self._lost = lost
        self._received: bytearray | None = bytearray()
        """What came so far, until it proves to be a GET."""
        self._answering: asyncio.Task[None] | None = None
        self._request_timeout = request_timeout
        self._timeout: asyncio.TimerHandle | None = None

    @property
    def is_answering(self) -> bool:
        """Whether a request other than a GET is being answered."""
        return self._answering is not None and not self._answering.done()

    def connection_made(self, transport: Any) -> None:  # noqa: ANN401  as the library declares it, or nearly
        """Wait for a request, with a time limit."""
        super().connection_made(transport)
        self._timeout = asyncio.get_running_loop().call_later(self._request_timeout, transport.abort)
        self._opened(self)

    def connection_lost(self, exc: Exception | None) -> None:
        """Release what the connection held."""
        if self._timeout is not None:
            self._timeout.cancel()
        self._lost(self)
        if self._answering is not None:
            self._answering.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Hand a GET to the library from its first byte on, and read anything else here."""
        self._route(data)
        if self._timeout is not None and (self.request is not None or self._answering is not None):
            self._timeout.cancel()

    def _route(self, data: bytes) -> None:
        if self._received is None:
            super().data_received(data)
            return
        self._received += data
        start = bytes(self._received[: len(_GET)])
        if start == _GET:
            received, self._received = bytes(self._received), None
            super().data_received(received)
        elif not _GET.startswith(start):
            self._read_plain(bytes(self._received))

    def _read_plain(self, received: bytes) -> None:
        if self._answering is not None or self.transport.is_closing():
            return
        try:
            request = read_request(received)
        except RejectedError as error:
            self._write(serialize(self._reject(error.rejection)))
            return
        if request is not None:
            self._answering = asyncio.create_task(self._respond(request))

    async def _respond(self, request: HttpRequest) -> None:
        self._write(serialize(await self._answer(request), head_only=request.method == "HEAD"))

    def _write(self, response: bytes) -> None:
        self.transport.write(response)
        self.transport.close()
