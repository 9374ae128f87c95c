"""The theme of the screen, from run to run."""

import sys
from pathlib import Path

import pytest
from tests.support.terminal import Terminal

from stt_monitor.system.user_state import UserState, read_state

PROGRAM = (sys.executable, "-m", "stt_monitor", "demo", "--step")


@pytest.fixture(autouse=True)
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    (tmp_path / "stt-monitor").mkdir()
    return tmp_path / "stt-monitor" / "config.toml"


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
def test_a_theme_that_is_chosen_is_remembered_until_the_file_says_otherwise(config: Path):
    config.write_text("[screen]\ntheme = 'nord'\n")
    with Terminal(PROGRAM) as terminal:
        terminal.until("replay")
        terminal.press("\x10theme\r")
        terminal.until("Search for themes")
        terminal.press("gruvbox")
        terminal.until(lambda text: "gruvbox" in text and "monokai" not in text)
        terminal.press("\r")
        terminal.until(lambda text: "gruvbox" not in text)
        terminal.press("\x11")
        assert terminal.until_gone() == 0
    assert read_state() == UserState(theme="gruvbox", theme_instead_of="nord")


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
def test_a_theme_that_is_none_is_refused(config: Path):
    config.write_text("[screen]\ntheme = 'gruvbx'\n")
    with Terminal(PROGRAM) as terminal:
        terminal.until("there is no theme gruvbx; did you mean gruvbox")
        assert terminal.until_gone() == 2
