"""`stt-monitor serve`: run the local server for other programs."""

import argparse
import math
import os
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from stt_monitor.cli.listening import add_listening
from stt_monitor.cli.options.arguments import Parser, whole_number
from stt_monitor.core.errors import InputError
from stt_monitor.core.key import read_key
from stt_monitor.server.serve import serve_until_stopped
from stt_monitor.server.settings import IDLE_TIMEOUT_S, ServerSettings
from stt_monitor.server.visitors import origin_of
from stt_monitor.services.registry import server_sides
from stt_monitor.system.streams import ReaderLeftError, diagnose, write_lines

if TYPE_CHECKING:
    from stt_monitor.server.server import LocalServer

_DEFAULT_PORT: Final = 8765
_MOST_SESSIONS: Final = 10_000

_WITHOUT_KEY: Final = "anyone who can reach this address can use the local server; --api-key-env requires a key"
_WITH_KEY: Final = "others can reach this address, and keys travel to it unencrypted"
"""Warnings for when other machines can reach the server."""


def serve(arguments: Sequence[str]) -> int:
    """Run the local server until SIGINT or SIGTERM; returns an exit code.

    Raises:
        UserError: the key variable is not set, a part is missing, the port is taken.
    """
    options = serve_parser().parse_args(arguments)
    key = _required_key(options.api_key_env)
    settings = ServerSettings(
        host=options.host,
        port=options.port,
        key=key,
        idle_timeout=options.idle_timeout,
        max_sessions=options.max_sessions,
        trace=options.trace,
        allow_hosts=tuple(options.allow_host),
        allow_origins=tuple(options.allow_origin),
    )
    serve_until_stopped(settings, lambda server: _print_address(server, options.api_key_env))
    return 0


def serve_parser() -> Parser:
    """Return the parser of `stt-monitor serve`."""
    parser = Parser(prog="stt-monitor serve", description="Run the local server for other programs.")
    add_listening(parser, _DEFAULT_PORT, clients="clients")
    parser.add_argument("--api-key-env", metavar="NAME", help="require the key in environment variable NAME")
    parser.add_argument(
        "--idle-timeout",
        type=_seconds,
        default=IDLE_TIMEOUT_S,
        metavar="S",
        help="close a session after S seconds without audio or a command (default: %(default).0f)",
    )
    parser.add_argument(
        "--max-sessions",
        type=whole_number(1, _MOST_SESSIONS, "sessions"),
        default=0,
        metavar="N",
        help="concurrent sessions (default: by the number of cores)",
    )
    parser.add_argument(
        "--allow-origin",
        type=_origin,
        action="append",
        default=[],
        metavar="ORIGIN",
        help="also allow web pages of this origin, such as https://app.example; repeatable; localhost always may",
    )
    parser.add_argument("--trace", action="store_true", help="send clients the turn likelihood, as extra messages")
    return parser


def _required_key(variable: str | None) -> str:
    """Read the key that clients must send; empty when none is required."""
    if variable is None:
        return ""
    if not (key := read_key(os.environ, variable) if variable else None):
        # Anything that does not look like a variable's name may be the key itself.
        name = f" {variable}" if variable in os.environ or variable.isupper() else ""
        raise InputError(f"--api-key-env: environment variable{name} is not set, or empty; give the name of one.")
    return key


def _print_address(server: "LocalServer", key_variable: str | None) -> None:
    url, key = server.listening_url, f"${key_variable}" if key_variable else "local"
    with suppress(ReaderLeftError):  # a closed pipe is no reason to stop
        ways = " or ".join(side.point_sdk(url, key) for side in server_sides())
        write_lines([f"Listening on {url}; point an SDK at it: {ways}"])
    if not server.is_local:
        diagnose(_WITH_KEY if key_variable else _WITHOUT_KEY)


def _origin(text: str) -> str:
    try:
        return origin_of(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is no origin; {error}") from None


def _seconds(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < math.inf:
        raise argparse.ArgumentTypeError("must be a number of seconds above 0")
    return value
