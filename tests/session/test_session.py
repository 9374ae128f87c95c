import asyncio
import json
from collections.abc import AsyncGenerator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import msgspec
import pytest
from tests.support.patience import PATIENCE_S
from tests.support.service import Dialogue, Script, ScriptedService, polite
from tests.support.sound import wav_bytes, write_wav
from tests.support.watched import Watched

from stt_monitor.audio.files import open_audio_file
from stt_monitor.audio.formats import AudioFormat, Encoding
from stt_monitor.audio.sources.file_source import FileSource
from stt_monitor.audio.sources.source import Chunk
from stt_monitor.audio.vad.segmentation import SpeechEdge
from stt_monitor.core.commands import Stop
from stt_monitor.core.errors import InputError, ServiceUnavailableError
from stt_monitor.core.journal import Began, Entry
from stt_monitor.core.monitoring.monitor import Monitor
from stt_monitor.core.records.lines import to_json
from stt_monitor.core.records.turns import EventRecord
from stt_monitor.core.settings.requested import Settings, TurnSettings, decode_hook
from stt_monitor.services.cartesia import DIALECT
from stt_monitor.session.outcome import Outcome
from stt_monitor.session.sources import Reference, detected_speech
from stt_monitor.transport.address import Address


@pytest.fixture
def wav(tmp_path: Path) -> Path:
    return write_wav(tmp_path / "half a second.wav", 0.55)


async def run(script: Script, wav: Path, settings: Settings | None = None) -> tuple[Watched, Outcome, Dialogue]:
    async with ScriptedService(script) as service:
        watched = Watched(wav, service.url, settings)
        outcome = await watched.run()
    return watched, outcome, service.dialogues[0]


async def test_a_session_sends_the_file_as_it_is_and_keeps_what_it_was_told(wav: Path):
    watched, outcome, dialogue = await run(polite, wav)
    assert outcome == Outcome()
    assert bytes(dialogue.audio) == wav_bytes(wav)
    assert dialogue.frames == [3200] * 5 + [1600]
    assert dialogue.texts == [{"type": "close"}]
    assert dialogue.close_code == 1000
    assert [line["event"]["type"] for line in watched.lines("event")] == [
        "connected", "turn.start", "turn.update", "turn.eager_end", "turn.end",
    ]  # fmt: skip
    assert watched.lines("turn")[0]["end_reason"] == "closed"
    assert watched.summary.transcript == "Hello there."
    assert watched.summary.counts.violations == 0
    assert [line["connection"] for line in watched.lines("status")] == ["connecting", "connected", "closed"]
    assert not watched.snapshots[-1].running
    assert all(snapshot.running for snapshot in watched.snapshots[:-1])


async def test_records_begin_with_the_session_and_end_with_the_summary(wav: Path):
    watched, _, _ = await run(polite, wav)
    session = json.loads(to_json(watched.records[0]))
    assert session["kind"] == "session"
    assert session["source"] == wav.name
    assert session["url"].startswith("ws://127.0.0.1:")
    assert (session["encoding"], session["sample_rate"], session["chunk_ms"]) == ("pcm_s16le", 16000, 100)
    times = [line["t"] for record in watched.records[1:] if (line := json.loads(to_json(record)))]
    assert times == sorted(times)
    assert json.loads(to_json(watched.records[-1]))["kind"] == "summary"


async def test_the_request_carries_what_was_set_and_nothing_else(wav: Path):
    settings = Settings(
        "ink-2-2026-08-14",
        ("Ink 2", "Cartesia"),
        TurnSettings(start_threshold=0.75, end_threshold=0.25, end_timeout_ms=4000),
    )
    _, _, dialogue = await run(polite, wav, settings)
    assert parse_qs(urlsplit(dialogue.path).query) == {
        "model": ["ink-2-2026-08-14"],
        "encoding": ["pcm_s16le"],
        "sample_rate": ["16000"],
        "keyterm": ["Ink 2", "Cartesia"],
        "turn_start_threshold": ["0.75"],
        "turn_end_threshold": ["0.25"],
        "turn_end_timeout_ms": ["4000"],
    }
    assert "Ink%202" in dialogue.path
    assert dialogue.headers["Cartesia-Version"] == "2026-08-14"
    assert "Authorization" not in dialogue.headers


