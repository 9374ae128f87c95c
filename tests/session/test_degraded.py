"""Sessions over degraded recordings, in virtual time: what is sent, what is kept, and the figures."""

import asyncio
import json
from pathlib import Path

import pytest
import soundfile
import soxr
from tests.support.running import Running
from tests.support.service import Dialogue, ScriptedService, polite
from tests.support.sessions import maker, side_by_side
from tests.support.sound import READING, wav_bytes, write_wav
from tests.support.timed_service import Heard, bare, label, says, text, watch
from tests.support.watched import Watched

from stt_monitor.audio.degrade.chain import degrade
from stt_monitor.audio.degrade.source import degraded_source
from stt_monitor.audio.files import open_audio_file
from stt_monitor.audio.formats import AudioFormat, Encoding, decode, encode
from stt_monitor.audio.sources.file_source import FileSource
from stt_monitor.core.commands import ChooseInput, Start
from stt_monitor.core.journal import Sent, SpeechEnd, SpeechOnset
from stt_monitor.core.records.lines import to_json
from stt_monitor.core.records.session import WarningRecord
from stt_monitor.core.session_options import FileChoice
from stt_monitor.core.sound.arms import parse_arms
from stt_monitor.core.sound.slowness import SLOW_S
from stt_monitor.recording.manifest import AUDIO, MANIFEST
from stt_monitor.recording.reader import open_recording
from stt_monitor.recording.recorder import Recorders
from stt_monitor.recording.replay import fold, replay_records
from stt_monitor.recording.saved_sessions import list_recordings
from stt_monitor.session.outcome import Outcome
from stt_monitor.session.sources import SessionInput, detected_speech, recording

S16 = AudioFormat(Encoding.PCM_S16LE, 16_000)
LIMIT = 1 << 30


def degraded(path: Path, *arms: str) -> FileSource:
    return degraded_source(
        lambda: open_audio_file(path),
        parse_arms(arms),
        clock=asyncio.get_running_loop().time,
    )


def expected(path: Path, *arms: str) -> bytes:
    samples = decode(wav_bytes(path), Encoding.PCM_S16LE)
    return encode(degrade(samples, 16_000, parse_arms(arms)), Encoding.PCM_S16LE)


def speech_of(watched: Watched) -> list[tuple[str, float]]:
    return [(type(each).__name__, each.position) for each in watched.journal
            if isinstance(each, SpeechOnset | SpeechEnd)]  # fmt: skip


@pytest.mark.slow
async def test_reference_speech_is_that_of_the_clean_recording_to_the_digit():
    path, arms = READING, ("phone", "babble:0", "noise:-5", "loss:20")
    found = []
    for sound in (path, degraded(path, *arms)):
        async with ScriptedService(polite) as service:
            watched = Watched(sound, service.url, reference=detected_speech(S16))
            assert await watched.run() == Outcome()
            found.append((speech_of(watched), bytes(service.audio)))
    (clean_speech, clean), (speech, sent) = found
    assert speech == clean_speech
    assert len(speech) > 4
    assert clean == wav_bytes(path)
    assert sent == expected(path, *arms)


async def test_jitter_makes_no_turn_slow_and_is_in_the_latency_as_on_such_a_line(tmp_path: Path):
    events = [bare(1.2, "turn.start"), text(1.4, "turn.update", "One"), text(3.0, "turn.end", "One")]
    wav, labels = write_wav(tmp_path / "speech.wav", 6.0), label(tmp_path / "labels.txt", [(0.5, 2.0)])
    async with ScriptedService(says(events, heard := Heard())) as service:
        watched = watch(degraded(wav, "jitter:1500"), service.url, labels)
        assert await watched.run() == Outcome()
    chunks = [entry.chunk for entry in watched.journal if isinstance(entry, Sent)]
    for number, chunk in enumerate(chunks):
        assert chunk.spoken_at == pytest.approx(chunks[0].spoken_at + number * 0.1)
        assert chunk.sent_at == pytest.approx(chunk.spoken_at + chunk.length + chunk.delayed)
    assert max(chunk.delayed for chunk in chunks) > SLOW_S
    assert watched.health.send_lag_max == pytest.approx(0, abs=1e-4)
    (turn,) = watched.lines("turn")
    assert turn["slow"] is False
    assert watched.summary.counts.slow == 0
    spoken = watched.session._log.began + chunks[0].spoken_at
    assert turn["eot_latency_ms"] == pytest.approx(1000 * (heard.said[2] - spoken - 2.0), abs=0.56)
    assert turn["first_of_connection"] is True


async def test_a_lost_connection_sends_the_same_again(tmp_path: Path):
    async def drop(dialogue: Dialogue) -> None:
        await dialogue.say("connected")
        await dialogue.hear(0.4)
        dialogue.socket.transport.abort()

    wav = write_wav(tmp_path / "speech.wav", 3.0)
    async with ScriptedService(drop, polite) as service:
        watched = Watched(degraded(wav, "noise:10", "loss:10"), service.url)
        assert await watched.run() == Outcome()
        first, second = (bytes(each.audio) for each in service.dialogues)
    whole = expected(wav, "noise:10", "loss:10")
    assert whole.startswith(first)
    assert whole.endswith(second)
    assert len(whole) - len(first) - len(second) <= watched.health.unconfirmed_s * 32_000


