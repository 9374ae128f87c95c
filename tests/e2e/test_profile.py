"""`config.toml`: options from a file, where the command line has none."""

import json
import os
from pathlib import Path

import pytest
from tests.e2e.test_cli import refused
from tests.server.stand_in import LoudnessDetector
from tests.support.beside import beside
from tests.support.sound import write_wav

from stt_monitor.cli.main import main
from stt_monitor.cli.monitor import monitor_options
from stt_monitor.server.server import LocalServer
from stt_monitor.services import registry

PHONE = """
[profile.phone]
service = "flux"
local = true
chunk-ms = 50
keyterm = ["Sixt", "Avis"]
set = { eot_threshold = 0.8, eot_timeout_ms = 4000 }

[profile.pair]
service = ["cartesia", "flux"]
url.cartesia = "ws://127.0.0.1:1"
url.flux = "ws://127.0.0.1:2"
set.cartesia.end_timeout_ms = 900
set.eot_threshold = 0.8
end-threshold = 0.3
json = true
"""


@pytest.fixture(autouse=True)
def _no_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for service in registry.services():
        monkeypatch.delenv(service.key_variable, raising=False)


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    file = tmp_path / "stt-monitor" / "config.toml"
    file.parent.mkdir()
    file.write_text(PHONE)
    return file


@pytest.mark.usefixtures("config")
def test_a_session_has_the_options_of_its_profile(tmp_path: Path, capfd: pytest.CaptureFixture[str]):
    wav = write_wav(tmp_path / "talk.wav", seconds=1.0)
    with beside(LocalServer(LoudnessDetector)) as server:
        arguments = ["--profile", "phone", "--url", server.base_url, "--set", "eot_threshold=0.7", "--keyterm", "Hertz"]
        assert main([str(wav), *arguments, "--json", "--no-record"]) == 0
    session = json.loads(capfd.readouterr().out.splitlines()[0])
    assert (session["service"], session["chunk_ms"], session["settings"]["keyterms"]) == ("flux", 50, ["Hertz"])
    assert session["settings"]["turn"] == {"eot_threshold": 0.7, "eot_timeout_ms": 4000}


@pytest.mark.usefixtures("config")
def test_the_command_line_wins():
    phone = monitor_options(["--profile", "phone", "--url", "ws://h", "--chunk-ms", "100"])
    assert (phone.url, phone.local, phone.chunk_ms) == (["ws://h"], False, 100)
    pair = monitor_options(["a.wav", "--profile=pair"])
    assert (pair.url, pair.local) == (["cartesia=ws://127.0.0.1:1", "flux=ws://127.0.0.1:2"], False)
    assert pair.assignments == [("cartesia.end_timeout_ms", "900"), ("eot_threshold", "0.8")]
    assert (pair.audio, pair.json, pair.end_threshold) == (["a.wav"], True, "0.3")
    other = monitor_options(
        ["--profile", "pair", "--local", "--plain", "--end-timeout-ms", "700", "--set", "cartesia.end_threshold=0.2"]
    )
    assert (other.url, other.local, other.json, other.plain) == ([], True, False, True)
    assert (other.end_timeout_ms, other.end_threshold) == ("700", None)
    assert other.assignments == [("eot_threshold", "0.8"), ("cartesia.end_threshold", "0.2")]


@pytest.mark.parametrize(
    ("written", "hint"),
    [
        ("chunkms = 50", "chunkms: there is no such option; did you mean chunk-ms?"),
        ('profile = "x"', "profile: there is no such option"),
        ('audio = "a.wav"', "audio: there is no such option"),
        ('chunk-ms = "fast"', "chunk-ms: 'fast' is not a whole number from 10 to 1000 ms"),
        ("chunk-ms = true", "chunk-ms takes a text or a number, not true or false"),
        ("chunk-ms = [50, 100]", "chunk-ms takes a text or a number, not a list"),
        ("chunk-ms = 2026-08-14", "chunk-ms takes a text or a number, not a date or time"),
        ('keyterm = [["a"]]', "keyterm takes a text or a number, not a list"),
        ('keyterm = ""', "keyterm is empty"),
        ('plain = "yes"', "plain is a switch: write true or false"),
        ("plain = true\njson = true", "not allowed with argument --"),
        ('service = "fluks"', "service: no service is called fluks; did you mean flux?"),
        ("local = true\nset = { end_threshold = 9 }", "--set end_threshold: 9 is out of range"),
        ('CARTESIA_API_KEY = "sk"', "set CARTESIA_API_KEY in the environment"),
        ('deepgram-api-key = "sk"', "set DEEPGRAM_API_KEY in the environment"),
        ('service = "flux"\nkey = "sk"', "keys are never read from a file: set DEEPGRAM_API_KEY in the environment"),
        ('token = "sk"', "keys are never read from a file: set CARTESIA_API_KEY in the environment"),
        ('url = "wss://me:hush@h"', "url has a login or a key"),
        ('url = "wss://h/?api_key=hush"', "url has a login or a key"),
        ('keyterm = "my-own-secret-key"', "keys are never read from a file"),
    ],
)
def test_what_is_wrong_in_a_profile_is_said_with_its_place(
    config: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, written: str, hint: str
):
    monkeypatch.setenv("MISTRAL_API_KEY", "my-own-secret-key")
    config.write_text(f"[profile.odd]\n{written}\n")
    said = refused(capsys, "missing.wav", "--profile", "odd")
    assert hint in said
    assert str(config) in said
    assert "odd" in said
    assert not any(secret in said for secret in ("hush", "sk\n", "my-own-secret-key"))


