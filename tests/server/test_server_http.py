"""Who is let in, and what plain HTTP is answered (protocol.md 2, 10, 11, 15)."""

import asyncio
import json
import threading
from contextlib import AsyncExitStack, suppress
from http import HTTPStatus
from typing import Any

import pytest
from tests.server.stand_in import QUERY, TWO_TURNS, Call, LoudnessDetector, Start, s16, tone
from tests.support.patience import PATIENCE_S
from websockets.exceptions import ConnectionClosed, InvalidStatus

from stt_monitor.audio.formats import Samples
from stt_monitor.core.events import TurnEvent
from stt_monitor.server.server import SPARE_CONNECTIONS, LocalServer
from stt_monitor.server.settings import ServerSettings


class Reply:
    def __init__(self, raw: bytes) -> None:
        head, _, self.body = raw.partition(b"\r\n\r\n")
        first, *lines = head.decode().split("\r\n")
        self.status = int(first.split()[1])
        self.headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}

    def json(self) -> dict[str, Any]:
        value: dict[str, Any] = json.loads(self.body)
        return value


def port(server: LocalServer) -> int:
    return int(server.base_url.rpartition(":")[2])


async def ask(server: LocalServer, request: bytes, body: bytes = b"", host: str = "localhost:1") -> Reply:
    reader, writer = await asyncio.open_connection("127.0.0.1", port(server))
    writer.write(
        request + f"\r\nHost: {host}\r\n".encode() + (b"Content-Length: %d\r\n" % len(body) if body else b"") + b"\r\n"
    )
    await writer.drain()
    writer.write(body)
    raw = await asyncio.wait_for(reader.read(), PATIENCE_S)
    writer.close()
    await writer.wait_closed()
    return Reply(raw)


async def test_a_person_can_read_the_front_page(start: Start) -> None:
    reply = await ask(await start(), b"GET / HTTP/1.1")
    assert reply.status == HTTPStatus.OK
    assert reply.headers["content-type"].startswith("text/plain")
    assert "ws://localhost:1/stt/turns/websocket" in reply.body.decode()
    assert "CARTESIA_BASE_URL=http://localhost:1" in reply.body.decode()


async def test_health_counts(start: Start, ring: Call) -> None:
    server = await start(ServerSettings(max_sessions=3))
    async with ring(server) as caller:
        await caller.next()
        health = (await ask(server, b"GET /health HTTP/1.1")).json()
    assert health["status"] == "ok"
    assert (health["sessions"], health["max_sessions"], health["sessions_served"]) == (1, 3, 1)
    assert health["largest_backlog_s"] == 0
    assert health["recognition_threads"] >= 1


@pytest.mark.parametrize(
    ("request_line", "status"),
    [
        (b"GET /stt/turns/websocket?model=ink-2 HTTP/1.1", 426),
        (b"GET /any/prefix/stt/turns/websocket HTTP/1.1", 426),
        (b"GET /stt/websocket HTTP/1.1", 404),
        (b"GET /favicon.ico HTTP/1.1", 404),
        (b"GET /tts/bytes HTTP/1.1", 405),
        (b"POST / HTTP/1.1", 405),
        (b"DELETE /health HTTP/1.1", 405),
        (b"OPTIONS /nowhere HTTP/1.1", 404),
        (b"POST /stt/turns/websocket HTTP/1.1", 426),
        (b"POST /v1/tts/bytes HTTP/1.1", 400),
    ],
)
async def test_refusals_are_json(start: Start, request_line: bytes, status: int) -> None:
    reply = await ask(await start(), request_line, b"" if request_line.startswith(b"GET") else b"{}")
    assert reply.status == status
    assert reply.headers["content-type"] == "application/json"
    assert set(reply.json()) == {"error_code", "title", "message", "request_id"}


async def test_head_answers_without_a_body(start: Start) -> None:
    reply = await ask(await start(), b"HEAD / HTTP/1.1")
    assert reply.status == HTTPStatus.OK
    assert int(reply.headers["content-length"]) > 0
    assert reply.body == b""


