"""The default output through the real PortAudio and ALSA, without hardware."""

from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
import soxr
from tests.support.loudspeaker import Loudspeaker
from tests.support.microphone import needs_portaudio

from stt_monitor.audio.devices import speaker as speaker_module
from stt_monitor.audio.devices.speaker import Speaker, SpeakerStoppedError
from stt_monitor.audio.formats import Samples
from stt_monitor.core.errors import InputError

RATE = 16_000
NOISE = np.random.default_rng(3).integers(-20_000, 20_000, RATE).astype("<i2")


@pytest.fixture
def floats() -> Samples:
    return NOISE.astype(np.float32) / np.float32(32768)


def play(samples: Samples, rate: int = RATE) -> list[float]:
    heard = []
    with Speaker() as speaker:
        speaker.open(rate)
        for start in range(0, len(samples), 1600):
            speaker.play(samples[start : start + 1600])
        speaker.finish()
        while speaker.advance():
            heard.append(speaker.heard)
    return heard


@needs_portaudio
def test_what_is_played_is_what_was_given_and_it_tells_how_far_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, floats: Samples
):
    device = Loudspeaker(tmp_path, monkeypatch)
    heard = play(floats)
    assert device.played == np.repeat(NOISE, 2).tobytes()
    assert heard == sorted(heard)
    assert heard[-1] == pytest.approx(0.9, abs=0.05)  # less what is in the device


@needs_portaudio
def test_a_device_with_one_channel_plays_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, floats: Samples):
    device = Loudspeaker(tmp_path, monkeypatch, "mono")
    play(floats)
    assert device.played == NOISE.tobytes()


@needs_portaudio
def test_a_device_that_refuses_the_rate_gets_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, floats: Samples):
    device = Loudspeaker(tmp_path, monkeypatch)
    play(floats, rate=500_000)  # no sound system plays that
    left, right = np.frombuffer(device.played, "<i2").reshape(-1, 2).T
    own = 1000 * len(left) / 32
    assert own == pytest.approx(44_100, abs=50) or own == pytest.approx(48_000, abs=50)
    assert np.array_equal(left, right)
    expected = soxr.resample(floats, 500_000, round(own, -2)) * 32768
    assert np.abs(left - expected[: len(left)]).max() < 2


@needs_portaudio
def test_one_that_freezes_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, floats: Samples):
    monkeypatch.setattr(speaker_module, "PLAY_TIMEOUT_S", 0.5)
    with closing(Loudspeaker(tmp_path, monkeypatch, slow=True)), Speaker() as speaker:
        speaker.open(RATE)
        with pytest.raises(InputError, match=r"the sound output does not respond \(nothing for 0.5 s\)"):
            go_on(speaker, floats)


@needs_portaudio
@pytest.mark.parametrize(
    ("configuration", "sentence"),
    [
        ("pcm.null { type null }\n", r"check the sound system .* playing ended with status -6"),
        ("pcm.!default { type asym capture.pcm { type null } }\n", "no sound output found: connect one"),
    ],
    ids=["broken", "none"],
)
def test_without_a_device_a_sentence_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, configuration: str, sentence: str
):
    (tmp_path / "alsa.conf").write_text(configuration)
    monkeypatch.setenv("ALSA_CONFIG_PATH", str(tmp_path / "alsa.conf"))
    with pytest.raises(InputError, match=sentence), Speaker() as speaker:
        speaker.open(RATE)


@needs_portaudio
def test_a_process_that_dies_in_the_middle_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, floats: Samples):
    Loudspeaker(tmp_path, monkeypatch)
    with Speaker() as speaker:
        speaker.open(RATE)
        speaker.play(floats[:1600])
        assert speaker.advance()
        speaker._process.kill()
        with pytest.raises(InputError, match="playing ended with status -9"):
            go_on(speaker, floats)


@needs_portaudio
def test_it_falls_silent_when_another_thread_stops_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, floats: Samples):
    device = Loudspeaker(tmp_path, monkeypatch)
    with Speaker() as speaker:
        speaker.open(RATE)
        speaker.play(floats[:1600])
        assert speaker.advance()
        speaker.stop()
        with pytest.raises(SpeakerStoppedError):
            go_on(speaker, floats)
    assert np.repeat(NOISE, 2).tobytes().startswith(device.played)


def go_on(speaker: Speaker, samples: Samples) -> None:
    for _ in range(100):
        speaker.play(samples)


@needs_portaudio
def test_a_device_that_fails_in_the_middle_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, floats: Samples):
    device = Loudspeaker(tmp_path, monkeypatch, slow=True)
    with Speaker() as speaker:
        speaker.open(RATE)
        speaker.play(floats[:1600])
        device.close()  # nobody reads the FIFO any more
        with pytest.raises(InputError, match=r"the sound output failed \(.*\); try again"):
            go_on(speaker, floats)
