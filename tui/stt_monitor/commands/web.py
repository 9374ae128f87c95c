"""`stt-monitor web`: the screen in a browser. Every page that is opened has a program of its own behind it."""

import argparse
import asyncio
import re
import shlex
import socket
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import Final
from urllib.parse import urlsplit

from stt_monitor.core.errors import InputError
from stt_monitor.options import Parser, monitor_parser, whole
from stt_monitor.streams import ReaderLeftError, diagnose, write_lines

try:
    from aiohttp import web as http
    from textual_serve.server import Server
except ImportError as error:
    raise InputError(
        "the screen in a browser needs an extra that is not installed: pip install 'stt-monitor[web]'"
    ) from error

DEFAULT_PORT: Final = 8000
MAX_PORT: Final = 65535
_LOOPBACK: Final = ("127.0.0.1", "localhost", "::1")
_PATIENCE_S: Final = 6.0
"""How long the programs behind open pages have to end their sessions in order."""

_MONITOR: Final = (sys.executable, "-P", "-c", "import sys; from stt_monitor.cli import main; sys.exit(main())")

_EPILOG: Final = """\
Everything else is as for stt-monitor itself: a recording, --mic, --url and so on; see stt-monitor --help.
"""


def web(arguments: Sequence[str]) -> int:
    """Serve the screen to browsers until interrupted; returns an exit code.

    Raises:
        InputError: the address cannot be listened on, or the options ask for something else than a screen.
    """
    options, monitored = _parser().parse_known_args(arguments)
    _check(monitor_parser().parse_args(monitored))
    with _listen(options.host, options.port) as listening:
        _Pages(_command(monitored), options.host, listening).serve()
    return 0


class _Pages(Server):
    """The pages, and the programs behind them."""

    def __init__(self, command: str, host: str, listening: socket.socket) -> None:
        super().__init__(command, host, listening.getsockname()[1], title="stt-monitor")
        self._listening = listening
        self._open = set[asyncio.Task[object]]()

    def serve(self, debug: bool = False) -> None:  # noqa: FBT001, FBT002 - Textual's signature
        """Serve until a signal comes."""
        self.debug = debug
        http.run_app(self._make_app(), sock=self._listening, print=None, access_log=None)

    async def on_startup(self, app: http.Application) -> None:  # noqa: ARG002 - Textual's signature
        """Say where the page is."""
        with suppress(ReaderLeftError):  # who has what they wanted still wants to be served
            write_lines([f"stt-monitor web: http://{_in_url(self.host)}:{self.port} (Ctrl+C ends it)"])
        if self.host not in _LOOPBACK:
            diagnose("whoever reaches this address can use the program")

    async def on_shutdown(self, app: http.Application) -> None:  # noqa: ARG002 - Textual's signature
        """End the programs behind the open pages, in order; they end with this one in any case."""
        for task in self._open:
            task.cancel()
        if self._open:
            await asyncio.wait(self._open, timeout=_PATIENCE_S)

    async def handle_index(self, request: http.Request) -> http.Response:
        """Give out the page: it connects to where it came from, by whatever name, and fetches nothing elsewhere."""
        self._refuse_strangers(request)
        self.public_url = f"{request.scheme}://{request.host}"
        page = await super().handle_index(request)
        assert isinstance(page, http.Response)
        page.text = re.sub(r"<link[^>]*//fonts\.googleapis\.com[^>]*>", "", page.text or "")
        return page

    async def handle_websocket(self, request: http.Request) -> http.WebSocketResponse:
        """Have a program for a page, as long as it is open."""
        self._refuse_strangers(request)
        task = asyncio.current_task()
        assert task is not None
        self._open.add(task)
        task.add_done_callback(self._open.discard)
        return await super().handle_websocket(request)

    def _refuse_strangers(self, request: http.Request) -> None:
        """Refuse other sites' pages: a browser lets them connect to this machine, and they could press keys.

        Their `Origin` is not the page's; or, with a name of their own that leads here, the host is no loopback.
        """
        name = urlsplit(f"//{request.host}").hostname or ""
        if self.host in _LOOPBACK and name not in _LOOPBACK:
            raise http.HTTPForbidden(text="This address is for this machine only.")
        origin = request.headers.get("Origin")
        if origin is not None and urlsplit(origin).netloc != request.host:
            raise http.HTTPForbidden(text="Another site's page must not use this one.")


def _parser() -> Parser:
    parser = Parser(
        prog="stt-monitor web",
        usage="stt-monitor web [--host H] [--port N] [AUDIO ...] [options]",
        description="Show the screen in a browser; every page that is opened has sessions of its own.",
        epilog=_EPILOG,
        allow_abbrev=False,
    )
    parser.add_argument(
        "--host",
        default="127.0.0.1",
        metavar="H",
        help="address to listen on (default: %(default)s, this machine only)",
    )
    parser.add_argument(
        "--port",
        type=whole(0, MAX_PORT, "as a port"),
        default=DEFAULT_PORT,
        metavar="N",
        help="TCP port; 0 picks a free one (default: %(default)s)",
    )
    return parser


def _check(monitored: argparse.Namespace) -> None:
    if monitored.plain or monitored.json or monitored.assertions or monitored.reference or monitored.junit:
        raise InputError("a browser shows the screen: leave out --plain, --json and assertions")
    if "-" in monitored.audio:
        raise InputError("standard input (-) cannot be heard in a browser: name a recording, or give --mic")


def _command(monitored: Sequence[str]) -> str:
    """Return what the shell is asked to run for a page; the key is in the environment, and nowhere else."""
    words = [*_MONITOR, *monitored]
    return subprocess.list2cmdline(words) if sys.platform == "win32" else f"exec {shlex.join(words)}"


def _listen(host: str, port: int) -> socket.socket:
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family)
    except OSError as error:
        raise InputError(f"cannot listen on {host}:{port}: {error.strerror or error}; give another --port") from error


def _in_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host