@pytest.mark.parametrize(
    ("request_bytes", "status"),
    [
        (b"BREW /pot HTCPCP/1.0", 400),
        (b"\x16\x03\x01\x02\x00", 400),
        (b"POST /tts/bytes HTTP/1.1\r\nContent-Length: 99999999", 413),
        (b"POST /tts/bytes HTTP/1.1\r\nContent-Length: " + b"9" * 5000, 413),
        (b"POST /tts/bytes HTTP/1.1\r\nContent-Length: -1", 400),
        (b"POST /tts/bytes HTTP/1.1\r\nTransfer-Encoding: chunked", 411),
        (b"POST /tts/bytes HTTP/1.1\r\nno colon", 400),
        (b"POST /tts/bytes HTTP/1.1\r\nX: " + b"x" * 40_000, 431),
    ],
)
async def test_what_is_no_request(start: Start, request_bytes: bytes, status: int) -> None:
    assert (await ask(await start(), request_bytes)).status == status


async def test_a_body_may_come_in_pieces(start: Start) -> None:
    server = await start()
    reader, writer = await asyncio.open_connection("127.0.0.1", port(server))
    for piece in (b"PO", b"ST /tts/bytes HT", b"TP/1.1\r\nContent-Le", b"ngth: 4\r\n\r", b"\n[1", b"2]"):
        writer.write(piece)
        await writer.drain()
    reply = Reply(await reader.read())
    assert (reply.status, reply.json()["title"]) == (400, "Invalid request")
    writer.close()


@pytest.mark.parametrize("prefix", ["", "/x", "/a/b.c/%20"])
async def test_any_prefix(start: Start, ring: Call, prefix: str) -> None:
    async with ring(await start(), prefix=prefix) as caller:
        assert (await caller.next())["type"] == "connected"


@pytest.mark.parametrize("path", ["/stt/websocket", "/stt/turns/websocket/more", "/"])
async def test_other_paths_are_no_session(start: Start, ring: Call, path: str) -> None:
    with pytest.raises(InvalidStatus) as refused:
        async with ring(await start(), path=path):
            pass
    assert refused.value.response.status_code == (200 if path == "/" else 404)


@pytest.mark.parametrize(
    ("headers", "query"),
    [
        ({"Authorization": "Bearer s3cret"}, ""),
        ({"x-api-key": "s3cret"}, ""),
        ({"X-API-KEY": "s3cret", "Authorization": "Bearer s3cret"}, ""),
        ({}, "&access_token=s3cret"),
        ({}, "&api_key=s3cret"),
    ],
)
async def test_a_key_in_any_of_its_places(start: Start, ring: Call, headers: dict[str, str], query: str) -> None:
    async with ring(await start(ServerSettings(key="s3cret")), QUERY + query, headers=headers) as caller:
        assert (await caller.next())["type"] == "connected"


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer wrong"}, {"X-API-Key": "S3CRET"}])
async def test_without_the_key(start: Start, ring: Call, headers: dict[str, str]) -> None:
    server = await start(ServerSettings(key="s3cret"))
    with pytest.raises(InvalidStatus) as refused:
        async with ring(server, headers=headers):
            pass
    response = refused.value.response
    assert response.status_code == 401
    assert json.loads(response.body)["title"] == "Unauthorized"
    assert (await ask(server, b"POST /tts/bytes HTTP/1.1", b"{}")).status == 401


