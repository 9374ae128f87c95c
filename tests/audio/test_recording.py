import struct
import wave
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from stt_monitor.audio.formats import AudioFormat, Encoding, decode
from stt_monitor.audio.recording import Channel, Recording, open_recording, parse_channel
from stt_monitor.core.errors import InputError

RATE = 11025


def write_wav(path: Path, data: bytes, *, width: int = 2, channels: int = 1, rate: int = RATE) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(width)
        file.setframerate(rate)
        file.writeframes(data)
    return path


def fmt_chunk(*, tag: int = 1, channels: int = 1, bits: int = 16, extension: bytes = b"") -> bytes:
    frame = channels * bits // 8
    body = struct.pack("<HHIIHH", tag, channels, RATE, RATE * frame, frame, bits) + extension
    return b"fmt " + struct.pack("<I", len(body)) + body


def riff(*chunks: bytes, size: int = 0xFFFFFFFF) -> bytes:
    return b"RIFF" + struct.pack("<I", size) + b"WAVE" + b"".join(chunks)


def read_all(recording: Recording, step: int = 1000) -> bytes:
    pieces = iter(lambda: recording.read(step), b"")
    data = b"".join(pieces)
    recording.close()
    return data


def bits(draw_seed: int, count: int) -> bytes:
    return np.random.default_rng(draw_seed).bytes(count)


@pytest.mark.parametrize(("width", "encoding"), [(2, Encoding.PCM_S16LE), (4, Encoding.PCM_S32LE)])
def test_16_and_32_bit_pcm_is_read_as_it_is_at_its_own_rate(tmp_path: Path, width: int, encoding: Encoding) -> None:
    data = bits(1, 3333 * width)
    recording = open_recording(write_wav(tmp_path / "a.wav", data, width=width))
    assert recording.format == AudioFormat(encoding, RATE)
    assert (recording.name, recording.samples, recording.duration) == ("a.wav", 3333, 3333 / RATE)
    assert read_all(recording) == data


