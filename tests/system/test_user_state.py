"""What is remembered from run to run."""

from pathlib import Path

import pytest

from stt_monitor.core.session_options import FileChoice, UrlService
from stt_monitor.session.recent_choices import remember_choice
from stt_monitor.system.user_state import MOST, UserState, read_state, remember_theme


@pytest.fixture(autouse=True)
def directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    return tmp_path / "stt-monitor"


def test_the_newest_choices_are_remembered_once_each():
    for number in range(MOST + 2):
        remember_choice(FileChoice(f"/calls/{number}.wav"), UrlService(f"ws://host:{number}/stt"))
    remember_choice(FileChoice("/calls/5.wav"))
    state = read_state()
    assert len(state.files) == len(state.addresses) == MOST
    assert state.files[:3] == ("/calls/5.wav", "/calls/9.wav", "/calls/8.wav")
    assert state.addresses[0] == "ws://host:9/stt"


def test_an_address_that_may_hold_a_secret_is_not_written_down(directory: Path):
    for url in ("wss://me:hush@host/stt", "wss://host/stt?access_token=hush", "wss://hush@host/", "ws://host/#hush"):
        remember_choice(UrlService(url))
    assert read_state() == UserState()
    assert not directory.exists()


@pytest.mark.parametrize("content", [b"", b"{", b'{"files": 3}', b"\xff"])
def test_a_file_that_is_none_of_ours_is_forgotten(directory: Path, content: bytes):
    directory.mkdir()
    (directory / "state.json").write_bytes(content)
    assert read_state() == UserState()
    remember_theme("nord", "")
    assert read_state() == UserState(theme="nord")


def test_nothing_depends_on_it(directory: Path):
    directory.write_text("a file where the folder should be")
    remember_theme("nord", "")
    assert read_state() == UserState()
