"""Assertions with the installed command: turn detection in somebody's CI."""

import asyncio
import contextlib
import json
import platform
import signal
from pathlib import Path

import pytest
from junitparser import Error, Failure, JUnitXml
from tests.support.command import COMMAND, run
from tests.support.patience import PATIENCE_S
from tests.support.service import Dialogue, ScriptedService, polite
from tests.support.sound import write_wav

from stt_monitor.cli.main import main


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
    assert "; excluded: 2 closed\n" in holds.stdout
    assert holds.stdout.splitlines()[-2:] == [
        "PASS  turns==2  actual 2",
        "PASS  wer<=34%  actual 33.33 % (n 6 words)",
    ]
    assert fails.returncode == 1
    passed, empty, failed = fails.stdout.splitlines()[-3:]
    assert passed == "PASS  turns == 2  actual 2"
    assert empty == ("CANNOT TELL  eot_latency.p90<=900ms  no turn has this metric (of 2, 2 ended by our own close)")
    assert failed == "FAIL  wer<0.3  actual 33.33 % (n 6 words)"
    (suite,) = JUnitXml.fromfile(str(junit))
    assert (suite.name, suite.tests, suite.failures, suite.errors) == ("a.wav, b.wav", 3, 1, 1)
    assert [[type(result) for result in case.result] for case in suite] == [[], [Error], [Failure]]


async def test_with_json_each_verdict_is_a_record(recordings: list[str]):
    async with ScriptedService(polite) as service:
        done = await run(recordings[0], "--url", service.url, "--json", "--assert", "turns>=2")
    assert done.returncode == 1
    record = json.loads(done.stdout.splitlines()[-1])
    assert record.pop("t") > 0.5
    assert record == {
        "kind": "assertion", "expression": "turns>=2", "passed": False, "actual": 1, "unit": "", "n": None,
        "reason": "", "counted": "", "verdict": "fail", "worst": [],
        "compared": None,
    }  # fmt: skip


async def judged_in_vain(tmp_path: Path, *arguments: str) -> tuple[int, str]:
    """Assert what holds of any session; returns the exit code and what JUnit says: errors, about everything."""
    junit = tmp_path / "verdicts.xml"
    junit.write_text("of an earlier run")
    asserted = ("violations==0", "errors==0", "turns<100")
    done = await run(
        *arguments, *(each for expression in asserted for each in ("--assert", expression)), "--junit", str(junit)
    )
    assert "PASS" not in done.stdout
    assert "Traceback" not in done.stderr
    (suite,) = JUnitXml.fromfile(str(junit))
    assert (suite.tests, suite.failures, suite.errors) == (3, 0, 3)
    (said,) = {result.message for case in suite for result in case.result}
    return done.returncode, said


async def test_nothing_can_be_told_of_a_service_that_is_not_reached(
    recordings: list[str], unused_tcp_port: int, tmp_path: Path
):
    url = f"http://127.0.0.1:{unused_tcp_port}"
    code, said = await judged_in_vain(tmp_path, recordings[0], "--url", url)
    assert code == 3
    assert "could not be reached" in said


async def test_nothing_can_be_told_of_a_service_that_refuses(recordings: list[str], tmp_path: Path):
    async def refuses(dialogue: Dialogue) -> None:
        await dialogue.say("error", status_code=400, title="Invalid model", message="No such model.")

    async with ScriptedService(refuses) as service:
        code, said = await judged_in_vain(tmp_path, recordings[0], "--url", service.url)
    assert code == 3
    assert "No such model" in said


async def test_nothing_can_be_told_of_a_run_in_which_a_recording_is_damaged(recordings: list[str], tmp_path: Path):
    damaged = tmp_path / "damaged.wav"
    damaged.write_bytes(b"RIFF" + bytes(20))
    async with ScriptedService(polite) as service:
        code, said = await judged_in_vain(tmp_path, recordings[0], str(damaged), "--url", service.url)
    assert code == 2
    assert "damaged.wav" in said


