"""No page of another site may use the server, whatever name it goes by."""

import socket

import pytest
from tests.server.stand_in import Call, Start
from tests.server.test_server_http import ask
from websockets.exceptions import InvalidStatus

from stt_monitor.server.settings import ServerSettings
from stt_monitor.server.visitors import Visitors, origin_of

LOCAL = Visitors.of("127.0.0.1")
NETWORK = Visitors.of("0.0.0.0")
NAMED = Visitors.of("127.0.0.1", ["stt.example"], ["https://app.example:8443", "null"])


@pytest.mark.parametrize(
    "host",
    ["localhost", "localhost:5173", "LOCALHOST.", "127.0.0.1:8765", "127.8.8.8", "[::1]:1", "a.localhost:1", ""],
)
def test_this_machine_is_known(host: str) -> None:
    assert all(visitors.allows_host([host] if host else []) for visitors in (LOCAL, NETWORK, NAMED))


@pytest.mark.parametrize(
    "host",
    [
        "evil.example", "evil.example:8765", "localhost.evil.example", "127.0.0.1.evil.example", "a@evil.example",
        "notlocalhost", "[::1", "evil.example:x", " ", "127.1.evil", "localhost:99999999",
    ],
)  # fmt: skip
def test_other_names_are_not(host: str) -> None:
    assert not any(visitors.allows_host([host]) for visitors in (LOCAL, NETWORK, NAMED))
    assert not LOCAL.allows_host(["localhost", host])


def test_on_the_network_addresses_and_the_machines_name_are_known() -> None:
    for host in ("10.0.0.5:8765", "[2001:db8::1]:8765", "0.0.0.0:1", socket.gethostname()):
        assert NETWORK.allows_host([host])
    assert not LOCAL.allows_host(["10.0.0.5:8765"])
    assert NAMED.allows_host(["STT.example:443"])
    assert not NETWORK.allows_host(["stt.example"])


@pytest.mark.parametrize(
    "origin", ["http://localhost:5173", "https://127.0.0.1", "http://[::1]:3000", "http://a.localhost"]
)
def test_pages_of_this_machine_are_welcome(origin: str) -> None:
    assert LOCAL.allows_origin([origin], ["localhost:8765"])
    assert LOCAL.allows_origin([], ["localhost:8765"])


@pytest.mark.parametrize(
    "origin",
    [
        "http://evil.example", "null", "", "file://", "http://localhost.evil.example", "http://localhost@evil.example",
        "chrome-extension://abcdef", "https://app.example", "http://[", "ftp://localhost", "http://",
    ],
)  # fmt: skip
def test_pages_of_other_sites_are_not(origin: str) -> None:
    assert not LOCAL.allows_origin([origin], ["localhost:8765"])
    assert not LOCAL.allows_origin(["http://localhost", origin], ["localhost:8765"])


def test_its_own_pages_and_those_let_in_are_welcome() -> None:
    assert NETWORK.allows_origin(["http://10.0.0.5:8765"], ["10.0.0.5:8765"])
    assert not NETWORK.allows_origin(["http://10.0.0.5:3000"], ["10.0.0.5:8765"])
    assert NAMED.allows_origin(["HTTPS://app.example:8443"], ["localhost"])
    assert NAMED.allows_origin(["null"], ["localhost"])


@pytest.mark.parametrize(
    "text", ["https://app.example", "http://app.example:1", "chrome-extension://x", "null", "file://"]
)
def test_origins_as_browsers_send_them(text: str) -> None:
    assert origin_of(text) == text


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Origin": "http://localhost:5173"}, None),
        ({"Origin": "https://app.example"}, None),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
    ],
)
async def test_at_the_websocket(start: Start, ring: Call, headers: dict[str, str], status: int | None) -> None:
    server = await start(ServerSettings(allow_origins=("https://app.example",)))
    if status is None:
        async with ring(server, headers=headers) as caller:
            assert (await caller.next())["type"] == "connected"
        return
    with pytest.raises(InvalidStatus) as refused:
        async with ring(server, headers=headers):
            pass
    assert refused.value.response.status_code == status
    assert server.health()["sessions_served"] == 0


@pytest.mark.parametrize(
    "line", [b"GET /health HTTP/1.1", b"GET / HTTP/1.1", b"HEAD /health HTTP/1.1", b"POST /tts/bytes HTTP/1.1"]
)
async def test_at_the_pages(start: Start, line: bytes) -> None:
    server = await start()
    assert (await ask(server, line + b"\r\nOrigin: http://evil.example")).status == 403
    assert (await ask(server, line, host="evil.example")).status == 421
    assert (await ask(server, line + b"\r\nHost: evil.example")).status in (400, 421)
