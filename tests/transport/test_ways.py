"""The ways to a websocket: redirects and proxies, each a real one."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from tests.support.proxy import FaultyLine
from tests.support.service import ScriptedService, polite
from tests.support.web import Answer, Tunnel, WebServer
from websockets.asyncio.server import ServerConnection
from websockets.datastructures import Headers
from websockets.http11 import Request, Response

from stt_monitor.core.journal import FramePassed
from stt_monitor.core.settings.requested import Settings
from stt_monitor.core.wire_frame import FrameKind
from stt_monitor.transport.address import read_address
from stt_monitor.transport.connection import ServiceConnection
from stt_monitor.transport.failures import ConnectionFailedError

KEY = "sk_car_hush/hush+hush=="


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for scheme in ("all", "http", "https", "ws", "wss", "socks", "no"):
        monkeypatch.delenv(f"{scheme}_proxy", raising=False)
        monkeypatch.delenv(f"{scheme}_proxy".upper(), raising=False)


def redirecting(to: str, *, times: int = 10_000, status: int = 307):
    left = iter(range(times))

    def greet(_: ServerConnection, __: Request) -> Response | None:
        if next(left, None) is None:
            return None
        return Response(status, "Elsewhere", Headers({"Location": to, "Connection": "close", "Content-Length": "0"}))

    return greet


def refusing(status: int, body: str):
    def greet(_: ServerConnection, request: Request) -> Response:
        told = body + request.headers.get("Authorization", " nothing")
        return Response(status, "No", Headers({"Connection": "close", "Content-Length": str(len(told))}), told.encode())

    return greet


async def open_and_leave(url: str, key: str | None = KEY) -> list[FramePassed]:
    seen: list[FramePassed] = []
    address = read_address(url, key)
    opened = await ServiceConnection.open(address, address.request(Settings(), "pcm_s16le", 16_000), seen.append)
    await opened.hang_up()
    return [frame for frame in seen if frame.frame is FrameKind.HANDSHAKE]


async def why_not(url: str, key: str | None = KEY) -> str:
    with pytest.raises(ConnectionFailedError) as caught:
        await open_and_leave(url, key)
    sentence = str(caught.value)
    assert "hush" not in sentence.lower()
    return sentence


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_key_goes_along_within_its_origin(status: int):
    async with ScriptedService(polite, greet=redirecting("/other?x=1", times=1, status=status)) as service:
        first, second = await open_and_leave(service.url)
    assert (first.code, second.code, second.text) == (status, 101, "/other?x=***")
    (dialogue,) = service.dialogues
    assert (dialogue.path, dialogue.headers["Authorization"]) == ("/other?x=1", f"Bearer {KEY}")


@pytest.mark.parametrize("scheme", ["http", "ws"])
async def test_a_redirect_to_a_web_address_leads_to_the_websocket_there(scheme: str):
    async with ScriptedService(polite) as other:
        there = other.url.replace("http", scheme, 1).replace("://", "://user:theirs@") + "/there#here"
        async with ScriptedService(polite, greet=redirecting(there)) as service:
            await open_and_leave(service.url)
    (dialogue,) = other.dialogues
    assert dialogue.path == "/there"
    assert "Authorization" not in dialogue.headers


async def test_a_redirect_to_an_encrypted_address_is_followed_there():
    async with ScriptedService(polite) as plain:
        there = plain.url.replace("http", "https")
        async with ScriptedService(polite, greet=redirecting(there)) as service:
            first = read_address(service.url).shown
            said = await why_not(service.url)
    assert said.startswith(f"{there.replace('https', 'wss')}, where {first} redirects to, ")
    assert "greeting" in said or "secure connection" in said


async def test_a_refusal_is_that_of_the_address_which_answered():
    async with (
        ScriptedService(polite, greet=refusing(401, "I know")) as other,
        ScriptedService(polite, greet=redirecting(f"{other.url}/x")) as service,
    ):
        said = await why_not(service.url)
        there, first = other.url.replace("http", "ws"), read_address(service.url).shown
    assert said == (
        f"{there}/x, where {first} redirects to, wants a key (I know nothing): "
        "a redirect takes none along; if that is the right address, give it with --url"
    )


@pytest.mark.parametrize(
    ("location", "said"),
    [
        ("/stt/turns/websocket", "redirects again and again"),
        ("ftp://h/x", "redirects to what is no address of a service"),
        ("http://[::", "redirects to what is no address of a service"),
        ("http://h:port/", "redirects to what is no address of a service"),
        (f"http://other.test/?token={KEY}", "redirects to ws://other.test/ and would hand it the key: not followed"),
        ("http://other.test/sk_car_hush%2fhush%2Bhush%3D%3d", "redirects to ws://other.test/*** and would hand it"),
    ],
)
async def test_redirects_that_lead_nowhere(location: str, said: str):
    async with ScriptedService(polite, greet=redirecting(location)) as service:
        assert said in await why_not(service.url)


async def test_a_redirect_without_a_place_is_a_refusal():
    async with ScriptedService(polite, greet=refusing(307, "there")) as service:
        assert "refused the turns with HTTP 307 (thereBearer ***)" in await why_not(service.url)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (Answer(401, KEY.encode()), "refused the key (***): set CARTESIA_API_KEY"),
        (Answer(503), "refused the turns with HTTP 503: try again later"),
        (Answer(), "refused the turns with HTTP 200: check address and settings"),
        (Answer(raw=b"SSH-2.0-hush\r\n"), "answered, but not as a websocket"),
    ],
)
async def test_what_answers_in_the_form_of_1996_is_understood(answer: Answer, said: str):
    with WebServer(answer) as server:
        assert said in await why_not(server.url)


@pytest.mark.parametrize("variable", ["http_proxy", "HTTPS_PROXY", "all_proxy", "ws_proxy"])
async def test_a_proxy_of_the_environment_is_used(variable: str, monkeypatch: pytest.MonkeyPatch):
    async with ScriptedService(polite) as service, Tunnel(service.port) as tunnel:
        monkeypatch.setenv(variable, tunnel.url.replace("//", "//user:pass@"))
        await open_and_leave("ws://service.test:81")
    (asked,) = tunnel.asked
    assert asked.startswith("CONNECT service.test:81 HTTP/1.1\r\n")
    assert "Proxy-Authorization: Basic dXNlcjpwYXNz" in asked
    assert KEY not in asked
    assert service.dialogues[0].headers["Authorization"] == f"Bearer {KEY}"


async def test_this_machine_is_asked_directly(monkeypatch: pytest.MonkeyPatch):
    async with ScriptedService(polite) as service:
        with WebServer(Answer(502)) as proxy:
            monkeypatch.setenv("http_proxy", proxy.url)
            monkeypatch.setenv("all_proxy", proxy.url)
            for host in ("127.0.0.1", "localhost.", "0.0.0.0", "127.1", "[::ffff:127.0.0.1]"):
                await open_and_leave(service.url.replace("127.0.0.1", host))
    assert proxy.asked == []
    assert len(service.dialogues) == 5


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (Answer(501), "did not lead on to wss://service.test/stt/turns/websocket (HTTP 501): check https_proxy"),
        (Answer(407), "refused the login: check user and password in https_proxy"),
        (Answer(raw=b"junk\r\n"), "answered, but not as a proxy: check https_proxy"),
        (Answer(raw=b""), "answered, but not as a proxy: check https_proxy"),
    ],
)
async def test_a_proxy_that_refuses_is_named_with_its_variable(
    answer: Answer, said: str, monkeypatch: pytest.MonkeyPatch
):
    with WebServer(answer) as proxy:
        monkeypatch.setenv("https_proxy", proxy.url.replace("//", "//user:hush@"))
        sentence = await why_not("wss://service.test")
    assert sentence.startswith(f"the proxy {proxy.url} (https_proxy) {said}")


async def test_a_proxy_that_was_told_no_login_wants_one(monkeypatch: pytest.MonkeyPatch):
    with WebServer(Answer(407)) as proxy:
        monkeypatch.setenv("https_proxy", proxy.url)
        assert "wants a login: put user and password into https_proxy" in await why_not("wss://service.test")


@pytest.mark.parametrize(
    ("proxy", "said"),
    [
        ("http://127.0.0.1:{port}", "the proxy http://127.0.0.1:{port} (https_proxy) could not be reached (connection"),
        ("http://no-such-host.invalid", "the proxy http://no-such-host.invalid (https_proxy) could not be reached ("),
        ("socks5://127.0.0.1:{port}", "(https_proxy) speaks SOCKS, for which a package is missing: pip install"),
        ("gopher://user:hush@127.0.0.1:{port}", "https_proxy holds no address of a proxy"),
        ("http://user@127.0.0.1:{port}", "(https_proxy) could not be reached (connection"),
    ],
)
async def test_a_proxy_that_cannot_be_used_is_named_with_its_variable(
    proxy: str, said: str, unused_tcp_port: int, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("https_proxy", proxy.format(port=unused_tcp_port))
    assert said.format(port=unused_tcp_port) in await why_not("wss://service.test")


async def test_what_is_wrong_behind_a_proxy_is_told_with_the_way(monkeypatch: pytest.MonkeyPatch):
    async with ScriptedService(polite) as service, Tunnel(service.port) as tunnel:
        monkeypatch.setenv("https_proxy", tunnel.url)
        said = await why_not("wss://service.test")
    assert said.startswith("wss://service.test/stt/turns/websocket h")  # ung up, or has no secure connection to offer
    assert f" through the proxy {tunnel.url} (https_proxy)" in said


async def test_a_proxy_that_drops_the_line_within_tls_leaves_no_traceback(monkeypatch: pytest.MonkeyPatch):
    async def lead_nowhere(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        writer.close()

    printed: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: printed.append(context))
    async with await asyncio.start_server(lead_nowhere, "127.0.0.1") as proxy:
        monkeypatch.setenv("https_proxy", f"http://127.0.0.1:{proxy.sockets[0].getsockname()[1]}")
        assert "hung up in the middle of the greeting through the proxy" in await why_not("wss://service.test")
        await asyncio.sleep(0.05)  # for what the loop does of it later
    assert printed == []


async def test_a_service_that_hangs_up_is_no_fault_of_a_proxy_that_is_not_there():
    async with ScriptedService(polite) as service, FaultyLine(service.port) as line:
        await line.refuse()
        assert "proxy" not in await why_not(line.url)


@asynccontextmanager
async def answering(*pieces: bytes) -> AsyncIterator[str]:
    """Answer every request with bytes, in pieces, and hang up, as servers of HTTP/1.0 do."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(0.01)
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


@pytest.mark.parametrize("version", ["1.0", "1.1"])
async def test_an_old_server_redirects_and_asks_for_patience_too(version: str):
    async with ScriptedService(polite) as service:
        moved = f"HTTP/{version} 302 Found\r\nLocation: {service.url}/there\r\nConnection: close\r\n\r\n".encode()
        async with answering(moved[:3], moved[3:12], moved[12:]) as url:
            first, second = await open_and_leave(url)
        assert (first.code, second.code, second.text) == (302, 101, "/there")
    busy = f"HTTP/{version} 429 Slow down\r\nRetry-After: 77\r\nConnection: close\r\n\r\nall are taken".encode()
    async with answering(busy) as url:
        with pytest.raises(ConnectionFailedError) as caught:
            await open_and_leave(url)
    assert caught.value.failure.retry_after == 77
    assert "all are taken" in str(caught.value)


@pytest.mark.parametrize("answer", [b"", b"HTTP", b"HTTP/1.0", b"HTTP/0.9 200 OK\r\n\r\n", b"SSH-2.0-x\r\n"])
async def test_what_is_no_answer_is_told(answer: bytes):
    async with answering(answer) as url:
        said = await why_not(url)
    assert "hung up in the middle" in said or "not as a websocket" in said
