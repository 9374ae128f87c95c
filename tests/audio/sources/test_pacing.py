"""Sources in virtual time: what is due in two minutes happens now, at exactly its time."""

import asyncio
import errno
import io
import math
import os
import subprocess
import sys
import threading
import time
import wave
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st
from tests.support.examples import tried
from tests.support.virtual_time import VirtualLoop, run

from stt_monitor.audio.files import open_audio_file
from stt_monitor.audio.formats import AudioFormat, Encoding
from stt_monitor.audio.magic import known_format
from stt_monitor.audio.sources.file_source import FileSource
from stt_monitor.audio.sources.pacing import Pace, chunk_samples
from stt_monitor.audio.sources.pcm_pipe import PipeSource
from stt_monitor.audio.sources.pipe_header import read_fully, read_wav_header
from stt_monitor.audio.sources.source import Chunk, Source
from stt_monitor.core.errors import InputError

RATE = 8000
CHUNK = 800
S16 = AudioFormat(Encoding.PCM_S16LE, RATE)


def write_wav(folder: Path, samples: int) -> bytes:
    data = np.random.default_rng(samples).bytes(2 * samples)
    with wave.open(str(folder / "a.wav"), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(data)
    return data


def file_source(folder: Path, loop: VirtualLoop, chunk_ms: int = 100) -> FileSource:
    return FileSource(open_audio_file(folder / "a.wav"), chunk_ms=chunk_ms, clock=loop.time)


async def collect(source: Source) -> list[Chunk]:
    return [chunk async for chunk in source.chunks()]


def check_continuous(chunks: list[Chunk], width: int = 2) -> None:
    position = 0
    for chunk in chunks:
        assert chunk.position == position
        assert len(chunk.data) == chunk.samples * width
        position += chunk.samples


def test_a_source_is_what_a_session_expects(tmp_path: Path) -> None:
    write_wav(tmp_path, 1000)

    async def test(loop: VirtualLoop) -> None:
        source: Source = file_source(tmp_path, loop)
        assert (source.name, source.format, source.duration) == ("a.wav", S16, 0.125)
        raw: Source = PipeSource(LateStream(loop, b"", {}), S16, clock=loop.time)
        assert (raw.name, raw.format, raw.duration) == ("standard input", S16, None)
        await collect(source)

    run(test)


@pytest.mark.parametrize(
    ("rate", "chunk_ms", "samples"), [(16000, 100, 1600), (11025, 100, 1102), (44100, 20, 882), (8000, 0, 1)]
)
def test_a_chunk_has_whole_samples(rate: int, chunk_ms: int, samples: int) -> None:
    assert chunk_samples(rate, chunk_ms) == samples


def test_each_chunk_comes_when_its_last_sample_has_been_spoken(tmp_path: Path) -> None:
    data = write_wav(tmp_path, 100 * RATE + 300)

    async def test(loop: VirtualLoop) -> None:
        source = file_source(tmp_path, loop)
        start, got = loop.now, bytearray()
        chunks = []
        async for chunk in source.chunks():
            assert loop.now == pytest.approx(start + (chunk.position + chunk.samples) / RATE, abs=1e-6)
            assert chunk.spoken_at == pytest.approx(start + chunk.position / RATE, abs=1e-9)
            got += chunk.data
            chunks.append(chunk)
        check_continuous(chunks)
        assert bytes(got) == data
        assert {chunk.samples for chunk in chunks[:-1]} == {CHUNK}
        assert chunks[-1].samples == 300
        assert source.file_position == len(data) // 2

    run(test)


@tried(50)
@given(
    samples=st.integers(1, 5000),
    chunk_ms=st.integers(1, 200),
    stalls=st.lists(st.floats(0, 1), max_size=20),
)
def test_whatever_the_consumer_does_each_sample_comes_once_and_the_schedule_stands(
    tmp_path_factory: pytest.TempPathFactory, samples: int, chunk_ms: int, stalls: list[float]
) -> None:
    folder = tmp_path_factory.mktemp("wav")
    data = write_wav(folder, samples)

    async def test(loop: VirtualLoop) -> None:
        start, free_at, chunks, waits = loop.now, 0.0, [], iter(stalls)
        async for chunk in file_source(folder, loop, chunk_ms).chunks():
            due = start + (chunk.position + chunk.samples) / RATE
            assert loop.now == pytest.approx(max(due, free_at), abs=1e-6)
            assert chunk.spoken_at == pytest.approx(start + chunk.position / RATE, abs=1e-9)
            chunks.append(chunk)
            await asyncio.sleep(next(waits, 0))
            free_at = loop.now
        check_continuous(chunks)
        assert b"".join(chunk.data for chunk in chunks) == data

    run(test)


def test_stop_ends_a_wait_at_once(tmp_path: Path) -> None:
    write_wav(tmp_path, 10 * RATE)

    async def test(loop: VirtualLoop) -> None:
        source = file_source(tmp_path, loop, chunk_ms=1000)
        start = loop.now
        loop.call_later(1.5, source.stop)
        assert len(await collect(source)) == 1
        assert loop.now == pytest.approx(start + 1.5)

    run(test)


def test_a_source_stopped_before_it_starts_gives_nothing(tmp_path: Path) -> None:
    write_wav(tmp_path, 10)

    async def test(loop: VirtualLoop) -> None:
        source = file_source(tmp_path, loop)
        source.stop()
        source.stop()
        assert await collect(source) == []

    run(test)


def test_a_paused_file_goes_on_as_silence_and_loses_nothing(tmp_path: Path) -> None:
    data = write_wav(tmp_path, 5 * CHUNK + 100)

    async def test(loop: VirtualLoop) -> None:
        source = file_source(tmp_path, loop)
        start = loop.now
        loop.call_later(0.25, partial(source.set_quiet, quiet=True))
        loop.call_later(0.55, partial(source.set_quiet, quiet=False))
        chunks = []
        async for chunk in source.chunks():
            assert loop.now == pytest.approx(start + (chunk.position + chunk.samples) / RATE, abs=1e-6)
            chunks.append(chunk)
            assert source.file_position + 3 * CHUNK * (loop.now > start + 0.5) <= chunk.position + chunk.samples
        check_continuous(chunks)
        assert [chunk.data == bytes(2 * CHUNK) for chunk in chunks] == [False] * 2 + [True] * 3 + [False] * 4
        assert b"".join(chunk.data for chunk in chunks[:2] + chunks[5:]) == data

    run(test)


def test_a_file_paused_in_its_last_chunk_waits_for_its_end(tmp_path: Path) -> None:
    data = write_wav(tmp_path, CHUNK + 100)

    async def test(loop: VirtualLoop) -> None:
        source = file_source(tmp_path, loop)
        loop.call_later(0.105, partial(source.set_quiet, quiet=True))
        loop.call_later(10, partial(source.set_quiet, quiet=False))
        chunks = await collect(source)
        check_continuous(chunks)
        assert len(chunks) > 90
        assert chunks[0].data + chunks[-1].data == data
        assert not any(b"".join(chunk.data for chunk in chunks[1:-1]))
        assert {chunk.samples for chunk in chunks[2:-1]} == {CHUNK}

    run(test)


def test_a_held_file_waits_and_goes_on_without_a_burst(tmp_path: Path) -> None:
    data = write_wav(tmp_path, 5 * CHUNK)

    async def test(loop: VirtualLoop) -> None:
        source = file_source(tmp_path, loop)
        start = loop.now
        loop.call_later(0.25, source.hold)
        loop.call_later(7.25, source.release)
        arrivals, chunks = [], []
        async for chunk in source.chunks():
            arrivals.append(loop.now - start)
            chunks.append(chunk)
        assert arrivals == pytest.approx([0.1, 0.2, 7.3, 7.4, 7.5])
        assert [chunk.spoken_at - start for chunk in chunks] == pytest.approx([0, 0.1, 7.2, 7.3, 7.4])
        assert b"".join(chunk.data for chunk in chunks) == data

    run(test)


def test_a_muted_pipe_goes_by_unheard_while_silence_is_given_out(tmp_path: Path) -> None:
    data = write_wav(tmp_path, 9 * CHUNK)
    (tmp_path / "a.pcm").write_bytes(data)

    async def test(loop: VirtualLoop) -> None:
        chunks = []
        with io.FileIO(tmp_path / "a.pcm") as stream:
            source = PipeSource(stream, S16, clock=loop.time)
            async for chunk in source.chunks():
                chunks.append(chunk)
                source.set_quiet(quiet=2 <= len(chunks) < 5)
        check_continuous(chunks)
        given = b"".join(chunk.data for chunk in chunks)
        assert given == data[: 4 * CHUNK] + bytes(6 * CHUNK) + data[10 * CHUNK :]

    run(test)


def test_a_pipe_that_is_faster_than_speech_is_slowed_down(tmp_path: Path) -> None:
    data = write_wav(tmp_path, 90 * CHUNK + 7)
    (tmp_path / "a.pcm").write_bytes(data + b"\1")

    async def test(loop: VirtualLoop) -> None:
        start = loop.now
        with io.FileIO(tmp_path / "a.pcm") as stream:
            chunks = []
            async for chunk in PipeSource(stream, S16, clock=loop.time).chunks():
                due = start + (chunk.position + chunk.samples) / RATE
                assert loop.now == pytest.approx(due, abs=1e-6)
                chunks.append(chunk)
        check_continuous(chunks)
        assert b"".join(chunk.data for chunk in chunks) == data

    run(test)


class LateStream(io.RawIOBase):
    """Delivers in odd pieces; at some of them time has passed."""

    def __init__(self, loop: VirtualLoop, data: bytes, late: dict[int, float]) -> None:
        self.loop, self.data, self.late, self.reads = loop, data, late, 0

    def read(self, size: int = -1, /) -> bytes:
        self.loop.now += self.late.get(self.reads, 0)
        self.reads += 1
        piece, self.data = self.data[: min(size, CHUNK)], self.data[min(size, CHUNK) :]
        return piece


def test_a_pipe_that_delivers_late_puts_the_schedule_off() -> None:
    data = bytes(range(250)) * 32  # five chunks of 100 ms, each delivered in two pieces

    async def test(loop: VirtualLoop) -> None:
        start = loop.now
        source = PipeSource(LateStream(loop, data, {0: 2.0}), S16, clock=loop.time)
        chunks = await collect(source)
        assert [chunk.spoken_at - start for chunk in chunks] == pytest.approx([1.9, 2.0, 2.1, 2.2, 2.3])
        assert b"".join(chunk.data for chunk in chunks) == data

    run(test)


def test_stop_ends_a_pipe_on_which_nothing_comes() -> None:
    reading, writing = os.pipe()

    async def test(loop: VirtualLoop) -> None:
        source = PipeSource(stream, S16, clock=loop.time)
        loop.call_later(1, source.stop)
        assert await collect(source) == []

    with io.FileIO(reading) as stream:
        run(test)
        os.close(writing)


@pytest.mark.parametrize("held_for", [0.05, 3.0])
def test_a_stream_that_arrives_late_while_held_is_not_put_off_twice(held_for: float) -> None:
    now = 100.0
    pace = Pace(RATE, lambda: now)
    pace.hold()
    now += held_for
    pace.not_before(0, now)
    pace.release()
    assert pace.spoken_at(0) == pytest.approx(now)


@pytest.mark.parametrize(
    ("head", "hint"),
    [
        (b"RIFF\0\0\0\0WAVE", "leave out --rate"), (b"fLaC", "this is FLAC"), (b"OggS", "this is OGG"),
        (b"ID3", "this is MP3"),
        (b"\xff\xfb\x90\x64" + bytes(413) + b"\xff\xfb\x90\x64", "this is MP3"), (b"\0\0\0\x20ftypM4A ", "this is MP4"),
        (b"FORM\0\0\0\0AIFF", "this is AIFF"), (2 * (b"\xff\xfd\x84\x04" + bytes(380)), "this is MP2"),
        (2 * (b"\xff\xf5\xa4\x04" + bytes(572)), "this is MP2"),
        (2 * (b"\xff\xff\x84\x00" + bytes(252)), "this is MP1"),
        (2 * (b"\x0b\x77\0\0\x14" + bytes(763)), "this is AC-3"), (b"NIST_1A\n   1024\n", "this is NIST SPHERE"),
        (b"\x1f\x8b\x08", "this is gzip, .*; unpack it"), (b"Creative Voice File\x1a", "this is VOC"),
        (b"<html>\n<title>404 Not Found</title>\n" * 100, "this is text, .*; check the program"),
        (b'{"error": "no such call"}' * 200, "this is text"),
    ],
)  # fmt: skip
def test_a_file_of_a_known_format_on_standard_input_is_no_raw_sound(head: bytes, hint: str) -> None:
    async def test(loop: VirtualLoop) -> None:
        with pytest.raises(InputError, match=hint) as refusal:
            await collect(PipeSource(LateStream(loop, head + bytes(2 * CHUNK), {}), S16, clock=loop.time))
        assert "path instead" not in str(refusal.value)

    run(test)


@pytest.mark.parametrize("subtype", ["PCM_16", "PCM_32", "FLOAT", "ULAW", "ALAW"])
def test_no_sound_is_taken_for_a_file(subtype: str) -> None:
    random = np.random.default_rng(1)
    seconds = np.arange(16_000) / 16_000
    for hz in (20, 50, 97, 440):  # a low hum is of one sign for a while: on a telephone line its samples are letters
        for volume in (0.001, 0.03, 0.9):
            sound = volume * np.sin(math.tau * hz * seconds) + random.normal(0, volume / 10, len(seconds)) - volume / 20
            file = io.BytesIO()
            soundfile.write(file, sound, 16_000, format="RAW", subtype=subtype)
            data = file.getvalue()
            for start in range(0, len(data) - 1000, 40 * 4):
                assert known_format(data[start : start + 1000]) is None


@pytest.mark.parametrize("behind", [b"", b"LIST\4\0\0\0abcd", b"\0"])
@pytest.mark.parametrize("another", [True, False])
def test_another_wav_behind_one_on_a_pipe_is_told(behind: bytes, *, another: bool) -> None:
    reading, writing = os.pipe()
    os.write(writing, bytes(2 * CHUNK) + behind + another * b"RIFF\x24\0\0\0WAVEfmt ")  # and it is left open

    async def test(loop: VirtualLoop) -> None:
        with io.FileIO(reading) as stream:
            source = PipeSource(stream, S16, length=2 * CHUNK, clock=loop.time)
            if another:
                with pytest.raises(InputError, match=r"another WAV starts after 0\.1 s"):
                    await collect(source)
            else:
                assert len(await collect(source)) == 1

    run(test)
    os.close(writing)


MP3_FRAME = bytes.fromhex("fffb9064") + bytes(413)


def of_short_chunks(loop: VirtualLoop, data: bytes) -> PipeSource:
    return PipeSource(LateStream(loop, data, {}), AudioFormat(Encoding.PCM_MULAW, 8000), chunk_ms=20, clock=loop.time)


@pytest.mark.parametrize(("frame", "name"), [(MP3_FRAME, "MP3"), (bytes.fromhex("fff15080204000") + bytes(251), "AAC")])
def test_frames_longer_than_a_chunk_are_told_from_raw_sound(frame: bytes, name: str) -> None:
    async def test(loop: VirtualLoop) -> None:
        with pytest.raises(InputError, match=f"this is {name}"):
            await collect(of_short_chunks(loop, 3 * frame))

    run(test)


@pytest.mark.parametrize("data", [MP3_FRAME + bytes(1000), MP3_FRAME, MP3_FRAME[:300]])
def test_raw_sound_that_begins_like_a_frame_is_heard_whole(data: bytes) -> None:
    async def test(loop: VirtualLoop) -> None:
        assert b"".join(chunk.data for chunk in await collect(of_short_chunks(loop, data))) == data

    run(test)


@pytest.mark.parametrize("data", [b"", b"\1"])
def test_a_pipe_without_any_sound_is_told(data: bytes) -> None:
    async def test(loop: VirtualLoop) -> None:
        with pytest.raises(InputError, match="ended without any audio"):
            await collect(PipeSource(LateStream(loop, data, {}), S16, clock=loop.time))

    run(test)


def wav_bytes(data: bytes, *, length: int | None = None, channels: int = 1, width: int = 2) -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setparams((channels, width, RATE, 0, "NONE", ""))
        writer.writeframes(data)
    wav = file.getvalue()
    said = len(data) if length is None else length
    return wav[:12] + b"LIST\5\0\0\0INFO\0\0" + wav[12:40] + said.to_bytes(4, "little") + data


@pytest.mark.parametrize("length", [None, 0, 0xFFFFFFFF, 0x7FFFFFDB])
def test_a_wav_from_a_pipe_is_heard(length: int | None) -> None:
    data = np.random.default_rng(1).bytes(5 * CHUNK)
    behind = b"" if length is not None else b"LIST\4\0\0\0INFO"  # what follows is no sound

    async def test(loop: VirtualLoop) -> None:
        stream = LateStream(loop, wav_bytes(data, length=length) + behind, {})
        wav = read_wav_header(stream, "standard input")
        assert wav.format == S16
        chunks = await collect(PipeSource(stream, wav.format, length=wav.length, clock=loop.time))
        assert b"".join(chunk.data for chunk in chunks) == data

    run(test)


def test_a_wav_from_a_pipe_that_breaks_off_is_told() -> None:
    async def test(loop: VirtualLoop) -> None:
        stream = LateStream(loop, wav_bytes(bytes(2 * CHUNK), length=8 * CHUNK), {})
        wav = read_wav_header(stream, "standard input")
        with pytest.raises(InputError, match=r"truncated after 0\.1 s of 0\.4 s"):
            await collect(PipeSource(stream, wav.format, length=wav.length, clock=loop.time))

    run(test)


@pytest.mark.parametrize(
    ("data", "hint"),
    [
        (b"", "ended without any audio"), (bytes(5000), "give --rate"), (b"RIFF\0\0\0\0WAVE", "truncated"),
        (wav_bytes(bytes(8))[:40], "truncated"),
        (wav_bytes(bytes(8), channels=2), "2 channels"), (wav_bytes(bytes(6), width=3), "24 bits"),
        (b"RIFF\0\0\0\0WAVEdata\4\0\0\0abcd", "damaged"), (b"fLaC" + bytes(50), "FLAC"),
        (b"RIFF\0\0\0\0WAVE" + b"LIST\xff\xff\xff\xff" + bytes(5000), "damaged"),
        (b"RF64\xff\xff\xff\xffWAVE" + bytes(50), "this is RF64"),
        (b"BW64\xff\xff\xff\xffWAVE" + bytes(50), "this is BW64"),
        (3 * (bytes.fromhex("fff15080029ffc") + bytes(13)), "this is AAC"),
        (bytes.fromhex("3026b2758e66cf11") + bytes(50), "this is ASF"),
    ],
)  # fmt: skip
def test_what_is_no_wav_for_a_pipe_is_refused_with_a_remedy_that_fits(data: bytes, hint: str) -> None:
    async def test(loop: VirtualLoop) -> None:
        with pytest.raises(InputError, match=hint) as refusal:
            read_wav_header(LateStream(loop, data, {}), "standard input")
        assert "| stt-monitor -" in str(refusal.value) or hint in ("ended without any audio", "give --rate")

    run(test)


def test_a_pipe_that_does_not_block_is_waited_for() -> None:
    reading, writing = os.pipe()
    os.set_blocking(reading, False)
    data = np.random.default_rng(1).bytes(400)

    def write() -> None:
        for at in range(0, len(data), 100):
            time.sleep(0.05)  # the reader finds nothing there meanwhile
            os.write(writing, data[at : at + 100])
        os.close(writing)

    writer = threading.Thread(target=write)
    writer.start()
    with io.FileIO(reading, "rb") as stream:
        assert read_fully(stream, 500) == data
        assert read_fully(stream, 500) == b""
    writer.join()


class BrokenStream(io.RawIOBase):
    def read(self, _size: int = -1, /) -> bytes:
        raise OSError(errno.EIO, "Input/output error")


def test_a_pipe_that_cannot_be_read_is_told() -> None:
    async def test(loop: VirtualLoop) -> None:
        with pytest.raises(InputError, match="cannot be read"):
            await collect(PipeSource(BrokenStream(), S16, clock=loop.time))

    run(test)


def run_with_stdin(program: str, stdin: int) -> subprocess.CompletedProcess[str]:
    prelude = """
import asyncio, time
from stt_monitor.audio.formats import AudioFormat, Encoding
from stt_monitor.audio.sources.pcm_pipe import open_standard_input
from stt_monitor.core.errors import InputError
S16 = AudioFormat(Encoding.PCM_S16LE, 8000)
"""
    return subprocess.run(
        [sys.executable, "-c", prelude + program], capture_output=True, text=True, check=True, stdin=stdin
    )


@pytest.mark.slow
def test_a_terminal_is_no_raw_audio() -> None:
    terminal, program_side = os.openpty()
    done = run_with_stdin("try: open_standard_input(S16)\nexcept InputError as error: print(error)", stdin=program_side)
    assert "pipe audio into it" in done.stdout
    os.close(program_side)
    os.close(terminal)


@pytest.mark.slow
def test_a_program_ends_while_its_standard_input_is_still_open() -> None:
    reading, writing = os.pipe()
    os.write(writing, bytes(range(160)))
    done = run_with_stdin(
        """
async def main():
    source = open_standard_input(S16, chunk_ms=10)(time.monotonic)
    async for chunk in source.chunks():
        print(chunk.data.hex())
        source.stop()
asyncio.run(main())
""",
        stdin=reading,
    )
    assert done.stdout.strip() == bytes(range(160)).hex()
    assert done.stderr == ""
    os.close(reading)
    os.close(writing)
