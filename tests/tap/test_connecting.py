"""The way from a tap to the service: through the proxy that the environment names, or a sentence why not."""

import asyncio
import ssl

import pytest
from tests.support.web import Tunnel
from tests.tap.conftest import CERTIFICATE
from tests.tap.test_fidelity import asks, call, head, server
from tests.tap.test_forwarder import Told, echo, say, tap
from websockets.asyncio.server import serve

from stt_monitor.tap.forwarder import Forwarder
from stt_monitor.tap.settings import TapSettings


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for scheme in ("all", "http", "https", "ws", "wss", "socks", "no"):
        monkeypatch.delenv(f"{scheme}_proxy", raising=False)
        monkeypatch.delenv(f"{scheme}_proxy".upper(), raising=False)


async def test_a_proxy_leads_to_the_service_with_tls(monkeypatch: pytest.MonkeyPatch):
    proves = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    proves.load_cert_chain(CERTIFICATE)
    trusts = ssl.create_default_context(cafile=CERTIFICATE)
    trusts.check_hostname = False
    async with serve(echo, "127.0.0.1", 0, ssl=proves) as there, Tunnel(there.sockets[0].getsockname()[1]) as proxy:
        monkeypatch.setenv("https_proxy", proxy.url.replace("://", "://user:hush@"))
        async with Forwarder(TapSettings(port=0, to="https://stt.example"), Told(), trusts) as it:
            assert await say(it.listening[1], proxy=None) == "hello"
    (asked,) = proxy.asked
    assert asked.startswith("CONNECT stt.example:443 HTTP/1.1\r\n")
    assert "Proxy-Authorization: Basic dXNlcjpodXNo" in asked


async def why_not(to: str = "http://stt.example") -> str:
    async with tap(Told(), to) as it, call(it.listening[1], asks(path=b"/stt/turns/websocket")) as (reader, _):
        answer = (await reader.read()).decode()
    assert answer.startswith("HTTP/1.1 502 ")
    return answer.rpartition("\r\n")[2]


@pytest.mark.parametrize(
    ("status", "said"),
    [(b"407", "check user and password in http_proxy"), (b"403", "did not lead on to http://stt.example")],
)
async def test_a_proxy_that_refuses(monkeypatch: pytest.MonkeyPatch, status: bytes, said: str):
    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await head(reader)
        writer.write(b"HTTP/1.1 " + status + b" No\r\n\r\n")

    async with server(refuse) as there:
        monkeypatch.setenv("http_proxy", f"http://user:hush@127.0.0.1:{there}")
        sentence = await why_not()
    assert said in sentence
    assert "hush" not in sentence


@pytest.mark.parametrize(
    ("proxy", "said"),
    [
        ("socks5://127.0.0.1:1", "the only way that a tap knows"),
        ("http://127.0.0.1:1", "could not be reached (connection refused)"),
        ("http://host:port", "http_proxy holds no address of a proxy"),
    ],
)
async def test_a_proxy_that_is_of_no_use(monkeypatch: pytest.MonkeyPatch, proxy: str, said: str):
    monkeypatch.setenv("http_proxy", proxy)
    assert said in await why_not()


async def test_a_name_that_is_none():
    assert "could not be reached" in await why_not("http://no-such-host.invalid")
    assert "could not be reached" in await why_not(f"http://{'x' * 64}.example")
