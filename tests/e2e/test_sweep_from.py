"""`stt-monitor sweep --from`: saved sessions judged again, with the installed command."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from tests.support.kept import keep_journal
from tests.support.patience import PATIENCE_S
from tests.support.traced import traced

COMMAND = str(Path(sys.executable).with_name("stt-monitor"))


def sweep(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [COMMAND, "sweep", *arguments], capture_output=True, text=True, timeout=PATIENCE_S, check=False
    )


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    return keep_journal(tmp_path / "saved", traced(8)).path


def test_a_saved_session_gives_a_curve(saved: Path, tmp_path: Path):
    page = tmp_path / "curve.md"
    told = sweep("--from", saved, "--set", "end_threshold=0.2,0.3,0.45", "-o", page, "--json")
    assert told.returncode == 0, told.stderr
    result = json.loads(told.stdout.splitlines()[-1])
    assert [each["why"] for each in result["missing"]] == ["cannot tell: a later end threshold"]
    assert "cannot tell: a later end threshold (8 turns)" in result["left_out"]
    assert "0.45" in page.read_text()


def test_where_nothing_can_be_told_it_says_so(saved: Path):
    told = sweep("--from", saved, "--set", "end_threshold=0.1,0.2")
    assert told.returncode == 4
    assert "a later end threshold" in told.stdout


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        (("--degrade", "phone"), "--from recomputes sessions with their own audio: leave --degrade out"),
        (("--local",), "leave --local out"),
        (("--set", "end_treshold=0.4"), "did you mean"),
    ],
)
def test_what_it_cannot_do_is_refused(saved: Path, more: tuple[str, ...], sentence: str):
    told = sweep("--from", saved, *more)
    assert told.returncode == 2
    assert sentence in told.stderr
