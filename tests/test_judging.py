"""Assertions with the installed command: turn detection in somebody's CI."""

import asyncio
import json
import os
import platform
import subprocess
import sys
from pathlib import Path

import pytest
from junitparser import JUnitXml
from tests.support.service import ScriptedService, polite
from tests.support.sound import write_wav
from tests.support.terminal import PATIENCE_S

COMMAND = str(Path(sys.executable).with_name("stt-monitor"))


async def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if name != "CARTESIA_API_KEY"}
    return await asyncio.to_thread(
        subprocess.run, [COMMAND, *arguments],
        capture_output=True, text=True, env=environment, timeout=PATIENCE_S, check=False,
    )  # fmt: skip


@pytest.fixture
def recordings(tmp_path: Path) -> list[str]:
    turns = [{"start": 0.1, "end": 0.3, "text": "Hello there, hello."}]
    manifest = [{"file": name, "turns": turns} for name in ("a.wav", "b.wav")]
    (tmp_path / "manifest.json").write_text(json.dumps(manifest))
    return [str(write_wav(tmp_path / name, 0.5)) for name in ("a.wav", "b.wav")]


async def test_each_assertion_gets_a_line_and_the_exit_code_says_whether_all_hold(
    recordings: list[str], tmp_path: Path
):
    labels, junit = str(tmp_path / "manifest.json"), tmp_path / "verdicts.xml"
    async with ScriptedService(polite) as service:
        holds = await run(
            *recordings, "--url", service.url, "--labels", labels, "--assert", "turns==2", "--assert", "wer<=34%"
        )
        fails = await run(
            *recordings, "--url", service.url, "--reference", labels, "--junit", str(junit), "--assert", "turns == 2",
            "--assert", "eot_latency.p90<=900ms", "--assert", "wer<0.3",
        )  # fmt: skip
    assert holds.returncode == 0, holds.stderr
    assert holds.stdout.splitlines()[-2:] == [
        "PASS  turns==2  actual 2",
        "PASS  wer<=34%  actual 33.33 % (n 6 words)",
    ]
    assert fails.returncode == 1
    passed, empty, failed = fails.stdout.splitlines()[-3:]
    assert passed == "PASS  turns == 2  actual 2"
    assert empty.startswith("FAIL  eot_latency.p90<=900ms  no value: ")
    assert failed == "FAIL  wer<0.3  actual 33.33 % (n 6 words)"
    (suite,) = JUnitXml.fromfile(str(junit))
    assert (suite.name, suite.tests, suite.failures) == ("a.wav, b.wav", 3, 2)
    assert [case.is_passed for case in suite] == [True, False, False]


async def test_with_json_each_verdict_is_a_record(recordings: list[str]):
    async with ScriptedService(polite) as service:
        done = await run(recordings[0], "--url", service.url, "--json", "--assert", "turns>=2")
    assert done.returncode == 1
    record = json.loads(done.stdout.splitlines()[-1])
    assert record.pop("t") > 0.5
    assert record == {
        "kind": "assertion", "expression": "turns>=2", "passed": False, "actual": 1, "unit": "", "n": None,
        "reason": "",
        "counted": "",
    }  # fmt: skip


async def test_a_service_that_cannot_be_reached_is_graver_than_an_assertion(
    recordings: list[str], unused_tcp_port: int, tmp_path: Path
):
    junit = tmp_path / "verdicts.xml"
    junit.write_text("of an earlier run")
    url = f"http://127.0.0.1:{unused_tcp_port}"
    done = await run(recordings[0], "--url", url, "--assert", "first.eot_latency.p50<=1s", "--junit", str(junit))
    assert done.returncode == 3
    assert done.stdout.splitlines()[-1] == "FAIL  first.eot_latency.p50<=1s  no value: no turn has this figure"
    assert JUnitXml.fromfile(str(junit)).failures == 1


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (["--assert", "eot<=1"], "--assert: there is no figure called eot\n  eot<=1\n  ^\nfigures, "),
        (["--assert", "wer<=0.1"], "--reference"),
        (["--assert", "wer<=0.1", "--reference", "nowhere.txt"], "nowhere.txt: the reference cannot be read"),
        (["--assert", "turns>1", "--junit", "/nowhere/verdicts.xml"], "/nowhere/verdicts.xml"),
        (["--junit", "verdicts.xml"], "--assert"),
        (["--reference", "text.txt"], "--assert"),
    ],
)
async def test_what_cannot_be_judged_is_refused_before_anything_runs(
    recordings: list[str], arguments: list[str], hint: str
):
    async with ScriptedService(polite) as service:
        done = await run(recordings[0], "--url", service.url, *arguments)
        assert service.dialogues == []
    assert done.returncode == 2
    assert done.stdout == ""
    assert hint in done.stderr
    assert "Traceback" not in done.stderr


async def test_a_session_outlives_the_terminal(recordings: list[str], tmp_path: Path):
    kept = tmp_path / "kept"
    async with ScriptedService(polite) as service:
        done = await run(recordings[0], "--url", service.url, "--record", str(kept), "--assert", "turns==1")
    assert done.returncode == 0
    (session,) = kept.iterdir()
    reported = await run("report", str(session), "-o", str(tmp_path / "report.html"))
    assert (reported.returncode, reported.stdout) == (0, ""), reported.stderr
    page = (tmp_path / "report.html").read_text("utf-8")
    assert "<blockquote>Hello there.</blockquote>" in page
    assert f"Python {platform.python_version()}" in page
    exported = await run("export", str(session), "--format", "txt")
    assert exported.stdout == "Hello there.\n"
    judged = await run("assert", str(session), "--assert", "turns==1")
    assert (judged.returncode, judged.stdout) == (0, "PASS  turns==1  actual 1\n")
