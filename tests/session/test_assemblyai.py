"""Sessions over AssemblyAI."""

import asyncio
import json
import random
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import soundfile
from tests.server.stand_in import TWO_TURNS, LoudnessDetector
from tests.services.assemblyai.examples import BEGIN, LATER, STREAMING, end, turn
from tests.support.live import LiveSource
from tests.support.service import Dialogue, ScriptedService
from tests.support.sound import wav_bytes, write_wav
from tests.support.virtual_time import current_clock
from tests.support.watched import Watched
from websockets.asyncio.client import connect

from stt_monitor.audio.formats import Encoding, decode
from stt_monitor.core.commands import Stop, Tune
from stt_monitor.core.journal import Sent
from stt_monitor.core.records.session import Connection
from stt_monitor.core.settings.requested import Settings, TurnSettings
from stt_monitor.core.turns.turn import Begin
from stt_monitor.server.server import LocalServer
from stt_monitor.server.settings import ServerSettings
from stt_monitor.services.assemblyai import SERVICE
from stt_monitor.services.assemblyai.families import LATER_MODEL, MODEL

TERMINATION = {"type": "Termination", "audio_duration_seconds": 1, "session_duration_seconds": 1}


async def tell(dialogue: Dialogue, *messages: dict[str, Any]) -> None:
    for each in messages:
        await dialogue.socket.send(json.dumps(each))


async def until_terminate(dialogue: Dialogue) -> None:
    while {"type": "Terminate"} not in dialogue.texts:
        await dialogue.hear_text()


async def test_turns_and_what_is_said_at_the_end(tmp_path: Path):
    async def talk(dialogue: Dialogue) -> None:
        await tell(dialogue, BEGIN)
        await dialogue.hear(0.3)
        await tell(dialogue, turn(0, "book"), turn(0, "book a table", utterance="book a table"), end(0, "book a table"))
        await tell(dialogue, turn(1, "for", "two"))
        await until_terminate(dialogue)
        await tell(dialogue, end(1, "for two"), TERMINATION)

    async with ScriptedService(talk) as service:
        watched = Watched(write_wav(tmp_path / "talk.wav", 0.5), service.url, service=SERVICE)
        outcome = await watched.run()
    assert (outcome.exit_code, outcome.sentence) == (0, "")
    assert watched.summary.transcript == "book a table for two"
    assert [line["end_reason"] for line in watched.lines("turn")] == ["", "closed"]
    assert watched.summary.counts.violations == 0
    assert [text["type"] for text in service.dialogues[0].texts] == ["ForceEndpoint", "Terminate"]


async def test_a_formatted_copy_is_the_text_of_its_turn_however_late_it_comes(tmp_path: Path):
    async def talk(dialogue: Dialogue) -> None:
        await tell(dialogue, BEGIN, turn(0, "yes", utterance="yes"), end(0, "yes"), turn(1, "no"))
        await tell(
            dialogue, end(0, "Yes.", turn_is_formatted=True), end(1, "no"), end(1, "No.", turn_is_formatted=True)
        )
        await until_terminate(dialogue)
        await tell(dialogue, TERMINATION)

    async with ScriptedService(talk) as service:
        watched = Watched(write_wav(tmp_path / "talk.wav", 0.5), service.url, service=SERVICE)
        await watched.run()
    assert watched.summary.transcript == "Yes. No."
    turns = watched.lines("turn")
    assert [(each["transcript"], each["eager_text_match"]) for each in turns] == [("Yes.", "exact"), ("No.", None)]
    assert watched.summary.counts.late_texts == 0


async def test_a_last_frame_that_would_be_too_short_is_completed_by_silence(tmp_path: Path):
    async def listen(dialogue: Dialogue) -> None:
        await tell(dialogue, BEGIN)
        await until_terminate(dialogue)
        await tell(dialogue, TERMINATION)

    sound = write_wav(tmp_path / "odd.wav", 0.31)
    async with ScriptedService(listen) as service:
        watched = Watched(sound, service.url, service=SERVICE)
        assert (await watched.run()).exit_code == 0
    (dialogue,) = service.dialogues
    assert dialogue.frames == [3200, 3200, 3200, 1600]
    assert bytes(dialogue.audio) == wav_bytes(sound) + bytes(1280)
    assert bytes(watched.audio) == wav_bytes(sound)
    assert watched.summary.health.audio_sent_s == pytest.approx(0.31)