async def test_a_saved_session_has_the_audio_that_was_sent_and_says_what_was_done_to_it(tmp_path: Path):
    wav, kept = write_wav(tmp_path / "talk.wav", 2.0), tmp_path / "kept"
    recorder = Recorders(kept, LIMIT, ["cartesia"])("cartesia")
    async with ScriptedService(polite) as service:
        watched = Watched(degraded(wav, "phone", "noise:10.0"), service.url, observer=recorder)
        assert await watched.run() == Outcome()
    (saved,) = list_recordings(kept)
    assert wav_bytes(saved.path / AUDIO) == expected(wav, "phone", "noise:10")
    assert json.loads((saved.path / MANIFEST).read_bytes())["session"]["degraded"] == ["phone", "noise:10"]
    assert watched.lines("session")[0]["degraded"] == ["phone", "noise:10"]
    assert saved.source == "talk.wav · phone, noise 10 dB"
    again = list(replay_records(open_recording(saved.path)))
    assert [to_json(record) for record in again] == [to_json(record) for record in watched.records]


async def test_a_clean_session_says_nothing_of_it(tmp_path: Path):
    async with ScriptedService(polite) as service:
        watched = Watched(write_wav(tmp_path / "talk.wav", 0.5), service.url)
        assert await watched.run() == Outcome()
    assert "degraded" not in watched.lines("session")[0]
    assert all(entry.chunk.delayed == 0 for entry in watched.journal if isinstance(entry, Sent))


@pytest.mark.slow
async def test_services_side_by_side_hear_the_same_degraded_audio_and_one_clean_reference(tmp_path: Path):
    arms = ("noise:-5", "loss:10", "jitter:80")
    made = SessionInput(recording(READING, "mix", 100, parse_arms(arms)), detected_speech)
    async with ScriptedService(polite) as alone:
        clean = Watched(READING, alone.url, reference=detected_speech(S16))
        await clean.run()
    recorders = Recorders(tmp_path, LIMIT, ["cartesia", "flux"])
    async with ScriptedService(polite) as one, ScriptedService(polite) as other:
        urls = {"cartesia": one.url, "flux": other.url}
        async with Running(side_by_side(urls, made, observe=recorders)) as running:
            running.runner.send(Start())
            await running.outcome()
    assert bytes(one.audio) == bytes(other.audio) == expected(READING, *arms)
    last = running.snapshots[-1]
    spans = [[(span.onset_position, span.end_position) for span in lane.speech] for lane in last.lanes]
    positions = [position for _, position in speech_of(clean)]
    assert spans[0] == spans[1] == list(zip(positions[::2], positions[1::2], strict=True))
    assert [lane.session.degraded for lane in last.lanes] == [arms, arms]
    (group,) = list_recordings(tmp_path)
    assert wav_bytes(group.path / AUDIO) == expected(READING, *arms)
    assert group.source == "reading.wav · noise -5 dB, loss 10 %, jitter 80 ms"


async def test_what_is_chosen_on_the_screen_is_degraded_too(tmp_path: Path):
    first, second = (write_wav(tmp_path / f"{name}.wav", 1.0) for name in ("first", "second"))
    async with ScriptedService(polite) as service:
        made = maker(service.url, first, arms=parse_arms(["loss:20"]))
        async with Running(made) as running:
            running.runner.send(Start())
            await running.outcome()
            running.runner.send(ChooseInput(FileChoice(str(second))))
            running.runner.send(Start())
            await running.outcome()
    assert running.snapshots[-1].session.degraded == ("loss:20",)
    assert bytes(service.dialogues[-1].audio) == expected(second, "loss:20")


@pytest.mark.slow
async def test_a_rate_at_which_nobody_speaks_is_warned_of_and_kept(tmp_path: Path):
    samples, _ = soundfile.read(READING, dtype="float32")
    soundfile.write(tmp_path / "fast.wav", soxr.resample(samples, 16_000, 8000), 16_000)
    async with ScriptedService(polite) as service:
        made = maker(service.url, observe=Recorders(tmp_path / "kept", LIMIT, ["cartesia"]))
        made.inputs = (SessionInput(recording(tmp_path / "fast.wav", "mix", 100), detected_speech),)
        async with Running(made) as running:
            running.runner.send(Start())
            assert await running.outcome() == Outcome()
    warned = [record for record in running.records if isinstance(record, WarningRecord)]
    assert [record.sentence.partition(" as people")[0] for record in warned] == ["the speech sounds twice as fast"]
    last = running.snapshots[-1]
    assert (last.warning, last.error) == (warned[0].sentence, "")
    (saved,) = list_recordings(tmp_path / "kept")
    assert fold(open_recording(saved.path)).snapshot.warning == warned[0].sentence
