"""Sweeps with the installed command: killed and gone on with, asked for and refused."""

import asyncio
import json
import os
import signal
import sys
from asyncio.subprocess import PIPE
from contextlib import suppress
from pathlib import Path
from random import Random
from typing import Any

import pytest
from tests.support.patience import PATIENCE_S
from tests.support.service import ScriptedService
from tests.support.sound import write_wav
from tests.support.sweeps import SECONDS, SPEECH, answers, outcomes
from tests.support.terminal import Terminal

from stt_monitor.cli.main import main
from stt_monitor.core.sweep.outcome import CellOutcome
from stt_monitor.recording.reader import open_recording
from stt_monitor.sweep.folder import PLAN, is_sweep, read_plan

COMMAND = str(Path(sys.executable).with_name("stt-monitor"))
VALUES = "end_threshold=0.1..0.35/0.05"
KILLS = 3


async def start(*arguments: str | Path) -> asyncio.subprocess.Process:
    environment = {name: value for name, value in os.environ.items() if name != "CARTESIA_API_KEY"}
    return await asyncio.create_subprocess_exec(COMMAND, "sweep", *arguments, stdout=PIPE, stderr=PIPE, env=environment)


async def run(*arguments: str | Path) -> tuple[int | None, str, str]:
    """Run a sweep to its end; return its exit code, and what it said on both streams."""
    process = await start(*arguments)
    async with asyncio.timeout(PATIENCE_S):
        out, err = await process.communicate()
    return process.returncode, out.decode(), err.decode()


def talk(folder: Path) -> Path:
    """Make a recording, with labels beside it."""
    turns = [{"start": span.onset, "end": span.end} for span in SPEECH]
    (folder / "labels.json").write_text(json.dumps([{"file": "talk.wav", "turns": turns}]))
    return write_wav(folder / "talk.wav", SECONDS)


def told(path: Path) -> dict[int, list[tuple[Any, ...]]]:
    """Return what each cell says of each turn, apart from times."""
    found = {}
    for number, outcome in outcomes(path).items():
        assert isinstance(outcome, CellOutcome), outcome
        found[number] = [(turn.cut, turn.missed, turn.standing, turn.text) for turn in outcome.turns]
    return found


async def test_a_sweep_that_was_killed_goes_on_to_the_same_result(tmp_path: Path):
    wav = talk(tmp_path)
    random = Random(11)
    async with ScriptedService(answers) as service:
        plan = (
            wav,
            "--labels",
            tmp_path / "labels.json",
            "--set",
            VALUES,
            "--url",
            service.url,
            "--record",
            tmp_path,
            "-j",
            "2",
            "--json",
        )
        assert (await run(*plan, "--name", "whole"))[0] == 0
        whole = len(service.dialogues)
        arguments: tuple[str | Path, ...] = (*plan, "--name", "killed")
        for kill in range(KILLS):
            process = await start(*arguments)
            assert process.stdout is not None
            if kill:
                await process.stdout.readline()  # a cell is over
            await asyncio.sleep(random.uniform(0, 1.5))
            with suppress(ProcessLookupError):  # it was faster
                process.kill()
            await process.communicate()
            if is_sweep(tmp_path / "killed"):  # else it was killed before it had planned
                arguments = (tmp_path / "killed", "-j", "2", "--json")
        code, _, _ = await run(*arguments)
    assert code == 0, "all of it was told"
    assert told(tmp_path / "killed") == told(tmp_path / "whole")
    sessions = [open_recording(path.parent) for path in (tmp_path / "killed").glob("*/manifest.json")]
    assert [session.manifest.ended for session in sessions] == ["finished"] * 6
    assert len(service.dialogues) - whole <= 6 + 2 * KILLS, "cells that were over are not run again"


