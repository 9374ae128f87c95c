"""Sessions over Mistral Voxtral, as the local server speaks it."""

import asyncio
import base64
import json
from pathlib import Path
from typing import Any

import pytest
import soundfile
from tests.server.stand_in import TWO_TURNS, TWO_TURNS_TRANSCRIPT, LoudnessDetector
from tests.services.voxtral.examples import SESSION, delta, turn
from tests.support.service import Dialogue, ScriptedService
from tests.support.watched import Watched

from stt_monitor.audio.formats import Encoding, decode
from stt_monitor.core import commands
from stt_monitor.core.records.session import Connection
from stt_monitor.core.settings import Settings, TurnSettings
from stt_monitor.server.server import LocalServer
from stt_monitor.server.settings import ServerSettings
from stt_monitor.services.voxtral import SERVICE


@pytest.fixture
def wav(tmp_path: Path) -> Path:
    soundfile.write(tmp_path / "two turns.wav", decode(TWO_TURNS, Encoding.PCM_S16LE), 16_000)
    return tmp_path / "two turns.wav"


async def test_turns_as_the_service_tells_them(wav: Path):
    settings = Settings(turn=TurnSettings(end_threshold=0.2))
    async with LocalServer(LoudnessDetector) as server:
        watched = Watched(wav, server.base_url, settings, service=SERVICE)
        outcome = await watched.run()
    assert (outcome.exit_code, outcome.sentence) == (0, "")  # although the connection ended without a close frame
    assert watched.states == ["connecting", "connected", "closed"]
    assert watched.summary.transcript == TWO_TURNS_TRANSCRIPT
    assert [(turn["transcript"], turn["end_reason"]) for turn in watched.lines("turn")] == [
        ("word1 word2 word3", "threshold"), (" word1", "closed"),
    ]  # fmt: skip
    counts = watched.summary.counts
    assert (counts.violations, counts.eager_ends, counts.resumes) == (0, 2, 1)
    assert watched.lines("session")[0]["service"] == "voxtral"
    told = [line["event"]["type"] for line in watched.lines("event")]
    assert told[:2] == ["session.created", "session.updated"]
    assert told[-1] == "transcription.done"


async def test_audio_is_no_text_of_the_wire_log(wav: Path):
    async with LocalServer(LoudnessDetector) as server:
        watched = Watched(wav, server.base_url, service=SERVICE)
        assert (await watched.run()).exit_code == 0
    sent = [
        json.loads(frame.text)["type"] for frame in watched.frames if frame.sent and frame.text and "type" in frame.text
    ]
    assert sent == ["session.update", "input_audio.end"]


async def test_the_local_server_tells_likelihood_and_lag_to_who_asks(wav: Path):
    async with LocalServer(LoudnessDetector) as server:
        asked = Watched(wav, f"{server.base_url}?trace=1", service=SERVICE)
        plain = Watched(wav, server.base_url, service=SERVICE)
        assert ((await asked.run()).exit_code, (await plain.run()).exit_code) == (0, 0)
    assert asked.snapshots[-1].likelihood
    assert asked.summary.health.server_lag_max is not None
    assert asked.summary.counts.violations == 0
    assert not [frame for frame in plain.frames if frame.text and "x.likelihood" in frame.text]


async def test_what_the_service_refuses_is_said_in_its_words(wav: Path):
    async with LocalServer(LoudnessDetector, ServerSettings(key="secret")) as server:
        wrong = await Watched(wav, server.base_url, key="other", service=SERVICE).run()
        model = await Watched(wav, server.base_url, Settings(model="voxtral"), key="secret", service=SERVICE).run()
        bad = Settings(turn=TurnSettings(end_threshold=0.9))
        order = await Watched(wav, server.base_url, bad, key="secret", service=SERVICE).run()
        good = await Watched(wav, server.base_url, key="secret", service=SERVICE).run()
    assert wrong.exit_code == model.exit_code == order.exit_code == 3
    assert "refused the key" in wrong.sentence
    assert "MISTRAL_API_KEY" in wrong.sentence
    assert model.sentence.startswith("the service refused the session (There is no such model with turns")
    assert model.sentence.endswith("check the model: not every one of its models has turns")
    assert order.sentence.startswith("the service refused the turn settings (Eager end threshold 0.5")
    assert good.exit_code == 0


async def hear(dialogue: Dialogue, kind: str) -> dict[str, Any]:
    """Read messages until one of this kind comes."""
    while (text := await dialogue.hear_text())["type"] != kind:
        pass
    return text


async def say(dialogue: Dialogue, *messages: dict[str, Any]) -> None:
    for message in messages:
        await dialogue.socket.send(json.dumps(message))


async def greet(dialogue: Dialogue) -> None:
    await say(dialogue, {"type": "session.created", "session": SESSION})
    await hear(dialogue, "session.update")
    await say(dialogue, {"type": "session.updated", "session": SESSION})
    append = await hear(dialogue, "input_audio.append")
    assert len(base64.b64decode(append["audio"])) == 3200


