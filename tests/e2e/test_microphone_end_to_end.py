"""The microphone, from PortAudio and ALSA to the words: the device is a real one that reads from a FIFO."""

import json
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.e2e.test_end_to_end import needs_recogniser, word_error_rate
from tests.support.microphone import RATE, Device, needs_portaudio
from tests.support.patience import PATIENCE_S
from tests.support.sound import READING, wav_bytes

PRELUDE = """
import sys, threading, os, signal
from stt_monitor.cli.main import main

def interrupt_after(seconds):
    # What ctrl+c does; main() has installed its handler by then.
    threading.Timer(seconds, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
"""

SILENCE = bytes(2 * RATE * 30)
"""A device that is fed no more gives out nothing, as one that was unplugged."""


@pytest.fixture
def device(tmp_path: Path) -> Iterator[Device]:
    device = Device(tmp_path, PRELUDE)
    yield device
    device.close()


@needs_portaudio
@needs_recogniser
def test_what_is_said_into_the_microphone_is_understood(device: Device):
    device.speaks(wav_bytes(READING) + SILENCE)
    lines: list[dict[str, Any]] = []
    with device.start('sys.exit(main(["--mic", "--json", "--local"]))') as program:
        assert program.stdout is not None
        for line in program.stdout:
            lines.append(json.loads(line))
            if [each["kind"] for each in lines].count("turn") == 2:
                break
        program.send_signal(signal.SIGINT)
        rest, errors = program.communicate(timeout=PATIENCE_S)
    lines += [json.loads(line) for line in rest.splitlines()]
    summary = lines[-1]
    assert summary["kind"] == "summary", errors
    assert program.returncode == 130
    assert lines[0]["source"] == "default"
    assert word_error_rate(summary["transcript"]) <= 0.15
    assert summary["counts"]["violations"] == 0
    first = next(line for line in lines if line["kind"] == "turn")
    assert first["eot_latency_ms"] > 0
    health = summary["health"]
    assert health["dropped_s"] == 0
    assert health["audio_sent_s"] > 13.5  # to the end of the speech


@needs_portaudio
def test_the_device_is_listed_as_the_default(device: Device):
    device.speaks(SILENCE)
    done = device.run('sys.exit(main(["devices"]))', check=False)
    assert done.returncode == 0
    assert any(line.startswith("*") and "default" in line for line in done.stdout.decode().splitlines())


@needs_portaudio
def test_the_level_of_the_device_is_shown(device: Device):
    device.speaks(wav_bytes(READING) + SILENCE)
    done = device.run('interrupt_after(6)\nsys.exit(main(["devices", "--test"]))', check=False)
    assert done.returncode == 0, done.stderr
    levels = [line for line in done.stdout.decode().splitlines() if line.startswith("[")]
    bars = [line.count("#") for line in levels]
    assert min(bars) < 10  # the room
    assert max(bars) > 25  # the voice
    assert len({len(line) for line in levels}) == 1


@needs_portaudio
def test_a_device_that_is_not_there_is_named(device: Device):
    device.speaks(SILENCE)
    done = device.run('sys.exit(main(["--mic", "--device", "Blue Yeti", "--plain", "--local"]))', check=False)
    assert done.returncode == 2
    assert b"Blue Yeti" in done.stderr
    assert b"stt-monitor devices" in done.stderr
    assert b"Traceback" not in done.stderr


@needs_portaudio
@pytest.mark.parametrize("arguments", [["--mic", "--plain", "--local"], ["devices"], ["devices", "--test"]])
def test_a_broken_configuration_of_the_sound_system_is_a_sentence(device: Device, arguments: list[str]):
    device.configuration.write_text("")  # it aborts whoever loads PortAudio
    done = device.run(f"sys.exit(main({arguments}))", check=False)
    assert done.returncode == 2
    assert b"the sound system is broken" in done.stderr
    assert b"check the ALSA configuration" in done.stderr
    assert done.stderr.count(b"\n") == 1
