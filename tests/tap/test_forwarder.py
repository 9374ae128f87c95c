"""What a tap refuses, tells, and survives."""

import asyncio
import ssl
from pathlib import Path

import pytest
from tests.support.patience import PATIENCE_S
from tests.tap.conftest import CERTIFICATE
from tests.tap.test_fidelity import SWITCHED, UPGRADES, asks, call, head, server
from websockets.asyncio.client import connect
from websockets.asyncio.server import ServerConnection, serve

from stt_monitor.core.errors import InputError
from stt_monitor.tap import call as calls
from stt_monitor.tap.events import CallAnswered, CallBegan, CallBytes, CallDropped, CallEnded, CallEvent, CallHeldUp
from stt_monitor.tap.forwarder import Forwarder
from stt_monitor.tap.settings import TapSettings

SOCKET = "/stt/turns/websocket"


class Told(list[CallEvent]):
    """Remembers what is told, and has no room for copies if so asked."""

    def __init__(self, *, room: bool = True) -> None:
        super().__init__()
        self.room = room

    def __call__(self, event: CallEvent) -> bool:
        self.append(event)
        return self.room or not isinstance(event, CallBytes)


def tap(told: Told, to: int | str = "", **options: object) -> Forwarder:
    url = f"http://127.0.0.1:{to}" if isinstance(to, int) else to
    return Forwarder(TapSettings(port=0, to=url, **options), told)  # type: ignore[arg-type]  # names of fields


async def echo(socket: ServerConnection) -> None:
    async for message in socket:
        await socket.send(message)


async def say(port: int, path: str = SOCKET, **options: object) -> str | bytes:
    async with connect(f"ws://127.0.0.1:{port}{path}", **options) as socket:  # type: ignore[arg-type]  # its own
        await socket.send("hello")
        return await socket.recv()


async def test_a_call_is_told_without_its_secrets():
    told = Told()
    async with serve(echo, "127.0.0.1", 0) as there, tap(told, there.sockets[0].getsockname()[1]) as it:
        keys = {"Authorization": "Bearer sk-header", "X-API-Key": "sk-other", "Cartesia-Version": "2026-08-14"}
        path = f"{SOCKET}?model=ink-2&access_token=sk-query&odd=sk-odd-0123456789"
        assert await say(it.listening[1], path, additional_headers=keys) == "hello"
    began, answered, *copies, ended = told
    assert isinstance(began, CallBegan)
    assert (began.service, began.head.target, began.websocket) == ("cartesia", f"{SOCKET}?model=ink-2", True)
    assert ("cartesia-version", "2026-08-14") in began.head.headers
    assert {"sk-header", "sk-other", "sk-query", "sk-odd-0123456789"} <= set(began.secrets)
    assert "sk-" not in repr(told) + repr(began.head)
    assert isinstance(answered, CallAnswered)
    assert answered.status == 101
    assert isinstance(ended, CallEnded)
    assert not ended.problem
    assert {each.from_agent for each in copies if isinstance(each, CallBytes)} == {True, False}
    times = [each.at for each in told]
    assert times == sorted(times)


@pytest.mark.parametrize(
    ("path", "service", "known"),
    [("/v2/listen", "", "flux"), ("/v1/listen", "", ""), ("/proxied", "flux", "flux"), ("/proxied", "", "")],
)
async def test_a_websocket_of_another_kind_is_forwarded_and_not_taken_for_a_services(
    path: str, service: str, known: str
):
    told = Told()
    async with (
        serve(echo, "127.0.0.1", 0) as there,
        tap(told, there.sockets[0].getsockname()[1], service=service) as it,
    ):
        assert await say(it.listening[1], path) == "hello"
    assert isinstance(told[0], CallBegan)
    assert told[0].service == known


@pytest.mark.parametrize(
    ("request_bytes", "status", "said"),
    [
        (asks(b"Origin: https://evil.example"), 403, "Pages of other sites"),
        (b"GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n", 421, "--allow-host"),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n", 421, "--allow-host"),
        (b"GET /" + b"x" * 70_000, 431, "too large"),
        (b"GET http://localhost/ HTTP/1.1\r\n\r\n", 400, "no HTTP/1.1 request"),
        (b"PRI * HTTP/2.0\r\n\r\n", 400, "no HTTP/1.1 request"),
        (b"\x16\x03\x01\x02\x00", 400, "no TLS"),
        (asks(path=b"/nowhere"), 404, "--service"),
        (asks(b"Content-Length: 300000", method=b"POST", path=b"/nowhere") + bytes(300_000), 404, "--service"),
    ],
)
async def test_what_is_not_passed_on(request_bytes: bytes, status: int, said: str):
    told = Told()
    async with tap(told) as it, call(it.listening[1], request_bytes) as (reader, _):
        answer = await asyncio.wait_for(reader.read(), PATIENCE_S)
    assert answer.startswith(b"HTTP/1.1 %d " % status)
    assert said in answer.decode()
    assert all(isinstance(each, CallBegan | CallEnded) for each in told)


async def test_a_service_that_is_not_there():
    told = Told()
    async with server(lambda *_: asyncio.sleep(0)) as gone:
        pass
    async with tap(told, gone) as it, call(it.listening[1], asks(b"Authorization: sk-1")) as (reader, _):
        answer = (await reader.read()).decode()
    assert answer.startswith("HTTP/1.1 502 Bad Gateway\r\n")
    assert f"http://127.0.0.1:{gone} could not be reached (connection refused)" in answer
    assert isinstance(told[-1], CallEnded)
    assert told[-1].by == "tap"
    assert "could not be reached" in told[-1].problem
    assert "sk-1" not in answer + told[-1].problem


