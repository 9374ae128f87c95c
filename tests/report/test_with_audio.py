"""Audio clips in a page: what was sent, small, and nothing from elsewhere."""

import base64
import re
import shutil
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
import soundfile
from tests.report.page import Page
from tests.support.kept import keep

from stt_monitor.audio.formats import AudioFormat, Encoding
from stt_monitor.audio.sample import SAMPLE
from stt_monitor.cli.main import main
from stt_monitor.recording.clips import Clips
from stt_monitor.recording.finding import demo_recording
from stt_monitor.recording.growing_wav import GrowingWav
from stt_monitor.recording.manifest import AUDIO
from stt_monitor.recording.reader import open_recording
from stt_monitor.recording.replay import fold

TALK = soundfile.read(SAMPLE, dtype="float32")[0]


def likeness(one: np.ndarray, other: np.ndarray) -> float:
    """Return the highest correlation of two sounds, 0 to 1, wherever they fit: a coder delays a little."""
    size = 1 << (len(one) + len(other)).bit_length()
    product = np.fft.irfft(np.fft.rfft(one, size) * np.conj(np.fft.rfft(other, size)))
    return float(product.max() / np.sqrt((one @ one) * (other @ other)))


@pytest.mark.slow
def test_each_turn_has_its_audio_in_the_page(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    path = tmp_path / "a.html"
    assert main(["report", "demo", "--with-audio", "-o", str(path)]) == 0
    assert "9 audio clips: " in capsys.readouterr().err
    page = Page(path.read_text())
    urls = [value for name, value in page.attributes if name == "src" and value is not None]
    assert len(urls) == page.tags.count("audio") == 9
    assert "media-src data:" in path.read_text()
    finished = fold(demo_recording()).snapshot.finished
    for url, turn in zip(urls, finished, strict=True):
        kind, _, data = url.partition(";base64,")
        assert kind == "data:audio/mpeg"
        sound, rate = soundfile.read(BytesIO(base64.b64decode(data)), dtype="float32")
        assert rate == 16_000
        assert turn.metrics.speech_start_position is not None
        start, end = turn.metrics.speech_start_position - 0.3, turn.end_position + 0.5
        expected = TALK[round(start * rate) : round(end * rate)]
        assert len(sound) == pytest.approx(len(expected), abs=rate / 5)
        assert likeness(sound, expected) > 0.9
        assert len(url) < 5000 * (end - start)
    assert path.stat().st_size < 300_000


def test_audio_is_only_in_a_page_and_only_when_asked_for(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["report", "demo", "-o", str(tmp_path / "a.html")]) == 0
    assert not re.search("<audio|media-src", (tmp_path / "a.html").read_text())
    assert main(["report", "demo", "--with-audio", "--format", "md"]) == 2
    assert "--with-audio is for a page" in capsys.readouterr().err


@pytest.mark.slow
def test_a_session_without_audio_is_told_and_reported_all_the_same(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    silent = keep(tmp_path / "silent")
    path = tmp_path / "a.html"
    assert main(["report", silent, "demo", "--with-audio", "-o", str(path)]) == 0
    told = capsys.readouterr().err
    assert "no audio clips of silent:" in told
    assert "9 audio clips" in told
    assert Page(path.read_text()).tags.count("audio") == 9


@pytest.mark.parametrize("encoding", [Encoding.PCM_MULAW, Encoding.PCM_F16LE])
def test_whatever_was_sent_becomes_a_clip_and_what_lies_beyond_the_audio_none(tmp_path: Path, encoding: Encoding):
    folder = Path(keep(tmp_path / "one"))
    manifest = folder / "manifest.json"
    manifest.write_text(manifest.read_text().replace("16000", "8000"))
    wav = GrowingWav(folder / AUDIO, AudioFormat(encoding, 8000))
    wav.write(0, encoding.silence(8000 * 8))
    wav.flush()
    wav.close()
    clips = Clips(open_recording(folder))
    first, second, third = fold(open_recording(folder)).snapshot.finished[:3]
    assert clips(first).startswith("data:audio/")
    assert clips(second)
    assert clips(third) == ""
    assert clips.made == 2
    shutil.rmtree(folder)