@pytest.mark.parametrize(
    "arguments",
    [
        ["--assert", "turnz==0"], ["--assert", "turns==0", "--end-threshold", "2"], ["--assert=turns==0", "--nope"],
        ["--assert", "turns==0", "--mic", "a.wav"], ["--assert", "turns==0", "--chunk-ms", "5"], [],
        ["--assert", "turns==0", "--model", " "],
        ["--assert", "turns==0", "--url", "foo", "--plain"], ["--assert"],
        ["--assert", "turns==0", "--reference", "/nosuch"], ["--assert", "turns==0", "/nosuch.wav"],
        ["assert", "nosuch", "--assert", "turns==0"], ["assert", "last"], ["assert", "demo", "--assert", "turnz==0"],
        ["assert", "demo", "--assert", "turns==0", "--nope"], ["assert", "--assert", "turns==0", "--json=3"],
    ],
    ids=" ".join,
)  # fmt: skip
@pytest.mark.parametrize("option", ["--junit FILE", "--junit=FILE"])
def test_no_verdicts_of_an_earlier_run_stay_when_a_command_line_is_refused(
    arguments: list[str], option: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    junit = tmp_path / "verdicts.xml"
    junit.write_text("of an earlier run")
    command, rest = (arguments[:1], arguments[1:]) if arguments[:1] == ["assert"] else ([], arguments)
    with contextlib.suppress(SystemExit):
        assert main([*command, *option.replace("FILE", str(junit)).split(), *rest]) == 2
    xml = JUnitXml.fromfile(str(junit))
    assert (xml.tests, xml.failures, xml.errors) == (1, 0, 1)


@pytest.mark.parametrize("arguments", [["--assert", "turnz==0"], ["assert", "nosuch", "--assert", "turns==0"]])
def test_a_refused_command_line_overwrites_no_recording(
    arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    sound = write_wav(tmp_path / "talk.wav", 0.1)
    before = sound.read_bytes()
    assert main([*arguments, "--junit", str(sound)]) == 2
    assert sound.read_bytes() == before


@pytest.mark.parametrize("mistaken", [["--set", "end_threshold=KEY"], ["--assert", "KEY==0"], ["--model", "KEY"]])
def test_a_key_given_by_mistake_is_in_no_verdict(
    mistaken: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    key = "sk_car_9fK3xZq81LmP0vTb7Yw2"
    monkeypatch.setenv("CARTESIA_API_KEY", key)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    junit = tmp_path / "verdicts.xml"
    arguments = ["--assert", "turns==0", "--junit", str(junit), "--url", "ws://127.0.0.1:9"]
    assert main([*arguments, *(each.replace("KEY", key) for each in mistaken)]) == 2
    (suite,) = JUnitXml.fromfile(str(junit))
    assert suite.errors
    assert key not in junit.read_text() + "".join(capsys.readouterr())


def test_help_leaves_the_verdicts_of_an_earlier_run(tmp_path: Path):
    junit = tmp_path / "verdicts.xml"
    junit.write_text("of an earlier run")
    with pytest.raises(SystemExit):
        main(["assert", "--junit", str(junit), "--help"])
    assert junit.read_text() == "of an earlier run"


async def test_nothing_can_be_told_of_a_run_that_was_interrupted(tmp_path: Path):
    wav, junit = write_wav(tmp_path / "long.wav", 60.0), tmp_path / "verdicts.xml"
    async with ScriptedService(polite) as service:
        process = await asyncio.create_subprocess_exec(
            COMMAND, str(wav), "--url", service.url, "--assert", "violations==0", "--junit", str(junit),
            "--record", str(tmp_path / "kept"), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        assert process.stdout is not None
        await process.stdout.readuntil(b"turn.start")
        assert JUnitXml.fromfile(str(junit)).errors == 1  # should it be killed now
        process.send_signal(signal.SIGINT)
        out, _ = await asyncio.wait_for(process.communicate(), PATIENCE_S)
    assert process.returncode == 130
    assert b"CANNOT TELL  violations==0  the session was cut short" in out
    assert JUnitXml.fromfile(str(junit)).errors == 1
    (kept,) = (tmp_path / "kept").iterdir()
    code, said = await judged_in_vain(tmp_path, "assert", str(kept))
    assert code == 4
    assert "of 60.0 s were played" in said


async def test_nothing_can_be_told_of_a_saved_session_that_breaks_off(recordings: list[str], tmp_path: Path):
    kept = tmp_path / "kept"
    async with ScriptedService(polite) as service:
        await run(recordings[0], "--url", service.url, "--record", str(kept))
    (session,) = kept.iterdir()
    assert (await run("assert", str(session), "--assert", "violations==0")).returncode == 0
    journal = session / "events.jsonl"
    lines = journal.read_text().splitlines(keepends=True)
    journal.write_text("".join(lines[: len(lines) // 2]))
    assert (await judged_in_vain(tmp_path, "assert", str(session)))[0] == 4
    code, said = await judged_in_vain(tmp_path, "assert", str(tmp_path / "nowhere"))
    assert code == 2
    assert "nowhere" in said


async def test_a_failure_is_certain_and_goes_before_what_nobody_can_tell(recordings: list[str]):
    async with ScriptedService(polite) as service:
        fails = await run(
            recordings[0], "--url", service.url, "--assert", "turns==2", "--assert", "eot_latency.p50<=9s"
        )
        open_ = await run(
            recordings[0], "--url", service.url, "--assert", "turns==1", "--assert", "eot_latency.p50<=9s"
        )
    assert (fails.returncode, open_.returncode) == (1, 4)
    assert open_.stdout.splitlines()[-2:] == [
        "PASS  turns==1  actual 1",
        "CANNOT TELL  eot_latency.p50<=9s  no turn has this metric (of 1, 1 ended by our own close)",
    ]


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (["--assert", "eott<=1"], "--assert: no metric called eott; did you mean eot?\n  eott<=1\n  ^\nmetrics with"),
        (["--assert", "wer<=0.1"], "--reference"),
        (["--assert", "wer<=0.1", "--reference", "nowhere.txt"], "nowhere.txt: the words cannot be read"),
        (["--assert", "turns>1", "--junit", "/nowhere/verdicts.xml"], "/nowhere/verdicts.xml"),
        (["--junit", "verdicts.xml"], "--assert"),
        (["--summary", "summary.md"], "--summary needs something to judge: give --assert or --baseline"),
        (["--report", "report.html"], "--report needs something to judge: give --assert or --baseline"),
        (["--assert", "turns>1", "--report", "report.pdf"], "report.pdf: no report format .pdf; use .html, .md, .json"),
        (["--assert", "turns>1", "--report", "/nowhere/report.html"], "/nowhere/report.html"),
        (["--assert", "turns>1", "--summary", "/nowhere/summary.md"], "/nowhere/summary.md"),
        (["--reference", "text.txt"], "--assert"),
        (["--tolerance", "10%"], "--tolerance is about a baseline: give --baseline too"),
        (["--baseline", "nowhere.json"], "nowhere.json"),
        (["--baseline-service", "flux"], "--baseline-service is about a baseline: give --baseline too"),
        (["--baseline", "demo", "--baseline-service", "flux"], "demo has no session of flux, only of cartesia"),
        (["--baseline", "demo", "--tolerance", "10%,20%"], "--tolerance: 20% is given twice"),
        (["--write-baseline", "/nowhere/b.json"], "/nowhere/b.json"),
    ],
)
async def test_what_cannot_be_judged_is_refused_before_anything_runs(
    recordings: list[str], arguments: list[str], hint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)  # the verdicts of the bad usage are written there
    async with ScriptedService(polite) as service:
        done = await run(recordings[0], "--url", service.url, *arguments)
        assert service.dialogues == []
    assert done.returncode == 2
    assert done.stdout == ""
    assert hint in done.stderr
    assert "Traceback" not in done.stderr


async def test_the_report_of_the_run_and_a_summary_are_written_whether_it_is_live_or_saved(
    recordings: list[str], tmp_path: Path
):
    kept, summary = tmp_path / "kept", tmp_path / "summary.md"
    live, saved = tmp_path / "live.json", tmp_path / "saved.JSON"
    judged = ["--assert", "turns==0", "--summary", str(summary)]
    async with ScriptedService(polite) as service:
        done = await run(*recordings, "--url", service.url, "--record", str(kept), *judged, "--report", str(live))
    again = await run("assert", str(kept), *judged, "--report", str(saved))
    assert (done.returncode, again.returncode) == (1, 1), again.stderr
    one, other = (json.loads(path.read_text()) for path in (live, saved))
    assert [session["session"]["source"] for session in one["sessions"]] == ["a.wav", "b.wav"]
    assert [session["turns"] for session in one["sessions"]] == [session["turns"] for session in other["sessions"]]
    assert summary.read_text().count("### stt-monitor: 1 of 1 assertion failed") == 2


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