async def test_languages_are_asked_for_and_told(wav: Path):
    told = [{"language": "en", "confidence": 0.75, "more": 1}, {"language": "fr"}]

    async def bilingual(dialogue: Dialogue) -> None:
        await dialogue.say("connected")
        await dialogue.say("turn.start")
        await dialogue.say("turn.end", transcript="one", languages=told)
        await dialogue.say("turn.start")
        await dialogue.say("turn.end", transcript=" two")
        await dialogue.hear_close()

    async with ScriptedService(bilingual) as service:
        watched = Watched(wav, service.url, Settings("ink-preview", language_hints=("en", "fr")))
        assert await watched.run() == Outcome()
    assert parse_qs(urlsplit(service.dialogues[0].path).query)["language_hint"] == ["en", "fr"]
    assert watched.lines("session")[0]["settings"]["language_hints"] == ["en", "fr"]
    assert watched.lines("event")[2]["event"]["languages"] == told
    assert [turn["languages"] for turn in watched.lines("turn")] == [
        [{"language": "en", "confidence": 0.75}, {"language": "fr"}],
        None,
    ]


async def test_an_end_with_a_lone_surrogate_ends_its_turn(wav: Path):
    async def broken(dialogue: Dialogue) -> None:
        await dialogue.say("connected")
        await dialogue.say("turn.start")
        await dialogue.socket.send(r'{"type":"turn.end","transcript":"half an emoji \ud83d"}')
        await dialogue.hear_close()

    async with ScriptedService(broken) as service:
        watched = Watched(wav, service.url)
        assert await watched.run() == Outcome()
    (turn,) = watched.lines("turn")
    assert (turn["transcript"], turn["end_reason"] == "dangling") == ("half an emoji \ufffd", False)
    assert watched.summary.counts.violations == 0
    ends = [line for record in watched.records if "turn.end" in (line := to_json(record))]
    assert r'"transcript":"half an emoji \ud83d"' in ends[0]


async def test_the_key_goes_to_the_service_and_nowhere_else(wav: Path):
    async with ScriptedService(polite) as service:
        watched = Watched(wav, service.url + "?access_token=hush", key="sk_car_secret")
        await watched.run()
    assert service.dialogues[0].headers["Authorization"] == "Bearer sk_car_secret"
    assert "access_token=hush" in service.dialogues[0].path
    said = "".join(to_json(record) for record in watched.records) + repr(watched.snapshots)
    assert "sk_car_secret" not in said
    assert "hush" not in said


async def test_the_journal_tells_the_whole_session_again(wav: Path):
    watched, _, dialogue = await run(polite, wav)
    began, *entries = msgspec.json.decode(msgspec.json.encode(watched.journal), type=list[Entry], dec_hook=decode_hook)
    assert isinstance(began, Began)
    monitor = Monitor.begin(began, DIALECT)
    assert [record for entry in entries for record in monitor.apply(entry)] == watched.records
    assert monitor.snapshot(entries[-1].at, running=False) == watched.snapshots[-1]
    assert watched.audio == dialogue.audio


@pytest.mark.slow
async def test_a_flood_of_turns_is_all_taken_and_not_pictured_event_by_event(tmp_path: Path):
    turns = 1500
    wav = write_wav(tmp_path / "two seconds.wav", 2)

    async def flood(dialogue: Dialogue) -> None:
        await dialogue.say("connected")
        for number in range(turns):
            await dialogue.say("turn.start")
            await dialogue.say("turn.update", transcript=f"this is {number}")
            await dialogue.say("turn.end", transcript=f"this is {number}")
        await dialogue.hear_close()

    async with ScriptedService(flood) as service:
        # The detector lags: for a while, all that has ended waits for its figures.
        watched = Watched(wav, service.url, reference=detected_speech(AudioFormat(Encoding.PCM_S16LE, 16_000)))
        assert await watched.run() == Outcome()
    assert watched.summary.turns == turns
    assert len(watched.lines("event")) == 1 + 3 * turns
    assert len(watched.snapshots) < 3 * turns / 2


async def test_events_that_come_after_close_still_count(wav: Path):
    async def slow(dialogue: Dialogue) -> None:
        await dialogue.say("connected")
        await dialogue.hear_close()
        for number in range(3):
            await asyncio.sleep(0.1)
            await dialogue.say("turn.start", turn_id=str(number))
            await dialogue.say("turn.end", transcript=f" {number}", turn_id=str(number))

    watched, outcome, _ = await run(slow, wav)
    assert outcome == Outcome()
    assert watched.summary.transcript == " 0 1 2"


