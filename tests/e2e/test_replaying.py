"""Sessions told again by the real command: what they printed, and what the recording that ships with it says."""

import asyncio
import json
import os
import re
import sys
from asyncio.subprocess import PIPE
from pathlib import Path

import pytest
from tests.support.kept import recordings_in
from tests.support.service import Dialogue, ScriptedService, polite
from tests.support.sound import write_wav
from tests.support.terminal import Terminal

COMMAND = str(Path(sys.executable).with_name("stt-monitor"))
GOLDEN = Path(__file__).parents[1] / "golden"


async def run(*arguments: str, **environment: str) -> tuple[int | None, str, str]:
    variables = {name: value for name, value in os.environ.items() if name != "CARTESIA_API_KEY"}
    process = await asyncio.create_subprocess_exec(
        COMMAND, *arguments, stdout=PIPE, stderr=PIPE, env=variables | environment
    )
    out, err = await process.communicate()
    return process.returncode, out.decode(), err.decode()


async def eventful(dialogue: Dialogue) -> None:
    """Everything that a recording has to keep: slips, garbage, control characters, a second connection."""
    await dialogue.say("connected")
    await dialogue.say("turn.end", transcript="out of nowhere")
    await dialogue.say("turn.start", turn_id="1")
    await dialogue.socket.send(b"\x00\xff")
    await dialogue.socket.send('{"type":"turn.dance"}')
    await dialogue.say("turn.update", transcript="Grüß \x1b[31mGott\u2028", turn_id="1")
    await dialogue.hear(0.2)
    await dialogue.socket.close(1011, "restarting")


@pytest.mark.parametrize("shape", ["--json", "--plain"])
async def test_a_replay_prints_what_the_session_printed(tmp_path: Path, shape: str):
    wav = write_wav(tmp_path / "a.wav", 1.0)
    async with ScriptedService(eventful, polite) as service:
        code, out, _ = await run(str(wav), shape, "--url", service.url, XDG_DATA_HOME=str(tmp_path))
    assert code == 0
    assert "Gott" in out
    (kept,) = recordings_in(tmp_path / "stt-monitor" / "recordings")
    code, again, err = await run("replay", "last", shape, XDG_DATA_HOME=str(tmp_path))
    assert (code, again) == (0, out)
    assert err.startswith(f"stt-monitor: last is {kept.name}: a.wav, 20")


async def test_after_a_refusal_the_last_is_said_to_be_an_older_session(tmp_path: Path):
    """Nothing is kept of a session that never came about, and an aborted one has no turn to look at."""

    async def silent(dialogue: Dialogue) -> None:
        await dialogue.say("connected")
        await dialogue.hear_close()

    environment = {"XDG_DATA_HOME": str(tmp_path)}
    wavs = [write_wav(tmp_path / name, 0.5) for name in ("heard.wav", "silent.wav", "refused.wav")]
    async with ScriptedService(polite, silent) as service:
        for wav in wavs[:2]:
            await run(str(wav), "--url", service.url, **environment)
    assert (await run(str(wavs[2]), "--url", "ws://127.0.0.1:1", **environment))[0] == 3
    for command in (
        ("replay", "last", "--plain"),
        ("report", "last", "--format", "md"),
        ("export", "last", "--format", "srt"),
    ):
        code, out, err = await run(*command, **environment)
        assert code == 0
        assert "Hello there" in out
        assert ": heard.wav, 20" in err
        assert err.endswith("; 1 newer without a finished turn\n")


@pytest.mark.parametrize(("shape", "suffix"), [("--json", "jsonl"), ("--plain", "txt")])
@pytest.mark.parametrize("speed", [(), ("--speed", "40")])
async def test_the_demo_says_the_same_every_time_at_any_speed(shape: str, suffix: str, speed: tuple[str, ...]):
    """After a wanted change: UPDATE_SNAPSHOTS=1 pytest tests/e2e/test_replaying.py, and look at the diff."""
    code, out, err = await run("demo", shape, *speed)
    golden = GOLDEN / f"demo.{suffix}"
    if os.environ.get("UPDATE_SNAPSHOTS"):
        golden.write_text(out, encoding="utf-8")
    assert (code, err) == (0, "")
    assert out == golden.read_text(encoding="utf-8")


