"""Whatever a client sends, the server survives, and the sessions of others go on unharmed."""

import asyncio
import base64
import gc
import json
import logging
import random
import socket
import struct
import threading
import weakref
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress

import pytest
from hypothesis import HealthCheck, given
from hypothesis import strategies as st
from tests.server.stand_in import (
    PATH,
    QUERY,
    TWO_TURNS,
    TWO_TURNS_TRANSCRIPT,
    Call,
    LoudnessDetector,
    Start,
    call,
    s16,
    tone,
)
from tests.support.examples import tried
from tests.support.patience import PATIENCE_S
from websockets.exceptions import ConnectionClosed

from stt_monitor.audio.formats import Samples
from stt_monitor.core.events import TurnEvent, TurnUpdate
from stt_monitor.server.connection import ConnectionHandler
from stt_monitor.server.send_queue import SendQueue, SendQueueFullError
from stt_monitor.server.server import MAX_FRAME_BYTES, LocalServer
from stt_monitor.server.settings import ServerSettings

UPGRADE = (
    f"GET {PATH}?{QUERY} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    f"Sec-WebSocket-Key: {base64.b64encode(bytes(16)).decode()}\r\nSec-WebSocket-Version: 13\r\n\r\n"
).encode()


@pytest.fixture(autouse=True)
def nothing_is_logged(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """What clients do wrong is no news, and no task's exception is left unseen."""
    yield
    gc.collect()
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING] == []


@asynccontextmanager
async def witness(server: LocalServer) -> AsyncIterator[None]:
    """A session that is in the middle of its first turn while the block runs, and must end well."""
    async with call(server) as caller:
        await caller.send(TWO_TURNS[:30_000])
        while "turn.update" not in caller.types():
            await caller.next()
        yield
        await caller.send(TWO_TURNS[30_000:])
        await caller.send({"type": "close"})
        assert await caller.until_closed() == 1000
        assert caller.transcript() == TWO_TURNS_TRANSCRIPT


async def poke(server: LocalServer, data: bytes, *, handshake: bool) -> bytes:
    """Send raw bytes, say that nothing follows, and return all that is answered."""
    reader, writer = await asyncio.open_connection("127.0.0.1", int(server.base_url.rpartition(":")[2]))
    received = b""
    with suppress(ConnectionError):
        if handshake:
            writer.write(UPGRADE)
            await reader.readuntil(b"\r\n\r\n")
        writer.write(data)
        writer.write_eof()
        received = await asyncio.wait_for(reader.read(), PATIENCE_S)
    writer.close()
    with suppress(ConnectionError):
        await writer.wait_closed()
    return received


messages = st.lists(
    st.one_of(
        st.binary(max_size=2000),
        st.text(max_size=200),
        st.sampled_from(['{"type":"close"}', '{"type":"config","turn":{"end_threshold":0.2}}', '{"type":', "[]"]),
        st.lists(st.binary(max_size=50), min_size=1, max_size=5),
        st.lists(st.text(max_size=50), min_size=1, max_size=5),
    ),
    max_size=20,
)
formats = st.sampled_from(["pcm_s16le", "pcm_s32le", "pcm_f16le", "pcm_f32le", "pcm_mulaw", "pcm_alaw", "x"])


@tried(60, suppress_health_check=[HealthCheck.too_slow])
@given(clients=st.lists(st.tuples(messages, formats, st.integers(-1, 200_000), st.booleans()), min_size=1, max_size=5))
def test_any_messages_in_any_format(clients: list[tuple[list[bytes | str | list[bytes]], str, int, bool]]) -> None:
    async def client(server: LocalServer, what: tuple[list[bytes | str | list[bytes]], str, int, bool]) -> None:
        sent, encoding, rate, polite = what
        async with call(server, f"model=ink-2&encoding={encoding}&sample_rate={rate}") as caller:
            with suppress(ConnectionClosed):
                for message in sent:
                    await caller.socket.send(message)
                await caller.send({"type": "close"})
            if not polite:
                caller.socket.transport.abort()
            code = await caller.until_closed()
            assert not polite or code in {1000, 1008}
            assert not polite or caller.types()[0] == ("error" if code == 1008 else "connected")

    async def session() -> None:
        async with LocalServer(LoudnessDetector) as server, witness(server):
            await asyncio.gather(*(client(server, what) for what in clients))

    asyncio.run(session())


