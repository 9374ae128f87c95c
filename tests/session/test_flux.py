"""Sessions over Deepgram Flux, as the local server speaks it."""

import asyncio
import json
from pathlib import Path

import msgspec
import pytest
import soundfile
from tests.server.stand_in import TWO_TURNS, LoudnessDetector
from tests.services.flux.examples import turn_info
from tests.support.service import Dialogue, Script, ScriptedService
from tests.support.sound import write_wav
from tests.support.watched import Watched

from stt_monitor.audio.formats import Encoding, decode
from stt_monitor.core import commands
from stt_monitor.core.records.session import Connection
from stt_monitor.core.settings.requested import Settings, TurnSettings
from stt_monitor.server.server import LocalServer
from stt_monitor.server.settings import ServerSettings
from stt_monitor.services.flux import SERVICE


@pytest.fixture
def wav(tmp_path: Path) -> Path:
    soundfile.write(tmp_path / "two turns.wav", decode(TWO_TURNS, Encoding.PCM_S16LE), 16_000)
    return tmp_path / "two turns.wav"


async def test_turns_as_the_service_tells_them(wav: Path):
    settings = Settings(turn=TurnSettings(eager_eot_threshold=0.5))
    async with LocalServer(LoudnessDetector) as server:
        watched = Watched(wav, server.base_url, settings, service=SERVICE)
        outcome = await watched.run()
    assert (outcome.exit_code, outcome.sentence) == (0, "")
    assert watched.summary.transcript == "word1 word2 word3 word1"
    assert [(turn["transcript"], turn["end_reason"]) for turn in watched.lines("turn")] == [
        ("word1 word2 word3", "threshold"), ("word1", "closed"),
    ]  # fmt: skip
    counts = watched.summary.counts
    assert (counts.violations, counts.eager_ends, counts.resumes) == (0, 2, 1)
    assert watched.lines("session")[0]["service"] == "flux"
    assert watched.snapshots[-1].likelihood  # drawn from the confidence of the end
    told = [line["event"]["event"] for line in watched.lines("event") if line["event"]["type"] == "TurnInfo"]
    assert told.count("EndOfTurn") == 2
    sent = [frame.text for frame in watched.frames if frame.sent and frame.text and "type" in frame.text]
    assert sent == ['{"type":"ForceEndTurn"}', '{"type":"CloseStream"}']


@pytest.mark.parametrize("asked", [TurnSettings(), TurnSettings(eager_eot_threshold=0.5)])
async def test_a_session_that_ends_in_silence_ends_no_turn_by_hand(tmp_path: Path, asked: TurnSettings):
    """The service would warn of it."""
    sound = decode(TWO_TURNS, Encoding.PCM_S16LE)
    soundfile.write(tmp_path / "ends in silence.wav", [*sound, *[0.0] * 64_000], 16_000)
    async with LocalServer(LoudnessDetector) as server:
        watched = Watched(tmp_path / "ends in silence.wav", server.base_url, Settings(turn=asked), service=SERVICE)
        assert (await watched.run()).exit_code == 0
    assert {turn["end_reason"] for turn in watched.lines("turn")} == {"threshold"}
    assert not [line for line in watched.lines("event") if line["event"]["type"] == "Warning"]
    assert [frame.text for frame in watched.frames if frame.sent and frame.text and "type" in frame.text] == [
        '{"type":"CloseStream"}'
    ]


def configure_frames(watched: Watched) -> list[tuple[bool, str]]:
    """Changes and their answers, each with whether we sent it."""
    return [(frame.sent, frame.text) for frame in watched.frames if frame.text and "Configure" in frame.text]