async def test_events_are_received_while_audio_is_sent(wav: Path):
    async def chatty(dialogue: Dialogue) -> None:
        await dialogue.say("connected")
        await dialogue.say("turn.start")
        await dialogue.hear(0.1)
        await dialogue.say("turn.update", transcript="early")
        await dialogue.hear_close()
        await dialogue.say("turn.end", transcript="early")

    watched, _, _ = await run(chatty, wav)
    (update,) = [line for line in watched.lines("event") if line["event"]["type"] == "turn.update"]
    assert any(
        snapshot.open_turn and snapshot.open_turn.transcript == "early" and snapshot.audio.position < 0.5
        for snapshot in watched.snapshots
    ), update


async def test_unknown_events_and_garbage_are_counted_and_survived(wav: Path):
    async def odd(dialogue: Dialogue) -> None:
        await dialogue.say("connected", surprise=[1, 2])
        await dialogue.say("turn.dance")
        await dialogue.socket.send("{")
        await dialogue.socket.send(b"\x00\xff")
        await dialogue.say("turn.start")
        await dialogue.hear_close()
        await dialogue.say("turn.end", transcript="fine", mood="good")

    watched, outcome, _ = await run(odd, wav)
    assert outcome == Outcome()
    assert [line["rule"] for line in watched.lines("violation")] == ["bad_json", "bad_json"]
    assert [line["type"] for line in watched.lines("unknown")] == ["turn.dance"]
    assert watched.summary.counts.unknown_events == 1
    assert watched.lines("event")[-1]["event"]["mood"] == "good"
    assert watched.summary.transcript == "fine"


async def test_a_service_that_says_no_hello_gets_its_audio_all_the_same(wav: Path):
    async def mute(dialogue: Dialogue) -> None:
        await dialogue.hear_close()

    watched, outcome, dialogue = await run(mute, wav)
    assert outcome == Outcome()
    assert bytes(dialogue.audio) == wav_bytes(wav)
    assert watched.summary.turns == 0


async def test_a_refused_parameter_is_told_with_its_remedy(wav: Path):
    async def refuse(dialogue: Dialogue) -> None:
        await dialogue.say("connected")
        await dialogue.say("error", status_code=400, title="Invalid turn thresholds", message="0.6 > 0.6")
        await dialogue.socket.close(1008, "Invalid turn thresholds")

    watched, outcome, _ = await run(refuse, wav)
    assert outcome.exit_code == ServiceUnavailableError.exit_code
    assert "start > eager end > end" in outcome.sentence
    assert watched.snapshots[-1].error == outcome.sentence
    assert watched.lines("status")[-1]["detail"] == outcome.sentence
    assert watched.summary.counts.errors == 1


async def test_no_service_can_be_found(wav: Path):
    watched = Watched(wav, "http://127.0.0.1:1")

    async def find() -> Address:
        raise ServiceUnavailableError("the local server lacks its weights: pip install them")

    watched.session._find_service = find
    outcome = await watched.run()
    assert outcome == Outcome(3, "the local server lacks its weights: pip install them")
    assert [json.loads(to_json(record))["kind"] for record in watched.records] == ["session", "status", "summary"]


async def test_stopping_in_mid_stream_says_close_and_hears_the_last_events(tmp_path: Path):
    async with ScriptedService(polite) as service:
        watched = Watched(write_wav(tmp_path / "long.wav", 60), service.url)
        running = asyncio.create_task(watched.run())
        await watched.until(lambda snapshot: snapshot.open_turn is not None)
        watched.session.send(Stop())
        outcome = await running
    assert outcome == Outcome()
    assert service.dialogues[0].texts == [{"type": "close"}]
    assert service.dialogues[0].close_code == 1000
    assert watched.summary.transcript == "Hello there."
    assert 0 < len(service.dialogues[0].audio) < 5 * 32_000


async def test_stopping_does_not_wait_for_a_service_that_says_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(
        "stt_monitor.session.exchange.DRAIN_S", 10_000.0
    )  # what a session waits for that nobody stopped

    async def stubborn(dialogue: Dialogue) -> None:
        await dialogue.say("connected")
        await dialogue.say("turn.start")
        await dialogue.hear_close()
        await dialogue.socket.wait_closed()

    async with ScriptedService(stubborn) as service:
        watched = Watched(write_wav(tmp_path / "long.wav", 60), service.url)
        running = asyncio.create_task(watched.run())
        await watched.until(lambda snapshot: snapshot.open_turn is not None)
        watched.session.send(Stop())
        async with asyncio.timeout(PATIENCE_S):
            assert await running == Outcome()
    assert watched.lines("turn")[0]["end_reason"] == "dangling"