@settings(deadline=None)
@given(st.binary(max_size=400).map(lambda data: data[: len(data) // 2 * 2]).filter(bool), st.integers(1, 50))
def test_every_sample_is_read_once_whatever_the_step(
    tmp_path_factory: pytest.TempPathFactory, data: bytes, step: int
) -> None:
    path = write_wav(tmp_path_factory.mktemp("wav") / "a.wav", data)
    assert read_all(open_recording(path), step) == data


def test_24_bit_becomes_32_bit_without_loss(tmp_path: Path) -> None:
    values = [0, 1, -1, 2**23 - 1, -(2**23), 1234567, -7654321]
    data = b"".join(value.to_bytes(3, "little", signed=True) for value in values)
    recording = open_recording(write_wav(tmp_path / "a.wav", data, width=3))
    assert recording.format.encoding is Encoding.PCM_S32LE
    assert np.frombuffer(read_all(recording), "<i4").tolist() == [value << 8 for value in values]


def test_8_bit_becomes_16_bit_without_loss(tmp_path: Path) -> None:
    recording = open_recording(write_wav(tmp_path / "a.wav", bytes(range(256)), width=1))
    assert recording.format.encoding is Encoding.PCM_S16LE
    assert np.frombuffer(read_all(recording), "<i2").tolist() == [(value - 128) << 8 for value in range(256)]


@pytest.mark.parametrize(("tag", "encoding"), [(6, Encoding.PCM_ALAW), (7, Encoding.PCM_MULAW)])
def test_g711_becomes_16_bit_without_loss(tmp_path: Path, tag: int, encoding: Encoding) -> None:
    codes = bytes(range(256))
    path = tmp_path / "a.wav"
    path.write_bytes(riff(fmt_chunk(tag=tag, bits=8), b"data" + struct.pack("<I", 256) + codes))
    recording = open_recording(path)
    assert recording.format.encoding is Encoding.PCM_S16LE
    assert (decode(read_all(recording), Encoding.PCM_S16LE) == decode(codes, encoding)).all()


def test_floats_are_read_as_they_are_beyond_full_scale_too(tmp_path: Path) -> None:
    samples = np.array([0.0, 1e-9, -1.0, 1.5, -3.25, 1 / 3], np.float32)
    soundfile.write(tmp_path / "a.wav", samples, RATE, subtype="FLOAT")
    recording = open_recording(tmp_path / "a.wav")
    assert recording.format.encoding is Encoding.PCM_F32LE
    assert read_all(recording) == samples.astype("<f4").tobytes()


@pytest.mark.parametrize(
    ("suffix", "encoding"),
    [
        ("flac", Encoding.PCM_S16LE), ("aiff", Encoding.PCM_S16LE),
        ("ogg", Encoding.PCM_F32LE), ("mp3", Encoding.PCM_F32LE), ("opus", Encoding.PCM_F32LE),
    ],
)  # fmt: skip
def test_other_kinds_of_files_keep_their_sound(tmp_path: Path, suffix: str, encoding: Encoding) -> None:
    seconds = np.arange(16000) / 16000
    tone = (12000 * np.sin(2 * np.pi * 440 * seconds)).astype(np.int16)
    soundfile.write(tmp_path / f"a.{suffix}", tone, 16000, format="OGG" if suffix == "opus" else None,
                    subtype="OPUS" if suffix == "opus" else None)  # fmt: skip
    recording = open_recording(tmp_path / f"a.{suffix}")
    assert recording.format == AudioFormat(encoding, 16000)
    data = read_all(recording)
    if encoding is Encoding.PCM_S16LE:
        assert data == tone.astype("<i2").tobytes()
    else:
        spectrum = np.abs(np.fft.rfft(decode(data, encoding)[:16000]))
        assert spectrum.argmax() == pytest.approx(440, abs=1)


@pytest.mark.parametrize(
    ("channel", "expected"),
    [(1, [32767, -32768, 100]), (2, [32767, -32768, -100]), (3, [32767, -32768, 4]), ("mix", [32767, -32768, 1])],
)
def test_a_channel_is_chosen_or_all_are_mixed_without_overflow(
    tmp_path: Path, channel: Channel, expected: list[int]
) -> None:
    frames = np.array([[32767] * 3, [-32768] * 3, [100, -100, 4]], "<i2")
    recording = open_recording(write_wav(tmp_path / "a.wav", frames.tobytes(), channels=3), channel)
    assert np.frombuffer(read_all(recording), "<i2").tolist() == expected


def test_32_bit_channels_mix_without_overflow(tmp_path: Path) -> None:
    frames = np.array([[2**31 - 1] * 2, [-(2**31)] * 2], "<i4")
    recording = open_recording(write_wav(tmp_path / "a.wav", frames.tobytes(), channels=2, width=4))
    assert np.frombuffer(read_all(recording), "<i4").tolist() == [2**31 - 1, -(2**31)]


LIST_CHUNK = b"LIST" + struct.pack("<I", 5) + b"INFO\0\0"
EXTENSIBLE = fmt_chunk(
    tag=0xFFFE, extension=struct.pack("<HHIH", 22, 16, 4, 1) + bytes.fromhex("000000001000800000aa00389b71")
)


@pytest.mark.parametrize(
    ("length", "before", "after", "fmt"),
    [
        pytest.param(0xFFFFFFFF, b"", b"", fmt_chunk(), id="streaming header"),
        pytest.param(0xFFFFFFFF, LIST_CHUNK, b"", fmt_chunk(), id="streaming header behind a LIST chunk"),
        pytest.param(0, b"", b"", fmt_chunk(), id="length never filled in"),
        pytest.param(0, LIST_CHUNK, b"", fmt_chunk(), id="length never filled in, behind a LIST chunk"),
        pytest.param(50000, b"", b"", fmt_chunk(), id="shorter than its header says"),
        pytest.param(2000, b"", LIST_CHUNK, fmt_chunk(), id="LIST chunk behind the sound"),
        pytest.param(2000, b"", b"", EXTENSIBLE, id="WAVE_FORMAT_EXTENSIBLE"),
    ],
)
def test_unusual_headers_play_what_is_there(
    tmp_path: Path, length: int, before: bytes, after: bytes, fmt: bytes
) -> None:
    data = bits(2, 2000)
    path = tmp_path / "a.wav"
    path.write_bytes(riff(fmt, before, b"data" + struct.pack("<I", length) + data + after))
    recording = open_recording(path)
    assert recording.samples == 1000
    assert read_all(recording) == data


def test_half_a_sample_at_the_end_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(riff(fmt_chunk(), b"data" + struct.pack("<I", 0xFFFFFFFF) + b"\1\2\3\4\5"))
    assert read_all(open_recording(path)) == b"\1\2\3\4"


def refused(path: Path, channel: Channel = "mix") -> str:
    with pytest.raises(InputError) as caught:
        open_recording(path, channel)
    sentence = str(caught.value)
    assert caught.value.exit_code == 2
    assert str(path) in sentence
    assert "\n" not in sentence
    return sentence


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    assert "no such file" in refused(tmp_path / "missing.wav")
    assert "cannot be opened" in refused(tmp_path / ("long" * 100))
    assert "cannot be opened" in refused(tmp_path / "null\0byte")
    assert "directory" in refused(tmp_path)
    assert "no regular file" in refused(Path("/dev/null"))


def test_a_file_that_may_not_be_read_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_wav(tmp_path / "a.wav", b"\0\0")

    def deny(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", deny)  # chmod would not do: the tests may run as root
    assert "permission" in refused(path)


@pytest.mark.parametrize("content", [b"just some words\n" * 10, b"\x89PNG\r\n\x1a\n" + bytes(100)])
def test_what_is_no_sound_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(content)
    sentence = refused(path)
    assert "no sound file" in sentence
    assert "ffmpeg" in sentence


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    path.touch()
    assert "empty" in refused(path)


def test_zero_frames_are_refused(tmp_path: Path) -> None:
    assert "zero frames" in refused(write_wav(tmp_path / "a.wav", b""))


@pytest.mark.parametrize("length", range(4, 41))
def test_a_header_that_breaks_off_is_refused(tmp_path: Path, length: int) -> None:
    whole = write_wav(tmp_path / "whole.wav", bits(3, 100)).read_bytes()
    path = tmp_path / "a.wav"
    path.write_bytes(whole[:length])
    assert "breaks off" in refused(path)


@pytest.mark.parametrize("subtype", ["IMA_ADPCM", "MS_ADPCM", "GSM610"])
def test_compressed_wav_is_refused(tmp_path: Path, subtype: str) -> None:
    soundfile.write(tmp_path / "a.wav", np.zeros(4000, np.float32), 8000, subtype=subtype)
    sentence = refused(tmp_path / "a.wav")
    assert "compressed" in sentence
    assert "ffmpeg" in sentence


def test_mp3_inside_a_wav_is_refused(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.mp3", np.zeros(20_000, np.float32), 8000)
    sound = (tmp_path / "a.mp3").read_bytes()
    fmt = fmt_chunk(tag=0x55, bits=0, extension=struct.pack("<HHIHHH", 12, 1, 2, 1, 1, 0))
    path = tmp_path / "a.wav"
    path.write_bytes(riff(fmt, b"data" + struct.pack("<I", len(sound)) + sound))
    assert "compressed" in refused(path)


def test_a_file_with_raw_samples_is_refused_with_the_command_for_it(tmp_path: Path) -> None:
    path = tmp_path / "a.raw"
    path.write_bytes(bytes(100))
    assert "--rate" in refused(path)


def test_a_channel_that_is_not_there_is_refused(tmp_path: Path) -> None:
    mono = write_wav(tmp_path / "mono.wav", bytes(8))
    stereo = write_wav(tmp_path / "stereo.wav", bytes(8), channels=2)
    assert "only one channel" in refused(mono, 2)
    assert "2 channels" in refused(stereo, 3)


def test_damage_in_the_middle_is_told_with_its_place(tmp_path: Path) -> None:
    path = tmp_path / "a.flac"
    soundfile.write(path, np.frombuffer(bits(4, 200_000), np.int16), 8000)
    content = bytearray(path.read_bytes())
    content[len(content) // 2 :] = bytes(len(content) - len(content) // 2)
    path.write_bytes(content)
    recording = open_recording(path)
    with pytest.raises(InputError, match=r"damaged after \d+\.\d s"):
        read_all(recording)
    recording.close()


@pytest.mark.parametrize(("text", "channel"), [("mix", "mix"), ("left", 1), ("right", 2), ("1", 1), ("12", 12)])
def test_channels_are_named_or_counted(text: str, channel: Channel) -> None:
    assert parse_channel(text) == channel


@pytest.mark.parametrize("text", ["", "0", "-1", "middle", "1.5", "²", "٣"])
def test_other_channels_are_refused(text: str) -> None:
    with pytest.raises(InputError, match="--channel"):
        parse_channel(text)
