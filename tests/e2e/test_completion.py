"""`stt-monitor completion`: what a shell is answered, without a command being run."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from stt_monitor.cli.main import main
from stt_monitor.recording.finding import demo_recording
from stt_monitor.services import registry

SEPARATOR = "\x0b"


def completed(line: str, folder: Path) -> list[str]:
    """Ask the program as the script of a shell does."""
    answer = folder / "answer"
    asked = {
        "_ARGCOMPLETE": "1",
        "_ARGCOMPLETE_IFS": SEPARATOR,
        "_ARGCOMPLETE_STDOUT_FILENAME": str(answer),
        "COMP_LINE": line,
        "COMP_POINT": str(len(line)),
        "XDG_DATA_HOME": str(folder / "data"),
        "XDG_CONFIG_HOME": str(folder / "config"),
    }
    program = [sys.executable, "-m", "stt_monitor"]
    subprocess.run(program, env=os.environ | asked, cwd=folder, check=True, capture_output=True)
    return [word.strip() for word in answer.read_text().split(SEPARATOR)]


def test_a_command_line_goes_on(tmp_path: Path):
    saved = tmp_path / "data" / "stt-monitor" / "recordings" / "monday"
    shutil.copytree(demo_recording().path, saved)
    for name in map(os.fsdecode, (b"m\xff", b"m\x1b[2J", b"m\nx")):  # no words for a terminal
        shutil.copytree(saved, saved.parent / name)
        (tmp_path / name).touch()
    (tmp_path / "config" / "stt-monitor").mkdir(parents=True)
    (tmp_path / "config" / "stt-monitor" / "config.toml").write_text("[profile.phone]\nchunk-ms = 20\n")
    junit = tmp_path / "verdicts.xml"
    for line, words in (
        ("stt-monitor rep", ["replay", "report"]),
        ("stt-monitor replay m", ["monday"]),
        ("stt-monitor a.wav --labels data/stt-monitor/", ["data/stt-monitor/recordings/"]),
        ("stt-monitor recordings r", ["rm"]),
        ("stt-monitor recordings rm mon", ["monday"]),
        ("stt-monitor a.wav --baseline mon", ["monday"]),
        ("stt-monitor a.wav --profile ", ["phone"]),
        ("stt-monitor a.wav --service ", list(registry.NAMES)),
        ("stt-monitor sweep --set end_t", ["end_threshold=", "end_timeout_ms="]),
        (f"stt-monitor assert --junit {junit} --nonsense --base", ["--baseline", "--baseline-service"]),
    ):
        assert completed(line, tmp_path) == words, line
    assert not junit.exists(), "a command was run"


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_has_a_script(shell: str, capsys: pytest.CaptureFixture[str]):
    assert main(["completion", shell]) == 0
    script = capsys.readouterr().out
    assert "stt-monitor" in script
    if (found := shutil.which(shell)) is not None:
        subprocess.run([found, "-n"], input=script, text=True, check=True)
