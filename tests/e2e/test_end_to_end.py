"""The installed command, as its user runs it: real speech, the real local server, a real terminal."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import jiwer
import pytest
from tests.support.patience import PATIENCE_S
from tests.support.sound import READING, write_wav
from tests.support.terminal import Terminal

from stt_monitor.core.errors import UserError
from stt_monitor.server.asr.models import ENCODER

COMMAND = str(Path(sys.executable).with_name("stt-monitor"))
WORDS = (
    "had he married a more amiable woman he might have been made still more respectable than he was "
    "he might even have been made amiable himself"
)
"""What is said in `READING`."""


def can_recognise() -> bool:
    try:
        ENCODER.locate()
    except UserError:
        return False
    return find_spec("onnxruntime") is not None


needs_recogniser = pytest.mark.skipif(not can_recognise(), reason="this platform has no wheel of the recogniser")
pytestmark = needs_recogniser


def environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name != "CARTESIA_API_KEY"}


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [COMMAND, *arguments], capture_output=True, text=True, env=environment(), timeout=PATIENCE_S, check=False
    )


def word_error_rate(text: str) -> float:
    plain = "".join(char if char.isalnum() or char.isspace() else " " for char in text.lower())
    return jiwer.wer(WORDS, " ".join(plain.split()))


def gone(process: int) -> bool:
    deadline = time.monotonic() + PATIENCE_S
    while Path(f"/proc/{process}").exists():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def server_of(process: int) -> int:
    """The local server that a running monitor has started."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        children = Path(f"/proc/{process}/task/{process}/children").parent.parent
        listed = " ".join(path.read_text() for path in children.glob("*/children"))
        for child in listed.split():
            if b"stt_monitor.server" in Path(f"/proc/{child}/cmdline").read_bytes():
                return int(child)
        time.sleep(0.05)
    raise AssertionError("the monitor started no local server")


def test_a_recording_is_understood_turn_by_turn():
    done = run(str(READING), "--json")
    assert done.returncode == 0
    lines: list[dict[str, Any]] = [json.loads(line) for line in done.stdout.splitlines()]
    kinds = [line["kind"] for line in lines]
    assert kinds[0] == "session"
    assert kinds[-1] == "summary"
    assert "likelihood" not in kinds
    summary = lines[-1]
    assert word_error_rate(summary["transcript"]) <= 0.15
    assert summary["turns"] == 2
    assert summary["counts"]["violations"] == 0
    assert summary["counts"]["missed"] == summary["counts"]["spurious"] == 0
    events = [line["event"] for line in lines if line["kind"] == "event"]
    assert summary["transcript"] == "".join(e["transcript"] for e in events if e["type"] == "turn.end")
    # The times of speech that latencies are measured from are where the sample has them.
    first, second = (line for line in lines if line["kind"] == "turn")
    assert first["speech_start_s"] == pytest.approx(0.85, abs=0.25)
    assert first["speech_end_s"] == pytest.approx(7.3, abs=0.25)
    assert second["speech_start_s"] == pytest.approx(10.6, abs=0.25)
    for turn in (first, second):
        assert turn["end_reason"] == "threshold"
        for figure in ("onset_latency_ms", "eot_latency_ms"):
            assert turn[figure] > 0
        for figure in ("first_text_ms", "eager_lead_ms"):
            assert turn[figure] >= 0  # a server that has fallen behind sends both events at once


def test_the_likelihood_is_told_to_those_who_ask(tmp_path: Path):
    done = run(str(write_wav(tmp_path / "tone.wav", 1.0)), "--json", "--trace")
    assert done.returncode == 0
    lines: list[dict[str, Any]] = [json.loads(line) for line in done.stdout.splitlines()]
    points = [point for line in lines if line["kind"] == "likelihood" for point in line["points"]]
    positions = [position for position, _ in points]
    assert positions == sorted(positions)
    assert 0.9 < positions[-1] <= 1.04  # the last frame is filled up with silence
    assert all(0 <= value <= 1 for _, value in points)


def test_piped_output_needs_no_terminal():
    done = subprocess.run(
        f"{COMMAND} {READING} | cat", shell=True, capture_output=True, text=True, env=environment(), check=True
    )
    assert re.search(r"turn\.update    \| \w", done.stdout)
    assert "\x1b" not in done.stdout
    assert word_error_rate(done.stdout.split("transcript:\n")[1]) <= 0.15
    assert "Traceback" not in done.stderr


