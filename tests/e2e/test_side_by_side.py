"""Several services at once, as the command line runs them, against a local server that speaks to all."""

import json
import wave
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
import soundfile
from tests.e2e.test_cli import refused
from tests.e2e.test_end_to_end import needs_recogniser, word_error_rate
from tests.server.stand_in import LoudnessDetector, s16, silence, tone
from tests.support.beside import beside
from tests.support.sound import READING

from stt_monitor.audio.formats import Encoding, decode
from stt_monitor.cli.main import main
from stt_monitor.server.server import LocalServer
from stt_monitor.services import registry

BOTH = ("--service", "cartesia", "--service", "flux")
TALK = s16(silence(0.3), tone(1.1), silence(0.9), tone(0.6), silence(0.9))
WORDS = "word1 word2 word1"
"""What the stand-in hears."""


@pytest.fixture(autouse=True)
def _no_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for service in registry.services():
        monkeypatch.delenv(service.key_variable, raising=False)


@pytest.fixture
def wav(tmp_path: Path) -> Path:
    soundfile.write(tmp_path / "talk.wav", decode(TALK, Encoding.PCM_S16LE), 16_000)
    return tmp_path / "talk.wav"


@pytest.fixture
def url() -> Iterator[str]:
    with beside(LocalServer(LoudnessDetector)) as server:
        yield server.base_url


def at(url: str, *names: str) -> list[str]:
    """Return the options for services that are all at one address."""
    return [part for name in names or ("cartesia", "flux") for part in ("--service", name, "--url", f"{name}={url}")]


def run(capfd: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> list[str]:
    """Run the program; return the lines that it prints."""
    assert main([*arguments, "--no-record"]) == code
    return capfd.readouterr().out.splitlines()


def by_service(lines: list[str], kind: str) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for line in map(json.loads, lines):
        if line["kind"] == kind:
            found.setdefault(line["service"], []).append(line)
    return found


def test_every_line_says_whose_it_is(wav: Path, url: str, capfd: pytest.CaptureFixture[str]):
    lines = run(capfd, str(wav), str(wav), *at(url), "--json")
    assert {json.loads(line)["service"] for line in lines} == {"cartesia", "flux"}
    summaries = by_service(lines, "summary")
    assert {name: [each["transcript"] for each in found] for name, found in summaries.items()} == {
        "cartesia": [WORDS] * 2, "flux": [WORDS] * 2,
    }  # fmt: skip
    totals = by_service(lines, "total")
    assert {name: [each["turns"] for each in found] for name, found in totals.items()} == {
        "cartesia": [4], "flux": [4],
    }  # fmt: skip
    alone = run(capfd, str(wav), "--url", url, "--service", "flux", "--json")
    assert [line["kind"] for line in map(json.loads, alone) if "service" in line] == ["session"]


def test_plain_lines_begin_with_the_service_and_each_has_a_summary(
    wav: Path, url: str, capfd: pytest.CaptureFixture[str]
):
    lines = run(capfd, str(wav), *at(url), "--plain")
    events = [line for line in lines if "turn.end " in line or "EndOfTurn" in line]
    assert {line.split("  ")[0] for line in events} == {"Cartesia", "Deepgram Flux"}
    assert {line for line in lines if line.startswith("===")} == {"=== Cartesia", "=== Deepgram Flux"}
    assert lines.count("transcript:") == 2
    lines = run(capfd, str(wav), str(wav), *at(url), "--plain")
    assert lines.count("=== talk.wav") == 2
    assert lines.count("=== total: 2 of 2 files") == 2


def test_assertions_are_about_each_service_or_the_one_in_front(
    wav: Path, url: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
):
    junit = tmp_path / "junit.xml"
    wanted = ["--assert", "flux.turns>=3", "--assert", "turns==2", "--assert", "cartesia.eager_ends==0"]
    lines = run(capfd, str(wav), *at(url), *wanted, "--junit", str(junit), "--plain", code=1)
    verdicts = [line for line in lines if line.startswith(("PASS", "FAIL", "CANNOT"))]
    assert [" ".join(line.split()[:3]) for line in verdicts] == [
        "FAIL flux.turns>=3 actual", "PASS cartesia: turns==2", "PASS flux: turns==2",
        "FAIL cartesia.eager_ends==0 actual",
    ]  # fmt: skip
    cases = ET.fromstring(junit.read_text()).findall(".//testcase")
    assert [case.get("name") for case in cases] == [
        "flux.turns>=3", "cartesia: turns==2", "flux: turns==2", "cartesia.eager_ends==0",
    ]  # fmt: skip


def test_references_are_for_every_service(wav: Path, url: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]):
    (tmp_path / "words.txt").write_text("word1 word2 word1")
    arguments = ["--assert", "wer<=0%", "--reference", str(tmp_path / "words.txt"), "--plain"]
    lines = run(capfd, str(wav), *at(url, "voxtral", "flux"), *arguments)
    assert [line.split()[:3] for line in lines if line.startswith("PASS")] == [
        ["PASS", "voxtral:", "wer<=0%"], ["PASS", "flux:", "wer<=0%"],
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (["--set", "voxtral.end_threshold=0.3"], "--set voxtral.end_threshold: Mistral Voxtral is not in this run"),
        (["--set", "fluks.eot_threshold=0.8"], "no service of this run is called fluks; did you mean flux?"),
        (["--set", "eot_treshold=0.8"], "none of Cartesia and Deepgram Flux has a setting eot_treshold; did you mean"),
        (["--set", "flux.end_threshold=0.3"], "Deepgram Flux has no setting end_threshold; that is one of Cartesia"),
        (["--set", "flux.eot_threshold=7"], "it must lie from 0.5 to"),
        (
            ["--service", "voxtral", "--set", "end_threshold=0.3"],
            "give --set cartesia.end_threshold=X or --set voxtral.",
        ),
        (["--service", "voxtral", "--end-threshold", "0.3"], "--end-threshold: Cartesia and Mistral Voxtral have it"),
        (["--set", "eot_threshold=0.8", "--set", "flux.eot_threshold=0.8"], "eot_threshold is given twice"),
        (["--model", "nova"], "--model: for which service? Give --model cartesia=M or --model flux=M"),
        (["--model", "flux=a", "--model", "flux=b"], "--model is given twice for flux: leave one out"),
        (["--model", "cartesia=ink-2", "--model", "flux=a", "--model", "flux=a"], "--model is given twice for flux"),
        (["--model", "voxtral=v"], "--model: Mistral Voxtral is not in this run: add --service voxtral"),
        (["--language-hint", "en"], "Cartesia: ink-2 takes no language hints: give --model ink-preview"),
        (["--keyterm", "voxtral=x"], "--keyterm: Mistral Voxtral is not in this run"),
        (["--service", "flux"], "--service flux is given twice"),
        (["--set", "flux.=0.8"], "'flux.=0.8' is not of the form NAME=VALUE"),
        (["--set", ".eot_threshold=0.8"], "'.eot_threshold=0.8' is not of the form NAME=VALUE"),
        (["--url", "fluks=ws://x"], "stt-monitor: --url: no service of this run is called fluks; did you mean flux?"),
        (["--url", "ws://x"], "stt-monitor: --url: for which service? Give --url cartesia=URL or --url flux=URL"),
    ],
)
def test_what_is_meant_for_whom_must_be_clear(capsys: pytest.CaptureFixture[str], arguments: list[str], hint: str):
    assert hint in refused(capsys, "missing.wav", "--local", *BOTH, *arguments)


