"""Recordings of a sweep, before it begins."""

from pathlib import Path

import numpy as np
import pytest
import soundfile
import soxr
from tests.audio.degrade.measuring import speech
from tests.support.sweeps import SPEECH

from stt_monitor.core.errors import InputError
from stt_monitor.sweep.preparing import planned

RATE = 16_000


@pytest.mark.slow
def test_what_makes_all_figures_doubtful_is_said_before_it_begins(tmp_path: Path):
    talk, warned = speech(RATE), list[str]()
    soundfile.write(tmp_path / "fast.wav", soxr.resample(talk, RATE, 8000), RATE)
    soundfile.write(tmp_path / "call.wav", np.stack([talk, np.roll(talk, 3 * RATE)], axis=1), RATE)
    for name, channel in (("fast.wav", "mix"), ("call.wav", "mix"), ("call.wav", "left")):
        planned(tmp_path / name, channel, SPEECH, warned.append)
    fast, call = warned
    assert fast.startswith("fast.wav: the speech sounds twice as fast as people speak")
    assert call.startswith("call.wav: its two channels differ, and their mix is sent: --channel left")


def test_it_is_said_up_to_where_a_damaged_recording_can_be_read(tmp_path: Path):
    soundfile.write(tmp_path / "whole.flac", speech(RATE)[: 4 * RATE], RATE)
    damaged = (tmp_path / "whole.flac").read_bytes()
    (tmp_path / "cut.flac").write_bytes(damaged[: len(damaged) // 2])
    with pytest.raises(InputError, match=r"cut\.flac: damaged after [12]\.\d s"):
        planned(tmp_path / "cut.flac", "mix", SPEECH, print)
