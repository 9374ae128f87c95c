"""Sweeps with the installed command: killed and gone on with, asked for and refused."""

import asyncio
import json
import os
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

from stt_monitor.core.sweep.outcome import CellOutcome
from stt_monitor.recording.reader import open_recording
from stt_monitor.sweep.folder import is_sweep

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


async def test_it_goes_on_only_as_it_was_begun(tmp_path: Path):
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
        code, _, err = await run(tmp_path / "one", "--repeat", "2")
        assert code == 2
        assert "goes on as it was begun: leave --repeat out" in err
        assert len(service.dialogues) == 1


@pytest.mark.parametrize("url", ["https://stt.example", "http://192.0.2.1:8080"])
async def test_nobody_is_called_without_being_asked(tmp_path: Path, url: str):
    code, _, err = await run(talk(tmp_path), "--set", "end_threshold=0.5", "--url", url, "--record", tmp_path)
    assert code == 2
    assert "0:02 of audio" in err
    assert "give --yes" in err