@pytest.mark.parametrize(
    ("content", "hint"),
    [
        (b"[profile.phone]\n", "has no profile fone; did you mean phone? (it has phone)"),
        (b"", "has no profile fone (write [profile.fone], and the options below it)"),
        (b"profile = 3\n", "profile is no table: write [profile.fone]"),
        (b"profile.fone = 3\n", "profile is no table: write [profile.fone]"),
        (b"[profile.fone\n", "is not TOML: "),
        (b"a = \xff\n", "is not UTF-8"),
    ],
)
def test_a_profile_that_cannot_be_read_is_refused(
    config: Path, capsys: pytest.CaptureFixture[str], content: bytes, hint: str
):
    config.write_bytes(content)
    said = refused(capsys, "--profile", "fone")
    assert hint in said
    assert str(config) in said


def test_without_a_file_it_is_said_where_it_should_be(config: Path, capsys: pytest.CaptureFixture[str]):
    config.unlink()
    assert f"--profile phone: there is no {config}" in refused(capsys, "--profile", "phone")
    config.mkdir()
    assert f"{config}: cannot be read (Is a directory)" in refused(capsys, "web", "--profile", "phone")
    assert "--profile is empty" in refused(capsys, "--profile", "")


def test_profiles_are_in_a_regular_file_or_a_link_to_one(
    config: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
):
    elsewhere = config.rename(tmp_path / "profiles.toml")
    config.symlink_to(elsewhere)
    assert "has no profile fone; did you mean phone?" in refused(capsys, "--profile", "fone")
    elsewhere.unlink()
    os.mkfifo(elsewhere)
    assert f"{config}: not a regular file" in refused(capsys, "--profile", "phone")
    config.unlink()
    config.symlink_to("/dev/zero")
    assert f"{config}: not a regular file" in refused(capsys, "--profile", "phone")


def test_defaults_are_behind_a_profile_and_the_command_line(config: Path):
    config.write_text(
        PHONE + "[defaults]\nchunk-ms = 40\nrecord-limit = 70\nset.eot_threshold = 0.7\nservice = 'flux'\n"
    )
    plain = monitor_options([])
    assert (plain.chunk_ms, plain.record_limit, plain.service) == (40, 70, ["flux"])
    assert plain.assignments == [("eot_threshold", "0.7")]
    phone = monitor_options(["--profile", "phone"])
    assert (phone.chunk_ms, phone.record_limit) == (50, 70)
    assert dict(phone.assignments)["eot_threshold"] == "0.8"
    assert monitor_options(["--profile", "phone", "--chunk-ms", "60"]).chunk_ms == 60


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[defaults]\nchunk = 1\n", "defaults: chunk: there is no such option"),
        ("[defaults]\nchunk-ms = 1\n", "defaults: chunk-ms: "),
        ("[default]\nchunk-ms = 20\n", "default: there is no such table; did you mean defaults"),
        ("chunk-ms = 20\n", "chunk-ms: there is no such table"),
        ("defaults = 3\n", "defaults is no table"),
        ("[defaults]\ncartesia-api-key = 'x'\n", "keys are never read from a file"),
        ("[defaults]\nchunk-ms = 'sk_car_0123456789abcdefgh'\n", "keys are never read from a file"),
        ("[defaults]\nset.key = ['sk-0123456789abcdefgh']\n", "keys are never read from a file"),
        ("[defaults]\nrecord = 'a\\u0000b'\n".replace("'", '"'), "record has a NUL character"),
        ("[defaults]\njobs = 0\n", "defaults: jobs: '0' is not a whole number"),
        ("\ufeff[defaults]\nchunk = 1\n", "defaults: chunk: there is no such option"),
    ],
)
def test_defaults_that_are_none_are_refused(config: Path, capsys: pytest.CaptureFixture[str], text: str, said: str):
    config.write_text(text)
    error = refused(capsys, "--plain")
    assert said in error
    assert "0123456789" not in error
    assert str(config) in error
