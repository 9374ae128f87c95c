"""Options of commands that listen: address, port, and the names that they are reached by."""

import argparse
import ipaddress
import re
import socket
from typing import Final

from stt_monitor.cli.options.arguments import Parser, whole_number
from stt_monitor.system.hosts import cannot_listen

LOOPBACK: Final = "127.0.0.1"
_MAX_PORT: Final = 65535

_NAME: Final = re.compile(r"(?=.{1,253}$)[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?\.?", re.ASCII | re.IGNORECASE)
_NUMBER: Final = re.compile(r"(\d+|0x[0-9a-f]*)\.?", re.ASCII | re.IGNORECASE)
"""Last label of an address in odd notation, `0`, `127.1` or `0x0`: no host name ends like this."""


def add_listening(parser: Parser, port: int, clients: str) -> None:
    """Add the options; `port` is the default, `clients` names the ones that connect."""
    parser.add_argument(
        "--host",
        type=_host,
        default=LOOPBACK,
        metavar="H",
        help="address to listen on (default: %(default)s, this machine only)",
    )
    parser.add_argument(
        "--port",
        type=whole_number(0, _MAX_PORT, "as a port"),
        default=port,
        metavar="N",
        help="TCP port; 0 picks a free one (default: %(default)s)",
    )
    add_allowed_hosts(parser, clients)


def add_allowed_hosts(parser: Parser, clients: str) -> None:
    """Add `--allow-host`."""
    parser.add_argument(
        "--allow-host",
        type=_host,
        action="append",
        default=[],
        metavar="NAME",
        help=f"another host name that {clients} use, such as behind a proxy; repeatable",
    )


def host_and_port(text: str) -> tuple[str, int]:
    """Parse `HOST:PORT`, `[::1]:PORT`, or a port alone. Raises argparse.ArgumentTypeError."""
    host, colon, port = ("", ":", text) if text.isdecimal() else text.rpartition(":")
    if not colon or text.endswith("]"):
        raise argparse.ArgumentTypeError(f"{text!r} is not HOST:PORT; try 127.0.0.1:8766")
    return _host(host) if host else LOOPBACK, whole_number(0, _MAX_PORT, "as a port")(port)


def listen(address: str, port: int, option: str = "") -> socket.socket:
    """Listen on an address; `option`: that told it address and port.

    Raises:
        InputError: nobody can.
    """
    try:
        family = socket.getaddrinfo(address, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((address, port), family=family)
    except OSError as error:
        raise cannot_listen(address, port, error, option) from error


def _host(text: str) -> str:
    """Parse an address or a host name. Raises argparse.ArgumentTypeError."""
    bare = text.removeprefix("[").removesuffix("]") if ":" in text else text
    try:
        return str(ipaddress.ip_address(bare))
    except ValueError:
        pass
    if not text:
        raise argparse.ArgumentTypeError("empty; leave the option out to listen on this machine only")
    if not _NAME.fullmatch(text) or ".." in text or _NUMBER.fullmatch(text.removesuffix(".").rpartition(".")[2]):
        raise argparse.ArgumentTypeError(f"{text!r} is not an address or host name; try 127.0.0.1 or 0.0.0.0")
    return text
