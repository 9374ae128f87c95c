"""Speech asked of real web servers, by way of real proxies."""

import json
import time
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from tests.support.web import Answer, Asked, WebServer

from stt_monitor.core.errors import ServiceUnavailableError
from stt_monitor.transport import retry as backoff
from stt_monitor.transport.address import read_address
from stt_monitor.transport.synthesis import synthesise

KEY = "sk_car_hush/hush+hush=="
SPEECH = bytes(range(200))


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for scheme in ("all", "http", "https", "no"):
        monkeypatch.delenv(f"{scheme}_proxy", raising=False)
        monkeypatch.delenv(f"{scheme}_proxy".upper(), raising=False)


def speak(url: str, key: str | None = KEY) -> bytes:
    return synthesise(read_address(url, key), "hello")


def why_not(url: str, key: str | None = KEY) -> str:
    with pytest.raises(ServiceUnavailableError) as caught:
        speak(url, key)
    sentence = str(caught.value)
    assert "hush" not in sentence.lower()
    return sentence


def redirecting(to: str, status: int = 307) -> Answer:
    return Answer(status, headers={"Location": to})


def test_a_sentence_is_spoken():
    with WebServer(Answer(body=SPEECH + b"x")) as server:
        assert speak(f"{server.url}/sub") == SPEECH
    (asked,) = server.asked
    assert (asked.method, asked.target) == ("POST", "/sub/tts/bytes")
    assert asked.headers["Authorization"] == f"Bearer {KEY}"
    assert json.loads(asked.body)["transcript"] == "hello"


