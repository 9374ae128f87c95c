"""A TCP line that can be made to fail, between a client and a real service."""

import asyncio
import socket
import ssl
import struct
from collections.abc import Callable
from contextlib import suppress
from typing import Self

PIECE = 65_536
"""Bytes that are passed on at a time."""
SMALL_BUFFER = 4096
"""Bytes that the systems at both ends are asked to hold, so that a stalled line is soon felt."""

GREETING_S = 0.1
"""What a connection that dies at once is left for its handshake."""


class Line:
    """One connection through the proxy."""

    def __init__(self, near: asyncio.StreamWriter, far: asyncio.StreamWriter) -> None:
        self.near, self.far = near, far
        self.flows = asyncio.Event()
        self.flows.set()
        self.swallows = False
        self.bytes_per_second: float | None = None

    def swallow(self) -> None:
        """Take everything and pass nothing on."""
        self.swallows = True

    async def pump(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await source.read(PIECE if self.bytes_per_second is None else 1024):
                await self.flows.wait()
                if self.bytes_per_second is not None:
                    await asyncio.sleep(len(data) / self.bytes_per_second)
                if self.swallows:
                    continue
                target.write(data)
                await target.drain()
        if not self.swallows:
            target.close()


class FaultyLine:
    """Passes bytes on to `port` of this machine, until it is told to fail.

    Faults are those of the lines that are open; a new connection is sound again.
    """

    def __init__(self, port: int, *, tls: ssl.SSLContext | None = None) -> None:
        self.accepted = 0
        self.dies_at_once = False
        """Whether new connections, too, take everything and pass nothing on, once the service has greeted."""
        self._target = port
        self._tls = tls
        self._port = 0
        self._server: asyncio.Server | None = None
        self._lines: dict[asyncio.Task[None], Line] = {}

    async def __aenter__(self) -> Self:
        await self.accept()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.refuse()
        for line in self._lines.values():
            line.flows.set()
            line.near.transport.abort()
            line.far.transport.abort()
        await asyncio.gather(*self._lines)

    @property
    def url(self) -> str:
        return f"{'ws' if self._tls is None else 'wss'}://127.0.0.1:{self._port}"

    async def accept(self) -> None:
        """Take connections, again at the same port."""
        self._server = await asyncio.start_server(self._carry, "127.0.0.1", self._port, ssl=self._tls)
        self._port = self._server.sockets[0].getsockname()[1]

    async def refuse(self) -> None:
        """Take no connections any more; those that are open stay."""
        if self._server is not None:
            self._server.close()
            self._server = None

    def drop(self) -> None:
        """End the connections without a close frame, in order as far as TCP is concerned."""
        for line in self._lines.values():
            line.near.close()
            line.far.close()

    def reset(self) -> None:
        """End the connections with a TCP reset, as a crashed machine or a middlebox does."""
        for line in self._lines.values():
            for writer in (line.near, line.far):
                raw = writer.get_extra_info("socket")
                raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                writer.transport.abort()

    def stall(self) -> None:
        """Take nothing more from either side: what is sent piles up."""
        for line in self._lines.values():
            line.flows.clear()

    def unstall(self) -> None:
        """Let everything flow again, what piled up first."""
        for line in self._lines.values():
            line.flows.set()

    def half_open(self) -> None:
        """Take everything and pass nothing on, as when the other machine has lost its power."""
        for line in self._lines.values():
            line.swallow()

    def slow(self, bytes_per_second: float) -> None:
        """Pass on so much and no more."""
        for line in self._lines.values():
            line.bytes_per_second = bytes_per_second

    def inject(self, data: bytes) -> None:
        """Have the client receive bytes that the service never sent."""
        for line in self._lines.values():
            line.near.write(data)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.accepted += 1
        task = asyncio.current_task()
        assert task is not None
        far_reader, far = await asyncio.open_connection("127.0.0.1", self._target)
        for end in (writer, far):
            raw = end.get_extra_info("socket")
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SMALL_BUFFER)
        line = self._lines[task] = Line(writer, far)
        if self.dies_at_once:
            asyncio.get_running_loop().call_later(GREETING_S, line.swallow)
        pumps = [asyncio.create_task(line.pump(reader, far)), asyncio.create_task(line.pump(far_reader, writer))]
        try:
            await asyncio.gather(*pumps)
        finally:
            del self._lines[task]
            for pump in pumps:
                pump.cancel()
            for end in (writer, far):
                end.transport.abort()


def text_frame(payload: bytes, *, claimed: int | None = None) -> bytes:
    """Make a websocket text frame as a server sends it; `claimed` is the length that its header tells."""
    length = len(payload) if claimed is None else claimed
    if length < 126:
        return bytes([0x81, length]) + payload
    if length < 65_536:
        return bytes([0x81, 126]) + struct.pack(">H", length) + payload
    return bytes([0x81, 127]) + struct.pack(">Q", length) + payload


Fault = Callable[[FaultyLine], None]

FAULTS: dict[str, Fault] = {
    "drop": FaultyLine.drop,
    "reset": FaultyLine.reset,
    "stall": FaultyLine.stall,
    "half open": FaultyLine.half_open,
    "garbage bytes": lambda line: line.inject(bytes(range(256)) * 4),
    "invalid UTF-8": lambda line: line.inject(text_frame(b'{"type":"turn.update","transcript":"\xff\xfe"}')),
    "huge frame": lambda line: line.inject(text_frame(b'"' + b"x" * (2 << 20) + b'"')),
}
"""Everything that ends a connection which was open."""
