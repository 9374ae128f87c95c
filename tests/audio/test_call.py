from pathlib import Path

import numpy as np
import pytest
import soundfile
from tests.support.calls import RATE, echo, sample, says, silence, write_call

from stt_monitor.audio.call import call_channels, channels_differ, check_call
from stt_monitor.core.errors import InputError


@pytest.mark.parametrize(
    ("channel", "agent", "found"),
    [
        ("mix", "right", ("left", "right")),
        ("mix", "left", ("right", "left")),
        ("mix", "2", ("left", "2")),
        ("3", "right", ("3", "right")),
        ("left", "4", ("left", "4")),
    ],
)
def test_the_caller_is_on_the_other_channel(channel: str, agent: str, found: tuple[str, str]):
    assert call_channels(channel, agent) == found


@pytest.mark.parametrize(
    ("channel", "agent", "says"),
    [
        ("left", "1", "--agent 1 is the channel that --channel sends"),
        ("mix", "mix", "--agent mix: give left, right, or a channel number"),
        ("mix", "both", "--agent both: give"),
        ("mix", "3", "--agent 3: say which channel is the caller's"),
    ],
)
def test_channels_that_are_none(channel: str, agent: str, says: str):
    with pytest.raises(InputError, match=says):
        call_channels(channel, agent)


@pytest.mark.slow
def test_the_same_sound_twice_is_no_call(tmp_path: Path):
    check_call(write_call(tmp_path / "call.wav", says((0, 5))), "left", "right")
    check_call(write_call(tmp_path / "silent.wav", silence()), "left", "right")
    check_call(write_call(tmp_path / "echo.wav", echo(0.2)), "left", "right")
    for name, gain in (("same", 1.0), ("quieter", 0.25), ("upside-down", -1.0)):
        with pytest.raises(InputError, match="there is no agent's side; leave out --agent"):
            check_call(write_call(tmp_path / f"{name}.wav", np.float32(gain) * sample()), "left", "right")


@pytest.mark.slow
def test_two_speakers_differ_and_two_microphones_do_not(tmp_path: Path):
    noise = np.random.default_rng(3).normal(0, 0.003, len(sample())).astype(np.float32)
    assert channels_differ(write_call(tmp_path / "call.wav", says((0, 3.5), (1, 11))))
    assert not channels_differ(write_call(tmp_path / "stereo.wav", np.float32(0.7) * sample() + noise))
    assert not channels_differ(write_call(tmp_path / "empty.wav", silence()))
    assert not channels_differ(write_call(tmp_path / "faint.wav", np.float32(0.001) * says((0, 3.5))))
    soundfile.write(tmp_path / "mono.wav", sample(), RATE)
    assert not channels_differ(tmp_path / "mono.wav")
    assert not channels_differ(tmp_path / "missing.wav")