@pytest.mark.parametrize("status", [400, 401, 403, 404, 418, 500])
@pytest.mark.parametrize(
    "body",
    [
        f"API key {KEY} is invalid".encode(),
        json.dumps({"title": "Unauthorized", "message": f'no "{KEY.upper()}"'}).replace("/", "\\/").encode(),
        b"Basic " + b64encode(f"user:{KEY}".encode()),
        b"?key=sk_car_hush%2fhush%2Bhush%3d%3D",
        b"x" * 190 + KEY.encode(),  # where a quotation is cut
        b"x" * 65_530 + KEY.encode(),  # where reading ends
        b"sk_car_hu\x00sh/hush\xc2\xad+hush==",
    ],
)
def test_a_refusal_is_told_without_the_key(status: int, body: bytes, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(backoff, "BUSY_S", 0.0)
    with WebServer(Answer(status, body)) as server:
        assert why_not(server.url).startswith(f"{server.url}/tts/bytes ")


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (Answer(raw=b"SSH-2.0-nothing of ours\r\n"), "answered, but not as a web server"),
        (Answer(raw=b""), "answered, but not as a web server"),
        (Answer(raw=b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nbits"), "broke off in the middle of its answer"),
        (Answer(raw=b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz"), "broke off in the middle"),
        (Answer(body=b"no gzip", headers={"Content-Encoding": "gzip"}), "broke off in the middle of its answer"),
        (Answer(204), "answered without speech"),
        (Answer(body=b"<html>Log in", headers={"Content-Type": "Text/HTML; charset=utf-8"}), "answered with a text"),
        (Answer(401), "refused the key: set CARTESIA_API_KEY"),
        (Answer(300), "HTTP 300"),
        (redirecting("http://[::"), "redirects to what is no address of a service"),
        (redirecting("mailto:somebody"), "redirects to what is no address of a service"),
        (redirecting("/again"), "redirects again and again"),
    ],
)
def test_every_way_not_to_speak_has_its_words(answer: Answer, said: str):
    with WebServer(answer) as server:
        assert said in why_not(server.url)


def test_nobody_is_told_from_a_name_that_is_none(unused_tcp_port: int):
    assert "(connection refused)" in why_not(f"http://127.0.0.1:{unused_tcp_port}")
    assert "could not be reached" in why_not("http://no-such-host.invalid")
    with WebServer(Answer()) as server:
        assert "secure connection" in why_not(server.url.replace("http", "https"))


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_key_goes_along_within_its_origin(status: int):
    with WebServer(redirecting("/elsewhere?x=1", status), Answer(body=SPEECH)) as server:
        assert speak(server.url) == SPEECH
    first, second = server.asked
    assert second.target == "/elsewhere?x=1"
    assert second.headers["Authorization"] == first.headers["Authorization"]
    assert second.body == first.body


@pytest.mark.parametrize("key", [KEY, None])
def test_a_key_and_a_login_stay_with_their_origin(key: str | None):
    with WebServer(Answer(401, b"who are you?")) as other:
        there = other.url.replace("http://", "http://user:theirs@") + "/there"
        with WebServer(redirecting(there)) as first:
            url = first.url if key else first.url.replace("http://", "http://who:hush-hush@")
            said = why_not(url, key)
    assert "Authorization" in first.asked[0].headers
    assert "Authorization" not in other.asked[0].headers
    assert said == (
        f"{other.url}/there, where {first.url}/tts/bytes redirects to, wants a key (who are you?): "
        "a redirect takes none along; if that is the right address, give it with --url"
    )


@pytest.mark.slow
def test_a_key_does_not_come_back_once_it_was_left_behind():
    with WebServer(Answer(401)) as other, WebServer(redirecting(f"{other.url}/x"), Answer(body=SPEECH)) as first:
        other.asked.clear()
        with WebServer(redirecting(first.url)) as second:
            speak_by = WebServer(redirecting(second.url))
            with speak_by as start:
                why_not(start.url)
    assert [("Authorization" in asked.headers) for asked in (*second.asked, *first.asked, *other.asked)] == [False] * 3


def test_a_redirect_that_hands_the_key_on_is_not_followed():
    with WebServer(Answer(body=SPEECH)) as other, WebServer(redirecting(f"{other.url}/?key={KEY}")) as first:
        assert "would hand it the key: not followed" in why_not(first.url)
    assert other.asked == []


def test_a_busy_service_is_asked_again_when_it_says():
    with WebServer(Answer(429, headers={"Retry-After": "1"}), Answer(body=SPEECH)) as server:
        began = time.monotonic()
        assert speak(server.url) == SPEECH
        assert time.monotonic() - began >= 1


def test_a_date_is_read_by_the_clock_of_who_gives_it():
    then = datetime(2020, 5, 17, 12, tzinfo=UTC)  # its clock is years behind
    dates = {"Date": format_datetime(then), "Retry-After": format_datetime(then + timedelta(hours=1), usegmt=True)}
    with WebServer(Answer(raw=head(503, dates))) as server:
        assert "it asks not to be tried again for 3600 s" in why_not(server.url)
    assert len(server.asked) == 1


def head(status: int, headers: dict[str, str]) -> bytes:
    lines = [f"HTTP/1.1 {status} No", "Content-Length: 0", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode()


@pytest.mark.parametrize("variable", ["http_proxy", "HTTP_PROXY", "all_proxy"])
def test_a_proxy_of_the_environment_is_used(variable: str, monkeypatch: pytest.MonkeyPatch):
    with WebServer(Answer(body=SPEECH)) as proxy:
        monkeypatch.setenv(variable, proxy.url)
        assert speak("http://speech.test:81") == SPEECH
    assert [asked.target for asked in proxy.asked] == ["http://speech.test:81/tts/bytes"]


def test_an_unencrypted_refusal_may_be_the_proxys(monkeypatch: pytest.MonkeyPatch):
    with WebServer(Answer(403)) as proxy:
        monkeypatch.setenv("http_proxy", proxy.url)
        assert f" with HTTP 403 through the proxy {proxy.url} (http_proxy): check" in why_not("http://speech.test")


@pytest.mark.slow
def test_this_machine_is_asked_directly(monkeypatch: pytest.MonkeyPatch):
    with WebServer(Answer(body=SPEECH)) as proxy, WebServer(Answer(body=SPEECH)) as server:
        monkeypatch.setenv("all_proxy", proxy.url)
        monkeypatch.setenv("http_proxy", proxy.url)
        for host in ("127.0.0.1", "localhost.", "0.0.0.0", "127.1", "[::ffff:127.0.0.1]"):
            assert speak(server.url.replace("127.0.0.1", host)) == SPEECH
    assert proxy.asked == []
    assert len(server.asked) == 5


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (Answer(501), "did not lead on to https://speech.test/tts/bytes (HTTP 501): check https_proxy"),
        (Answer(407), "refused the login: check user and password in https_proxy"),
        (Answer(raw=b"junk\r\n"), "https_proxy"),
    ],
)
def test_a_proxy_that_refuses_is_named_with_its_variable(answer: Answer, said: str, monkeypatch: pytest.MonkeyPatch):
    with WebServer(answer) as proxy:
        monkeypatch.setenv("https_proxy", proxy.url.replace("//", "//user:hush@"))
        sentence = why_not("https://speech.test")
    assert said in sentence
    assert f"the proxy {proxy.url} (https_proxy)" in sentence
    assert all("Authorization" not in asked.headers for asked in proxy.asked)


@pytest.mark.parametrize(
    ("proxy", "said"),
    [
        ("http://127.0.0.1:{port}", "the proxy http://127.0.0.1:{port} (https_proxy) could not be reached (connection"),
        ("socks5://127.0.0.1:{port}", "(https_proxy) speaks SOCKS, for which a package is missing: pip install"),
        ("socks4://127.0.0.1:{port}", "(https_proxy) could not be reached"),
        ("gopher://user:hush@127.0.0.1:{port}", "https_proxy holds no address of a proxy"),
    ],
)
def test_a_proxy_that_cannot_be_used_is_named_with_its_variable(
    proxy: str, said: str, unused_tcp_port: int, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("https_proxy", proxy.format(port=unused_tcp_port))
    assert said.format(port=unused_tcp_port) in why_not("https://speech.test")


def test_what_it_is_asked_with_is_never_quoted():
    """A key that no header can carry, though none comes this far."""
    with WebServer(lambda _: Answer()) as server:
        assert "hush" not in why_not(server.url, "sk_car_hush\n–")


def echo(asked: Asked) -> Answer:
    return Answer(403, json.dumps(dict(asked.headers)).encode())


def test_a_login_is_masked_too():
    with WebServer(echo) as server:
        url = server.url.replace("http://", "http://user:hush%2Fhush@")
        assert "refused the login" in why_not(url, None)
