"""The pages of `stt-monitor web` and their processes. Importing this without the extra raises InputError."""

import asyncio
import re
import socket
from asyncio.subprocess import Process
from contextlib import suppress
from typing import Final

from stt_monitor.cli.web.messages import (
    LARGEST_SIZE,
    Blur,
    Focus,
    Ping,
    Resized,
    Typed,
    is_size,
    read_message,
)
from stt_monitor.core.errors import InputError
from stt_monitor.server.visitors import Visitors, is_own_page
from stt_monitor.system.hosts import in_url, is_loopback
from stt_monitor.system.streams import ReaderLeftError, diagnose, write_lines

try:
    from aiohttp import web as http
    from aiohttp.typedefs import Handler
    from textual_serve.app_service import AppService
    from textual_serve.server import Server
except ImportError as error:
    raise InputError("the screen in a browser needs an extra that is not installed: pip install '.[web]'") from error

_WEBSOCKET: Final = "/ws"
_VISITORS: Final = http.AppKey("visitors", Visitors)
_PATIENCE_S: Final = 6.0
"""How long the processes of open pages may take to end their sessions."""


class Pages(Server):
    """Serves the pages and runs their processes."""

    def __init__(self, command: str, listening: socket.socket, visitors: Visitors, max_pages: int) -> None:
        address, port = listening.getsockname()[:2]
        super().__init__(command, address, port, title="stt-monitor")
        self._listening = listening
        self._visitors = visitors
        self._max_pages = max_pages
        self._open = set[asyncio.Task[object]]()
        self._processes: dict[asyncio.Task[object], Process] = {}

    def serve(self, debug: bool = False) -> None:  # noqa: FBT001, FBT002 - Textual's signature
        """Serve until a signal comes."""
        self.debug = debug
        http.run_app(self._make_app(), sock=self._listening, print=None, access_log=None)

    async def _make_app(self) -> http.Application:
        app = await super()._make_app()
        app[_VISITORS] = self._visitors
        app.middlewares.append(_check_visitor)
        return app

    def _refuse_above_limit(self) -> None:
        if len(self._open) >= self._max_pages:
            raise http.HTTPServiceUnavailable(
                text=f"All {self._max_pages} pages are open; close one, or start with a larger --max-pages.",
                headers={"Retry-After": "5"},
            )

    async def on_startup(self, app: http.Application) -> None:  # noqa: ARG002 - Textual's signature
        """Print the address."""
        with suppress(ReaderLeftError):  # a closed pipe is no reason to stop
            write_lines([f"stt-monitor web: http://{in_url(self.host)}:{self.port} (Ctrl+C ends it)"])
        if not is_loopback(self.host):
            diagnose("anyone who can reach this address can use the program")

    async def on_shutdown(self, app: http.Application) -> None:  # noqa: ARG002 - Textual's signature
        """End the processes of open pages, with their sessions; they end with this one in any case."""
        for task in self._open:
            task.cancel()
        if self._open:
            await asyncio.wait(self._open, timeout=_PATIENCE_S)

    async def handle_index(self, request: http.Request) -> http.Response:
        """Serve the page: it connects back to its own address and fetches nothing elsewhere."""
        self._refuse_above_limit()
        self.public_url = f"{request.scheme}://{request.host}"
        page = await super().handle_index(request)
        assert isinstance(page, http.Response)
        page.text = re.sub(r"<link[^>]*//fonts\.googleapis\.com[^>]*>", "", page.text or "")
        return page

    async def handle_websocket(self, request: http.Request) -> http.WebSocketResponse:
        """Run a page's process as long as the page is open."""
        self._refuse_above_limit()
        if not all(name not in request.query or is_size(request.query[name]) for name in ("width", "height")):
            raise http.HTTPBadRequest(text=f"width and height are whole numbers from 1 to {LARGEST_SIZE}.")
        task = asyncio.current_task()
        assert task is not None
        self._open.add(task)
        task.add_done_callback(self._open.discard)
        try:
            return await super().handle_websocket(request)
        finally:
            if process := self._processes.pop(task, None):
                await _read_out(process)

    async def _process_messages(self, websocket: http.WebSocketResponse, app_service: AppService) -> None:
        """Execute the messages of the page's script; ignore any other, which come from other clients.

        The library raises on a message that its script does not send.
        """
        task, process = asyncio.current_task(), app_service._process  # noqa: SLF001 - it lets go of it without a word
        if task is not None and process is not None:
            self._processes[task] = process
        async for message in websocket:
            if message.type is not http.WSMsgType.TEXT:
                continue
            match read_message(message.data):
                case Typed(text):
                    await app_service.send_bytes(text.encode("utf-8", "replace"))
                case Resized(size):
                    await app_service.set_terminal_size(size.width, size.height)
                case Ping(value):
                    await websocket.send_json(["pong", value])
                case Focus():
                    await app_service.focus()
                case Blur():
                    await app_service.blur()


async def _read_out(process: Process) -> None:
    """Close the pipes of a page's process, which the library leaves open: from Python 3.12 on they complain of it."""
    with suppress(TimeoutError):
        async with asyncio.timeout(_PATIENCE_S):
            await process.communicate()


@http.middleware
async def _check_visitor(request: http.Request, handler: Handler) -> http.StreamResponse:
    """Refuse other sites' pages: browsers let them connect to this machine, and they could press keys.

    Only a page from here may use the websocket; browsers always send its origin.
    """
    visitors, hosts = request.app[_VISITORS], request.headers.getall("Host", [])
    origins = request.headers.getall("Origin", [])
    if not visitors.allows_host(hosts):
        raise http.HTTPMisdirectedRequest(text="This server does not go by that name; --allow-host NAME lets it in.")
    if not all(is_own_page(origin, hosts) for origin in origins):
        raise http.HTTPForbidden(text="Another site's page must not use this one.")
    if request.path == _WEBSOCKET and not origins:
        raise http.HTTPForbidden(text="Only the page that this server gives out may use it.")
    return await handler(request)