async def test_garbage_instead_of_http(start: Start) -> None:
    server, dice = await start(), random.Random(1)
    async with witness(server):
        for length in (1, 3, 4, 5, 100, 10_000, 100_000):
            await poke(server, dice.randbytes(length), handshake=False)
        for text in (
            b"GET ",
            b"GET / HTTP/9.9\r\n\r\n",
            b"GET " + b"/" * 100_000,
            b"GET / HTTP/1.1\r\n" + b"a: b\r\n" * 5000,
        ):
            await poke(server, text, handshake=False)
        for cut in range(0, len(UPGRADE), 7):
            await poke(server, UPGRADE[:cut], handshake=False)


def frame(opcode: int, payload: bytes, *, fin: bool = True, masked: bool = True, length: int | None = None) -> bytes:
    head = bytes([(0x80 if fin else 0) | opcode])
    size = len(payload) if length is None else length
    bit = 0x80 if masked else 0
    if size < 126:
        head += bytes([bit | size])
    elif size < 65_536:
        head += struct.pack(">BH", bit | 126, size)
    else:
        head += struct.pack(">BQ", bit | 127, size)
    return head + (bytes(4) if masked else b"") + payload


CONT, TEXT, BINARY, CLOSE, PING = 0, 1, 2, 8, 9


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (frame(BINARY, b"ab", masked=False), 1002),
        (frame(3, b"reserved"), 1002),
        (frame(CONT, b"nothing to continue"), 1002),
        (frame(PING, b"x" * 126), 1002),
        (frame(PING, b"x", fin=False), 1002),
        (frame(CLOSE, b"\x03"), 1002),
        (frame(CLOSE, struct.pack(">H", 999)), 1002),
        (frame(TEXT, b"\xff\xfe{"), 1007),
        (frame(BINARY, b"", length=2**62), 1009),
        (frame(BINARY, b"", length=MAX_FRAME_BYTES + 1), 1009),
    ],
)
async def test_frames_that_break_the_rules(start: Start, data: bytes, code: int) -> None:
    server = await start()
    async with witness(server):
        answer = await poke(server, data, handshake=True)
    assert b'"type":"connected"' in answer
    assert struct.pack(">H", code) in answer[answer.rindex(b"}") :]


async def test_torn_frames(start: Start) -> None:
    server, dice = await start(), random.Random(2)
    whole = frame(BINARY, TWO_TURNS[:3200]) + frame(TEXT, b'{"type":"conf', fin=False) + frame(CONT, b'ig"}')
    async with witness(server):
        for _ in range(30):
            await poke(server, whole[: dice.randrange(len(whole))], handshake=True)
        for _ in range(30):
            await poke(server, dice.randbytes(dice.randrange(300)), handshake=True)


async def test_single_bytes_and_thousands_of_fragments(start: Start, ring: Call) -> None:
    async with ring(await start()) as caller:
        await caller.socket.send([TWO_TURNS[at : at + 100] for at in range(0, 60_000, 100)])
        for at in range(60_000, 62_000):
            await caller.send(TWO_TURNS[at : at + 1])
        await caller.send(TWO_TURNS[62_000:])
        await caller.send({"type": "close"})
        assert await caller.until_closed() == 1000
    assert caller.transcript() == TWO_TURNS_TRANSCRIPT


@pytest.mark.slow
async def test_a_large_frame_is_audio_like_any_other(start: Start, ring: Call) -> None:
    copies = MAX_FRAME_BYTES // len(TWO_TURNS)
    async with ring(await start()) as caller:
        await caller.send(TWO_TURNS * copies)
        await caller.send({"type": "close"})
        assert await caller.until_closed() == 1000
    assert caller.types().count("turn.end") == 2 * copies


