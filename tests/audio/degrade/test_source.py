"""Recordings that are played degraded, in virtual time."""

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import soundfile
from tests.audio.degrade.measuring import speech
from tests.support.virtual_time import VirtualLoop, run

from stt_monitor.audio.degrade.chain import degrade
from stt_monitor.audio.degrade.jitter import CATCH_UP, Jitter
from stt_monitor.audio.degrade.source import degraded_source
from stt_monitor.audio.files import AudioFile, open_audio_file
from stt_monitor.audio.formats import Encoding, decode, encode
from stt_monitor.audio.sources.file_source import FileSource
from stt_monitor.audio.sources.source import Chunk
from stt_monitor.core.errors import InputError
from stt_monitor.core.sound.arms import parse_arms

RATE = 16_000
LENGTH = 5 * RATE + 321
ALL = ["phone", "noise:10", "babble:20", "gain:-3", "clip:3", "loss:5"]


@pytest.fixture
def wav(tmp_path: Path) -> Path:
    soundfile.write(tmp_path / "talk.wav", speech(RATE)[:LENGTH], RATE, "PCM_16")
    return tmp_path / "talk.wav"


def source(path: Path, loop: VirtualLoop, *arms: str, chunk_ms: int = 100) -> FileSource:
    return degraded_source(lambda: open_audio_file(path), parse_arms(arms), chunk_ms=chunk_ms, clock=loop.time)


def opened(path: Path) -> AudioFile:
    return open_audio_file(path)


def play(
    path: Path, *arms: str, chunk_ms: int = 100, meanwhile: Callable[[FileSource, list[Chunk]], None] | None = None
) -> list[Chunk]:
    played: list[Chunk] = []

    async def main(loop: VirtualLoop) -> None:
        playing = source(path, loop, *arms, chunk_ms=chunk_ms)
        async for chunk in playing.chunks():
            played.append(chunk)
            if meanwhile is not None:
                meanwhile(playing, played)
        await playing.aclose()

    run(main)
    return played


def sent(chunks: list[Chunk]) -> bytes:
    return b"".join(chunk.data for chunk in chunks)


def clean(chunks: list[Chunk]) -> bytes:
    return b"".join(chunk.reference for chunk in chunks)


@pytest.mark.slow
def test_what_is_sent_is_degraded_and_what_speech_is_searched_in_is_the_recording(wav: Path) -> None:
    whole = opened(wav).read(10 * LENGTH)
    samples = decode(whole, Encoding.PCM_S16LE)
    expected = encode(degrade(samples, RATE, parse_arms(ALL)), Encoding.PCM_S16LE)
    for chunk_ms in (20, 100, 730):
        chunks = play(wav, *ALL, chunk_ms=chunk_ms)
        assert sent(chunks) == expected
        assert clean(chunks) == whole
        assert all(len(chunk.data) == len(chunk.reference) == 2 * chunk.samples for chunk in chunks)
    assert expected != whole


def test_a_source_tells_what_was_done_to_it(wav: Path) -> None:
    async def main(loop: VirtualLoop) -> None:
        playing = source(wav, loop, "phone", "noise:10.0")
        assert playing.degraded == ("phone", "noise:10")
        plain = opened(wav)
        assert (playing.name, playing.format, playing.duration, playing.channel) == (
            plain.name, plain.format, plain.duration, plain.channel,
        )  # fmt: skip
        assert FileSource(plain, clock=loop.time).degraded == ()
        await playing.aclose()

    run(main)


@pytest.mark.parametrize("subtype", ["PCM_U8", "PCM_16", "PCM_24", "PCM_32", "FLOAT"])
def test_what_an_arm_leaves_alone_stays_as_it_is_and_the_format_too(tmp_path: Path, subtype: str) -> None:
    path = tmp_path / "talk.wav"
    soundfile.write(path, speech(RATE)[:LENGTH], RATE, subtype)
    chunks = play(path, "loss:20")
    samples, heard = (decode(each(chunks), opened(path).format.encoding) for each in (clean, sent))
    lost = heard == 0
    assert lost.mean() > 0.1
    assert np.array_equal(heard[~lost], samples[~lost])


def test_what_is_louder_than_full_scale_is_limited_to_it(tmp_path: Path) -> None:
    for subtype, least in (("PCM_16", -1.0), ("PCM_32", -1.0), ("FLOAT", -1.0)):
        path = tmp_path / f"{subtype}.wav"
        soundfile.write(path, speech(RATE)[:LENGTH], RATE, subtype)
        heard = decode(sent(play(path, "gain:40")), opened(path).format.encoding)
        assert (heard.min(), heard.max()) == (least, pytest.approx(1.0, abs=1e-4))
        assert np.mean(np.abs(heard) > 0.999) > 0.1


