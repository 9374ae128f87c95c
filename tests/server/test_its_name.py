"""Whoever is connected to the local server is told so, and says so wherever people read."""

import json
import urllib.request
from pathlib import Path

import pytest
from tests.support.kept import recordings_in
from tests.support.sound import write_wav

from stt_monitor.cli.main import main
from stt_monitor.core.errors import ServiceUnavailableError
from stt_monitor.core.key import Keys
from stt_monitor.services.cartesia import SERVICE
from stt_monitor.session.check.health_check import examine
from stt_monitor.transport.address import read_address

NAME = "local server (Moonshine)"
NOT_THE_VENDOR = "measured against the local server, not against Cartesia"


def monitored(url: str, tmp_path: Path, *options: str) -> None:
    wav = write_wav(tmp_path / "talk.wav", 0.5)
    assert main([str(wav), "--url", url, "--record", str(tmp_path / "kept"), *options]) == 0


def test_a_session_by_its_address_names_it(
    stand_in_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monitored(stand_in_url, tmp_path, "--json")
    records = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    told = [
        record["server"] for record in records if record["kind"] == "status" and record["connection"] == "connected"
    ]
    assert told == [NAME]
    (kept,) = recordings_in(tmp_path / "kept")
    assert (kept.manifest.session.server, kept.manifest.session.model) == (NAME, "Moonshine")
    for form in ("html", "md"):
        assert main(["report", str(kept.path), "--format", form, "-o", str(tmp_path / form)]) == 0
        report = (tmp_path / form).read_text()
        assert NOT_THE_VENDOR in report
        assert NAME in report
        assert "ink-2" not in report
    capsys.readouterr()
    assert main(["replay", str(kept.path), "--plain"]) == 0
    assert f"server         | {NAME}, Cartesia's protocol\n" in capsys.readouterr().out


def test_plain_lines_name_it(stand_in_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    monitored(stand_in_url, tmp_path, "--plain")
    assert f"server         | {NAME}, Cartesia's protocol\n" in capsys.readouterr().out


def test_its_pages_name_it(stand_in_url: str) -> None:
    with urllib.request.urlopen(f"{stand_in_url}/health") as answer:
        assert answer.headers["Server"].startswith("stt-monitor/")
    post = urllib.request.Request(f"{stand_in_url}/health", method="HEAD")
    with urllib.request.urlopen(post) as answer:
        assert answer.headers["Server"].startswith("stt-monitor/")


@pytest.mark.slow
def test_the_doctor_names_it(stand_in_url: str) -> None:
    def nothing_to_start() -> str:
        raise ServiceUnavailableError("it has no part in this")

    found = {each.subject: each for each in examine(nothing_to_start, read_address(stand_in_url), SERVICE, Keys())}
    assert found["service"].sentence.startswith(f"{NAME} answers at ")
