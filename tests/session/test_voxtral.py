"""Sessions over Mistral Voxtral, as the local server speaks it."""

import asyncio
import base64
import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
import soundfile
from tests.server.stand_in import TWO_TURNS, TWO_TURNS_TRANSCRIPT, LoudnessDetector
from tests.services.voxtral.examples import SESSION, delta, turn
from tests.support.service import Dialogue, ScriptedService
from tests.support.sound import write_wav
from tests.support.watched import Watched

from stt_monitor.audio.formats import AudioFormat, Encoding, decode
from stt_monitor.core import commands
from stt_monitor.core.journal import Began, Entry
from stt_monitor.core.monitoring.monitor import Monitor
from stt_monitor.core.records.lines import to_json
from stt_monitor.core.settings.requested import Settings, TurnSettings, decode_hook
from stt_monitor.core.snapshot import Snapshot
from stt_monitor.core.turns.turn import transcript
from stt_monitor.server.server import LocalServer
from stt_monitor.server.settings import ServerSettings
from stt_monitor.services.voxtral import SERVICE
from stt_monitor.session.sources import labelled_speech


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
    asked = dialogue.texts[-1]["session"]["turn_detection"]
    in_force = {**SESSION, "turn_detection": {**SESSION["turn_detection"], **asked}}
    await say(dialogue, {"type": "session.updated", "session": in_force})
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


async def test_a_key_in_pieces_is_shown_and_recorded_nowhere(wav: Path):
    key = "m1stral+Ab12/Cd34efGH56"

    async def tell(dialogue: Dialogue) -> None:
        await greet(dialogue)
        await say(dialogue, turn("start", 0.1), delta("It is "), delta(key[:5]), delta(key[5:13]), delta(key[13:]))
        await say(dialogue, delta(key[:4]), turn("end", 0.3, end_reason="threshold"))
        await say(dialogue, turn("start", 0.4), *map(delta, key[4:]), turn("end", 0.5, end_reason="timeout"))
        await hear(dialogue, "input_audio.end")
        await say(dialogue, DONE)
        dialogue.socket.transport.close()

    async with ScriptedService(tell) as service:
        watched = Watched(wav, service.url, key=key, service=SERVICE)
        await watched.run()
    texts = [turn["transcript"] for turn in watched.lines("turn")]
    assert texts == ["It is m1str******m1st", "ral+Ab1" + "***" * 12]
    told = "".join(map(to_json, watched.records)) + repr((watched.snapshots, watched.frames, watched.journal))
    assert "".join(texts) in told
    assert key[:12] not in told
    assert key[12:] not in told


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
async def test_a_lost_connection_is_an_error_unless_all_was_said(wav: Path, asked: bool):
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


def has_heard_call_me(snapshot: Snapshot) -> bool:
    return snapshot.open_turn is not None and snapshot.open_turn.transcript == "Call me"


async def one_turn(dialogue: Dialogue, seconds: float) -> None:
    """Hear so much audio in a turn, then end as the service does."""
    await greet(dialogue)
    await say(dialogue, turn("start", 0.1), delta("Call"))
    for _ in range(round(seconds * 10)):
        await hear(dialogue, "input_audio.append")
    await say(dialogue, delta(" me"))
    await hear(dialogue, "input_audio.end")
    await say(dialogue, delta("."), DONE)
    dialogue.socket.transport.close()


def heard_by(dialogue: Dialogue) -> bytes:
    appended = (text["audio"] for text in dialogue.texts if text["type"] == "input_audio.append")
    return b"".join(map(base64.b64decode, appended))


async def test_a_change_takes_another_connection(wav: Path):
    """The service takes none after audio: nothing is lost over it, and nobody is blamed."""
    changed = TurnSettings(end_threshold=0.1)

    async with ScriptedService(lambda dialogue: one_turn(dialogue, 0.5)) as service:
        watched = Watched(wav, service.url, Settings(turn=TurnSettings(end_threshold=0.2)), service=SERVICE)
        running = asyncio.create_task(watched.run())
        await watched.until(has_heard_call_me)
        watched.session.send(commands.Tune(changed))
        outcome = await running
    assert (outcome.exit_code, outcome.sentence) == (0, "")
    asked = [dialogue.texts[0]["session"]["turn_detection"] for dialogue in service.dialogues]
    assert asked == [{"end_threshold": 0.2}, {"end_threshold": 0.1}]
    assert b"".join(map(heard_by, service.dialogues)) == watched.audio == TWO_TURNS
    assert [(turn["transcript"], turn["end_reason"], turn["settings"]) for turn in watched.lines("turn")] == [
        ("Call me.", "closed", {"end_threshold": 0.2}), ("Call me.", "closed", {"end_threshold": 0.1}),
    ]  # fmt: skip
    assert [(line["settings"], line["refused"]) for line in watched.lines("config")] == [(changed, False)]
    assert watched.states == ["connecting", "connected", "connecting", "connected", "closed"]
    assert [line["detail"] for line in watched.lines("status")][2] == "other settings need another connection"
    health, last = watched.health, watched.snapshots[-1]
    assert (health.reconnects, health.unconfirmed_s, health.resent_s) == (0, 0, 0)
    assert (last.outages, last.error) == ((), "")
    assert watched.summary.counts.violations == 0
    assert watched.session.wanted_turn == changed
    assert watched.summary.transcript == transcript((each.turn for each in last.finished), "") == "Call me. Call me."
    assert health.send_lag_max < 0.1  # the file has waited
    began, *entries = msgspec.json.decode(msgspec.json.encode(watched.journal), type=list[Entry], dec_hook=decode_hook)
    assert isinstance(began, Began)
    monitor = Monitor.begin(began, SERVICE.dialect(Settings()))
    assert [record for entry in entries for record in monitor.apply(entry)] == watched.records


