"""Opens a websocket to the service: handshake, redirects, proxy, and how much the system may buffer."""

import socket as tcp
from contextlib import suppress
from typing import Final

import msgspec
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from stt_monitor import __version__
from stt_monitor.transport.failures import Asked, ConnectionFailedError, Failure, why_no_proxy, why_not_open
from stt_monitor.transport.proxies import proxy_for
from stt_monitor.transport.redact import Redactor
from stt_monitor.transport.redirects import Target
from stt_monitor.transport.wire_log import RedirectedError, WireTap

OPEN_TIMEOUT_S: Final = 10.0
"""Handshake timeout of the vendor's SDK (protocol.md 2.6)."""


async def open_socket(
    target: Target, tap: WireTap, redact: Redactor, *, close_timeout_s: float
) -> tuple[ClientConnection, Asked]:
    """Open a socket, following redirects; returns it, and what sentences about its failures need to know.

    Args:
        target: where the service is, and with which headers.
        tap: sees every frame.
        redact: knows the secrets.
        close_timeout_s: longest wait for the service's half of the closing handshake.

    Raises:
        ConnectionFailedError: it could not be reached, or it refused.
    """
    while True:
        opened = await _try(target, tap, redact, close_timeout_s)
        if isinstance(opened, ClientConnection):
            _hold_little(opened)
            return opened, target.asked(redact, proxy_for(target.url))
        if isinstance(opened, Failure):
            raise ConnectionFailedError(msgspec.structs.replace(opened, what=redact(opened.what)))
        target = opened


def _hold_little(socket: ClientConnection) -> None:
    """Ask the system to buffer no more than it can send now.

    Else it takes some hundred kilobytes, which is many seconds of audio that is late unnoticed. Systems that do
    not know the option keep their buffer: there the age of the pings alone tells.
    """
    option, raw = getattr(tcp, "TCP_NOTSENT_LOWAT", None), socket.transport.get_extra_info("socket")
    if option is not None and raw is not None:
        with suppress(OSError):
            raw.setsockopt(tcp.IPPROTO_TCP, option, 1)


async def _try(
    target: Target, tap: WireTap, redact: Redactor, close_timeout_s: float
) -> ClientConnection | Target | Failure:
    """Try to open a socket; returns it, a redirect's target, or the failure."""
    proxy = proxy_for(target.url)
    asked = target.asked(redact, proxy)
    if proxy is not None and not proxy.is_valid:
        return why_no_proxy(proxy)
    try:
        return await connect(
            target.url,
            additional_headers=target.headers,
            user_agent_header=f"stt-monitor/{__version__}",
            compression=None,  # audio does not shrink, and packing costs time
            open_timeout=OPEN_TIMEOUT_S,
            ping_interval=None,  # `Pings` does it, and knows what its pings confirm
            write_limit=0,  # sound that the network does not take waits in `send_audio`, where it is seen
            close_timeout=close_timeout_s,
            proxy=proxy.url if proxy is not None else None,
            create_connection=tap.connection_type,
        )
    except RedirectedError as error:
        return target.redirected(error.location, redact)
    except (OSError, WebSocketException, ValueError, ImportError) as error:
        return why_not_open(error, asked)
