"""Several recordings one after another, with the installed command: a session each, and the figures of all together."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from tests.support.patience import PATIENCE_S
from tests.support.service import Dialogue, ScriptedService, polite
from tests.support.sound import wav_bytes, write_wav
from tests.support.terminal import Terminal

COMMAND = str(Path(sys.executable).with_name("stt-monitor"))


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    """Three recordings, told apart by their lengths; speech is where the labels say."""
    lengths = {"a.wav": 0.9, "b.wav": 1.0, "c.wav": 1.1}
    labels = [{"file": name, "turns": [{"start": 0.05, "end": 0.3}, {"start": 0.5, "end": 0.7}]} for name in lengths]
    (tmp_path / "labels.json").write_text(json.dumps(labels))
    (tmp_path / "some.json").write_text(json.dumps(labels[:2]))
    (tmp_path / "track.txt").write_text("0.1\t0.2\tspeech\n")
    return [str(write_wav(tmp_path / name, seconds)) for name, seconds in lengths.items()]


async def twice(dialogue: Dialogue) -> None:
    """A service that hears two turns in everything."""
    await dialogue.say("connected")
    for number, (begin, end) in enumerate([(0.2, 0.4), (0.6, 0.8)], 1):
        await dialogue.hear(begin)
        await dialogue.say("turn.start", turn_id=str(number))
        await dialogue.hear(end)
        await dialogue.say("turn.eager_end", transcript=f" turn {number}", turn_id=str(number))
        await dialogue.say("turn.end", transcript=f" turn {number}", turn_id=str(number))
    await dialogue.hear_close()


class Run:
    """The command, and what it says."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.lines: list[str] = []
        self.complaints = ""

    @classmethod
    async def start(cls, *arguments: str) -> "Run":
        environment = {name: value for name, value in os.environ.items() if name != "CARTESIA_API_KEY"}
        pipe = asyncio.subprocess.PIPE
        return cls(await asyncio.create_subprocess_exec(COMMAND, *arguments, stdout=pipe, stderr=pipe, env=environment))

    async def until(self, words: Sequence[str]) -> None:
        """Read until a line has all these words."""
        assert self.process.stdout is not None
        async with asyncio.timeout(PATIENCE_S):
            while not (self.lines and all(word in self.lines[-1] for word in words)):
                line = await self.process.stdout.readline()
                assert line, self.lines
                self.lines.append(line.decode().rstrip("\n"))

    async def finish(self) -> int:
        """Read the rest; returns the exit code."""
        async with asyncio.timeout(PATIENCE_S):
            out, err = await self.process.communicate()
        self.lines += out.decode().splitlines()
        self.complaints = err.decode()
        assert self.process.returncode is not None
        return self.process.returncode

    def records(self, *kinds: str) -> list[dict[str, Any]]:
        return [record for line in self.lines if (record := json.loads(line))["kind"] in kinds]


async def test_each_file_has_its_session_and_the_last_line_is_about_all(files: list[str], tmp_path: Path):
    async with ScriptedService(twice) as service:
        run = await Run.start(*files, "--json", "--url", service.url, "--labels", str(tmp_path / "labels.json"))
        assert await run.finish() == 0, run.complaints
    assert [bytes(dialogue.audio) for dialogue in service.dialogues] == [wav_bytes(Path(file)) for file in files]
    framing = [(record["kind"], record.get("source")) for record in run.records("session", "summary", "total")]
    assert framing == [
        ("session", "a.wav"), ("summary", None),
        ("session", "b.wav"), ("summary", None),
        ("session", "c.wav"), ("summary", None),
        ("total", None),
    ]  # fmt: skip
    turns = run.records("turn")
    total = json.loads(run.lines[-1])
    assert total["files"] == [{"source": name, "turns": 2, "error": ""} for name in ("a.wav", "b.wav", "c.wav")]
    assert total["turns"] == total["counts"]["turns"] == len(turns) == 6
    for figure in ("onset_latency_ms", "eot_latency_ms", "eager_lead_ms"):
        for first, summary in ((False, total[figure]), (True, total["first_turns"][figure])):
            counted = [turn for turn in turns if turn["first_of_connection"] is first and not turn["slow"]]
            values = [turn[figure] for turn in counted if turn[figure] is not None]  # a busy machine may be too late
            assert summary["n"] == len(values)
            assert summary["max"] == (pytest.approx(max(values), abs=0.11) if values else None)
            if len(values) == 3:
                assert summary["p50"] == pytest.approx(sorted(values)[1], abs=0.11)
    assert total["t"] > 3.0


