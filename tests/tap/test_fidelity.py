"""A client and a server that do all that the protocols allow see no difference between a tap and none."""

import asyncio
import http.client
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from tests.support.patience import PATIENCE_S
from tests.tap.conftest import Way, limit_held
from websockets.asyncio.client import connect
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.frames import Close, Frame, Opcode
from websockets.http11 import Request, Response
from websockets.typing import Subprotocol

PATH = "/v2/listen?model=m&x=%20a+b"
HUGE = 20 << 20
MOST_HELD = 16 << 20
"""Bytes: more than the buffers of systems hold."""
STUCK_S = 0.5
"""Nothing taken for so long: nobody reads."""

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def server(handler: Handler) -> AsyncIterator[int]:
    """A server that does as it likes with its connections; what it raises ends the test, which may wait for it."""

    async def run(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await handler(reader, writer)
        writer.close()

    async with asyncio.TaskGroup() as running:

        def begin(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            running.create_task(run(reader, writer))

        listening = await asyncio.start_server(begin, "127.0.0.1", 0, limit=1 << 16)
        async with listening:
            limit_held(listening.sockets[0])  # its connections inherit it
            yield listening.sockets[0].getsockname()[1]


async def head(reader: asyncio.StreamReader) -> list[bytes]:
    return (await reader.readuntil(b"\r\n\r\n")).split(b"\r\n")[:-2]


@asynccontextmanager
async def call(port: int, request: bytes = b"") -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 16)
    limit_held(writer.get_extra_info("socket"))
    writer.write(request)
    try:
        yield reader, writer
    finally:
        writer.transport.abort()


def asks(*more: bytes, method: bytes = b"GET", path: bytes = PATH.encode()) -> bytes:
    return b"\r\n".join((method + b" " + path + b" HTTP/1.1", b"Host: localhost", *more, b"", b""))


UPGRADES = (b"Upgrade: websocket", b"Connection: Upgrade")
SWITCHED = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"


@pytest.mark.parametrize("compression", ["deflate", None])
async def test_messages_pings_subprotocol_and_close(any_way: Way, compression: str | None):
    got: list[str | bytes] = []

    async def answer(socket: ServerConnection) -> None:
        async for message in socket:
            got.append(message)
            await socket.send(message)
            await (await socket.ping(b"are you there"))

    spoken = [Subprotocol("token"), Subprotocol("sk-1")]
    async with serve(answer, "127.0.0.1", 0, subprotocols=spoken[:1], compression=compression) as there:
        port = await any_way(there.sockets[0].getsockname()[1])
        async with connect(f"ws://127.0.0.1:{port}{PATH}", subprotocols=spoken, compression=compression) as socket:
            said: list[str | bytes] = ["", "ä𝄞", b"", bytes(range(256)) * 300, "x" * 200_000]
            for message in said:
                await socket.send(message)
                assert await socket.recv() == message
                await (await socket.ping(b"ping"))
            pieces: list[str] = ["in ", "three ", "fragments"]
            await socket.send(pieces)
            assert await socket.recv() == "in three fragments"
            await socket.close(4001, "enough")
        assert socket.subprotocol == "token"
        assert (socket.close_code, socket.close_reason) == (4001, "enough")
    assert got == [*said, "in three fragments"]


async def test_the_server_closes_right_after_its_last_message(any_way: Way):
    async def last_words(socket: ServerConnection) -> None:
        await socket.send("last words")
        await socket.close(1008, "told you")

    async with serve(last_words, "127.0.0.1", 0) as there:
        port = await any_way(there.sockets[0].getsockname()[1])
        async with connect(f"ws://127.0.0.1:{port}/") as socket:
            assert await socket.recv() == "last words"
            with pytest.raises(ConnectionClosed, match="1008"):
                await socket.recv()
        assert socket.close_reason == "told you"


@pytest.mark.slow
async def test_messages_of_twenty_megabytes(any_way: Way):
    async def echo(socket: ServerConnection) -> None:
        async for message in socket:
            await socket.send(message)

    async with serve(echo, "127.0.0.1", 0, max_size=None, compression=None) as there:
        port = await any_way(there.sockets[0].getsockname()[1])
        async with connect(f"ws://127.0.0.1:{port}/", max_size=None, compression=None) as socket:
            await socket.send(bytes(HUGE))
            assert await socket.recv() == bytes(HUGE)


@pytest.mark.parametrize(
    ("status", "reason"), [(401, "Unauthorized"), (429, "Too Many Requests"), (503, "Service Unavailable")]
)
async def test_refusals(any_way: Way, status: int, reason: str):
    def refuse(socket: ServerConnection, _: Request) -> Response:
        response = socket.respond(status, '{"err_msg": "no"}')
        response.headers["Retry-After"] = "7"
        response.headers["dg-error"] = "no"
        return response

    async with serve(lambda _: asyncio.sleep(0), "127.0.0.1", 0, process_request=refuse) as there:
        port = await any_way(there.sockets[0].getsockname()[1])
        with pytest.raises(InvalidStatus) as refused:
            await connect(f"ws://127.0.0.1:{port}/")
    response = refused.value.response
    assert (response.status_code, response.reason_phrase) == (status, reason)
    assert (response.headers["Retry-After"], response.headers["dg-error"]) == ("7", "no")
    assert response.body == b'{"err_msg": "no"}'


async def test_heads_arrive_as_they_were_sent_but_for_the_host(way: Way):
    heads: list[list[bytes]] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heads.append(await head(reader))
        writer.write(b"HTTP/1.1 403 Oh  no\r\nX-Odd :  kept \r\nset-cookie: a\r\nSet-Cookie: b\r\n\r\nbody")

    odd = (*UPGRADES, b"x-ODD:   kept\t", b"X-Odd: again", b"Authorization: Token sk-1", b"Empty:", b"Latin: \xe4")
    async with server(answer) as there:
        port = await way(there)
        async with call(port, asks(*odd)) as (reader, _):
            received = await reader.read()
        assert received == (b"HTTP/1.1 403 Oh  no\r\nX-Odd :  kept \r\nset-cookie: a\r\nSet-Cookie: b\r\n\r\nbody")
    host = b"Host: localhost" if port == there else b"Host: 127.0.0.1:%d" % there
    assert heads == [[b"GET " + PATH.encode() + b" HTTP/1.1", host, *odd]]


async def test_byte_by_byte_both_ways(any_way: Way):
    frames = b"".join(Frame(Opcode.BINARY, bytes([n]) * 9).serialize(mask=True) for n in range(9))
    said = Frame(Opcode.TEXT, b"x" * 300).serialize(mask=False)

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await head(reader)
        assert await reader.readexactly(len(frames)) == frames
        for byte in SWITCHED + said:
            writer.write(bytes([byte]))
            await asyncio.sleep(0)

    async with server(answer) as there, call(await any_way(there)) as (reader, writer):
        for byte in asks(*UPGRADES) + frames:
            writer.write(bytes([byte]))
            await asyncio.sleep(0)
        assert await reader.read() == SWITCHED + said


async def test_who_does_not_read_is_not_sent_to(any_way: Way):
    """Back-pressure: neither side can send more than some buffers hold while the other does not read."""
    reads = asyncio.Event()

    async def push(writer: asyncio.StreamWriter) -> int:
        """Send until nothing is taken any more."""
        sent = 0
        while sent < MOST_HELD:
            writer.write(bytes(65_536))
            sent += 65_536
            try:
                await asyncio.wait_for(writer.drain(), STUCK_S)
            except TimeoutError:
                return sent
        raise AssertionError("more is taken than anybody reads")

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await head(reader)
        writer.write(SWITCHED)
        pushed.set_result(await push(writer))
        await reads.wait()
        got.append(len(await reader.readexactly(await sent)))

    got: list[int] = []
    pushed: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    sent: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    async with server(answer) as there, call(await any_way(there), asks(*UPGRADES)) as (reader, writer):
        await reader.readexactly(len(SWITCHED))
        sent.set_result(await push(writer))
        reads.set()
        size = await pushed
        assert len(await reader.readexactly(size)) == size
        await writer.drain()
        writer.write_eof()
    assert got == [await sent]


async def test_half_of_a_connection_may_end(way: Way):
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await head(reader)
        asked = await reader.read()
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n" + asked[::-1])

    async with (
        server(answer) as there,
        call(await way(there), asks(b"Content-Length: 3", method=b"POST") + b"abc") as (reader, writer),
    ):
        writer.write_eof()
        assert await reader.read() == b"HTTP/1.1 200 OK\r\n\r\ncba"


async def test_the_server_may_end_its_half_first(way: Way):
    got: list[bytes] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await head(reader)
        writer.write(SWITCHED)
        writer.write_eof()
        got.append(await reader.read())

    async with server(answer) as there, call(await way(there), asks(*UPGRADES)) as (reader, writer):
        assert await reader.read() == SWITCHED
        writer.write(b"still here")
        writer.close()
    assert got == [b"still here"]


def reset(writer: asyncio.StreamWriter) -> None:
    raw = writer.get_extra_info("socket")
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


async def test_a_reset_by_the_server(way: Way):
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await head(reader)
        writer.write(SWITCHED)
        await reader.readexactly(2)
        reset(writer)

    async with server(answer) as there, call(await way(there), asks(*UPGRADES)) as (reader, writer):
        await reader.readexactly(len(SWITCHED))
        writer.write(b"go")
        with pytest.raises(ConnectionResetError):
            await reader.read()


async def test_a_reset_by_the_client(way: Way):
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await head(reader)
        writer.write(SWITCHED)
        with pytest.raises(ConnectionResetError):
            await reader.read()

    async with server(answer) as there, call(await way(there), asks(*UPGRADES)) as (reader, writer):
        await reader.readexactly(len(SWITCHED))
        reset(writer)


async def test_both_sides_close_at_once(any_way: Way):
    """Neither close is an answer to the other: each side gets that of the other one, and no second."""
    closes = {side: Frame(Opcode.CLOSE, Close(code, side).serialize()) for side, code in (("us", 4001), ("it", 4002))}
    ours, its = closes["us"].serialize(mask=True), closes["it"].serialize(mask=False)
    both, got = asyncio.Barrier(2), []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await head(reader)
        writer.write(SWITCHED)
        await both.wait()
        writer.write(its)
        got.append(await reader.readexactly(len(ours)))
        await both.wait()

    async with server(answer) as there, call(await any_way(there), asks(*UPGRADES)) as (reader, writer):
        await reader.readexactly(len(SWITCHED))
        await both.wait()
        writer.write(ours)
        assert await reader.readexactly(len(its)) == its
        await both.wait()
        assert await reader.read() == b""
    assert got == [ours]


async def test_the_server_leaves_with_much_unread(any_way: Way):
    """What it sent before it closed comes whole, however late it is read."""
    said, left = bytes(range(256)) * 4096 * 3, asyncio.Event()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await head(reader)
        writer.write(SWITCHED + said)
        left.set()

    async with server(answer) as there, call(await any_way(there), asks(*UPGRADES)) as (reader, _):
        await left.wait()
        got = b""
        while piece := await reader.read(10_000):
            got += piece
            await asyncio.sleep(0)
    assert got == SWITCHED + said


async def test_the_client_leaves_with_much_unread(any_way: Way):
    """A server that is sending learns it, rather than wait for a reader for good."""

    async def push(writer: asyncio.StreamWriter) -> None:
        while True:
            writer.write(bytes(65_536))
            await writer.drain()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await head(reader)
        writer.write(SWITCHED)
        with pytest.raises(OSError):  # noqa: PT011  reset or broken, as the system has it
            await push(writer)

    async with server(answer) as there, call(await any_way(there), asks(*UPGRADES)) as (reader, writer):
        await reader.readexactly(len(SWITCHED) + 65_536)
        writer.close()


async def test_a_line_that_ends_without_a_close_frame(way: Way):
    async def drop(socket: ServerConnection) -> None:
        await socket.send("hello")
        socket.transport.close()

    async with serve(drop, "127.0.0.1", 0) as there:
        port = await way(there.sockets[0].getsockname()[1])
        async with connect(f"ws://127.0.0.1:{port}/") as socket:
            assert await socket.recv() == "hello"
            with pytest.raises(ConnectionClosed):
                await socket.recv()
        assert socket.close_code == 1006


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


async def test_http_streams_both_ways_at_once(any_way: Way):
    """Each piece is answered before the next one is sent: nothing waits for the end of a body."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await head(reader)
        writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while piece := await reader.readexactly(len(chunk(b"abc"))):
            writer.write(piece)
            if piece == chunk(b"end"):
                break
        writer.write(b"0\r\n\r\n")

    more = (b"Transfer-Encoding: chunked", b"Expect: 100-continue")
    async with server(answer) as there, call(await any_way(there), asks(*more, method=b"POST")) as (reader, writer):
        assert (await head(reader))[0] == b"HTTP/1.1 100 Continue"
        assert (await head(reader))[0] == b"HTTP/1.1 200 OK"
        for piece in (b"one", b"two", b"end"):
            writer.write(chunk(piece))
            assert await reader.readexactly(len(chunk(piece))) == chunk(piece)
        writer.write(b"0\r\n\r\n")
        assert await reader.read() == b"0\r\n\r\n"


async def test_one_request_after_another(way: Way):
    """Whoever keeps connections gets an answer to each request, and the service its own name in each."""
    hosts: list[bytes] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            try:
                lines = await head(reader)
            except asyncio.IncompleteReadError:
                return
            hosts.append(next(line for line in lines if line.startswith(b"Host:")))
            body = await reader.readexactly(200_000)
            closes = b"Connection: close" in lines
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 200000\r\n" + b"Connection: close\r\n" * closes + b"\r\n")
            writer.write(body[::-1])
            await writer.drain()
            if closes:
                return

    def ask(port: int) -> None:
        client = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_S)
        for byte in (b"a", b"b", b"c"):
            client.request("POST", "/tts/bytes", body=byte * 200_000)
            answered = client.getresponse()
            assert (answered.status, answered.read()) == (200, byte * 200_000)
        client.close()

    async with server(answer) as there:
        port = await way(there)
        await asyncio.to_thread(ask, port)
        assert hosts == [b"Host: 127.0.0.1:%d" % there] * 3


@pytest.mark.parametrize("before", [b"", b"\r\n"])
@pytest.mark.parametrize("after", [b"\r\n", asks(b"Content-Length: 0", method=b"POST")])
async def test_a_body_arrives_whole_whatever_comes_with_it(any_way: Way, before: bytes, after: bytes):
    """Old clients send a line end after a body, and some the next request at once."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.0 200 OK\r\n\r\n" + await reader.readexactly(5))
        await writer.drain()

    request = before + asks(b"Content-Length: 5", method=b"POST") + b"whole" + after
    async with server(answer) as there, call(await any_way(there), request) as (reader, _):
        assert await asyncio.wait_for(reader.read(), PATIENCE_S) == b"HTTP/1.0 200 OK\r\n\r\nwhole"
