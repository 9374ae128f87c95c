import io
import re
import struct
import wave
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from stt_monitor.audio.channels import Channel, parse_channel
from stt_monitor.audio.files import AudioFile, open_audio_file
from stt_monitor.audio.formats import AudioFormat, Encoding, decode
from stt_monitor.audio.magic import mpeg_frame
from stt_monitor.audio.sources.file_source import FileSource
from stt_monitor.core.errors import InputError
from stt_monitor.session import sources as sound

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


def read_all(recording: AudioFile, step: int = 1000) -> bytes:
    pieces = iter(lambda: recording.read(step), b"")
    data = b"".join(pieces)
    recording.close()
    return data


def bits(draw_seed: int, count: int) -> bytes:
    return np.random.default_rng(draw_seed).bytes(count)


@pytest.mark.parametrize(("width", "encoding"), [(2, Encoding.PCM_S16LE), (4, Encoding.PCM_S32LE)])
def test_16_and_32_bit_pcm_is_read_as_it_is_at_its_own_rate(tmp_path: Path, width: int, encoding: Encoding) -> None:
    data = bits(1, 3333 * width)
    recording = open_audio_file(write_wav(tmp_path / "a.wav", data, width=width))
    assert recording.format == AudioFormat(encoding, RATE)
    assert (recording.name, recording.samples, recording.duration) == ("a.wav", 3333, 3333 / RATE)
    assert read_all(recording) == data