async def test_more_audio_than_may_wait(start: Start, ring: Call) -> None:
    gate = threading.Event()

    class Stuck(LoudnessDetector):
        def feed(self, samples: Samples) -> list[TurnEvent]:
            assert gate.wait(PATIENCE_S)
            return super().feed(samples)

    async with ring(await start(make_detector=Stuck)) as caller:
        for _ in range(3):
            with suppress(ConnectionClosed):
                await caller.send(bytes(5_000_000))
        gate.set()
        assert await caller.until_closed() == 1013
    error = caller.events[-1]
    assert (error["status_code"], error["error_code"]) == (429, "concurrency_limited")
    assert "300 s" in error["message"]


@pytest.mark.slow
async def test_a_flood_of_commands_that_is_never_read(start: Start, ring: Call) -> None:
    server = await start()
    async with witness(server), ring(server) as caller:
        with suppress(ConnectionClosed):
            for _ in range(20_000):
                await caller.send("nonsense")
        caller.socket.transport.abort()


class Talkative(LoudnessDetector):
    """Says a million characters at every piece of audio."""

    def feed(self, samples: Samples) -> list[TurnEvent]:
        return [TurnUpdate("x" * 1_000_000, "1", samples.size / 16_000)]


@pytest.mark.parametrize(("pieces", "finish"), [(7, True), (30, False)], ids=["at the end", "in between"])
async def test_a_client_that_never_reads_does_not_stay(
    start: Start, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, *, pieces: int, finish: bool
) -> None:
    monkeypatch.setattr("stt_monitor.server.connection.LAST_EVENTS_TIMEOUT_S", 0.3)
    server = await start(make_detector=Talkative)
    with socket.socket() as narrow:
        narrow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        narrow.settimeout(0)
        loop, close = asyncio.get_running_loop(), frame(TEXT, b'{"type":"close"}')
        await loop.sock_connect(narrow, ("127.0.0.1", int(server.base_url.rpartition(":")[2])))
        await loop.sock_sendall(narrow, UPGRADE + frame(BINARY, bytes(32_000)) * pieces + (close if finish else b""))
        while not caplog.records:  # noqa: ASYNC110  it has no event to tell a test, and may be over at once
            await asyncio.sleep(0.01)
        while server._handlers or server._connections:  # noqa: ASYNC110  the same
            await asyncio.sleep(0.01)
    assert [record.getMessage().partition(": ")[2] for record in caplog.records] == ["closed, the client does not read"]
    caplog.clear()


async def test_what_waits_for_a_client_that_does_not_read_is_bounded() -> None:
    queue, gate, sent = SendQueue(limit=10), asyncio.Event(), []

    async def send(text: str) -> None:
        await gate.wait()
        sent.append(text)

    sending = asyncio.create_task(queue.send_all(send))
    queue.put("12345")
    queue.put("67890")
    with pytest.raises(SendQueueFullError):
        queue.put("!")
    gate.set()
    queue.end()
    await sending
    assert sent == ["12345", "67890"]


@pytest.mark.slow
async def test_nothing_is_left_of_clients_that_went_away(
    start: Start, ring: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[weakref.ref[ConnectionHandler]] = []
    run = ConnectionHandler.run

    async def watched(self: ConnectionHandler) -> None:
        seen.append(weakref.ref(self))
        await run(self)

    monkeypatch.setattr(ConnectionHandler, "run", watched)
    server = await start()
    for n in range(20):
        async with ring(server) as caller:
            await caller.send(s16(tone(0.5)))
            if n % 2:
                await caller.next()
            caller.socket.transport.abort()
    while server._connections or server._handlers:  # noqa: ASYNC110  it has no event to tell a test
        await asyncio.sleep(0)
    gc.collect()
    assert [each for each in seen if each() is not None] == []


async def test_many_half_open_handshakes_leave_room_for_a_session(start: Start) -> None:
    server = await start(ServerSettings(max_sessions=2))
    port = int(server.base_url.rpartition(":")[2])
    streams = [await asyncio.open_connection("127.0.0.1", port) for _ in range(50)]
    for _, writer in streams:
        writer.write(UPGRADE[:40])
    async with witness(server), call(server) as caller:
        assert json.loads(await caller.socket.recv())["type"] == "connected"
    for _, writer in streams:
        writer.close()
