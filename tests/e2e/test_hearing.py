"""The real program on a terminal plays a turn through a real PortAudio, also beside a microphone that listens."""

import asyncio
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile
from tests.support.kept import recordings_in
from tests.support.loudspeaker import Loudspeaker
from tests.support.microphone import RATE, Device, needs_portaudio
from tests.support.service import Dialogue, ScriptedService
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


@needs_portaudio
async def test_a_microphone_does_not_hear_what_is_played(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    async def ends_a_turn(dialogue: Dialogue) -> None:
        await dialogue.say("connected")
        await dialogue.hear(0.5)
        await dialogue.say("turn.start", turn_id="1")
        await dialogue.hear(1.0)
        await dialogue.say("turn.end", transcript="the noise", turn_id="1")
        await dialogue.hear_close()

    def use(url: str) -> None:
        options = ["--mic", "--url", url, "--record", str(tmp_path / "kept")]
        with Terminal([COMMAND, *options], 120, 35, ALSA_CONFIG_PATH=str(both)) as terminal:
            terminal.until("the noise")
            terminal.press("a")
            assert any(loudspeaker.hears(40_000))
            terminal.until(lambda shown: "‖ muted" in shown.splitlines()[0])
            terminal.press("a")
            terminal.until(lambda shown: "‖ muted" not in shown.splitlines()[0])
            terminal.press("q")
            assert terminal.until_gone() == 0

    microphone = Device(tmp_path)
    loudspeaker = Loudspeaker(tmp_path, monkeypatch, slow=True)
    both = tmp_path / "both.conf"
    both.write_text(
        "pcm.null { type null }\n"
        f'pcm.in {{ type file slave.pcm null file "/dev/null" infile "{tmp_path / "fifo"}" format "raw" }}\n'
        f'pcm.out {{ type file slave.pcm null file "{loudspeaker.path}" format "raw" }}\n'
        "pcm.!default { type asym playback.pcm out capture.pcm in }\n"
    )
    try:
        microphone.hears(60.0)
        async with ScriptedService(ends_a_turn) as service:
            await asyncio.to_thread(use, service.url)
    finally:
        microphone.close()
        loudspeaker.close()
    (kept,) = recordings_in(tmp_path / "kept")
    assert kept.audio_path is not None
    sent = soundfile.read(kept.audio_path, dtype="int16")[0]
    (silent,) = np.nonzero(sent == 0)  # the noise has no zero in it
    assert len(silent) > RATE / 10
    assert silent[-1] - silent[0] == len(silent) - 1
    assert 0 < silent[0] < silent[-1] < len(sent) - 1