@pytest.mark.parametrize(
    ("headers", "query", "plain"),
    [
        ({"Cartesia-Version": "2025-11-04"}, "", True),
        ({}, "&cartesia_version=2026-02-28", True),
        ({"Cartesia-Version": "2025-11-04"}, "&cartesia_version=2026-03-01", False),
        ({"Cartesia-Version": "2026-08-14"}, "", False),
        ({"Cartesia-Version": "latest"}, "", False),
    ],
)
async def test_old_versions_are_refused_in_plain_text(
    start: Start, ring: Call, headers: dict[str, str], query: str, *, plain: bool
) -> None:
    server = await start(ServerSettings(key="s3cret"))
    with pytest.raises(InvalidStatus) as refused:
        async with ring(server, QUERY + query, headers=headers):
            pass
    response = refused.value.response
    assert response.status_code == 401
    assert response.headers["Content-Type"].startswith("text/plain" if plain else "application/json")
    assert response.body.startswith(b"Unauthorized: Send the key" if plain else b"{")
    version = [f"{name}: {value}".encode() for name, value in headers.items()]
    posted = await ask(server, b"\r\n".join((f"POST /tts/bytes?{query} HTTP/1.1".encode(), *version)), b"{}")
    assert (posted.status, posted.headers["content-type"]) == (401, response.headers["Content-Type"])


@pytest.mark.parametrize("version", ["2025-04-16", "2025-11-04", "2026-03-01", "2026-08-14", "2031-01-01"])
async def test_any_version_and_any_key_when_none_is_demanded(start: Start, ring: Call, version: str) -> None:
    headers = {"Cartesia-Version": version, "Authorization": "Bearer anything"}
    async with ring(await start(), f"{QUERY}&cartesia_version={version}", headers=headers) as caller:
        assert (await caller.next())["type"] == "connected"


async def test_capacity(start: Start, ring: Call) -> None:
    server = await start(ServerSettings(max_sessions=2))
    async with AsyncExitStack() as stack:
        callers = [await stack.enter_async_context(ring(server)) for _ in range(2)]
        with pytest.raises(InvalidStatus) as refused:
            async with ring(server):
                pass
        assert refused.value.response.status_code == 429
        assert json.loads(refused.value.response.body)["error_code"] == "concurrency_limited"
        assert (await ask(server, b"GET /health HTTP/1.1")).json()["status"] == "busy"
        await callers[0].send({"type": "close"})
        await callers[0].until_closed()
        await callers[0].socket.wait_closed()
        async with ring(server) as caller:
            assert (await caller.next())["type"] == "connected"


async def test_a_client_that_vanishes_frees_its_place(start: Start, ring: Call) -> None:
    server = await start(ServerSettings(max_sessions=1))
    for _ in range(5):
        async with ring(server) as caller:
            await caller.send(TWO_TURNS)
            await caller.next()
            caller.socket.transport.abort()
        while server._connections or server._handlers:  # noqa: ASYNC110  it has no event to tell a test
            await asyncio.sleep(0)
        assert server.health()["sessions"] == 0


