"""What tells the audio of files apart: the samples that are played, not the file around them."""

import os
from pathlib import Path

import numpy as np
import pytest
import soundfile

from stt_monitor.audio.channels import Channel
from stt_monitor.audio.identity import audio_id
from stt_monitor.core.errors import InputError

NOISE = (np.random.default_rng(4).standard_normal((24_000, 2)) * 3000).astype(np.int16)


def written(path: Path, samples: "np.ndarray[tuple[int, ...], np.dtype[np.int16]]", rate: int = 16_000) -> Path:
    soundfile.write(path, samples, rate)
    return path


def test_the_same_samples_have_the_same_id_whatever_the_container_and_its_name(tmp_path: Path):
    wav = written(tmp_path / "a.wav", NOISE[:, 0])
    assert audio_id(wav, "mix") == audio_id(written(tmp_path / "b.flac", NOISE[:, 0]), "mix")
    stereo = written(tmp_path / "stereo.wav", NOISE)
    assert audio_id(stereo, 1) == audio_id(wav, "mix")


@pytest.mark.parametrize("channel", ["mix", 2])
def test_another_channel_is_other_audio(tmp_path: Path, channel: Channel):
    stereo = written(tmp_path / "stereo.wav", NOISE)
    assert audio_id(stereo, channel) != audio_id(stereo, 1)


def test_a_sample_or_a_rate_that_differs_is_other_audio(tmp_path: Path):
    plain = written(tmp_path / "a.wav", NOISE[:, 0])
    changed = NOISE[:, 0].copy()
    changed[-1] += 1
    others = [
        written(tmp_path / "b.wav", changed),
        written(tmp_path / "c.wav", NOISE[:-1, 0]),
        written(tmp_path / "d.wav", NOISE[:, 0], 8000),
    ]
    assert len({audio_id(path, "mix") for path in (plain, *others)}) == 4


def test_a_file_that_was_written_anew_is_read_anew(tmp_path: Path):
    path = written(tmp_path / "a.wav", NOISE[:, 0])
    before = audio_id(path, "mix")
    written(path, NOISE[:, 1])
    os.utime(path, ns=(1, 1))
    assert audio_id(path, "mix") != before


def test_a_lossy_file_is_known_by_its_bytes_and_the_channel(tmp_path: Path):
    path = written(tmp_path / "a.ogg", NOISE)
    copy = tmp_path / "copy.ogg"
    copy.write_bytes(path.read_bytes())
    assert audio_id(path, "mix") == audio_id(copy, "mix") != audio_id(path, 1)


def test_a_truncated_file_is_known_by_what_can_be_played(tmp_path: Path):
    path = written(tmp_path / "a.flac", NOISE[:, 0])
    path.write_bytes(path.read_bytes()[:-2000])
    assert audio_id(path, "mix")
    with pytest.raises(InputError, match="no such file"):
        audio_id(tmp_path / "gone.wav", "mix")
