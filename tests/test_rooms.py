"""Who may import whom: the contracts in pyproject.toml must refuse what is wrong, so wrong imports are planted."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

WRONG = [
    # upward
    ("headless", "stt_monitor.cli.main"),
    ("sweep", "stt_monitor.headless.run"),
    ("session", "stt_monitor.sweep.plan"),
    ("session", "stt_monitor.tap.events"),
    ("recording", "stt_monitor.session.client"),
    ("server", "stt_monitor.recording.reader"),
    ("audio", "stt_monitor.session.sources"),
    ("transport", "stt_monitor.recording.manifest"),
    ("export", "stt_monitor.report.model"),
    ("ui", "stt_monitor.session.thread"),
    ("system", "stt_monitor.audio.formats"),
    ("services", "stt_monitor.transport.connection"),
    ("core", "stt_monitor.services"),
    ("core.metrics", "stt_monitor.system.writer"),
    # sideways
    ("report", "stt_monitor.recording.reader"),
    ("transport", "stt_monitor.audio.sources.source"),
    ("ui.widgets", "stt_monitor.export.formats"),
    ("services", "stt_monitor.system.streams"),
    ("tap", "stt_monitor.sweep.plan"),
    # libraries from outside
    ("core", "asyncio"),
    ("services", "websockets"),
    ("ui", "numpy"),
    ("report", "textual"),
    ("export", "threading"),
]
"""The room of a planted module, and what it must not import."""

CIRCLE = "recording"
"""A room in which two planted modules import each other."""

UNPLACED = "lounge"
"""A room that no contract names."""

MOST_MODULES = 24
"""In a room of its own, without the rooms inside it."""

MOST_LINES = 300
"""Of a module."""


@pytest.fixture(scope="session")
def verdict(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What import-linter says of a copy of the program with everything wrong in it."""
    place = tmp_path_factory.mktemp("rooms")
    package = place / "stt_monitor"
    shutil.copytree(ROOT / "tui" / "stt_monitor", package, ignore=shutil.ignore_patterns("__pycache__", "data"))
    for number, (room, imported) in enumerate(WRONG):
        (package / room.replace(".", "/") / f"wrong_{number}.py").write_text(f"import {imported}\n")
    for one, other in (("here", "there"), ("there", "here")):
        (package / CIRCLE / f"{one}.py").write_text(f"import stt_monitor.{CIRCLE}.{other}\n")
    (package / UNPLACED).mkdir()
    (package / UNPLACED / "__init__.py").write_text("")
    return lint(place)


def lint(place: Path) -> str:
    run = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command as run; run()",
         "--config", str(ROOT / "pyproject.toml"), "--no-cache"],
        capture_output=True, text=True, check=False, cwd=place, env=os.environ | {"PYTHONPATH": str(place)},
    )  # fmt: skip
    assert run.returncode == 1, run.stderr
    return run.stdout


@pytest.mark.parametrize("number", range(len(WRONG)), ids=lambda number: " imports ".join(WRONG[number]))
def test_a_wrong_import_is_refused(verdict: str, number: int):
    room, imported = WRONG[number]
    assert re.search(rf"stt_monitor\.{re.escape(room)}\.wrong_{number} -> {re.escape(imported)}\b", verdict)


def test_two_modules_of_a_room_must_not_import_each_other(verdict: str):
    assert f"No cycles are allowed in stt_monitor.{CIRCLE}." in verdict


def test_a_new_room_must_be_placed(verdict: str):
    assert re.search(rf"^.*\b{UNPLACED}\b", verdict, re.MULTILINE)


def test_no_room_is_a_heap_and_no_module_a_scroll():
    package = ROOT / "tui" / "stt_monitor"
    rooms = [package, *(path for path in package.rglob("*") if path.is_dir())]
    heaps = {str(room.relative_to(package)): len(list(room.glob("[!_]*.py"))) for room in rooms}
    scrolls = {str(one.relative_to(package)): one.read_text().count("\n") for one in package.rglob("*.py")}
    assert {room: count for room, count in heaps.items() if count > MOST_MODULES} == {}
    assert {module: lines for module, lines in scrolls.items() if lines > MOST_LINES} == {}