async def test_a_change_waits_for_the_answer_to_the_one_before(tmp_path: Path):
    told, unanswered = asyncio.Event(), []

    async def answers_late(dialogue: Dialogue) -> None:
        await dialogue.say("Connected", sequence_id=0)
        await dialogue.hear_text()
        told.set()
        frames = len(dialogue.frames)
        while len(dialogue.frames) < frames + 3:
            await dialogue._take()
        unanswered.append(len(dialogue.texts))
        await dialogue.say("ConfigureSuccess", sequence_id=1, thresholds={}, keyterms=[])
        await dialogue.hear_text()
        await dialogue.say("ConfigureSuccess", sequence_id=2, thresholds={}, keyterms=[])
        while {"type": "CloseStream"} not in dialogue.texts:
            await dialogue.hear_text()

    async with ScriptedService(answers_late) as service:
        watched = Watched(write_wav(tmp_path / "long.wav", 60), service.url, service=SERVICE)
        running = asyncio.create_task(watched.run())
        await watched.until(lambda snapshot: snapshot.connection is Connection.CONNECTED)
        watched.session.send(commands.Tune(TurnSettings(eot_threshold=0.8)))
        await told.wait()
        watched.session.send(commands.Tune(TurnSettings(eot_threshold=0.9)))
        await watched.until(lambda _: str(watched.lines("event")).count("ConfigureSuccess") == 2)
        watched.session.send(commands.Stop())
        assert (await running).exit_code == 0
    assert unanswered == [1]
    assert [text["thresholds"] for text in service.dialogues[0].texts[:2]] == [
        {"eot_threshold": 0.8}, {"eot_threshold": 0.9},
    ]  # fmt: skip


async def test_changes_are_acknowledged(wav: Path):
    first, second = TurnSettings(eot_timeout_ms=900), TurnSettings(eot_timeout_ms=900, eager_eot_threshold=0.5)
    async with LocalServer(LoudnessDetector) as server:
        watched = Watched(wav, server.base_url, service=SERVICE)
        running = asyncio.create_task(watched.run())
        await watched.until(lambda snapshot: snapshot.connection is Connection.CONNECTED)
        watched.session.send(commands.Tune(first))
        await watched.until(lambda _: bool(configure_frames(watched)))
        watched.session.send(commands.Tune(second))
        await watched.until(lambda _: sum("ConfigureSuccess" in str(line) for line in watched.lines("event")) == 2)
        watched.session.send(commands.Tune(first))  # the service has no word for switching eager ends off
        said = await watched.until(lambda snapshot: bool(snapshot.error))
        assert (await running).exit_code == 0
    assert said.error == "eager end cannot be unset in mid-session: stop it, then change that"
    assert watched.snapshots[-1].settings == second
    frames = configure_frames(watched)
    assert [sent for sent, _ in frames] == [True, False, True, False]
    assert [text for sent, text in frames if sent] == [
        '{"type":"Configure","thresholds":{"eot_timeout_ms":900}}',
        '{"type":"Configure","thresholds":{"eager_eot_threshold":0.5,"eot_timeout_ms":900}}',
    ]


async def test_a_change_that_is_refused_is_taken_back(wav: Path):
    bad = msgspec.structs.replace(
        SERVICE, configure=lambda _: '{"type":"Configure","thresholds":{"eot_threshold":0.1}}'
    )
    async with LocalServer(LoudnessDetector) as server:
        watched = Watched(wav, server.base_url, service=bad)
        running = asyncio.create_task(watched.run())
        await watched.until(lambda snapshot: snapshot.connection is Connection.CONNECTED)
        watched.session.send(commands.Tune(TurnSettings(eot_threshold=0.8)))
        await watched.until(lambda _: len(watched.lines("config")) == 2)
        assert (await running).exit_code == 0
    assert [line["refused"] for line in watched.lines("config")] == [False, True]
    assert watched.snapshots[-1].settings == {}


async def test_what_the_service_refuses_is_said_in_its_words(wav: Path):
    async with LocalServer(LoudnessDetector, ServerSettings(key="secret")) as server:
        wrong = await Watched(wav, server.base_url, key="other", service=SERVICE).run()
        model = await Watched(wav, server.base_url, Settings(model="flux"), key="secret", service=SERVICE).run()
        good = await Watched(wav, server.base_url, key="secret", service=SERVICE).run()
    assert wrong.exit_code == model.exit_code == 3
    assert "refused the key (INVALID_AUTH" in wrong.sentence
    assert "set DEEPGRAM_API_KEY" in wrong.sentence
    assert "INSUFFICIENT_PERMISSIONS: There is no such model" in model.sentence
    assert model.sentence.endswith("check the model, or what the key may do")
    assert good.exit_code == 0