def test_a_reader_that_leaves_ends_the_session():
    done = subprocess.run(
        f"set -o pipefail; {COMMAND} --plain | head -1", shell=True, executable="/bin/bash",
        capture_output=True, text=True, env=environment(), check=False, timeout=PATIENCE_S,
    )  # fmt: skip
    assert done.returncode == 130
    assert len(done.stdout.splitlines()) == 1
    assert "Traceback" not in done.stderr
    assert "BrokenPipe" not in done.stderr


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)], ids=["INT", "TERM", "HUP"]
)
def test_a_signal_ends_the_session_in_order(number: signal.Signals, code: int):
    with subprocess.Popen([COMMAND, "--json"], stdout=subprocess.PIPE, text=True, env=environment()) as process:
        assert process.stdout is not None
        heard = []
        for line in process.stdout:
            heard.append(json.loads(line))
            if heard[-1].get("event", {}).get("type") == "turn.update":
                break
        server = server_of(process.pid)
        process.send_signal(number)
        heard += [json.loads(line) for line in process.stdout]
        assert process.wait(PATIENCE_S) == code
    assert (heard[0]["source"], heard[0]["reference"]) == ("bundled sample", "labels")
    assert heard[-1]["kind"] == "summary"
    assert heard[-1]["turns"] == 1
    assert any(line["kind"] == "status" and line["connection"] == "closed" for line in heard)
    assert gone(server)


def test_the_local_server_is_gone_when_the_monitor_is_killed():
    with subprocess.Popen([COMMAND, "--json"], stdout=subprocess.PIPE, text=True, env=environment()) as process:
        assert process.stdout is not None
        process.stdout.readline()
        server = server_of(process.pid)
        process.kill()
    assert gone(server)


@pytest.mark.parametrize(("columns", "rows"), [(80, 24), (160, 50)])
def test_a_session_on_a_real_terminal(columns: int, rows: int):
    with Terminal([COMMAND, str(READING)], columns, rows) as terminal:
        terminal.until("● live")
        # How often: a state itself may be over before a busy machine draws it.
        terminal.until(lambda text: re.search(r"start [1-9]", text) is not None)
        terminal.until(lambda text: re.search(r"eager end [1-9]", text) is not None)
        terminal.until("end 2")
        terminal.until("◇ closed")
        terminal.press("s")
        terminal.until("turn 1" if rows > 30 else "start 1")  # the second session has its first turn
        terminal.press("q")
        assert terminal.until_gone() == 0
        assert terminal.restored


def test_quitting_in_mid_stream():
    with Terminal([COMMAND]) as terminal:
        terminal.until("SPEAKING")
        server = server_of(terminal.process.pid)
        terminal.press("q")
        assert terminal.until_gone() == 0
        assert terminal.restored
        assert gone(server)


def test_ctrl_c_on_the_screen():
    with Terminal([COMMAND]) as terminal:
        terminal.until("SPEAKING")
        terminal.press("\x03")
        assert terminal.until_gone() == 130
        assert terminal.restored


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129)], ids=["TERM", "HUP"])
def test_a_signal_restores_the_terminal(number: signal.Signals, code: int):
    with Terminal([COMMAND]) as terminal:
        terminal.until("SPEAKING")
        server = server_of(terminal.process.pid)
        terminal.process.send_signal(number)
        assert terminal.until_gone() == code
        assert terminal.restored
        assert gone(server)


def test_raw_sound_from_a_pipe_leaves_the_keyboard_to_the_screen():
    piped = f"tail -c +45 {READING} | {COMMAND} - --rate 16000"
    with Terminal(["/bin/bash", "-c", piped]) as terminal:
        terminal.until(lambda text: re.search(r"EAGER END|eager end [1-9]", text) is not None)
        terminal.press("q")
        assert terminal.until_gone() == 0
        assert terminal.restored


def test_the_screen_waits_for_the_start_key():
    with Terminal([COMMAND, "--no-autostart"]) as terminal:
        terminal.until("Start")
        assert "● live" not in terminal.text
        terminal.press("s")
        terminal.until("● live")
        terminal.press("q")
        assert terminal.until_gone() == 0