def test_lost_audio_comes_again_as_it_was_sent(wav: Path) -> None:
    whole = play(wav, *ALL)
    again: list[Chunk] = []

    def lose(playing: FileSource, played: list[Chunk]) -> None:
        if len(played) in (12, 30):
            again.extend(played[-5:])
            assert playing.put_back(played[-5:])

    chunks = play(wav, *ALL, meanwhile=lose)
    assert len(again) == 10
    kept = [*chunks[:7], *chunks[12:25], *chunks[30:]]
    assert (sent(kept), clean(kept)) == (sent(whole), clean(whole))
    assert [each.data for each in chunks[12:17]] == [each.data for each in again[:5]]
    assert [each.recorded_at for each in kept] == [each.recorded_at for each in whole]


def test_a_pause_is_silence_for_the_service_and_for_the_detector(wav: Path) -> None:
    def pause(playing: FileSource, played: list[Chunk]) -> None:
        playing.set_quiet(quiet=5 <= len(played) < 10)

    chunks = play(wav, "noise:0", meanwhile=pause)
    quiet = [chunk for chunk in chunks if chunk.quiet]
    assert len(quiet) == 5
    assert not any(chunk.data.strip(b"\0") or chunk.reference.strip(b"\0") for chunk in quiet)
    assert sent([chunk for chunk in chunks if not chunk.quiet]) == sent(play(wav, "noise:0"))


def test_all_before_the_damage_is_played_degraded(wav: Path, tmp_path: Path) -> None:
    cut = tmp_path / "cut.wav"
    cut.write_bytes(wav.read_bytes()[: 44 + 2 * 3 * RATE])
    expected = sent(play(wav, "loss:10"))[: 2 * 3 * RATE]
    played: list[Chunk] = []

    with pytest.raises(InputError, match=r"truncated after 3\.0 s of 5\.0 s"):
        play(cut, "loss:10", meanwhile=lambda _, chunks: played.extend(chunks[-1:]))
    assert sent(played) == expected


def test_a_silent_recording_is_refused_and_closed(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "silent.wav", np.zeros(RATE), RATE, "PCM_16")
    files: list[AudioFile] = []

    def open_sound() -> AudioFile:
        files.append(open_audio_file(tmp_path / "silent.wav"))
        return files[-1]

    with pytest.raises(InputError, match="--degrade noise:10: the recording is silent"):
        degraded_source(open_sound, parse_arms(["noise:10"]))
    assert len(files) == 2
    with pytest.raises(RuntimeError):
        files[0].read(1)


def test_jitter_sends_frames_late_in_order_and_leaves_the_schedule_alone(wav: Path) -> None:
    async def main(loop: VirtualLoop) -> None:
        began = loop.time()
        playing = source(wav, loop, "jitter:300", chunk_ms=20)
        came = [(loop.time(), chunk) async for chunk in playing.chunks()]
        for (at, chunk), (_, before) in zip(came[1:], came, strict=False):
            due = began + (chunk.position + chunk.samples) / RATE
            assert chunk.spoken_at == pytest.approx(began + chunk.position / RATE)
            assert at == pytest.approx(due + chunk.delayed)
            assert 0 <= chunk.delayed <= 0.3
            assert chunk.position == before.position + before.samples
        times = [at for at, _ in came]
        least = 0.02 / CATCH_UP
        assert min(b - a for a, b in pairwise(times[:-1])) >= least - 1e-6, "services refuse bursts"
        late = [chunk.delayed for _, chunk in came]
        assert max(late) > 0.15
        assert min(late) < 0.1
        assert sent([chunk for _, chunk in came]) == opened(wav).read(10 * LENGTH)

    run(main)


def test_a_held_file_with_jitter_goes_on_where_it_was(wav: Path) -> None:
    async def main(loop: VirtualLoop) -> None:
        playing = source(wav, loop, "jitter:300")
        came = []
        async for chunk in playing.chunks():
            came.append(chunk)
            if len(came) == 10:
                playing.hold()
                loop.call_later(7, playing.release)
        assert sent(came) == opened(wav).read(10 * LENGTH)
        gaps = [b.spoken_at - a.spoken_at for a, b in pairwise(came)]
        assert sum(gap > 5 for gap in gaps) == 1

    run(main)


def test_jitter_is_a_quarter_of_the_limit_on_average_and_lines_add_up() -> None:
    def drawn(*limits: float) -> list[float]:
        jitter = Jitter(limits, [np.random.default_rng(number) for number in range(len(limits))])
        return [jitter(10.0) for _ in range(4000)]  # frames so long that none is late because of the one before

    assert np.mean(drawn(1.0)) == pytest.approx(0.25, rel=0.06)
    assert max(drawn(1.0)) == 1.0
    assert np.mean(drawn(1.0, 2.0)) == pytest.approx(0.75, rel=0.06)
    assert set(drawn(0.0)) == {0.0}
    assert drawn(1.0) == drawn(1.0)