async def test_the_local_server_tells_how_far_it_is_behind(wav: Path):
    async with LocalServer(LoudnessDetector) as server:
        asked = Watched(wav, f"{server.base_url}?trace=1", service=SERVICE)
        plain = Watched(wav, server.base_url, service=SERVICE)
        assert ((await asked.run()).exit_code, (await plain.run()).exit_code) == (0, 0)
    assert asked.summary.health.server_lag_max is not None
    assert asked.summary.counts.violations == 0
    assert not [line for line in asked.lines("event") if line["event"]["type"] == "x.lag"]
    assert not [frame for frame in plain.frames if frame.text and "x.lag" in frame.text]


async def close_normally(dialogue: Dialogue) -> None:
    await dialogue.socket.close()


async def stay_open(dialogue: Dialogue) -> None:
    await dialogue.socket.wait_closed()


async def close_as_failed(dialogue: Dialogue) -> None:
    await dialogue.socket.close(1011, "NET-0000")


async def abort(dialogue: Dialogue) -> None:
    dialogue.socket.transport.abort()


async def go_on(dialogue: Dialogue) -> None:
    for number in range(2, 100):
        await dialogue.say("Warning", sequence_id=number, code="ODD", description="still here")
    await stay_open(dialogue)


@pytest.mark.parametrize("close", [close_normally, stay_open, close_as_failed, abort, go_on])
@pytest.mark.parametrize("after", ["some audio", "all audio"])
@pytest.mark.parametrize("told", [{"code": "BAD_STREAM", "description": "Cannot read this."}, {}])
async def test_an_error_ends_the_session_however_the_service_hangs_up(
    wav: Path, told: dict[str, str], after: str, close: Script
):
    async def fail(dialogue: Dialogue) -> None:
        await dialogue.say("Connected", sequence_id=0)
        await (dialogue.hear(0.5) if after == "some audio" else dialogue.hear_text())
        await dialogue.say("Error", sequence_id=1, **told)
        await close(dialogue)

    async with ScriptedService(fail) as service:
        watched = Watched(wav, service.url, service=SERVICE)
        outcome = await watched.run()
    assert outcome.exit_code == 3
    assert "\n" not in outcome.sentence
    assert outcome.sentence.startswith("the ")
    if told:
        assert "(BAD_STREAM: Cannot read this." in outcome.sentence
        assert len(service.dialogues) == 1  # it would say so again


@pytest.mark.parametrize("asked", [True, False])
async def test_the_last_text_of_a_turn_counts_if_only_our_close_ended_it(wav: Path, asked: bool):
    """The end of the stream ends no turn, and not every build knows how to end one by hand."""

    async def tell(dialogue: Dialogue) -> None:
        await dialogue.socket.send(json.dumps({"type": "Connected", "request_id": "r", "sequence_id": 0}))
        for number, event in enumerate(("StartOfTurn", "Update"), start=1):
            told = turn_info(event, 0, "Call me" if number == 1 else "Call me Ishmael")
            await dialogue.socket.send(json.dumps(told | {"sequence_id": number}))
        if asked:
            while {"type": "CloseStream"} not in dialogue.texts:
                await dialogue.hear_text()
        else:
            await dialogue.hear(0.5)
            dialogue.socket.transport.abort()

    async def nothing(dialogue: Dialogue) -> None:
        await dialogue.socket.send(json.dumps({"type": "Connected", "request_id": "r", "sequence_id": 0}))
        while {"type": "CloseStream"} not in dialogue.texts:
            await dialogue.hear_text()

    async with ScriptedService(tell, nothing) as service:
        watched = Watched(wav, service.url, service=SERVICE)
        assert (await watched.run()).exit_code == 0
    (turn,) = watched.lines("turn")
    assert turn["transcript"] == "Call me Ishmael"
    assert (turn["end_reason"], turn["eot_latency_ms"]) == ("closed" if asked else "dangling", None)
    assert watched.summary.transcript == ("Call me Ishmael" if asked else "")