async def test_a_service_that_goes_away_ends_the_run(files: list[str]):
    async with ScriptedService(twice) as service:
        run = await Run.start(*files, "--json", "--url", service.url)
        await run.until(['"summary"'])
    assert await run.finish() == 3
    a, b = run.records("session")
    assert (a["source"], b["source"]) == ("a.wav", "b.wav")
    total = json.loads(run.lines[-1])
    assert [(file["source"], file["turns"]) for file in total["files"]] == [("a.wav", 2), ("b.wav", 0)]
    assert "connection refused" in total["files"][1]["error"]
    assert (total["files_asked"], total["turns"]) == (3, 2)
    assert run.complaints.count("check the address and the network") == 1


async def test_all_files_are_checked_before_the_first_begins(files: list[str], tmp_path: Path):
    bad = tmp_path / "bad.wav"
    bad.write_text("no recording\n")
    async with ScriptedService(twice) as service:
        run = await Run.start(*files, str(bad), "--url", service.url, "--plain")
        assert await run.finish() == 2
        assert service.dialogues == []
    assert run.lines == []
    assert str(bad) in run.complaints
    assert run.complaints.count("\n") == 1


async def test_a_file_that_vanishes_in_between_is_told_and_the_others_are_played(files: list[str]):
    async with ScriptedService(twice) as service:
        run = await Run.start(*files, "--json", "--url", service.url)
        await run.until(['"turn.start"'])
        await asyncio.to_thread(Path(files[1]).unlink)
        assert await run.finish() == 2
    assert [bytes(dialogue.audio) for dialogue in service.dialogues[1:]] == [wav_bytes(Path(files[2]))]
    assert files[1] in run.complaints
    total = json.loads(run.lines[-1])
    assert [file["turns"] for file in total["files"]] == [2, 0, 2]
    assert files[1] in total["files"][1]["error"]


async def test_plain_has_a_block_for_each_file_and_one_for_all(files: list[str]):
    async with ScriptedService(twice) as service:
        run = await Run.start(*files[:2], "--plain", "--url", service.url)
        assert await run.finish() == 0, run.complaints
    headings = [line for line in run.lines if line.startswith("===")]
    assert headings == ["=== a.wav", "=== b.wav", "=== total: 2 of 2 files"]
    assert run.lines.count(" turn 1 turn 2") == 2
    assert any(line.startswith("4 turns, 4 eager ends (4 confirmed)") for line in run.lines)
    leads = [line.split()[1] for line in run.lines if line.startswith("eager_lead")]
    assert leads == ["1", "1", "2", "2"]  # a file, a file, together, and the first turns


async def test_files_at_once_are_told_apart_and_judged_together(files: list[str], tmp_path: Path):
    judged = ["--assert", "turns==6", "--labels", str(tmp_path / "labels.json"), "--record", str(tmp_path / "kept")]
    async with ScriptedService(twice) as service:
        plain = await Run.start(*files, "--plain", "-j", "3", "--url", service.url, *judged)
        assert await plain.finish() == 0, plain.complaints
        lines = await Run.start(*files, "--json", "-j", "2", "--url", service.url, *judged)
        assert await lines.finish() == 0, lines.complaints
    assert [line for line in plain.lines if line.startswith("===")][-1] == "=== total: 3 of 3 files"
    assert sorted(line for line in plain.lines if line.startswith("===") and "total" not in line) == [
        "=== a.wav", "=== b.wav", "=== c.wav"
    ]  # fmt: skip
    for name in ("a.wav", "b.wav", "c.wav"):
        assert sum(line.startswith(f"{name}  ") and "turn.end" in line for line in plain.lines) == 2
        assert f"{name}: connected" in plain.complaints
    assert plain.lines[-1] == "PASS  turns==6  actual 6"
    assert all(("file" in json.loads(line)) is (json.loads(line)["kind"] not in ("total", "assertion"))
               for line in lines.lines)  # fmt: skip
    (total,) = lines.records("total")
    assert [file["source"] for file in total["files"]] == ["a.wav", "b.wav", "c.wav"]
    assert len(list((tmp_path / "kept").iterdir())) == 6