@pytest.mark.parametrize("name", ["whisper", "voxtral"])
def test_an_assertion_about_no_service_of_the_run_is_refused(capsys: pytest.CaptureFixture[str], name: str):
    assert main(["missing.wav", "--local", *BOTH, "--assert", f"{name}.eot_latency.p90<=900ms"]) == 2
    assert f"no service called {name} here" in capsys.readouterr().err


def test_the_key_that_is_missing_is_named(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("CARTESIA_API_KEY", "sk_car_1234567890123456")
    said = refused(capsys, "missing.wav", *BOTH)
    assert "Deepgram Flux needs a key: set DEEPGRAM_API_KEY, or give --local for the local server" in said


def test_settings_models_and_words_go_to_whom_they_are_for(wav: Path, url: str, capfd: pytest.CaptureFixture[str]):
    arguments = ["--set", "eot_threshold=0.8", "--end-threshold", "0.3", "--set", "cartesia.end_timeout_ms=900"]
    words = ["--keyterm", "word", "--model", "flux=flux-general-multi", "--language-hint", "flux=en"]
    lines = run(capfd, str(wav), *at(url), *arguments, *words, "--json", code=3)  # it knows English only
    sessions = {name: found[0]["settings"] for name, found in by_service(lines, "session").items()}
    assert sessions["cartesia"]["turn"] == {"end_threshold": 0.3, "end_timeout_ms": 900}
    assert sessions["flux"]["turn"] == {"eot_threshold": 0.8}
    assert (sessions["cartesia"]["keyterms"], sessions["flux"]["keyterms"]) == (["word"], ["word"])
    assert (sessions["cartesia"]["language_hints"], sessions["flux"]["language_hints"]) == ([], ["en"])
    assert sessions["flux"]["model"] == "flux-general-multi"
    assert sessions["cartesia"]["model"] == registry.service("cartesia").model


def test_one_that_cannot_be_reached_is_named_and_the_others_finish(
    wav: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
):
    """A format that one service does not take is said before it is connected to."""
    odd = tmp_path / "odd.wav"
    with wave.open(str(odd), "wb") as file:
        file.setparams((1, 2, 12_345, 0, "NONE", "not compressed"))
        file.writeframes(bytes(2 * 6_000))
    with beside(LocalServer(LoudnessDetector)) as server:
        assert main([str(odd), *at(server.base_url), "--no-record", "--plain"]) == 2
    said = capfd.readouterr().err
    assert "Deepgram Flux: the service takes no audio at 12345 Hz" in said
    assert main([str(wav), *at("ws://127.0.0.1:1"), "--no-record", "--json"]) == 3
    said = capfd.readouterr().err
    assert "Cartesia: " in said
    assert "Deepgram Flux: " in said


@pytest.mark.slow
@needs_recogniser
def test_one_local_server_hears_for_all_services(capfd: pytest.CaptureFixture[str]):
    services = [word for name in registry.NAMES for word in ("--service", name)]
    lines = run(capfd, str(READING), "--local", *services, "--json")
    summaries = by_service(lines, "summary")
    assert list(summaries) != []
    assert set(summaries) == set(registry.NAMES)
    assert all(word_error_rate(found[0]["transcript"]) < 0.1 for found in summaries.values())
    # By the defaults of each: how soon a turn ends differs (tests/session/test_same_turns.py has equal settings).
    turns = by_service(lines, "turn")
    assert all(len(found) >= 2 for found in turns.values())
