import pytest
from tests.system.test_hosts import LOOPBACK, UNSPECIFIED

from stt_monitor.transport.proxies import Proxy, proxy_for


@pytest.fixture(autouse=True)
def no_other_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for scheme in ("all", "http", "https", "ws", "wss", "socks", "no"):
        monkeypatch.delenv(f"{scheme}_proxy", raising=False)
        monkeypatch.delenv(f"{scheme}_proxy".upper(), raising=False)


@pytest.mark.parametrize("host", [*LOOPBACK, *UNSPECIFIED])
@pytest.mark.parametrize("scheme", ["ws", "wss", "http", "https"])
def test_this_machine_is_asked_directly(scheme: str, host: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("ALL_PROXY", "http://proxy:1")
    host = f"[{host}]" if ":" in host else host
    assert proxy_for(f"{scheme}://{host}:8080/tts/bytes?x=1") is None
    assert proxy_for(f"{scheme}://example.test/tts/bytes") is not None


@pytest.mark.parametrize(
    ("url", "variables", "shown"),
    [
        ("wss://h", {"https_proxy": "http://p:1", "http_proxy": "http://q:2"}, "http://p:1 (https_proxy)"),
        ("https://h", {"HTTPS_PROXY": "http://p:1"}, "http://p:1 (HTTPS_PROXY)"),
        ("ws://h", {"http_proxy": "http://q:2"}, "http://q:2 (http_proxy)"),
        ("http://h", {"Http_Proxy": "q:2"}, "http://q:2 (Http_Proxy)"),
        ("wss://h", {"wss_proxy": "http://w:3", "https_proxy": "http://p:1"}, "http://w:3 (wss_proxy)"),
        ("wss://h", {"all_proxy": "socks://s:4"}, "socks5h://s:4 (all_proxy)"),
        ("https://h", {"ALL_PROXY": "socks5://u:hush@s:4"}, "socks5://s:4 (ALL_PROXY)"),
        ("wss://h", {"socks_proxy": "s:4"}, "socks5h://s:4 (socks_proxy)"),
        ("wss://h", {"https_proxy": "http://user:hush@p:1/"}, "http://p:1 (https_proxy)"),
    ],
)
def test_the_proxy_is_told_with_its_variable_and_without_its_login(
    url: str, variables: dict[str, str], shown: str, monkeypatch: pytest.MonkeyPatch
):
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    proxy = proxy_for(url)
    assert proxy is not None
    assert proxy.shown == f"the proxy {shown}"
    assert proxy.is_valid
    assert "hush" not in repr(proxy)


@pytest.mark.parametrize("url", ["wss://h.test", "https://h.test:443/x", "ws://sub.h.test"])
def test_hosts_that_are_excepted_are_asked_directly(url: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("all_proxy", "http://p:1")
    monkeypatch.setenv("no_proxy", "other.test,h.test")
    assert proxy_for(url) is None
    assert proxy_for("wss://else.test") is not None


@pytest.mark.parametrize(
    "url", ["http://", "ftp://p:1", "http://p:port", "http://u:pa/ss@p:1", "http://p:1/path", "x:y:z"]
)
def test_what_is_no_proxy_is_known_as_such(url: str):
    assert not Proxy(url, "https_proxy").is_valid
