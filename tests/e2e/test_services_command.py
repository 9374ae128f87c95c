"""`stt-monitor services`: what each service needs, takes and allows to measure."""

import json
from typing import Any

import msgspec
import pytest
from tests.server.parrot import PARROT as SPOKEN
from tests.session.test_another_service import PARROT
from tests.support.registered import registered

from stt_monitor.cli.main import main
from stt_monitor.core.dialect import Dialect, Onset
from stt_monitor.core.settings.requested import Schema, Settings
from stt_monitor.services import registry
from stt_monitor.services.base import Service


def listed(capsys: pytest.CaptureFixture[str], service: Service) -> tuple[dict[str, Any], str]:
    """Return what the command says of a service, as JSON and in words."""
    with registered(service, SPOKEN):
        assert main(["services", "--json"]) == 0
        found = {line["name"]: line for line in map(json.loads, capsys.readouterr().out.splitlines())}
        assert tuple(found) == registry.NAMES
        assert main(["services"]) == 0
        out, err = capsys.readouterr()
    assert err == ""
    assert max(map(len, out.splitlines())) <= 100
    words = next(part for part in out.split("\n\n") if part.startswith(f"{service.name}: "))
    return found[service.name], " ".join(words.split())


def test_a_service_is_told_by_what_it_declares(capsys: pytest.CaptureFixture[str]):
    found, words = listed(capsys, PARROT)
    assert (found["kind"], found["title"], found["default"], found["model"]) == ("service", "Parrot", False, "polly")
    assert found["address"] == f"wss://parrot.example{SPOKEN.path}"
    assert "address wss://parrot.example/parrot/v7 local the local server speaks its protocol live not tried" in words
    [patience] = found["settings"]
    assert (patience["name"], patience["low"], patience["high"], patience["default"]) == ("patience", 0.1, 9, 8)
    assert f"settings patience 0.1 to 9, default 8; larger {PARROT.schema['patience'].larger} order –" in words
    assert found["metrics"]["eot_latency"] == found["metrics"]["onset_latency"] == "measured"
    absent = {name for name, how in found["metrics"].items() if how == "n/a"}
    assert {"eager_latency", "eager_lead", "eager_precision", "eager_wasted", "resumes", "violations"} <= absent
    assert found["metrics_with"] == {}
    assert not {"send_lag", "server_lag", "round_trip"} & set(found["metrics"])  # they are ours


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ("silent", "at once, without an answer"),
        ("acknowledged", "at once, acknowledged"),
        ("reconnect", "at once, over another connection"),
    ],
)
def test_how_settings_change_is_said(capsys: pytest.CaptureFixture[str], how: str, words: str):
    dialect = msgspec.structs.replace(PARROT.dialect(Settings()), acknowledges=how == "acknowledged")
    configure = None if how == "reconnect" else PARROT.configure
    found, told = listed(capsys, msgspec.structs.replace(PARROT, configure=configure, dialect=lambda _: dialect))
    assert found["changes"] == how
    assert f"changes of settings in a running session: {words}" in told


def test_what_a_setting_makes_possible_and_what_is_inferred_is_said(capsys: pytest.CaptureFixture[str]):
    patience = msgspec.structs.replace(PARROT.schema["patience"], default=None, unit="s")
    schema = Schema((patience,))
    service = msgspec.structs.replace(
        PARROT,
        dialect=lambda _: Dialect(
            schema,
            lambda: pytest.fail("nothing is decoded"),
            onset=Onset.DERIVED,
            eager_setting="patience",
        ),
        tried_live=True,
        has_server_side=False,
    )
    found, words = listed(capsys, service)
    assert found["settings"][0]["default"] is None
    assert "patience 0.1 to 9 s, default off" in words
    assert "does not speak its protocol live tried against the live service" in words
    assert found["metrics"]["onset_latency"] == "derived"
    assert "derived onset_latency n/a" in words
    assert found["metrics"]["eager_latency"] == "n/a"
    assert found["metrics_with"]["patience"]["eager_latency"] == "measured"
    assert "with patience: eager_latency" in words


@pytest.mark.parametrize(
    ("key", "is_set", "said"),
    [
        (None, False, "CRACKER is not set model"),
        ("", False, "CRACKER is not set model"),
        ("crumbs_hush", True, "CRACKER is set model"),
        ("crumbs hush", True, "CRACKER is set CRACKER is malformed"),
    ],
)
def test_a_key_is_set_or_not_and_never_shown(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, key: str | None, said: str, *, is_set: bool
):
    monkeypatch.delenv("CRACKER", raising=False)
    if key is not None:
        monkeypatch.setenv("CRACKER", key)
    found, words = listed(capsys, PARROT)
    assert (found["key_variable"], found["key_set"]) == ("CRACKER", is_set)
    assert said in words
    assert "hush" not in words + json.dumps(found)


def test_every_service_says_what_each_of_its_settings_does(capsys: pytest.CaptureFixture[str]):
    for service in registry.services():
        found, words = listed(capsys, service)
        assert [each["name"] for each in found["settings"]] == list(service.schema.names)
        told = (" or ".join(each.words) or f"larger {each.larger}" for each in service.all_settings)
        assert all(each in words for each in told)
