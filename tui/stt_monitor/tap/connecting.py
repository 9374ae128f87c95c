"""The connection to a service: direct, or through the proxy that the environment names, with TLS or without."""

import asyncio
import socket
import ssl
from base64 import b64encode
from http import HTTPStatus
from typing import Final
from urllib.parse import unquote_to_bytes, urlsplit

from stt_monitor.services.registry import service
from stt_monitor.system.hosts import in_url
from stt_monitor.tap.heads import RefusedError
from stt_monitor.tap.upstream import Upstream
from stt_monitor.transport.failures import Asked, Failure, why_no_proxy, why_proxy_refused, why_unreached
from stt_monitor.transport.proxies import Proxy, proxy_for

CONNECT_TIMEOUT_S: Final = 10.0
"""How long the service may take to accept a connection, proxy and TLS included."""

_NEXT_ADDRESS_S: Final = 0.25
"""How long one of a service's addresses may take before the next one is tried beside it."""

_USUAL_PORT: Final = 80
_OK: Final = range(200, 300)
_MOST_BYTES: Final = 16 * 1024
"""Of a proxy's answer."""


async def connect(upstream: Upstream, tls: ssl.SSLContext, protocol: asyncio.Protocol) -> None:
    """Connect a protocol to a service.

    Raises:
        RefusedError: it cannot be reached, within some time.
    """
    proxy = proxy_for(upstream.where)
    asked = Asked(upstream.where, upstream.service or service(), proxy=proxy)
    context, name = (tls, upstream.host) if upstream.secure else (None, None)
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(CONNECT_TIMEOUT_S):
            if proxy is None:
                await loop.create_connection(
                    lambda: protocol,
                    upstream.host,
                    upstream.port,
                    ssl=context,
                    server_hostname=name,
                    happy_eyeballs_delay=_NEXT_ADDRESS_S,
                )
            else:
                tunnel = await _tunnel(proxy, f"{in_url(upstream.host)}:{upstream.port}", asked)
                await loop.create_connection(lambda: protocol, sock=tunnel, ssl=context, server_hostname=name)
    except (OSError, ValueError) as error:  # ValueError: no host name that can be asked for
        failure = why_unreached(error if isinstance(error, OSError) else OSError(), asked)
        late = isinstance(error, TimeoutError)
        raise _gateway(failure, HTTPStatus.GATEWAY_TIMEOUT if late else HTTPStatus.BAD_GATEWAY) from None


async def _tunnel(proxy: Proxy, place: str, asked: Asked) -> socket.socket:
    """Ask a proxy for a way to `host:port`; returns a socket whose bytes go there. Raises RefusedError, OSError."""
    if not proxy.is_valid:
        raise _gateway(why_no_proxy(proxy))
    if not proxy.url.startswith("http://"):
        what = f"{proxy.shown} is not spoken to over HTTP, the only way that a tap knows"
        raise _gateway(Failure(what, f"give {proxy.variable} an address with http://", passing=False))
    parts = urlsplit(proxy.url)
    opened = await _open(parts.hostname or "", parts.port or _USUAL_PORT)
    lines = [f"CONNECT {place} HTTP/1.1", f"Host: {place}"]
    if parts.username is not None:
        login = unquote_to_bytes(parts.username) + b":" + unquote_to_bytes(parts.password or "")
        lines.append(f"Proxy-Authorization: Basic {b64encode(login).decode()}")
    try:
        status = await _ask(opened, "\r\n".join((*lines, "", "")).encode())
    except BaseException:
        opened.close()
        raise
    if status not in _OK:
        opened.close()
        raise _gateway(why_proxy_refused(status, proxy, asked))
    return opened


async def _ask(opened: socket.socket, request: bytes) -> int:
    """Send the head of a request; returns the status of the answer, 0 where it is none."""
    loop = asyncio.get_running_loop()
    await loop.sock_sendall(opened, request)
    answer = bytearray()
    while not answer.endswith(b"\r\n\r\n") and len(answer) < _MOST_BYTES:
        # One by one: what comes after the head is the service's.
        answer += await loop.sock_recv(opened, 1) or b"\r\n\r\n"
    words = bytes(answer.partition(b"\r\n")[0]).split(b" ")
    return int(words[1]) if len(words) > 1 and words[1].isdigit() else 0


async def _open(host: str, port: int) -> socket.socket:
    loop = asyncio.get_running_loop()
    problem = OSError()
    for family, kind, protocol, _, address in await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM):
        opened = socket.socket(family, kind, protocol)
        opened.settimeout(0)
        try:
            await loop.sock_connect(opened, address)
        except OSError as error:
            opened.close()
            problem = error
        except BaseException:
            opened.close()
            raise
        else:
            return opened
    raise problem


def _gateway(failure: Failure, status: HTTPStatus = HTTPStatus.BAD_GATEWAY) -> RefusedError:
    return RefusedError(status, f"{failure.sentence}.")
