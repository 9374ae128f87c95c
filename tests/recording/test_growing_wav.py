from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
import soundfile

from stt_monitor.audio.formats import AudioFormat, Encoding, decode
from stt_monitor.recording.growing_wav import HEADER_BYTES, GrowingWav, stored_encoding, wav_header

FORMAT = AudioFormat(Encoding.PCM_S16LE, 16_000)


def tone(encoding: Encoding, samples: int = 1600) -> bytes:
    """Samples that differ from one another, in any encoding."""
    wave = 0.5 * np.sin(np.arange(samples) / 9)
    match encoding:
        case Encoding.PCM_S16LE:
            return (wave * 32767).astype("<i2").tobytes()
        case Encoding.PCM_S32LE:
            return (wave * 2147483647).astype("<i4").tobytes()
        case Encoding.PCM_F16LE | Encoding.PCM_F32LE:
            return wave.astype("<f2" if encoding is Encoding.PCM_F16LE else "<f4").tobytes()
        case _:
            return bytes(np.arange(samples, dtype=np.uint8))


@pytest.mark.parametrize("encoding", Encoding)
def test_what_was_sent_is_read_back_whatever_its_encoding(tmp_path: Path, encoding: Encoding):
    data = tone(encoding)
    with closing(GrowingWav(tmp_path / "a.wav", AudioFormat(encoding, 8000))) as wav:
        wav.write(0, data)
        wav.flush()
    samples, rate = soundfile.read(tmp_path / "a.wav", dtype="float64")
    assert rate == 8000
    assert samples == pytest.approx(decode(data, encoding), abs=1e-7)
    stored = (tmp_path / "a.wav").read_bytes()[HEADER_BYTES:]
    if stored_encoding(encoding) is encoding:
        assert stored == data  # bit by bit, not only by ear


def test_the_file_can_be_read_after_every_flush_while_it_grows(tmp_path: Path):
    path = tmp_path / "a.wav"
    with closing(GrowingWav(path, FORMAT)) as wav:
        assert soundfile.info(path).frames == 0
        for number in range(1, 4):
            wav.write(1600 * (number - 1), tone(Encoding.PCM_S16LE))
            wav.flush()
            assert soundfile.info(path).frames == 1600 * number
        assert wav.size == path.stat().st_size


def test_audio_that_is_sent_again_lies_over_itself_and_a_gap_is_silence(tmp_path: Path):
    data = tone(Encoding.PCM_S16LE)
    with closing(GrowingWav(tmp_path / "a.wav", FORMAT)) as wav:
        wav.write(0, data)
        wav.write(0, data)
        wav.write(1_600_000, data)  # more of a gap than is filled at once
        wav.flush()
    samples, _ = soundfile.read(tmp_path / "a.wav", dtype="int16")
    assert len(samples) == 1_601_600
    assert samples[:1600].tobytes() == samples[-1600:].tobytes() == data
    assert not samples[1600:-1600].any()


def test_a_file_beyond_four_gigabytes_says_its_length_in_64_bits(tmp_path: Path):
    samples = 2_200_000_000
    with (tmp_path / "long.wav").open("wb") as file:  # sparse: it takes no room
        file.write(wav_header(FORMAT, samples))
        file.truncate(HEADER_BYTES + 2 * samples)
    assert soundfile.info(tmp_path / "long.wav").frames == samples


def test_the_header_keeps_its_length():
    assert {len(wav_header(AudioFormat(stored_encoding(e), 16_000), n)) for e in Encoding for n in (0, 1 << 32)} == {
        HEADER_BYTES
    }
