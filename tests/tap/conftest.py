import asyncio
import socket
import ssl
from asyncio.trsock import TransportSocket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path
from typing import Final

import pytest
from tests.support.patience import PATIENCE_S

from stt_monitor.tap.events import CallEvent
from stt_monitor.tap.forwarder import Forwarder
from stt_monitor.tap.settings import TapSettings

CERTIFICATE: Final = Path(__file__).parents[1] / "support" / "self_signed.pem"

Way = Callable[[int], Awaitable[int]]
"""Returns the port at which a server of this machine is called: its own, or that of a tap."""


OWN_BUFFER: Final = 1 << 18
"""Bytes that the system holds for either side: left to itself, Linux may let it grow to 32 MB."""


def limit_held(end: TransportSocket | socket.socket) -> None:
    """Have the system hold little of what nobody has read."""
    end.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, OWN_BUFFER)


@pytest.fixture
def told() -> list[CallEvent]:
    """What the taps told."""
    return []


@asynccontextmanager
async def terminate_tls(port: int, context: ssl.SSLContext) -> AsyncIterator[int]:
    """A server that takes TLS, and passes what is in it on to a port of this machine."""
    running: set[asyncio.Task[None]] = set()
    ends: list[asyncio.StreamWriter] = []

    async def pump(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        try:
            with suppress(OSError):
                while data := await source.read(1 << 16):
                    target.write(data)
                    await target.drain()
        finally:
            target.close()

    async def lead(near_reader: asyncio.StreamReader, near: asyncio.StreamWriter) -> None:
        ends.append(near)
        far_reader, far = await asyncio.open_connection("127.0.0.1", port)
        ends.append(far)
        limit_held(far.get_extra_info("socket"))
        running.update(asyncio.create_task(pump(*way)) for way in ((near_reader, far), (far_reader, near)))

    async with await asyncio.start_server(lead, "127.0.0.1", 0, ssl=context) as there:
        limit_held(there.sockets[0])  # its connections inherit it
        yield there.sockets[0].getsockname()[1]
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        # A close waits for the other side, which may be gone: no end outlives the loop.
        for end in ends:
            end.transport.abort()
        async with asyncio.timeout(PATIENCE_S):
            await asyncio.gather(*(end.wait_closed() for end in ends), return_exceptions=True)


async def _through(how: str, told: list[CallEvent]) -> AsyncIterator[Way]:
    def tell(event: CallEvent) -> bool:
        told.append(event)
        return True

    async with AsyncExitStack() as stack:

        async def through(port: int) -> int:
            if how == "directly":
                return port
            to = f"http://127.0.0.1:{port}"
            if how == "with TLS":
                proves = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
                proves.load_cert_chain(CERTIFICATE)
                to = f"https://127.0.0.1:{await stack.enter_async_context(terminate_tls(port, proves))}"
            settings, trusts = TapSettings(port=0, to=to), ssl.create_default_context(cafile=CERTIFICATE)
            tap = await stack.enter_async_context(Forwarder(settings, tell, trusts))
            return tap.listening[1]

        yield through


@pytest.fixture(params=["directly", "tapped"])
async def way(request: pytest.FixtureRequest, told: list[CallEvent]) -> AsyncIterator[Way]:
    """With and without a tap: nothing may differ."""
    async for through in _through(request.param, told):
        yield through


@pytest.fixture(params=["directly", "tapped", "with TLS"])
async def any_way(request: pytest.FixtureRequest, told: list[CallEvent]) -> AsyncIterator[Way]:
    """The same, and to a service that speaks TLS, which knows no half of a connection."""
    async for through in _through(request.param, told):
        yield through
