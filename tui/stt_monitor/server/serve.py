"""Running the local server: as the child of the monitor, and as the command `stt-monitor serve`.

Importing this is cheap; models, numpy and the websocket library are loaded when it runs.
"""

import argparse
import asyncio
import errno
import functools
import os
import signal
import socket
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from stt_monitor.core.errors import InputError, ServiceUnavailableError
from stt_monitor.server.listening import host, in_url
from stt_monitor.server.visitors import origin_of
from stt_monitor.system.streams import ReaderLeftError, diagnose, write_lines

if TYPE_CHECKING:
    from stt_monitor.server.asr.interface import MakeHearing
    from stt_monitor.server.server import LocalServer, Settings

DEFAULT_HOST: Final = "127.0.0.1"
DEFAULT_PORT: Final = 8765
MAX_PORT: Final = 65535

LINE_BYTES: Final = 32 * 1024
"""Of the request line: 1200 characters of keyterms, percent-encoded, and an access token."""

WITHOUT_KEY: Final = "whoever reaches this address can use the local server; --api-key-env demands a key"
WITH_KEY: Final = "others can reach this address, and the key travels to it unencrypted"
"""What is said when others than this machine can reach it."""

Announce = Callable[[str], None]
"""Called with the base URL once the server listens."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `stt-monitor serve`."""
    parser.add_argument(
        "--host",
        type=host,
        default=DEFAULT_HOST,
        metavar="H",
        help="address to listen on (default: %(default)s, this machine only)",
    )
    parser.add_argument(
        "--port",
        type=_port,
        default=DEFAULT_PORT,
        metavar="N",
        help="TCP port; 0 picks a free one (default: %(default)s)",
    )
    parser.add_argument(
        "--api-key-env", default="", metavar="NAME", help="demand the key that is in environment variable NAME"
    )
    parser.add_argument(
        "--idle-timeout",
        type=_positive,
        metavar="S",
        help="close a session after S seconds without audio or a command (default: 180)",
    )
    parser.add_argument(
        "--max-sessions",
        type=_count,
        default=0,
        metavar="N",
        help="sessions at once (default: worked out from the cores)",
    )
    parser.add_argument(
        "--allow-origin",
        type=_origin,
        action="append",
        default=[],
        metavar="ORIGIN",
        help="let pages of a site use it, such as https://app.example (repeatable; pages of this machine may)",
    )
    parser.add_argument(
        "--allow-host",
        type=host,
        action="append",
        default=[],
        metavar="NAME",
        help="another name that clients reach it by, say behind a proxy (repeatable)",
    )
    parser.add_argument(
        "--trace", action="store_true", help="tell clients the turn likelihood, as x.likelihood messages"
    )


def serve(options: argparse.Namespace) -> int:
    """Run `stt-monitor serve` until SIGINT or SIGTERM.

    Args:
        options: what `add_arguments` parsed.

    Returns:
        The exit code.

    Raises:
        UserError: no such key variable, a part is missing, the port is taken.
    """
    key = os.environ.get(options.api_key_env, "") if options.api_key_env else ""
    if options.api_key_env and not key:
        raise InputError(f"--api-key-env: environment variable {options.api_key_env} is not set, or empty.")
    _prepare_library()
    from stt_monitor.server.server import IDLE_TIMEOUT_S, Settings

    settings = Settings(
        host=options.host,
        port=options.port,
        key=key,
        idle_timeout=options.idle_timeout or IDLE_TIMEOUT_S,
        max_sessions=options.max_sessions,
        trace=options.trace,
        allow_hosts=tuple(options.allow_host),
        allow_origins=tuple(options.allow_origin),
    )
    asyncio.run(_serve(_load_hearing(), settings, lambda server: _print_address(server, key_env=options.api_key_env)))
    return 0


def serve_child(announce: Announce) -> None:
    """Run the server on a free loopback port, until the process ends. Raises UserError."""
    _prepare_library()
    from stt_monitor.server.server import Settings

    asyncio.run(_serve(_load_hearing(), Settings(), lambda server: announce(server.base_url)))


async def _serve(make_hearing: "MakeHearing", settings: "Settings", announce: Callable[["LocalServer"], None]) -> None:
    from stt_monitor.server.server import LocalServer

    stop = asyncio.Event()
    _on_stop_signals(stop)
    endpoint = LocalServer(make_hearing, settings)
    try:
        await endpoint.__aenter__()
    except OSError as error:
        unresolved = isinstance(error, socket.gaierror)
        reason = os.strerror(error.errno) if error.errno and not unresolved else error.strerror or error
        sentence = f"Cannot listen on {in_url(settings.host)}:{settings.port}: {reason}."
        no_such_address = unresolved or error.errno == errno.EADDRNOTAVAIL
        raise (InputError if no_such_address else ServiceUnavailableError)(sentence) from error
    try:
        announce(endpoint)
        await stop.wait()
    finally:
        await endpoint.__aexit__()


def _on_stop_signals(stop: asyncio.Event) -> None:
    """Set `stop` on SIGTERM and SIGINT, unless they are ignored, as the child ignores ctrl+c."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        if signal.getsignal(number) is not signal.SIG_IGN:
            # Unlike loop.add_signal_handler this works on Windows too.
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(stop.set))


def _prepare_library() -> None:
    """Let the websocket library read long request lines; it reads this limit once, when it is imported."""
    os.environ.setdefault("WEBSOCKETS_MAX_LINE_LENGTH", str(LINE_BYTES))


def _load_hearing() -> "MakeHearing":
    """Load the models. Raises UserError when a part is missing."""
    from stt_monitor.server.asr.models import Models
    from stt_monitor.server.turn_detection.detector import Detector

    models = Models.load()
    return functools.partial(Detector, models)


def _print_address(server: "LocalServer", *, key_env: str) -> None:
    url, key = server.listening_url, f"${key_env}" if key_env else "local"
    with suppress(ReaderLeftError):  # who has what they wanted still wants to be served
        write_lines([f"Listening on {url}; point an SDK at it: CARTESIA_BASE_URL={url} CARTESIA_API_KEY={key}"])
    if not server.is_local:
        diagnose(WITH_KEY if key_env else WITHOUT_KEY)


def _origin(text: str) -> str:
    try:
        return origin_of(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is no origin; {error}") from None


def _port(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and int(text) <= MAX_PORT):
        raise argparse.ArgumentTypeError(f"must be a number from 0 to {MAX_PORT}")
    return int(text)


def _count(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and int(text) > 0):
        raise argparse.ArgumentTypeError("must be a whole number above 0")
    return int(text)


def _positive(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError("must be a number of seconds above 0")
    return value
