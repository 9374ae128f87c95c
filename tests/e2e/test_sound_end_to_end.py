"""Sound that is not as its user thinks: the real program says so, and hears what is there."""

import json
import subprocess
from pathlib import Path

import numpy as np
import pytest
import soundfile
from tests.support.killed import COMMAND

SAMPLES = np.random.default_rng(1).normal(0, 3000, 16000).astype("<i2")


def run(*arguments: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    done = subprocess.run(
        [COMMAND, *arguments, "--local", "--json", "--no-record"], input=stdin, capture_output=True, check=False
    )
    assert b"Traceback" not in done.stderr
    return done


def seconds_sent(done: subprocess.CompletedProcess[bytes]) -> float:
    sent: float = json.loads(done.stdout.splitlines()[-1])["health"]["audio_sent_s"]
    return sent


def test_nothing_on_standard_input_is_bad_input():
    for arguments in (["-", "--rate", "16000"], ["-"]):
        done = run(*arguments)
        assert (done.returncode, b"ended without any audio" in done.stderr) == (2, True)


def test_a_file_that_breaks_off_is_heard_and_told(tmp_path: Path):
    soundfile.write(tmp_path / "whole.mp3", SAMPLES, 16000)
    (tmp_path / "cut.mp3").write_bytes((tmp_path / "whole.mp3").read_bytes()[:-1500])
    done = run(str(tmp_path / "cut.mp3"))
    assert done.returncode == 2
    assert b"cut.mp3: truncated after 0." in done.stderr
    assert 0.3 < seconds_sent(done) < 1
    assert any(b"truncated" in line for line in done.stdout.splitlines())


def test_a_wav_is_heard_from_a_pipe(tmp_path: Path):
    soundfile.write(tmp_path / "a.wav", SAMPLES, 16000)
    done = run("-", stdin=(tmp_path / "a.wav").read_bytes())
    assert (done.returncode, seconds_sent(done)) == (0, 1)


@pytest.mark.parametrize("option", [["--rate", "16000"], ["--encoding", "pcm_s16le"]])
def test_options_of_raw_sound_beside_other_sound_are_refused(tmp_path: Path, option: list[str]):
    soundfile.write(tmp_path / "a.wav", SAMPLES, 16000)
    for sound in ([str(tmp_path / "a.wav")], ["--mic"], []):
        done = run(*sound, *option)
        assert (done.returncode, b"raw PCM on standard input" in done.stderr) == (2, True)