async def test_it_goes_on_only_as_it_was_begun(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    wav = talk(tmp_path)
    async with ScriptedService(answers) as service:
        plan = (
            wav,
            "--labels",
            tmp_path / "labels.json",
            "--set",
            "end_threshold=0.5",
            "--url",
            service.url,
            "--record",
            tmp_path,
            "--name",
            "one",
        )
        assert (await run(*plan))[0] == 0
        code, _, err = await run(*plan, "--repeat", "2")
        assert code == 2
        assert "one: holds a sweep with another --repeat: give another --name" in err
        for options, said in (
            (("--repeat", "2"), "goes on as it was begun: leave --repeat out"),
            (("--service", "flux"), "is a sweep of Cartesia: leave --service out"),
            (("--local",), "goes on with the service where it was: leave --local out"),
        ):
            assert main(["sweep", str(tmp_path / "one"), *options]) == 2
            assert said in capsys.readouterr().err
        assert len(service.dialogues) == 1


def test_an_address_with_a_secret_is_not_saved_and_must_be_given_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    command = ["sweep", str(talk(tmp_path)), "--record", str(tmp_path), "--name", "one"]
    assert main([*command, "--url", "http://me:hush@127.0.0.1:9"]) == 3
    assert "hush" not in (tmp_path / "one" / PLAN).read_text()
    assert main(["sweep", str(tmp_path / "one")]) == 2
    assert "give --url as it was" in capsys.readouterr().err
    assert main(["sweep", str(tmp_path / "one"), "--url", "http://me:hush@127.0.0.1:9"]) == 3


async def test_an_interrupt_ends_it_in_order_and_says_how_it_goes_on(tmp_path: Path):
    wav = talk(tmp_path)
    labels = ("--labels", tmp_path / "labels.json")
    async with ScriptedService(answers) as service:
        process = await start(
            wav,
            *labels,
            "--set",
            VALUES,
            "--url",
            service.url,
            "--record",
            tmp_path,
            "--name",
            "my sweep",
            "-j",
            "2",
            "--json",
        )
        assert process.stdout is not None
        first = json.loads(await process.stdout.readline())
        process.send_signal(signal.SIGINT)
        out, err = await process.communicate()
    assert (first["kind"], first["outcome"]["turns"][0]["text"]) == ("cell", "turn 1")
    assert process.returncode == 130
    assert f"to go on: stt-monitor sweep '{tmp_path}/my sweep'" in err.decode()
    rest = [json.loads(line)["kind"] for line in out.splitlines()]
    assert set(rest) <= {"cell"}, "a result of a part of the cells is none"
    saved = [open_recording(path.parent) for path in (tmp_path / "my sweep").glob("*/manifest.json")]
    assert len(saved) == 1 + len(rest), "sessions that were cut short are not kept"


def test_rows_of_eot_bench_are_recordings_with_labels(tmp_path: Path):
    (tmp_path / "set").mkdir()
    rows = [
        {
            "audio": f"{name}.wav",
            "language": "en",
            "silence_spans": [{"start": 0.6, "end": 1.3}, {"start": 1.7, "end": 2.4}],
        }
        for name in ("a", "b")
    ]
    for number, row in enumerate(rows):
        write_wav(tmp_path / "set" / str(row["audio"]), SECONDS + number / 10)
    (tmp_path / "set" / "metadata.jsonl").write_text("\n".join(map(json.dumps, rows)))
    nobody = ("--url", "http://127.0.0.1:9", "--record", str(tmp_path), "--name", "sweep")
    assert main(["sweep", str(tmp_path / "set"), *nobody]) == 3
    plan = read_plan(tmp_path / "sweep")
    assert [each.name for each in plan.recordings] == ["a.wav", "b.wav"]
    assert {each.reference for each in plan.recordings} == {"labels"}
    assert [(span.onset, span.end, span.continues) for span in plan.recordings[0].speech] == [
        (0.0, 0.6, False), (1.3, 1.7, True),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("audio", "said"),
    [
        (["talk.wav", "here/../talk.wav"], "talk.wav is given twice: --repeat plays each recording several times"),
        (["talk.wav", "copy.wav"], "copy.wav has the same audio as "),
        (["talk.wav", "--labels", "long.json"], "its labels go on to 3.1 s, but it is only 2.50 s long"),
        (["-"], "give files instead of standard input (-)"),
        (["t\udcffalk.wav"], "its name is not UTF-8"),
        (["talk.wav", "--degrade", "phone+noise"], "--degrade noise: how much?"),
        (["talk.wav", "--name", "a/b"], "--name a/b: give a name, and its directory with --record"),
        (["talk.wav", "--name", "x" * 300], "120 bytes at most"),
        (["x" * 300], "File name too long"),
        (["talk.wav", "-o", "a.txt"], "end its name in .html, .md, .json or .csv"),
    ],
)
def test_what_cannot_be_swept_is_said_before_anything_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], audio: list[str], said: str
):
    talk(tmp_path)
    (tmp_path / "here").mkdir()
    write_wav(tmp_path / "copy.wav", SECONDS)
    (tmp_path / "long.json").write_text('{"file": "talk.wav", "turns": [{"start": 0.2, "end": 3.1}]}')
    write_wav(tmp_path / "t\udcffalk.wav", SECONDS)
    before = sorted(tmp_path.rglob("*"))
    monkeypatch.chdir(tmp_path)
    assert main(["sweep", *audio, "--url", "http://127.0.0.1:9", "--record", str(tmp_path)]) == 2
    assert said in capsys.readouterr().err
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize("budget", ["5", "0%", "0.001%", "100%", "\u0665%"])
def test_a_budget_is_a_share_that_can_be_kept(budget: str, capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit) as end:
        main(["sweep", "talk.wav", "--budget", budget])
    assert end.value.code == 2
    assert f"{budget!r} is not a share from 0.01% to 99%, such as 5%" in capsys.readouterr().err


def test_on_a_terminal_it_asks(tmp_path: Path):
    wav = str(talk(tmp_path))
    command = [
        COMMAND,
        "sweep",
        wav,
        "--set",
        "end_threshold=0.5",
        "--url",
        "https://stt.example",
        "--record",
        str(tmp_path),
    ]
    with Terminal(command, columns=120) as terminal:
        terminal.until(
            lambda screen: "send 1 cell, 0:02 of audio, about 0:02 at 8 at once to Cartesia? [y/N]" in screen
        )
        terminal.press("n\r")
        assert terminal.until_gone() == 2
    assert [path.name for path in tmp_path.rglob("manifest.json")] == []


@pytest.mark.parametrize("url", ["https://stt.example", "http://192.0.2.1:8080"])
def test_nobody_is_called_without_being_asked(tmp_path: Path, url: str, capsys: pytest.CaptureFixture[str]):
    where = ("--url", url, "--record", str(tmp_path))
    assert main(["sweep", str(talk(tmp_path)), "--set", "end_threshold=0.5", *where]) == 2
    assert "will be sent 1 cell, 0:02 of audio, about 0:02 at 8 at once: give --yes" in capsys.readouterr().err
    assert [path.name for path in sorted(tmp_path.iterdir())] == ["labels.json", "talk.wav"]


def test_without_a_recording_it_plays_the_labelled_sample_and_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    where = ("--url", "https://stt.example", "--record", str(tmp_path))
    assert main(["sweep", *where]) == 2
    said, asked = capsys.readouterr().err.splitlines()
    assert said == "stt-monitor: no AUDIO is given: the sweep plays the bundled sample"
    assert "1 cell, 0:56 of audio" in asked
    assert main(["sweep", *where, "--labels", "labels.json"]) == 2
    assert "--labels needs an audio file" in capsys.readouterr().err
