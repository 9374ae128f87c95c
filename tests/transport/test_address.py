from base64 import b64decode
from urllib.parse import parse_qsl, unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stt_monitor.core.errors import InputError
from stt_monitor.core.settings.requested import Settings, TurnSettings
from stt_monitor.services.cartesia import SERVICE
from stt_monitor.services.cartesia.speech import SPEECH_PATH
from stt_monitor.transport.address import Address, read_address


def headers(address: Address) -> dict[str, str]:
    return address.request(Settings(), "pcm_s16le", 16000).headers


@pytest.mark.parametrize(
    ("given_url", "socket", "speech"),
    [
        (SERVICE.url, "wss://api.cartesia.ai/stt/turns/websocket", "https://api.cartesia.ai/tts/bytes"),
        ("https://api.cartesia.ai", "wss://api.cartesia.ai/stt/turns/websocket", "https://api.cartesia.ai/tts/bytes"),
        ("http://127.0.0.1:8080/x/", "ws://127.0.0.1:8080/x/stt/turns/websocket", "http://127.0.0.1:8080/x/tts/bytes"),
        ("ws://h/stt/turns/websocket", "ws://h/stt/turns/websocket", "http://h/tts/bytes"),
        ("ws://h/stt/turns/websocket/", "ws://h/stt/turns/websocket", "http://h/tts/bytes"),
        ("http://[::1]:9", "ws://[::1]:9/stt/turns/websocket", "http://[::1]:9/tts/bytes"),
    ],
)
def test_base_and_full_urls(given_url: str, socket: str, speech: str):
    address = read_address(given_url)
    assert address.request(Settings(), "pcm_s16le", 16000).url.split("?")[0] == socket
    assert address.shown == socket
    assert address.web_request(SPEECH_PATH).url == speech


def test_only_what_was_set_is_asked_for():
    url = read_address("wss://h").request(Settings(), "pcm_mulaw", 8000).url
    assert parse_qsl(urlsplit(url).query) == [("model", "ink-2"), ("encoding", "pcm_mulaw"), ("sample_rate", "8000")]
    tuned = Settings(
        "ink-preview",
        ("a b", "c&d"),
        TurnSettings(start_threshold=0.7, eager_end_threshold=0.6, end_threshold=0.4, end_timeout_ms=4500.0),
    )
    query = urlsplit(read_address("wss://h?x=1").request(tuned, "pcm_s16le", 16000).url).query
    assert query == (
        "x=1&model=ink-preview&encoding=pcm_s16le&sample_rate=16000&keyterm=a%20b&keyterm=c%26d"
        "&turn_start_threshold=0.7&turn_eager_end_threshold=0.6&turn_end_threshold=0.4&turn_end_timeout_ms=4500"
    )


def test_settings_are_sent_exactly_and_languages_one_by_one():
    settings = Settings(
        "ink-preview",
        turn=TurnSettings(
            start_threshold=0.80001, eager_end_threshold=0.7000001, end_threshold=0.05, end_timeout_ms=5600.5
        ),
        language_hints=("en", "pt-BR"),
    )
    query = urlsplit(read_address("wss://h").request(settings, "pcm_s16le", 16000).url).query
    assert query.endswith(
        "&language_hint=en&language_hint=pt-BR&turn_start_threshold=0.80001&turn_eager_end_threshold=0.7000001"
        "&turn_end_threshold=0.05&turn_end_timeout_ms=5600.5"
    )


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), min_size=1), max_size=5))
def test_key_terms_survive_the_journey(terms: list[str]):
    query = urlsplit(read_address("wss://h").request(Settings(keyterms=tuple(terms)), "pcm_s16le", 16000).url).query
    assert "+" not in query
    assert [unquote(part.removeprefix("keyterm=")) for part in query.split("&") if part.startswith("keyterm=")] == terms


def test_credentials_are_sent_but_never_shown():
    address = read_address("wss://h/p?access_token=hush&api_key=hush", "sk_car_secret")
    request = address.request(Settings(), "pcm_s16le", 16000)
    assert "hush" in request.url
    assert request.headers["Authorization"] == "Bearer sk_car_secret"
    for shown in (address.shown, repr(address), str(address), repr(request)):
        assert not any(secret in shown for secret in ("hush", "sk_car_secret"))


def test_a_key_with_something_before_it_is_not_shown_without_it_either():
    assert read_address("wss://h", "mine:sk_car_secret").redact("sk_car_secret is not good") == "*** is not good"


def test_a_login_goes_into_a_header_and_nowhere_else():
    address = read_address("https://us%40er:pa%3Ass@[::1]:8080/p")
    scheme, _, encoded = headers(address)["Authorization"].partition(" ")
    assert (scheme, b64decode(encoded)) == ("Basic", b"us@er:pa:ss")
    url = address.request(Settings(), "pcm_s16le", 16000).url
    assert url.startswith("wss://[::1]:8080/p/stt/turns/websocket?")
    for shown in (url, address.web_request(SPEECH_PATH).url, address.shown, repr(address)):
        assert not any(part in shown for part in ("us@er", "us%40er", "pa:ss", "pa%3Ass"))
    assert address.redact(f"Basic {encoded}") == "Basic ***"
    assert read_address("wss://a-lone-token@h").redact("a-lone-token") == "***"
    latin = read_address("wss://us%E9r:p%e9ssword@h")
    assert b64decode(headers(latin)["Authorization"].partition(" ")[2]) == b"us\xe9r:p\xe9ssword"
    assert latin.redact("p%E9ssword") == "***"
    assert "Authorization" not in headers(read_address("wss://h"))


def test_a_login_and_a_key_are_one_too_many():
    with pytest.raises(InputError) as caught:
        read_address("wss://user:hush@h:8080/p?access_token=hush", "sk_car_hush")
    assert str(caught.value) == (
        "--url wss://h:8080/p/stt/turns/websocket: only one of its user and password and CARTESIA_API_KEY can be sent;"
        " leave one out"
    )


@pytest.mark.parametrize("text", ["", "api.cartesia.ai", "ftp://h", "ws://", "ws://h:port", "ws://h:99999", "ws://[::"])
def test_what_is_no_address_is_refused_in_one_sentence(text: str):
    with pytest.raises(InputError, match="give an address such as"):
        read_address(text)


def test_a_refusal_hides_credentials_too():
    with pytest.raises(InputError) as caught:
        read_address("ftp://user:pass@h/p?access_token=hush")
    assert "pass" not in str(caught.value)
    assert "hush" not in str(caught.value)