async def test_the_last_of_several_changes_counts_and_none_where_it_is_taken_back(wav: Path):
    first, second = TurnSettings(end_threshold=0.1), TurnSettings(end_threshold=0.3)
    async with ScriptedService(lambda dialogue: one_turn(dialogue, 0.3)) as service:
        watched = Watched(wav, service.url, service=SERVICE)
        running = asyncio.create_task(watched.run())
        await watched.until(has_heard_call_me)
        for turn_settings in (first, TurnSettings()):
            watched.session.send(commands.Tune(turn_settings))
        await watched.until(lambda snapshot: snapshot.health.audio_sent_s > 1)
        assert len(service.dialogues) == 1
        for turn_settings in (first, second):
            watched.session.send(commands.Tune(turn_settings))
        assert (await running).exit_code == 0
    asked = [dialogue.texts[0]["session"]["turn_detection"] for dialogue in service.dialogues]
    assert asked == [{}, second]


async def test_a_service_that_does_not_finish_delays_a_change_by_no_more_than_two_seconds(wav: Path):
    async def hangs(dialogue: Dialogue) -> None:
        await greet(dialogue)
        await dialogue.socket.wait_closed()

    async with ScriptedService(hangs, lambda dialogue: one_turn(dialogue, 0.1)) as service:
        watched = Watched(wav, service.url, service=SERVICE)
        running = asyncio.create_task(watched.run())
        await watched.until(lambda snapshot: snapshot.health.audio_sent_s > 0.5)
        watched.session.send(commands.Tune(TurnSettings(end_threshold=0.1)))
        assert (await running).exit_code == 0
    at = {line["connection"]: line["t"] for line in watched.lines("status")}  # the last of each
    assert at["connected"] - at["connecting"] == pytest.approx(2, abs=0.6)


async def test_settings_that_the_service_refuses_are_taken_back(wav: Path):
    async def refuse(dialogue: Dialogue) -> None:
        await say(dialogue, {"type": "session.created", "session": SESSION})
        await hear(dialogue, "session.update")
        await say(dialogue, {"type": "error", "error": {"message": "end_threshold is odd.", "code": 3051}})
        await dialogue.socket.close(1011)

    async with ScriptedService(
        lambda dialogue: one_turn(dialogue, 0.3), refuse, lambda dialogue: one_turn(dialogue, 0.1)
    ) as service:
        watched = Watched(wav, service.url, service=SERVICE)
        running = asyncio.create_task(watched.run())
        await watched.until(lambda snapshot: snapshot.health.audio_sent_s > 0.5)
        watched.session.send(commands.Tune(TurnSettings(end_threshold=0.1)))
        outcome = await running
    assert outcome.exit_code == 0
    asked = [dialogue.texts[0]["session"]["turn_detection"] for dialogue in service.dialogues]
    assert asked == [{}, {"end_threshold": 0.1}, {}]
    assert [line["refused"] for line in watched.lines("config")] == [False, True]
    assert watched.snapshots[-1].error == (
        "the service refused the turn settings (end_threshold is odd.): the settings stay as they were"
    )
    assert watched.session.wanted_turn == {}


async def test_a_session_that_is_stopped_while_its_settings_change_ends_in_order(wav: Path):
    async with ScriptedService(lambda dialogue: one_turn(dialogue, 0.3)) as service:
        watched = Watched(wav, service.url, service=SERVICE)
        running = asyncio.create_task(watched.run())
        await watched.until(lambda snapshot: snapshot.health.audio_sent_s > 0.5)
        watched.session.send(commands.Tune(TurnSettings(end_threshold=0.1)))
        watched.session.send(commands.Stop())
        assert (await running).exit_code == 0
    assert [turn["transcript"] for turn in watched.lines("turn")] == ["Call me."]


@pytest.mark.parametrize("changes", [True, False])
async def test_speech_around_a_change_is_not_missed_by_the_service(tmp_path: Path, changes: bool):
    labels = tmp_path / "labels.txt"
    labels.write_text("0.4\t1.4\tacross the change\n")
    sound = write_wav(tmp_path / "long.wav", 6.0)

    async def hears_nothing(dialogue: Dialogue) -> None:
        await greet(dialogue)
        await hear(dialogue, "input_audio.end")
        await say(dialogue, DONE)
        dialogue.socket.transport.close()

    async with ScriptedService(hears_nothing) as service:
        reference = labelled_speech(labels, [sound.name])[0](AudioFormat(Encoding.PCM_S16LE, 16_000))
        watched = Watched(sound, service.url, reference=reference, service=SERVICE)
        running = asyncio.create_task(watched.run())
        await watched.until(lambda snapshot: snapshot.health.audio_sent_s > 0.8)
        if changes:
            watched.session.send(commands.Tune(TurnSettings(end_threshold=0.1)))
        assert (await running).exit_code == 0
    assert len(service.dialogues) == 1 + changes
    assert watched.summary.counts.missed == (0 if changes else 1)
