"""The real program on a terminal plays a turn through a real PortAudio."""

import sys
from pathlib import Path

import pytest
from tests.support.loudspeaker import Loudspeaker
from tests.support.microphone import needs_portaudio
from tests.support.terminal import Terminal

COMMAND = str(Path(sys.executable).with_name("stt-monitor"))


@needs_portaudio
def test_a_plays_the_newest_turn_and_the_cursor_shows_where(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    device = Loudspeaker(tmp_path, monkeypatch, slow=True)
    try:
        with Terminal([COMMAND, "demo", "--speed", "max"], 120, 35) as terminal:
            terminal.until("stopped")
            terminal.press("a")
            assert any(device.hears(40_000))
            terminal.until(lambda text: "stopped · ▶ 0:5" in text and "┃" in text)
            terminal.press("a")
            terminal.until(lambda text: "▶ 0:5" not in text)
            terminal.press("a")
            device.hears(40_000)
            terminal.press("q")  # while it plays
            assert terminal.until_gone() == 0
            assert terminal.restored
    finally:
        device.close()