async def test_files_of_the_same_name_are_told_apart(files: list[str]):
    async with ScriptedService(twice) as service:
        run = await Run.start(files[0], files[1], files[0], "--plain", "-j", "3", "--url", service.url, "--no-record")
        assert await run.finish() == 0, run.complaints
    blocks = [line for line in run.lines if line.startswith("===") and "total" not in line]
    assert sorted(blocks) == ["=== a.wav (1)", "=== a.wav (3)", "=== b.wav"]


async def test_files_at_once_are_for_one_service_and_not_for_the_screen(files: list[str]):
    run = await Run.start(*files, "-j", "2", "--plain", "--local", "--service", "cartesia", "--service", "flux")
    assert await run.finish() == 2
    assert "-j is for one service" in run.complaints
    assert run.complaints.count("\n") == 1

    def watch() -> None:
        with Terminal([COMMAND, *files, "-j", "2", "--url", "ws://127.0.0.1:1"], 120, 35) as terminal:
            terminal.until("the screen shows one: add --plain, --json or --assert")
            assert terminal.until_gone() == 2

    await asyncio.to_thread(watch)


async def test_an_interruption_ends_the_run(files: list[str]):
    async with ScriptedService(twice) as service:
        run = await Run.start(*files, "--json", "--url", service.url)
        await run.until(['"turn.start"'])
        run.process.send_signal(signal.SIGINT)
        assert await run.finish() == 130
    assert [record["source"] for record in run.records("session")] == ["a.wav"]
    assert [file["source"] for file in json.loads(run.lines[-1])["files"]] == ["a.wav"]


@pytest.mark.parametrize(
    ("more", "complaint"),
    [
        (["--labels", "track.txt"], "track.txt: does not say which recording it labels"),
        (["--labels", "some.json"], "no labels for c.wav; it has some for a.wav, b.wav"),
        (["-", "--rate", "16000"], "standard input (-) cannot be combined with files"),
        (["--mic"], "not allowed with argument"),
        (["--say", "hello"], "not allowed with argument"),
        (["--device", "1"], "give --mic too"),
        (["-j", "0"], "not a whole number from 1 to 64 files"),
    ],
)
async def test_what_does_not_go_with_several_files(
    files: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, more: list[str], complaint: str
):
    monkeypatch.chdir(tmp_path)
    run = await Run.start(*files, *more, "--plain", "--url", "ws://127.0.0.1:1")
    assert await run.finish() == 2
    assert complaint in run.complaints
    assert run.complaints.count("\n") == 1
    assert run.lines == []


async def test_the_screen_plays_them_all(files: list[str]):
    async with ScriptedService(polite) as service:

        def watch() -> None:
            with Terminal([COMMAND, *files, "--url", service.url], 120, 35) as terminal:
                terminal.until(lambda text: "c.wav" in text and "■ stopped" in text)
                terminal.press("q")
                assert terminal.until_gone() == 0

        await asyncio.to_thread(watch)
    assert [bytes(dialogue.audio) for dialogue in service.dialogues] == [wav_bytes(Path(file)) for file in files]


async def test_stopping_on_the_screen_ends_the_whole_run(tmp_path: Path):
    files = [str(write_wav(tmp_path / name, 30.0)) for name in ("a.wav", "b.wav")]
    async with ScriptedService(polite) as service:

        def watch() -> None:
            with Terminal([COMMAND, *files, "--url", service.url], 120, 35) as terminal:
                terminal.until("Hello")
                terminal.press("s")
                terminal.until("◇ closed")
                terminal.until("Start")
                terminal.press("q")
                assert terminal.until_gone() == 0

        await asyncio.to_thread(watch)
    assert len(service.dialogues) == 1