async def test_a_goodbye_that_nobody_answers_is_part_of_these_two_seconds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("stt_monitor.session.exchange.QUIT_S", 0.2)
    monkeypatch.setattr("stt_monitor.session.exchange.HANG_UP_S", 1000.0)
    gone = asyncio.Event()

    async def frozen(dialogue: Dialogue) -> None:
        await dialogue.say("connected")
        await dialogue.say("turn.start")
        dialogue.socket.transport.pause_reading()
        await gone.wait()
        dialogue.socket.transport.abort()

    async with ScriptedService(frozen) as service:
        watched = Watched(write_wav(tmp_path / "long.wav", 60), service.url)
        running = asyncio.create_task(watched.run())
        await watched.until(lambda snapshot: snapshot.open_turn is not None)
        watched.session.send(Stop())
        assert await running == Outcome()
        gone.set()
    assert watched.lines("turn")[0]["end_reason"] == "dangling"


async def test_stopping_before_the_service_is_found(wav: Path):
    watched = Watched(wav, "http://127.0.0.1:1")
    asked = asyncio.Event()

    async def find() -> Address:
        asked.set()
        return await asyncio.Future()

    watched.session._find_service = find
    running = asyncio.create_task(watched.run())
    await asked.wait()
    watched.session.send(Stop())
    assert await running == Outcome()
    assert not watched.snapshots[-1].running


class Breaking(FileSource):
    """A recording that turns out to be damaged."""

    async def chunks(self) -> AsyncGenerator[Chunk, None]:
        async for chunk in super().chunks():
            yield chunk
            if chunk.position:
                raise InputError("a.wav: damaged after 0.2 s")


@pytest.mark.slow
async def test_a_source_that_fails_in_mid_session_loses_nothing_of_what_was_heard(wav: Path):
    async with ScriptedService(polite) as service:
        watched = Watched(Breaking(open_audio_file(wav)), service.url)
        outcome = await watched.run()
    assert outcome == Outcome(InputError.exit_code, "a.wav: damaged after 0.2 s")
    assert bytes(service.dialogues[0].audio) == wav_bytes(wav)[:6400]
    assert watched.summary.transcript == "Hello there."
    assert watched.snapshots[-1].error == outcome.sentence


async def test_audio_is_sent_on_an_absolute_schedule(wav: Path):
    watched, _, _ = await run(polite, wav)
    assert watched.summary.health.audio_sent_s == 0.55
    # A chunk cannot be sent before its last sample was spoken.
    assert watched.summary.health.send_lag_max >= 0
    events = [record for record in watched.records if isinstance(record, EventRecord)]
    assert events[-1].t >= 0.55


async def test_event_times_are_those_of_receipt(wav: Path):
    said_at: list[float] = []

    async def timed(dialogue: Dialogue) -> None:
        await dialogue.say("connected")
        await dialogue.hear(0.3)
        said_at.append(asyncio.get_running_loop().time())
        await dialogue.say("turn.start")
        await dialogue.hear_close()
        await dialogue.say("turn.end", transcript="")

    async with ScriptedService(timed) as service:
        watched = Watched(wav, service.url)
        began = watched.session._log.began
        await watched.run()
    start = next(line for line in watched.lines("event") if line["event"]["type"] == "turn.start")
    assert start["t"] == round(said_at[0] - began, 4)


class Deaf:
    """A detector with a bug."""

    speaking = False
    decided_until = 0.0

    def feed(self, data: bytes, recorded_at: int | None = None) -> list[SpeechEdge]:
        raise ZeroDivisionError(len(data), recorded_at)

    async def detect(self, data: bytes, recorded_at: int | None = None) -> list[SpeechEdge]:
        return self.feed(data, recorded_at)

    def finish(self) -> list[SpeechEdge]:
        raise AssertionError


async def test_a_detector_that_fails_delays_nothing_and_comes_to_light_in_the_end(
    wav: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("stt_monitor.session.audio_sender.DETECTOR_BACKLOG", 2)
    async with ScriptedService(polite) as service:
        watched = Watched(wav, service.url, reference=Reference("vad", Deaf()))
        with pytest.raises(ZeroDivisionError):
            await watched.run()
    assert bytes(service.dialogues[0].audio) == wav_bytes(wav)
    assert watched.summary.transcript == "Hello there."
    assert not watched.snapshots[-1].running