async def test_an_agent_that_says_nothing_is_let_go(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(calls, "HEAD_TIMEOUT_S", 0.05)
    async with tap(Told(), 1) as it, call(it.listening[1], b"GET /") as (reader, _):
        assert await asyncio.wait_for(reader.read(), PATIENCE_S) == b""


async def test_no_more_calls_than_the_system_has_sockets_for(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("stt_monitor.tap.forwarder.allow_open_files", lambda _: 58)
    async with serve(echo, "127.0.0.1", 0) as there, tap(Told(), there.sockets[0].getsockname()[1]) as it:
        port = it.listening[1]
        async with connect(f"ws://127.0.0.1:{port}{SOCKET}") as first, call(port, asks()) as (reader, _):
            assert (await reader.read()).startswith(b"HTTP/1.1 503 ")
            await first.send("still there")
            assert await first.recv() == "still there"


@pytest.mark.parametrize("prefix", ["", "/eu/v9"])
async def test_a_service_that_speaks_tls(prefix: str):
    told, trusts = Told(), ssl.create_default_context(cafile=CERTIFICATE)
    proves = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    proves.load_cert_chain(CERTIFICATE)
    seen: list[str] = []

    async def answer(socket: ServerConnection) -> None:
        assert socket.request is not None
        seen.extend((socket.request.path, socket.request.headers["Host"]))
        await echo(socket)

    async with serve(answer, "127.0.0.1", 0, ssl=proves) as there:
        port = there.sockets[0].getsockname()[1]
        async with Forwarder(TapSettings(port=0, to=f"wss://127.0.0.1:{port}{prefix}{SOCKET}"), told, trusts) as it:
            assert await say(it.listening[1]) == "hello"
    assert seen == [prefix + SOCKET, f"127.0.0.1:{port}"]


async def test_a_certificate_that_nobody_trusts_is_said():
    proves = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    proves.load_cert_chain(CERTIFICATE)
    async with serve(echo, "127.0.0.1", 0, ssl=proves) as there:
        port = there.sockets[0].getsockname()[1]
        async with tap(Told(), f"https://127.0.0.1:{port}") as it, call(it.listening[1], asks()) as (reader, _):
            answer = (await reader.read()).decode()
    assert answer.startswith("HTTP/1.1 502 ")
    assert "check the address, its certificate and the clock" in answer


async def test_without_room_for_copies_the_call_goes_on():
    told = Told(room=False)
    async with (
        serve(echo, "127.0.0.1", 0) as there,
        tap(told, there.sockets[0].getsockname()[1]) as it,
        connect(f"ws://127.0.0.1:{it.listening[1]}{SOCKET}") as socket,
    ):
        for _ in range(5):
            await socket.send("hello")
            assert await socket.recv() == "hello"
    assert [type(each) for each in told] == [CallBegan, CallAnswered, CallBytes, CallDropped, CallEnded]
    assert isinstance(told[-1], CallEnded)
    assert told[-1].unwatched_bytes > 50


async def test_it_is_told_when_the_tap_itself_was_held_up(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("stt_monitor.tap.forwarder._BEAT_S", 1000.0)
    told, passed = Told(), [0.0]
    async with serve(echo, "127.0.0.1", 0) as there:
        to = f"http://127.0.0.1:{there.sockets[0].getsockname()[1]}"
        async with (
            Forwarder(TapSettings(port=0, to=to), told, clock=lambda: passed[0]) as it,
            connect(f"ws://127.0.0.1:{it.listening[1]}{SOCKET}") as client,
        ):
            await client.send("in time")
            assert await client.recv() == "in time"
            passed[0] = 1002.0  # two seconds more than it may take
            await client.send("late")
            assert await client.recv() == "late"
    late = [each for each in told if isinstance(each, CallHeldUp)]
    assert [(each.at, each.late) for each in late] == [(1002.0, 2.0)]
    assert isinstance(told[told.index(late[0]) + 1], CallBytes)  # before what came late


async def test_whatever_fails_in_monitoring_the_call_goes_on(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))

    secret = "s3cret"

    def fail(event: CallEvent) -> bool:
        raise RuntimeError(f"{secret} {event}")

    async with serve(echo, "127.0.0.1", 0) as there:
        port = there.sockets[0].getsockname()[1]
        async with Forwarder(TapSettings(port=0, to=f"http://127.0.0.1:{port}"), fail) as it:
            assert await say(it.listening[1]) == "hello"
    (log,) = tmp_path.rglob("*.log")  # noqa: ASYNC240  all is over
    assert "RuntimeError" in log.read_text()
    assert secret not in log.read_text()


async def test_calls_are_cut_off_when_the_tap_ends():
    told = Told()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await head(reader)
        writer.write(SWITCHED)
        assert await reader.read() == b""

    async with server(answer) as there:
        async with tap(told, there) as it:
            reader, writer = await asyncio.open_connection("127.0.0.1", it.listening[1])
            writer.write(asks(*UPGRADES))
            await reader.readexactly(len(SWITCHED))
        assert await reader.read() == b""
        writer.close()
    assert isinstance(told[-1], CallEnded)
    assert told[-1].by == "tap"


async def test_a_tap_that_would_forward_to_itself():
    async with tap(Told(), "http://127.0.0.1:1") as it:
        port = it.listening[1]
    settings = TapSettings(port=port, to=f"ws://localhost:{port}")
    with pytest.raises(InputError, match="the address of this tap"):
        await Forwarder(settings, Told()).__aenter__()


@pytest.mark.parametrize(
    "url", ["x", "ftp://host", "http://", "http://host:99999", "http://u:sk-1@host", "http://h/?k=sk-1"]
)
def test_what_cannot_be_forwarded_to(url: str):
    with pytest.raises(InputError, match="--to") as refused:
        tap(Told(), url)
    assert "sk-1" not in str(refused.value)
