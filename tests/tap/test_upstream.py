"""Where a request goes: a key must never reach another vendor than its own."""

from itertools import combinations

import pytest

from stt_monitor.core.errors import InputError
from stt_monitor.services import registry
from stt_monitor.services.base import Service
from stt_monitor.tap.heads import RefusedError
from stt_monitor.tap.settings import TapSettings
from stt_monitor.tap.upstream import Route


def where(path: str, **settings: str) -> tuple[str, str]:
    found = Route(TapSettings(**settings)).find(path)  # type: ignore[arg-type]  # names of fields
    return found.where, found.base_path


@pytest.mark.parametrize("service", registry.services(), ids=str)
def test_each_service_has_its_own_paths(service: Service):
    speech = (service.speech.path,) if service.speech else ()
    for path in (service.path, *speech, *service.web_paths, *(f"{own}/more" for own in service.web_paths)):
        found = Route(TapSettings()).find(path)
        assert found.service is service
        assert found.where == service.url.replace("wss", "https")


def test_no_path_is_of_two_services():
    for one, other in combinations(registry.services(), 2):
        for path in one.web_paths:
            assert not any(
                f"{path}/".startswith(f"{own}/") or f"{own}/".startswith(f"{path}/") for own in other.web_paths
            )


@pytest.mark.parametrize("path", ["/", "/v1", "/sttx", "/v1/listenx", "/nowhere/v1/listen"])
def test_a_path_that_is_of_none_is_not_guessed(path: str):
    with pytest.raises(RefusedError, match="--service"):
        where(path)
    assert where(path, service="flux") == ("https://api.deepgram.com", "")
    assert where(path, to="http://[::1]:8765/") == ("http://[::1]:8765", "")


@pytest.mark.parametrize(
    ("to", "found"),
    [
        ("https://h", ("https://h", "")),
        ("wss://h:443/eu/", ("https://h", "/eu")),
        ("ws://h:8000/eu/stt/turns/websocket", ("http://h:8000", "/eu")),
        ("http://h:443", ("http://h:443", "")),
    ],
)
def test_a_base_url(to: str, found: tuple[str, str]):
    assert where("/stt/turns/websocket", to=to) == found


@pytest.mark.parametrize("to", ["http://a b", "https://eu.stt.example /x", "http://127.0.0.1:9 ", "http://", "//host"])
def test_an_address_that_is_none_is_refused(to: str):
    with pytest.raises(InputError, match="--to is no URL of a server"):
        Route(TapSettings("127.0.0.1", 0, to, ""))