async def test_after_a_lost_line_nothing_is_sent_faster_than_in_real_time(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(random, "random", lambda: 1.0)

    async def lose(dialogue: Dialogue) -> None:
        await tell(dialogue, BEGIN)
        await dialogue.hear(0.2)
        dialogue.socket.transport.abort()

    async def listen(dialogue: Dialogue) -> None:
        await tell(dialogue, BEGIN)
        await until_terminate(dialogue)
        await tell(dialogue, TERMINATION)

    async with ScriptedService(lose, listen) as service:
        watched = Watched(LiveSource(), service.url, service=SERVICE)
        running = asyncio.create_task(watched.run())
        late = await watched.until(lambda snapshot: snapshot.health.reconnects == 1 and snapshot.audio.position > 3)
        watched.session.send(Stop())
        assert (await running).exit_code == 0
    sent = [entry.chunk for entry in watched.journal if isinstance(entry, Sent)]
    steps = [after.sent_at - before.sent_at for before, after in pairwise(sent[-20:])]
    assert steps == pytest.approx([0.1] * 19, rel=0.003)
    assert late.health.waiting_s > 0.1  # what waited for the line is late from then on, and that is said
    assert sent[-1].sent_at - sent[-1].spoken_at > 0.3  # its own length, and the wait


async def test_what_the_service_ignores_is_said_and_the_session_goes_on(tmp_path: Path):
    async def ignore(dialogue: Dialogue) -> None:
        await tell(dialogue, BEGIN)
        await until_terminate(dialogue)
        await tell(dialogue, TERMINATION)

    async with ScriptedService(ignore) as service:
        watched = Watched(write_wav(tmp_path / "a.wav", 0.3), service.url, Settings(LATER_MODEL), service=SERVICE)
        assert (await watched.run()).exit_code == 0
    said = f"the service uses {MODEL}, and ignores that {LATER_MODEL} was asked for"
    assert [line["detail"] for line in watched.lines("status") if line["connection"] == "connected"] == [said]
    assert watched.snapshots[-1].error == said
    assert watched.summary.counts.errors == watched.summary.counts.violations == 0


async def test_a_change_is_sent_and_not_answered(tmp_path: Path):
    async def listen(dialogue: Dialogue) -> None:
        await tell(dialogue, BEGIN)
        await until_terminate(dialogue)
        await tell(dialogue, TERMINATION)

    async with ScriptedService(listen) as service:
        watched = Watched(write_wav(tmp_path / "long.wav", 2), service.url, service=SERVICE)
        running = asyncio.create_task(watched.run())
        await watched.until(lambda snapshot: snapshot.connection is Connection.CONNECTED)
        watched.session.send(Tune(TurnSettings(max_turn_silence=2000)))
        await watched.until(lambda _: bool(service.dialogues[0].texts))
        watched.session.send(Tune(TurnSettings(min_turn_silence=100, max_turn_silence=600)))
        assert (await running).exit_code == 0
    assert service.dialogues[0].texts[:2] == [
        {"type": "UpdateConfiguration", "max_turn_silence": 2000},
        {"type": "UpdateConfiguration", "min_turn_silence": 100, "max_turn_silence": 600},
    ]
    assert watched.snapshots[-1].settings == TurnSettings(min_turn_silence=100, max_turn_silence=600)


@pytest.mark.parametrize(
    ("code", "reason", "connections", "said"),
    [
        (1008, "Unauthorized Connection: Missing Authorization header", 1, "refused the key"),
        (3007, "Input duration violation: 20 ms. Expected between 50 and 1000 ms", 1, "refused the audio"),
        (3005, "Session Cancelled: An error occurred", 2, ""),
        (3008, "Session Expired: Maximum session duration exceeded", 2, ""),
        (3009, "Unauthorized Connection: Too many concurrent sessions", 2, ""),
    ],
)
@pytest.mark.parametrize("tells", [True, False])
@pytest.mark.parametrize("begins", [True, False])
async def test_a_close_is_explained_and_tried_again_where_that_may_help(
    tmp_path: Path, code: int, reason: str, connections: int, said: str, *, tells: bool, begins: bool
):
    async def close(dialogue: Dialogue) -> None:
        if begins:
            await tell(dialogue, BEGIN)
            await dialogue.hear(0.1)
        if tells:
            await tell(dialogue, {"type": "Error", "error_code": code, "error": reason})
        await dialogue.socket.close(code, reason)

    async def listen(dialogue: Dialogue) -> None:
        await tell(dialogue, BEGIN)
        await until_terminate(dialogue)
        await tell(dialogue, TERMINATION)

    async with ScriptedService(close, listen) as service:
        watched = Watched(write_wav(tmp_path / "a.wav", 1), service.url, key="k", service=SERVICE)
        outcome = await watched.run()
    assert len(service.dialogues) == connections
    assert outcome.exit_code == (0 if connections > 1 else 3)
    assert said in outcome.sentence
    assert "\n" not in outcome.sentence


@pytest.fixture
def wav(tmp_path: Path) -> Path:
    soundfile.write(tmp_path / "two turns.wav", decode(TWO_TURNS, Encoding.PCM_S16LE), 16_000)
    return tmp_path / "two turns.wav"


@pytest.mark.parametrize("model", [MODEL, LATER_MODEL, "u3-rt-pro"])
async def test_the_local_server_speaks_both_kinds(wav: Path, model: str):
    async with LocalServer(LoudnessDetector) as server:
        watched = Watched(wav, f"{server.base_url}?trace=1", Settings(model), service=SERVICE)
        outcome = await watched.run()
    assert (outcome.exit_code, outcome.sentence) == (0, "")
    assert [(turn["transcript"], turn["end_reason"]) for turn in watched.lines("turn")] == [
        ("word1 word2 word3", ""), ("word1", "closed"),
    ]  # fmt: skip
    counts = watched.summary.counts
    assert (counts.violations, counts.unknown_events, counts.errors) == (0, 0, 0)
    assert (counts.eager_ends, counts.resumes) == ((2, 1) if model == MODEL else (0, 0))
    assert watched.snapshots[-1].likelihood
    assert watched.summary.health.server_lag_max is not None
    assert watched.snapshots[-1].error == ""


async def test_a_formatted_copy_comes_after_the_end_and_is_no_turn(wav: Path):
    settings = Settings(turn=TurnSettings(format_turns=1))
    async with LocalServer(LoudnessDetector) as server:
        watched = Watched(wav, server.base_url, settings, service=SERVICE)
        assert (await watched.run()).exit_code == 0
    assert len(watched.lines("turn")) == 2
    assert (watched.summary.counts.late_texts, watched.summary.counts.repeats) == (0, 0)
    told = [line["event"] for line in watched.lines("event") if line["event"]["type"] == "Turn"]
    assert [each["turn_is_formatted"] for each in told if each["end_of_turn"]] == [False, True] * 2
    assert all(turn.turn.formatted_at is not None for turn in watched.snapshots[-1].finished)


async def test_what_is_fixed_when_connecting_is_not_changed_in_mid_session(tmp_path: Path):
    async def listen(dialogue: Dialogue) -> None:
        await tell(dialogue, BEGIN)
        await until_terminate(dialogue)
        await tell(dialogue, TERMINATION)

    async with ScriptedService(listen) as service:
        watched = Watched(write_wav(tmp_path / "long.wav", 2), service.url, service=SERVICE)
        running = asyncio.create_task(watched.run())
        await watched.until(lambda snapshot: snapshot.connection is Connection.CONNECTED)
        watched.session.send(Tune(TurnSettings(format_turns=1)))
        said = await watched.until(lambda snapshot: bool(snapshot.error))
        watched.session.send(Tune(TurnSettings(format_turns=0, min_turn_silence=100)))
        assert (await running).exit_code == 0
    assert said.error == "format cannot be changed in mid-session: stop it, then change that"
    assert service.dialogues[0].texts[0] == {"type": "UpdateConfiguration", "min_turn_silence": 100}


@pytest.mark.slow
async def test_the_local_server_refuses_a_key_as_the_service_does(wav: Path):
    async with LocalServer(LoudnessDetector, ServerSettings(key="secret")) as server:
        wrong = await Watched(wav, server.base_url, key="other", service=SERVICE).run()
        none = await Watched(wav, server.base_url, service=SERVICE).run()
        good = await Watched(wav, server.base_url, key="secret", service=SERVICE).run()
        token = await Watched(wav, f"{server.base_url}?token=secret", service=SERVICE).run()
    assert wrong.exit_code == none.exit_code == 3
    assert "refused the key (1008: Unauthorized Connection" in wrong.sentence
    assert "wants a key" in none.sentence
    assert "set ASSEMBLYAI_API_KEY" in none.sentence
    assert good.exit_code == token.exit_code == 0


async def test_whoever_is_silent_for_as_long_as_he_said_is_closed():
    clock = current_clock()
    async with LocalServer(LoudnessDetector, clock=clock) as server:
        url = server.base_url.replace("http", "ws", 1) + SERVICE.path
        query = f"speech_model={MODEL}&sample_rate=16000&inactivity_timeout=5"
        async with connect(f"{url}?{query}") as socket:
            await socket.recv()
            await asyncio.sleep(4)
            await socket.send('{"type":"KeepAlive"}')
            began = clock()
            error = json.loads(await socket.recv())
    assert error["error_code"] == 3006
    assert clock() - began == pytest.approx(5, abs=0.1)


@pytest.mark.parametrize(("model", "messages"), [(MODEL, STREAMING), (LATER_MODEL, LATER)])
async def test_the_examples_make_a_session(tmp_path: Path, model: str, messages: list[dict[str, Any]]):
    async def talk(dialogue: Dialogue) -> None:
        await tell(dialogue, *(each for each in messages if each["type"] not in {"Error", "Termination"}))
        await until_terminate(dialogue)
        await tell(dialogue, TERMINATION)

    async with ScriptedService(talk) as service:
        watched = Watched(write_wav(tmp_path / "a.wav", 0.3), service.url, Settings(model), service=SERVICE)
        assert (await watched.run()).exit_code == 0
    counts = watched.summary.counts
    assert (counts.violations, counts.unknown_events) == (0, 0)
    assert (counts.eager_ends, counts.resumes) == ((2, 1) if model == MODEL else (0, 0))
    begins = [turn.turn.begin for turn in watched.snapshots[-1].finished]
    assert set(begins) == {Begin.DERIVED if model == MODEL else Begin.TOLD}