DONE: dict[str, Any] = {
    "type": "transcription.done",
    "model": "m",
    "text": "",
    "language": None,
    "segments": [],
    "usage": {},
}


async def test_text_that_comes_after_the_end_of_its_turn_is_of_that_turn(wav: Path):
    async def tell(dialogue: Dialogue) -> None:
        await greet(dialogue)
        await say(dialogue, turn("start", 0.1), delta("Call"), turn("eager_end", 0.2))
        await say(dialogue, turn("end", 0.3, end_reason="threshold"), delta(" me"), delta(" Ishmael."))
        await say(dialogue, turn("start", 0.4), delta(" Some"), turn("end", 0.5, end_reason="timeout"), delta(" years"))
        await hear(dialogue, "input_audio.append")
        await say(dialogue, delta(" ago."))
        await hear(dialogue, "input_audio.end")
        await say(dialogue, DONE)
        dialogue.socket.transport.close()

    async with ScriptedService(tell) as service:
        watched = Watched(wav, service.url, service=SERVICE)
        outcome = await watched.run()
    assert (outcome.exit_code, outcome.sentence) == (0, "")
    assert [(turn["transcript"], turn["end_reason"]) for turn in watched.lines("turn")] == [
        ("Call me Ishmael.", "threshold"), (" Some years ago.", "timeout"),
    ]  # fmt: skip
    assert watched.summary.transcript == "Call me Ishmael. Some years ago."
    assert watched.summary.counts.violations == 0


async def test_a_phantom_turn_has_no_text_and_breaks_no_promise(wav: Path):
    async def tell(dialogue: Dialogue) -> None:
        await greet(dialogue)
        await say(dialogue, turn("start", 0.1), turn("eager_end", 0.2), turn("end", 0.3, end_reason="threshold"))
        await hear(dialogue, "input_audio.end")
        await say(dialogue, DONE)
        dialogue.socket.transport.close()

    async with ScriptedService(tell) as service:
        watched = Watched(wav, service.url, service=SERVICE)
        assert (await watched.run()).exit_code == 0
    (phantom,) = watched.lines("turn")
    assert (phantom["transcript"], phantom["end_reason"]) == ("", "threshold")
    assert watched.summary.counts.violations == 0


@pytest.mark.parametrize("asked", [True, False])
async def test_a_lost_connection_is_an_error_unless_all_was_said(wav: Path, asked: bool):  # noqa: FBT001
    async def tell(dialogue: Dialogue) -> None:
        await greet(dialogue)
        await say(dialogue, turn("start", 0.1), delta("Call"))
        await hear(dialogue, "input_audio.end")
        await say(dialogue, *[DONE] * asked)
        dialogue.socket.transport.close()

    async with ScriptedService(tell) as service:
        watched = Watched(wav, service.url, service=SERVICE)
        outcome = await watched.run()
    assert (outcome.exit_code, bool(outcome.sentence)) == ((0, False) if asked else (3, True))
    (last,) = watched.lines("turn")
    assert (last["transcript"], last["end_reason"]) == ("Call", "closed")


@pytest.mark.parametrize(("code", "attempts"), [(3051, 1), (7, 2)])
async def test_an_error_says_whether_another_connection_may_help(wav: Path, code: int, attempts: int):
    async def fail(dialogue: Dialogue) -> None:
        await greet(dialogue)
        await say(dialogue, {"type": "error", "error": {"message": "Cannot go on.", "code": code}})
        await dialogue.socket.close(1011)

    async def go_on(dialogue: Dialogue) -> None:
        await greet(dialogue)
        await hear(dialogue, "input_audio.end")
        await say(dialogue, DONE)
        dialogue.socket.transport.close()

    async with ScriptedService(fail, go_on) as service:
        outcome = await Watched(wav, service.url, service=SERVICE).run()
    assert len(service.dialogues) == attempts
    assert outcome.exit_code == (3 if attempts == 1 else 0)
    assert ("Cannot go on." in outcome.sentence) == (attempts == 1)


async def test_a_change_waits_for_the_next_session(wav: Path):
    changed = TurnSettings(end_threshold=0.1)
    async with LocalServer(LoudnessDetector) as server:
        watched = Watched(wav, server.base_url, service=SERVICE)
        running = asyncio.create_task(watched.run())
        await watched.until(lambda snapshot: snapshot.connection is Connection.CONNECTED)
        watched.session.send(commands.Tune(changed))
        said = await watched.until(lambda snapshot: bool(snapshot.error))
        assert (await running).exit_code == 0
    assert said.error == "Mistral Voxtral takes no change in mid-session: the next one has it"
    assert watched.snapshots[-1].settings == {}
    assert watched.session.wanted_turn == changed