@settings(deadline=None)
@given(st.binary(max_size=400).map(lambda data: data[: len(data) // 2 * 2]).filter(bool), st.integers(1, 50))
def test_every_sample_is_read_once_whatever_the_step(
    tmp_path_factory: pytest.TempPathFactory, data: bytes, step: int
) -> None:
    assume(data[:4] not in {b"OggS", b"wvpk"})  # libsndfile takes samples that begin so for another format's
    path = write_wav(tmp_path_factory.mktemp("wav") / "a.wav", data)
    assert read_all(open_audio_file(path), step) == data


def test_24_bit_becomes_32_bit_without_loss(tmp_path: Path) -> None:
    values = [0, 1, -1, 2**23 - 1, -(2**23), 1234567, -7654321]
    data = b"".join(value.to_bytes(3, "little", signed=True) for value in values)
    recording = open_audio_file(write_wav(tmp_path / "a.wav", data, width=3))
    assert recording.format.encoding is Encoding.PCM_S32LE
    assert np.frombuffer(read_all(recording), "<i4").tolist() == [value << 8 for value in values]


def test_8_bit_becomes_16_bit_without_loss(tmp_path: Path) -> None:
    recording = open_audio_file(write_wav(tmp_path / "a.wav", bytes(range(256)), width=1))
    assert recording.format.encoding is Encoding.PCM_S16LE
    assert np.frombuffer(read_all(recording), "<i2").tolist() == [(value - 128) << 8 for value in range(256)]


@pytest.mark.parametrize(("tag", "encoding"), [(6, Encoding.PCM_ALAW), (7, Encoding.PCM_MULAW)])
def test_g711_becomes_16_bit_without_loss(tmp_path: Path, tag: int, encoding: Encoding) -> None:
    codes = bytes(range(256))
    path = tmp_path / "a.wav"
    path.write_bytes(riff(fmt_chunk(tag=tag, bits=8), b"data" + struct.pack("<I", 256) + codes))
    recording = open_audio_file(path)
    assert recording.format.encoding is Encoding.PCM_S16LE
    assert (decode(read_all(recording), Encoding.PCM_S16LE) == decode(codes, encoding)).all()


def test_floats_are_read_as_they_are_beyond_full_scale_too(tmp_path: Path) -> None:
    samples = np.array([0.0, 1e-9, -1.0, 1.5, -3.25, 1 / 3], np.float32)
    soundfile.write(tmp_path / "a.wav", samples, RATE, subtype="FLOAT")
    recording = open_audio_file(tmp_path / "a.wav")
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
    recording = open_audio_file(tmp_path / f"a.{suffix}")
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
    recording = open_audio_file(write_wav(tmp_path / "a.wav", frames.tobytes(), channels=3), channel)
    assert np.frombuffer(read_all(recording), "<i2").tolist() == expected


def test_32_bit_channels_mix_without_overflow(tmp_path: Path) -> None:
    frames = np.array([[2**31 - 1] * 2, [-(2**31)] * 2], "<i4")
    recording = open_audio_file(write_wav(tmp_path / "a.wav", frames.tobytes(), channels=2, width=4))
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
        pytest.param(0x7FFFFFDB, b"", b"", fmt_chunk(), id="length of a recorder that did not know it"),
        pytest.param(2001, b"", b"", fmt_chunk(), id="odd length"),
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
    recording = open_audio_file(path)
    assert recording.samples == 1000
    assert read_all(recording) == data


def test_half_a_sample_at_the_end_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(riff(fmt_chunk(), b"data" + struct.pack("<I", 0xFFFFFFFF) + b"\1\2\3\4\5"))
    assert read_all(open_audio_file(path)) == b"\1\2\3\4"


def refused(path: Path, channel: Channel = "mix") -> str:
    with pytest.raises(InputError) as caught:
        open_audio_file(path, channel)
    sentence = str(caught.value)
    assert caught.value.exit_code == 2
    assert str(path) in sentence
    assert "\n" not in sentence
    return sentence


def test_a_size_of_the_whole_that_is_not_so_is_passed_over(tmp_path: Path) -> None:
    data = bits(2, 2000)
    path = tmp_path / "a.wav"
    for size in (0, 36, 100, 0x7FFFFFFF):
        path.write_bytes(riff(LIST_CHUNK, fmt_chunk(), b"data" + struct.pack("<I", 2000) + data, size=size))
        assert read_all(open_audio_file(path)) == data
        sound.recording(path, "mix", 100)


SOUND = np.random.default_rng(1).normal(0, 0.1, 32000).astype(np.float32)
KINDS: list[dict[str, str]] = [
    {"format": "MP3"}, {"format": "OGG", "subtype": "VORBIS"}, {"format": "OGG", "subtype": "OPUS"}, {"format": "FLAC"},
    {"format": "WAV"}, {"format": "WAV", "subtype": "FLOAT"}, {"format": "WAV", "subtype": "ULAW"}, {"format": "WAVEX"},
    {"format": "AIFF"}, {"format": "AU"}, {"format": "RF64"}, {"format": "W64"}, {"format": "CAF", "subtype": "PCM_16"},
]  # fmt: skip
HEADED = KINDS[4:]
"""They say in their headers where they end."""


def encoded(kind: dict[str, str], samples: np.ndarray = SOUND, rate: int = 16000) -> bytes:
    file = io.BytesIO()
    soundfile.write(file, samples, rate, **kind)
    return file.getvalue()


def heard(path: Path) -> tuple[float, str]:
    """Return how many seconds were heard, and what was said about the rest."""
    recording, samples = open_audio_file(path), 0
    try:
        while data := recording.read(1000):
            samples += len(data) // recording.format.encoding.bytes_per_sample
        said = ""
        assert recording.read(1000) == b""
    except InputError as error:
        said = str(error)
    recording.close()
    return recording.format.seconds(samples), said


def duration(path: Path) -> float | None:
    with closing(open_audio_file(path)) as recording:
        return recording.duration


@pytest.mark.parametrize("kind", KINDS[:-1], ids=str)
def test_a_file_that_breaks_off_is_heard_as_far_as_it_goes_and_says_so(tmp_path: Path, kind: dict[str, str]) -> None:
    whole = encoded(kind)
    (tmp_path / "a").write_bytes(whole)
    assert heard(tmp_path / "a") == (2, "")
    (tmp_path / "a").write_bytes(whole[: len(whole) * 9 // 10])
    seconds, said = heard(tmp_path / "a")
    assert 0.5 < seconds < 1.9
    assert "truncated after" in said or "damaged after" in said
    assert f"{seconds:.1f} s" in said


def test_a_caf_that_breaks_off_is_refused(tmp_path: Path) -> None:
    for kind in (KINDS[-1], {"format": "CAF", "subtype": "ALAC_16"}):
        (tmp_path / "a").write_bytes(encoded(kind)[:-6000])
        assert "damaged, truncated" in refused(tmp_path / "a")


@pytest.mark.parametrize("kind", HEADED, ids=str)
def test_of_sound_as_it_is_little_may_be_missing(tmp_path: Path, kind: dict[str, str]) -> None:
    whole = encoded(kind)
    (tmp_path / "a").write_bytes(whole[: len(whole) * 99 // 100])
    assert "truncated after 1.98 s of 2.00 s" in heard(tmp_path / "a")[1]
    (tmp_path / "a").write_bytes(whole[:-16])
    assert heard(tmp_path / "a")[1] == ""


def test_frames_that_say_nowhere_how_many_they_are_are_counted_to_the_last(tmp_path: Path) -> None:
    whole = encoded(KINDS[0])
    counted = re.search(b"(Xing|Info).{4}", whole, re.DOTALL)
    assert counted is not None
    whole = whole[: counted.start()] + bytes(8) + whole[counted.end() :]
    for tag in (b"", b"TAG" + bytes(125), b"LYRICS" * 99):
        (tmp_path / "a").write_bytes(whole + tag)
        assert heard(tmp_path / "a")[1] == ""
    (tmp_path / "a").write_bytes(whole[:-100])
    assert "truncated after " in heard(tmp_path / "a")[1]


def test_an_ogg_that_is_damaged_in_the_middle_is_told(tmp_path: Path) -> None:
    whole = encoded(KINDS[1])
    (tmp_path / "a").write_bytes(whole[: len(whole) // 2] + bytes(200) + whole[len(whole) // 2 + 200 :])
    seconds, said = heard(tmp_path / "a")
    assert f"truncated after {seconds:.1f} s of 2.0 s" in said


def test_a_piece_of_a_longer_ogg_stream_promises_nothing(tmp_path: Path) -> None:
    whole = encoded(KINDS[1], np.tile(SOUND, 12))
    pages = [match.start() for match in re.finditer(b"OggS", whole)]
    audio = next(at for at in pages if int.from_bytes(whole[at + 6 : at + 14], "little") > 12 * 16000)
    head = next(at for at in pages if int.from_bytes(whole[at + 6 : at + 14], "little") > 0)
    (tmp_path / "a").write_bytes(whole[:head] + whole[audio:])
    assert heard(tmp_path / "a")[1] == ""


@pytest.mark.parametrize("kind", KINDS, ids=str)
@pytest.mark.parametrize("times", [2, 3])
def test_files_that_were_joined_are_heard_one_after_another(tmp_path: Path, kind: dict[str, str], times: int) -> None:
    (tmp_path / "a").write_bytes(encoded(kind) * times)
    assert duration(tmp_path / "a") == 2 * times
    assert heard(tmp_path / "a") == (2 * times, "")


@pytest.mark.parametrize("kind", HEADED, ids=str)
def test_what_is_behind_a_recording_is_told_if_it_is_one(tmp_path: Path, kind: dict[str, str]) -> None:
    (tmp_path / "a").write_bytes(encoded(kind) + encoded(KINDS[3]))
    seconds, said = heard(tmp_path / "a")
    assert seconds == 2
    assert "FLAC starts after 2.0 s, and was not sent" in said
    for behind in (b"ID3\4\0\0\0\0\0\x0a" + bytes(10), b"junk" * 50, bytes(999)):
        (tmp_path / "a").write_bytes(encoded(kind) + behind)
        assert heard(tmp_path / "a") == (2, "")


MP3 = encoded(KINDS[0])
VARIABLE = encoded({"format": "MP3", "bitrate_mode": "VARIABLE"}, np.concatenate([SOUND, SOUND * 0, SOUND * 3]))
ID3, TAG = b"ID3\4\0\0\0\0\1\0" + bytes(128), b"TAG" + bytes(125)


def without_count(mp3: bytes) -> bytes:
    """Leave out the frame in front, which counts the others."""
    return mp3[mpeg_frame(mp3) :]


@pytest.mark.parametrize("mp3", [MP3, VARIABLE], ids=["constant", "variable"])
def test_an_mp3_is_heard_to_its_end_whether_or_not_it_counts_its_frames(tmp_path: Path, mp3: bytes) -> None:
    (tmp_path / "a").write_bytes(mp3)
    seconds = duration(tmp_path / "a") or 0.0
    for written in (mp3, without_count(mp3)):
        for times in (1, 2):
            (tmp_path / "a").write_bytes(written * times)
            whole, said = heard(tmp_path / "a")
            assert whole == pytest.approx(times * seconds, abs=0.08 * times)
            assert said == ""
            assert duration(tmp_path / "a") == whole


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        pytest.param((ID3 + MP3 + TAG) * 2, 4, id="tags around each"),
        pytest.param(MP3 + b"APETAGEX" + struct.pack("<III", 2000, 132, 1) + bytes(112) + MP3, 4, id="APE tag"),
        pytest.param(without_count(MP3) + MP3, 4, id="the second is counted"),
        pytest.param(MP3 + without_count(MP3), 4, id="the first is counted"),
    ],
)
def test_mp3s_that_were_joined_in_any_way_are_all_heard(tmp_path: Path, written: bytes, seconds: float) -> None:
    (tmp_path / "a").write_bytes(written)
    whole, said = heard(tmp_path / "a")
    assert whole == pytest.approx(seconds, abs=0.1)
    assert said == ""


def test_of_an_mp3_that_was_cut_before_another_both_are_heard_and_the_rest_is_told(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(MP3[: len(MP3) // 2] + MP3)
    seconds, said = heard(tmp_path / "a")
    assert seconds > 2.8 or "after" in said
    (tmp_path / "a").write_bytes(MP3 + encoded(KINDS[4]))
    assert "WAV starts after 2.0 s, and was not sent" in heard(tmp_path / "a")[1]


WAV, OGG, FLAC, AU = (encoded({"format": kind}) for kind in ("WAV", "OGG", "FLAC", "AU"))


@pytest.mark.parametrize(
    ("written", "said"),
    [
        pytest.param(WAV[:40] + struct.pack("<I", 16000) + WAV[44:], "48000 bytes follow after 0.5 s", id="WAV"),
        pytest.param(AU[:8] + struct.pack(">I", 16000) + AU[12:], "48000 bytes follow after 0.5 s", id="AU"),
        pytest.param(WAV + SOUND.tobytes(), "128000 bytes follow after 2.0 s", id="sound behind a WAV"),
        pytest.param(OGG + WAV, "WAV starts after 2.0 s", id="WAV behind an Ogg"),
        pytest.param(FLAC + WAV, "WAV starts after 2.0 s", id="WAV behind a FLAC"),
        pytest.param(OGG + TAG, "", id="tag behind an Ogg"),
        pytest.param(OGG + bytes(9000), "", id="zeros behind an Ogg"),
    ],
)
def test_sound_that_no_header_counts_is_told(tmp_path: Path, written: bytes, said: str) -> None:
    (tmp_path / "a").write_bytes(written)
    assert (said in heard(tmp_path / "a")[1]) if said else (heard(tmp_path / "a") == (2, ""))


@pytest.mark.parametrize("name", [b"RF64", b"BW64"])
def test_large_wavs_are_read_by_both_names_whether_or_not_their_length_was_filled_in(
    tmp_path: Path, name: bytes
) -> None:
    data = bits(2, 2000)
    for length in (2000, 0, 2**64 - 1):
        sizes = b"ds64" + struct.pack("<IQQQI", 28, 2080, length, length // 2, 0)
        one = name + b"\xff" * 4 + b"WAVE" + sizes + fmt_chunk() + b"data" + b"\xff" * 4 + data
        (tmp_path / "a").write_bytes(one)
        assert read_all(open_audio_file(tmp_path / "a")) == data


def test_a_wrong_size_of_a_frame_promises_no_more_than_is_there(tmp_path: Path) -> None:
    header = b"fmt " + struct.pack("<IHHIIHH", 16, 1, 1, RATE, RATE, 1, 16)
    (tmp_path / "a").write_bytes(riff(header, b"data" + struct.pack("<I", 2000) + bits(2, 2000)))
    assert heard(tmp_path / "a") == (1000 / RATE, "")


def test_kinds_that_nobody_looks_into_are_refused(tmp_path: Path) -> None:
    for kind in ("NIST", "VOC", "SVX", "IRCAM", "PAF"):
        (tmp_path / "a").write_bytes(encoded({"format": kind, "subtype": "PCM_16"}))
        assert "is not supported; convert it first" in refused(tmp_path / "a")


def test_joined_recordings_of_different_rates_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(encoded(KINDS[3]) + encoded(KINDS[3], rate=8000))
    assert "joins recordings of different formats" in refused(tmp_path / "a")


def test_tags_around_an_mp3_are_no_second_one(tmp_path: Path) -> None:
    sound = encoded(KINDS[0])
    for tagged in (
        b"ID3\4\0\0\0\0\x0f\x76" + bytes(15 * 128 + 0x76) + sound,
        sound + b"TAG" + bytes(125),
        sound + b"LYRICS" * 99,
    ):
        (tmp_path / "a").write_bytes(tagged)
        assert heard(tmp_path / "a") == (2, "")


@pytest.mark.parametrize(
    "beginning", [b"OggS", b"ID3\4", b"\xff\xfb\x90\x64", b"FORM\0\0\1\0AIFF", b"fLaC", b"caff", b"RF64"]
)
def test_a_beginning_without_the_rest_is_called_damaged_or_unknown(tmp_path: Path, beginning: bytes) -> None:
    (tmp_path / "a").write_bytes(beginning + bytes(2000))
    assert re.search(
        r"damaged, truncated, or of an unknown format; convert|unsupported audio format|no audio in it",
        refused(tmp_path / "a"),
    )


def test_a_flac_from_a_pipe_does_not_know_its_length(tmp_path: Path) -> None:
    flac = encoded(KINDS[3])
    (tmp_path / "a").write_bytes(flac[:21] + bytes([flac[21] & 0xF0, 0, 0, 0, 0]) + flac[26:])
    assert duration(tmp_path / "a") is None
    assert heard(tmp_path / "a") == (2, "")


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_whatever_is_wrong_with_a_file_is_said_in_a_sentence(tmp_path: Path, kind: dict[str, str]) -> None:
    whole, random = encoded(kind, SOUND[:4000]), np.random.default_rng(3)
    for length in random.integers(1, len(whole), 60):
        damaged = bytearray(whole[:length])
        for at in random.integers(0, min(length, 120), random.integers(0, 12)):
            damaged[at] = random.integers(0, 256)
        (tmp_path / "a").write_bytes(damaged)
        said = ""
        try:
            heard(tmp_path / "a")
        except InputError as error:
            said = str(error)
        assert not re.search(r"does not exist|SF_INFO|struct|internal|libsndfile|pipe\?", said, re.IGNORECASE)


@pytest.mark.parametrize("rate", [1, 999, 400_000, 2**31 - 1])
def test_absurd_rates_are_refused(tmp_path: Path, rate: int) -> None:
    assert f"{rate} Hz" in refused(write_wav(tmp_path / "a.wav", bytes(4000), rate=rate))


def test_no_channels_at_all_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.wav").write_bytes(riff(fmt_chunk(channels=0), b"data" + struct.pack("<I", 2000) + bytes(2000)))
    refused(tmp_path / "a.wav")
    with pytest.raises(InputError):
        sound.recording(tmp_path / "a.wav", "mix", 100)


def test_floats_that_are_no_numbers_are_read(tmp_path: Path) -> None:
    samples = np.array([[0.1, np.nan], [np.inf, -np.inf], [0.2, 0.3]] * 100, np.float32)
    soundfile.write(tmp_path / "a.wav", samples, RATE, subtype="FLOAT")
    assert len(read_all(open_audio_file(tmp_path / "a.wav"))) == 4 * 300


def test_channels_that_cancel_each_other_out_are_not_mixed(tmp_path: Path) -> None:
    tone = (9000 * np.sin(np.arange(32000) / 5)).astype("<i2")
    opposite = np.stack([tone, -tone], axis=1)
    path = write_wav(tmp_path / "a.wav", opposite.tobytes(), channels=2)
    assert "--channel left or right" in refused(path)
    with pytest.raises(InputError, match="opposite phase"):
        sound.recording(path, "mix", 100)
    assert read_all(open_audio_file(path, 2)) == (-tone).tobytes()
    silence = write_wav(tmp_path / "a.wav", bytes(8000), channels=2)
    assert not any(read_all(open_audio_file(silence)))
    one = write_wav(tmp_path / "a.wav", np.stack([tone, 0 * tone], axis=1).tobytes(), channels=2)
    assert read_all(open_audio_file(one)) == (tone.astype(np.int32) // 2).astype("<i2").tobytes()


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    assert "no such file" in refused(tmp_path / "missing.wav")
    assert "cannot be opened" in refused(tmp_path / ("long" * 100))
    assert "cannot be opened" in refused(tmp_path / "null\0byte")
    assert "directory" in refused(tmp_path)
    assert "not a regular file" in refused(Path("/dev/null"))


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
    assert "unsupported audio format" in sentence
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
    assert "truncated" in refused(path)


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
    recording = open_audio_file(path)
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


@pytest.mark.parametrize(
    ("channels", "channel", "said"),
    [(1, "mix", ""), (1, 1, ""), (2, "mix", "mix of 2"), (2, 2, "channel 2 of 2"), (6, "mix", "mix of 6")],
)
def test_it_says_what_of_its_channels_is_heard(tmp_path: Path, channels: int, channel: Channel, said: str):
    soundfile.write(tmp_path / "a.wav", np.zeros((1600, channels)), 16_000)
    recording = open_audio_file(tmp_path / "a.wav", channel)
    assert recording.channel == said
    assert FileSource(recording).channel == said
    recording.close()