async def test_the_kept_are_listed(tmp_path: Path):
    environment = {"XDG_DATA_HOME": str(tmp_path)}
    assert "no saved sessions in" in (await run("recordings", **environment))[1]
    wav = write_wav(tmp_path / "evil\x1b[2J.wav", 0.5)
    async with ScriptedService(polite) as service:
        await run(str(wav), "--url", service.url, **environment)
    code, out, _ = await run("recordings", **environment)
    (kept,) = recordings_in(tmp_path / "stt-monitor" / "recordings")
    assert code == 0
    head, line = out.splitlines()
    assert re.split(" {2,}", head) == [
        "when", "source", "service", "settings", "turns", "eot p50", "cut-offs", "length", "MB", "name",
    ]  # fmt: skip
    shown = ["evil[2J.wav", "cartesia", "server defaults", "1", "–", "–", "0:00", "0.0", kept.name]
    assert re.split(" {2,}", line)[1:] == shown  # our own close ended its only turn: nobody can tell
    assert "\x1b" not in out


@pytest.mark.parametrize(
    ("arguments", "what"),
    [
        (["replay", "nothing"], "no saved session named 'nothing'; list them with"),
        (["replay", "last"], "no saved sessions in"),
        (["replay", "last", "--speed", "0"], "--speed: 0 is not a speed"),
        (["replay", "last", "--speed", "quick"], "--speed"),
    ],
)
async def test_what_cannot_be_replayed_is_said_in_a_sentence(arguments: list[str], what: str, tmp_path: Path):
    code, out, err = await run(*arguments, XDG_DATA_HOME=str(tmp_path))
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert what in err


def test_the_demo_on_a_terminal():
    with Terminal([COMMAND, "demo", "--speed", "max"], 120, 32) as terminal:
        terminal.until("doorbell doesn't work")
        terminal.until("■ replay")
        terminal.press("q")
        assert terminal.until_gone() == 0
        left = bytes(terminal.output).decode().rpartition("\x1b[?1049l")[2]  # on the screen that the shell is on
        assert re.findall(r"^(session|turns|eot|worst|saved|report) +(\S+)", left, re.MULTILINE)[-1] == (
            "report", "stt-monitor",
        )  # fmt: skip
        assert left.count("\n") == 6


def test_a_replay_is_stepped_sped_up_and_sought_with_keys():
    with Terminal([COMMAND, "demo", "--step"], 120, 32) as terminal:
        terminal.until(lambda text: "‖ replay" in text and "Tune" not in text)  # the footer follows the header
        terminal.press("}")
        terminal.until("● speaking")
        terminal.press("...")
        terminal.until("good morning")
        terminal.press("]")
        terminal.until(" 2× ")
        terminal.press("{{")
        terminal.until(lambda text: "morning" not in text and "0:00/0:56" in text)
        terminal.press("]]]]m")
        terminal.until("▶ replay")
        terminal.until("■ replay")
        terminal.press("q")
        assert terminal.until_gone() == 0


async def test_a_kept_session_is_opened_from_the_screen_and_left_again(tmp_path: Path):
    wav = write_wav(tmp_path / "opened.wav", 0.5)
    long = write_wav(tmp_path / "long.wav", 60)
    async with ScriptedService(polite) as service:
        arguments = ["--url", service.url, "--record", str(tmp_path / "kept")]
        await run(str(wav), *arguments)
        await asyncio.to_thread(_open_and_leave, [COMMAND, str(long), *arguments])
    assert {recording.manifest.ended for recording in recordings_in(tmp_path / "kept")} == {"finished"}


def _open_and_leave(command: list[str]) -> None:
    with Terminal(command, 120, 35) as terminal:
        terminal.until("● live")
        terminal.press("o")
        terminal.until("opened.wav")
        terminal.press("opened\r")
        terminal.until("■ replay")
        terminal.until("Hello there.")
        terminal.press("o")
        terminal.until("back to live sessions")
        terminal.press("\r")
        terminal.until("● live")
        terminal.press("q")
        assert terminal.until_gone() == 0


def test_the_demos_journal_is_as_it_was_recorded():
    demo = recordings_in(Path(sys.modules["stt_monitor.recording.reader"].__file__ or "").parent / "data")[0]
    session = demo.manifest.session
    assert session.source == "bundled sample"
    assert session.reference == "labels"
    assert re.fullmatch(r"ws://127\.0\.0\.1:\d+/stt/turns/websocket", session.url)
    assert json.loads((demo.path / "manifest.json").read_text())["ended"] == "finished"
