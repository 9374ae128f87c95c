"""A run against a baseline, with the installed command: written, committed, compared."""

import json
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from tests.support.command import run
from tests.support.service import Dialogue, ScriptedService
from tests.support.sound import write_wav

TURNS = 8
EVERY_S = 0.7


def ends_after(eot: float) -> Callable[[Dialogue], Awaitable[None]]:
    """Return a service that ends each turn this long after its speech."""

    async def serve(dialogue: Dialogue) -> None:
        await dialogue.say("connected")
        for number in range(TURNS):
            await dialogue.hear(0.15 + EVERY_S * number)
            await dialogue.say("turn.start")
            await dialogue.hear(0.3 + EVERY_S * number + eot)
            await dialogue.say("turn.end", transcript=f"Number {number}.")
        await dialogue.hear_close()

    return serve


@pytest.fixture
def talk(tmp_path: Path) -> list[str]:
    turns = [{"start": 0.1 + EVERY_S * number, "end": 0.3 + EVERY_S * number} for number in range(TURNS)]
    (tmp_path / "labels.json").write_text(json.dumps([{"file": "talk.wav", "turns": turns}]))
    talk = write_wav(tmp_path / "talk.wav", EVERY_S * TURNS + 0.2)
    return [str(talk), "--labels", str(tmp_path / "labels.json"), "--plain", "--record", str(tmp_path / "kept")]


async def test_a_run_is_compared_with_a_file_or_a_session_and_other_audio_with_neither(talk: list[str], tmp_path: Path):
    baseline = str(tmp_path / "baseline.json")
    async with ScriptedService(ends_after(0.05)) as service:
        written = await run(*talk, "--url", service.url, "--write-baseline", baseline)
    assert written.returncode == 0, written.stderr
    assert f"wrote {baseline}" in written.stderr
    (before,) = (tmp_path / "kept").iterdir()
    same = await run("assert", str(before), "--baseline", baseline)
    assert same.returncode == 0, same.stdout
    assert [line.split("  ")[:2] for line in same.stdout.splitlines()] == [
        ["PASS", f"eot_latency no worse than {baseline} by 10%,50ms"],
        ["PASS", f"false_cutoffs no worse than {baseline} by 10%"],
    ]
    junit = tmp_path / "verdicts.xml"
    async with ScriptedService(ends_after(0.35)) as service:
        worse = await run(*talk, "--url", service.url, "--baseline", str(before), "--junit", str(junit))
    assert worse.returncode == 1, worse.stdout
    fail = next(line for line in worse.stdout.splitlines() if line.startswith("FAIL"))
    assert "eot_latency no worse than" in fail
    assert "(n 7 pairs)" in fail
    assert "talk.wav at 0:0" in worse.stdout
    assert 'failures="1"' in junit.read_text()
    other = write_wav(tmp_path / "other.wav", 0.5)
    async with ScriptedService(ends_after(0.05)) as service:
        unlike = await run(str(other), "--url", service.url, "--baseline", baseline, "--plain", "--no-record")
    assert unlike.returncode == 4, unlike.stdout + unlike.stderr
    assert "CANNOT TELL  eot_latency no worse than" in unlike.stdout
    assert "FAIL" not in unlike.stdout