async def test_late_recognition_refuses_newcomers(start: Start, ring: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    gate = threading.Event()

    class Stuck(LoudnessDetector):
        def feed(self, samples: Samples) -> list[TurnEvent]:
            assert gate.wait(PATIENCE_S)
            return super().feed(samples)

    monkeypatch.setattr("stt_monitor.server.server.LATE_S", 0.05)
    server = await start(make_detector=Stuck)
    threads = server._workers.threads
    async with AsyncExitStack() as stack:
        stack.callback(gate.set)
        for _ in range(threads):  # so many are always let in
            caller = await stack.enter_async_context(ring(server))
            await caller.next()
            await caller.send(s16(tone(0.1)))
        while len(behind := server._behind()) < threads or min(behind) <= 0.05:  # noqa: ASYNC110  none has just begun
            await asyncio.sleep(0.01)
        with pytest.raises(InvalidStatus) as refused:
            async with ring(server):
                pass
        assert refused.value.response.status_code == 429
        health = (await ask(server, b"GET /health HTTP/1.1")).json()
        assert (health["status"], health["sessions_refused"]) == ("busy", 1)
        assert health["behind_max_s"] >= health["behind_mean_s"] > 0.05
        gate.set()
        while server.health()["status"] == "busy":  # noqa: ASYNC110  the same
            await asyncio.sleep(0.01)
        async with ring(server) as caller:
            assert (await caller.next())["type"] == "connected"


async def test_a_client_that_sends_a_file_at_once_does_not_count_as_late(start: Start, ring: Call) -> None:
    gate = threading.Event()

    class Stuck(LoudnessDetector):
        def feed(self, samples: Samples) -> list[TurnEvent]:
            assert gate.wait(PATIENCE_S)
            return super().feed(samples)

    server = await start(make_detector=Stuck)
    async with ring(server) as caller:
        await caller.next()
        for _ in range(10):
            await caller.send(TWO_TURNS)
        await (await caller.socket.ping())
        assert server.health()["behind_max_s"] == 0
        assert (await ask(server, b"GET /health HTTP/1.1")).json()["largest_backlog_s"] > 10
        gate.set()
        await caller.send({"type": "close"})
        assert await caller.until_closed() == 1000


async def test_connections_that_ask_nothing_are_bounded(start: Start) -> None:
    server = await start(ServerSettings(max_sessions=1))
    streams = [await asyncio.open_connection("127.0.0.1", port(server)) for _ in range(3 + SPARE_CONNECTIONS)]
    for reader, _ in streams[:2]:  # the oldest go
        with suppress(ConnectionError):
            assert await asyncio.wait_for(reader.read(), PATIENCE_S) == b""
    assert len(server._connections) == 1 + SPARE_CONNECTIONS
    for _, one in streams:
        one.close()


@pytest.mark.parametrize(
    "asked",
    [
        b"", b"GET /hea", b"GET /health HTTP/1.1\r\n\r\n", b"GET /stt/turns/websocket HTTP/1.1\r\nHost: evil\r\n\r\n",
        b"POST /tts/bytes HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}", b"BREW /pot\r\n\r\n",
    ],
)  # fmt: skip
async def test_those_that_hold_a_place_for_nothing_shut_nobody_out(start: Start, ring: Call, asked: bytes) -> None:
    server = await start(ServerSettings(max_sessions=1))
    async with ring(server) as caller:
        await caller.next()
        streams = [await asyncio.open_connection("127.0.0.1", port(server)) for _ in range(2 * SPARE_CONNECTIONS)]
        for _, one in streams:
            one.write(asked)  # and read no answer, and never go
        assert (await ask(server, b"GET /health HTTP/1.1")).json()["sessions"] == 1
        await caller.send(TWO_TURNS)
        await caller.send({"type": "close"})
        assert await caller.until_closed() == 1000
    for _, one in streams:
        one.close()


async def test_a_request_that_dribbles_in_is_cut_off(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stt_monitor.server.server.GREETING_S", 0.2)
    server = await start()
    for beginning in (b"GET / HTTP/1.1\r\nX: ", b"POST /tts/bytes HTTP/1.1\r\nX: ", b""):
        reader, writer = await asyncio.open_connection("127.0.0.1", port(server))
        writer.write(beginning)
        with suppress(ConnectionError):
            assert await asyncio.wait_for(reader.read(), PATIENCE_S) == b""
        writer.close()


@pytest.mark.slow
async def test_the_time_for_asking_is_not_that_for_answering(
    start: Start, ring: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("stt_monitor.server.server.GREETING_S", 2)
    async with ring(await start()) as caller:
        await asyncio.sleep(2.5)
        await caller.send(TWO_TURNS)
        await caller.send({"type": "close"})
        assert await caller.until_closed() == 1000


async def test_ending_the_server_waits_for_nobody_long(ring: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stt_monitor.server.server.STOP_TIMEOUT_S", 0.1)
    async with LocalServer(LoudnessDetector) as server, ring(server) as caller:
        caller.socket.transport.pause_reading()  # it sees no close frame, and answers none
        await asyncio.wait_for(server.__aexit__(), PATIENCE_S)
        caller.socket.transport.abort()


async def test_ending_the_server_tells_its_clients(ring: Call) -> None:
    async with LocalServer(LoudnessDetector) as server, ring(server) as caller:
        await caller.next()
        closing = asyncio.create_task(server.__aexit__())
        with pytest.raises(ConnectionClosed):
            await caller.next()
        assert caller.socket.close_code == 1001
        await closing
