"""What a user changes while a session is running: its turn settings, and whether it is heard."""

import asyncio
import json
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import msgspec
import pytest
from tests.support.live import CHUNK, LiveSource
from tests.support.service import Dialogue, ScriptedService, polite
from tests.support.sound import wav_bytes, write_wav
from tests.support.watched import Watched

from stt_monitor.core.commands import Mute, Stop, Tune
from stt_monitor.core.journal import Began, Entry
from stt_monitor.core.monitoring.monitor import Monitor
from stt_monitor.core.settings.requested import Settings, TurnSettings, decode_hook
from stt_monitor.core.snapshot import Snapshot
from stt_monitor.core.wire_frame import FrameKind
from stt_monitor.services.cartesia import DIALECT, SERVICE
from stt_monitor.session.outcome import Outcome

FRAME = 3200
"""Bytes of 100 ms."""

EAGER = TurnSettings(start_threshold=0.7, eager_end_threshold=0.6, end_threshold=0.4, end_timeout_ms=4500)


@pytest.fixture
def long_wav(tmp_path: Path) -> Path:
    return write_wav(tmp_path / "long.wav", 60)


def is_connected(snapshot: Snapshot) -> bool:
    return snapshot.connection.value == "connected"


def query(dialogue: Dialogue) -> dict[str, list[str]]:
    return {name: value for name, value in parse_qs(urlsplit(dialogue.path).query).items() if name.startswith("turn_")}


async def takes_config(dialogue: Dialogue) -> None:
    """A turn before the change, one in its middle, and one after it."""
    await dialogue.say("connected")
    for number in range(3):
        await dialogue.say("turn.start")
        await dialogue.say("turn.update", transcript=f"turn {number}")
        if number == 1:
            await dialogue.hear_text()
        await dialogue.say("turn.end", transcript=f"turn {number}.")
    await dialogue.hear_close()


async def test_a_change_is_sent_and_every_turn_says_what_it_ran_under(long_wav: Path):
    async with ScriptedService(takes_config) as service:
        watched = Watched(long_wav, service.url, Settings(turn=TurnSettings(end_threshold=0.2)))
        running = asyncio.create_task(watched.run())
        await watched.until(lambda snapshot: snapshot.open_turn is not None and snapshot.open_turn.number == 2)
        watched.session.send(Tune(EAGER))
        await watched.until(lambda snapshot: len(snapshot.finished) == 3)
        watched.session.send(Stop())
        assert await running == Outcome()
    (dialogue,) = service.dialogues
    assert query(dialogue) == {"turn_end_threshold": ["0.2"]}
    assert dialogue.texts == [
        {
            "type": "config",
            "turn": {
                "start_threshold": 0.7, "eager_end_threshold": 0.6, "end_threshold": 0.4, "end_timeout_ms": 4500,
            },
        },
        {"type": "close"},
    ]  # fmt: skip
    eager = dialogue.texts[0]["turn"]
    assert [line["settings"] for line in watched.lines("turn")] == [{"end_threshold": 0.2}, eager, eager]
    assert [(line["settings"], line["refused"]) for line in watched.lines("config")] == [(eager, False)]
    last = watched.snapshots[-1]
    assert last.settings == EAGER
    assert [(group.settings, group.turns) for group in last.groups] == [
        (TurnSettings(end_threshold=0.2), 1),
        (EAGER, 2),
    ]


async def test_only_what_is_set_is_sent(long_wav: Path):
    async with ScriptedService(takes_config) as service:
        watched = Watched(long_wav, service.url)
        running = asyncio.create_task(watched.run())
        await watched.until(lambda snapshot: snapshot.open_turn is not None and snapshot.open_turn.number == 2)
        watched.session.send(Tune(TurnSettings(start_threshold=0.75)))
        await watched.until(lambda snapshot: len(snapshot.finished) == 3)
        watched.session.send(Stop())
        await running
    assert service.dialogues[0].texts[0] == {"type": "config", "turn": {"start_threshold": 0.75}}


async def test_a_setting_that_is_given_back_becomes_the_published_default(long_wav: Path):
    async with ScriptedService(takes_config) as service:
        watched = Watched(long_wav, service.url, Settings(turn=EAGER))
        running = asyncio.create_task(watched.run())
        await watched.until(lambda snapshot: snapshot.open_turn is not None and snapshot.open_turn.number == 2)
        watched.session.send(Tune(TurnSettings(end_timeout_ms=4500)))
        last = await watched.until(lambda snapshot: len(snapshot.finished) == 3)
        watched.session.send(Stop())
        await running
    assert service.dialogues[0].texts[0]["turn"] == {
        "start_threshold": 0.8, "eager_end_threshold": 0.6, "end_threshold": 0.3, "end_timeout_ms": 4500,
    }  # fmt: skip
    assert last.settings == TurnSettings(
        start_threshold=0.8, eager_end_threshold=0.6, end_threshold=0.3, end_timeout_ms=4500
    )
    assert watched.session.wanted_turn == TurnSettings(end_timeout_ms=4500)  # what the next session sets out with


async def test_what_has_no_default_cannot_be_given_back_in_mid_session(long_wav: Path):
    settings = tuple(
        msgspec.structs.replace(each, default=None) if each.name == "eager_end_threshold" else each
        for each in SERVICE.schema.settings
    )
    schema = msgspec.structs.replace(SERVICE.schema, settings=settings)
    optional = msgspec.structs.replace(SERVICE, dialect=lambda _: msgspec.structs.replace(DIALECT, schema=schema))
    async with ScriptedService(takes_config) as service:
        watched = Watched(long_wav, service.url, Settings(turn=EAGER), service=optional)
        running = asyncio.create_task(watched.run())
        await watched.until(lambda snapshot: snapshot.open_turn is not None and snapshot.open_turn.number == 2)
        watched.session.send(Tune(TurnSettings()))
        said = await watched.until(lambda snapshot: snapshot.error != "")
        watched.session.send(Tune(TurnSettings(eager_end_threshold=0.6)))
        last = await watched.until(lambda snapshot: len(snapshot.finished) == 3)
        watched.session.send(Stop())
        await running
    assert said.error == "eager end cannot be unset in mid-session: stop it, then change that"
    assert said.settings == EAGER
    assert [text["turn"] for text in service.dialogues[0].texts[:-1]] == [
        {"start_threshold": 0.8, "eager_end_threshold": 0.6, "end_threshold": 0.3, "end_timeout_ms": 5600}
    ]
    assert last.settings["eager_end_threshold"] == 0.6


async def test_what_is_in_force_already_is_not_sent_again(long_wav: Path):
    async with ScriptedService(polite) as service:
        watched = Watched(long_wav, service.url, Settings(turn=EAGER))
        running = asyncio.create_task(watched.run())
        await watched.until(lambda snapshot: snapshot.open_turn is not None)
        watched.session.send(Tune(EAGER))
        await asyncio.sleep(0.1)
        watched.session.send(Stop())
        await running
    assert service.dialogues[0].texts == [{"type": "close"}]
    assert watched.lines("config") == []


async def test_of_several_changes_at_once_the_last_is_sent(long_wav: Path):
    async with ScriptedService(takes_config) as service:
        watched = Watched(long_wav, service.url)
        running = asyncio.create_task(watched.run())
        await watched.until(lambda snapshot: snapshot.open_turn is not None and snapshot.open_turn.number == 2)
        for end in (0.1, 0.2, 0.4):
            watched.session.send(Tune(TurnSettings(end_threshold=end)))
        await watched.until(lambda snapshot: len(snapshot.finished) == 3)
        watched.session.send(Stop())
        await running
    assert [text["turn"] for text in service.dialogues[0].texts[:-1]] == [{"end_threshold": 0.4}]


async def test_a_change_that_the_service_refuses_is_taken_back(long_wav: Path):
    async def refuses(dialogue: Dialogue) -> None:
        await dialogue.say("connected")
        await dialogue.hear_text()
        await dialogue.say("error", status_code=400, title="Invalid turn thresholds", message="Not today.")
        await dialogue.say("turn.start")
        await dialogue.hear_close()
        await dialogue.say("turn.end", transcript="as before")

    before = TurnSettings(end_threshold=0.2)
    async with ScriptedService(refuses) as service:
        watched = Watched(long_wav, service.url, Settings(turn=before))
        running = asyncio.create_task(watched.run())
        await watched.until(is_connected)
        watched.session.send(Tune(EAGER))
        assert watched.snapshots[-1].settings == EAGER
        last = await watched.until(lambda snapshot: snapshot.open_turn is not None)
        watched.session.send(Stop())
        assert await running == Outcome()
    assert last.settings == before
    assert last.error == "Invalid turn thresholds: Not today."
    assert watched.session.wanted_turn == before
    assert [line["refused"] for line in watched.lines("config")] == [False, True]
    assert watched.lines("turn")[0]["settings"] == {"end_threshold": 0.2}


async def test_a_change_outlives_the_connection(long_wav: Path):
    async def leaves_when_tuned(dialogue: Dialogue) -> None:
        await dialogue.say("connected")
        await dialogue.hear_text()
        await dialogue.socket.close(1011)

    async with ScriptedService(leaves_when_tuned, polite) as service:
        watched = Watched(long_wav, service.url)
        running = asyncio.create_task(watched.run())
        await watched.until(is_connected)
        watched.session.send(Tune(EAGER))
        await watched.until(lambda snapshot: snapshot.open_turn is not None)
        watched.session.send(Stop())
        assert await running == Outcome()
    first, second = service.dialogues
    assert query(first) == {}
    assert query(second) == {
        "turn_start_threshold": ["0.7"], "turn_eager_end_threshold": ["0.6"], "turn_end_threshold": ["0.4"],
        "turn_end_timeout_ms": ["4500"],
    }  # fmt: skip
    assert second.texts == [{"type": "close"}]  # it was told already


async def test_a_change_while_the_line_is_down_is_told_to_the_next_connection(long_wav: Path):
    async def leaves(dialogue: Dialogue) -> None:
        await dialogue.say("connected")
        await dialogue.socket.close(1011)

    async with ScriptedService(leaves, polite) as service:
        watched = Watched(long_wav, service.url)
        running = asyncio.create_task(watched.run())
        await watched.until(lambda snapshot: snapshot.connection.value == "reconnecting")
        watched.session.send(Tune(EAGER))
        await watched.until(lambda snapshot: snapshot.open_turn is not None)
        watched.session.send(Stop())
        assert await running == Outcome()
    second = service.dialogues[1]
    told = {text["turn"]["end_threshold"] for text in second.texts if text["type"] == "config"}
    assert "0.4" in query(second).get("turn_end_threshold", []) or 0.4 in told
    assert watched.snapshots[-1].settings == EAGER


async def test_a_paused_file_waits_while_silence_is_sent(tmp_path: Path):
    wav = write_wav(tmp_path / "a.wav", 0.6)
    async with ScriptedService(polite) as service:
        watched = Watched(wav, service.url)
        running = asyncio.create_task(watched.run())
        await watched.until(lambda snapshot: snapshot.audio.position >= 0.2)
        watched.session.send(Mute(on=True))
        quiet = await watched.until(lambda snapshot: snapshot.audio.position >= 0.7)
        watched.session.send(Mute(on=False))
        assert await running == Outcome()
    assert quiet.audio.quiet
    assert quiet.audio.played <= 0.5
    last = watched.snapshots[-1].audio
    assert not last.quiet
    assert last.played == pytest.approx(0.6)
    assert last.position > 0.7
    audio = bytes(service.dialogues[0].audio)
    frames = [audio[at : at + FRAME] for at in range(0, len(audio), FRAME)]
    silent = [number for number, frame in enumerate(frames) if not any(frame)]
    assert silent == list(range(silent[0], silent[-1] + 1))  # in one piece
    assert b"".join(frame for frame in frames if any(frame)) == wav_bytes(wav)


async def test_the_journal_tells_all_of_it_again(long_wav: Path):
    async with ScriptedService(takes_config) as service:
        watched = Watched(long_wav, service.url, Settings(turn=TurnSettings(end_threshold=0.2)))
        running = asyncio.create_task(watched.run())
        await watched.until(lambda snapshot: snapshot.audio.position >= 0.2)
        watched.session.send(Mute(on=True))
        await watched.until(lambda snapshot: snapshot.open_turn is not None and snapshot.open_turn.number == 2)
        watched.session.send(Tune(EAGER))
        await watched.until(lambda snapshot: len(snapshot.finished) == 3 and snapshot.audio.position >= 0.5)
        watched.session.send(Stop())
        await running
    began, *entries = msgspec.json.decode(msgspec.json.encode(watched.journal), type=list[Entry], dec_hook=decode_hook)
    assert isinstance(began, Began)
    monitor = Monitor.begin(began, DIALECT)
    assert [record for entry in entries for record in monitor.apply(entry)] == watched.records
    assert monitor.snapshot(entries[-1].at, running=False) == watched.snapshots[-1]
    assert watched.snapshots[-1].audio.quiet
    assert len(watched.snapshots[-1].groups) == 2


async def test_a_muted_microphone_goes_by_unheard_while_silence_is_sent():
    source = LiveSource()
    async with ScriptedService(polite) as service:
        watched = Watched(source, service.url)
        running = asyncio.create_task(watched.run())
        await watched.until(lambda snapshot: snapshot.audio.position >= 0.3)
        watched.session.send(Mute(on=True))
        assert watched.snapshots[-1].audio.quiet
        muted = await watched.until(lambda snapshot: snapshot.audio.position >= 1.0)
        watched.session.send(Mute(on=False))
        await watched.until(lambda snapshot: snapshot.audio.position >= 1.5)
        watched.session.send(Stop())
        assert await running == Outcome()
    assert muted.audio.quiet
    audio = bytes(service.dialogues[0].audio)
    silent = [not any(audio[at : at + FRAME]) for at in range(0, len(audio), FRAME)]
    assert 4 <= sum(silent) <= 9
    assert not silent[-1]
    assert len(audio) == 2 * source.captured - 2 * CHUNK * round(watched.health.waiting_s * 10)  # none was held back


async def test_the_wire_is_seen_frame_by_frame(tmp_path: Path):
    wav = write_wav(tmp_path / "a.wav", 0.55)
    async with ScriptedService(polite) as service:
        watched = Watched(wav, service.url, key="sk_car_secret")
        running = asyncio.create_task(watched.run())
        await watched.until(lambda snapshot: snapshot.open_turn is not None)
        watched.session.send(Tune(EAGER))
        await running
    sent = [frame for frame in watched.frames if frame.sent]
    audio = [frame for frame in sent if frame.kind is FrameKind.BINARY]
    assert [frame.position for frame in audio] == pytest.approx([0, 0.1, 0.2, 0.3, 0.4, 0.5])
    assert [frame.size for frame in audio] == [FRAME] * 5 + [FRAME // 2]
    assert [json.loads(frame.text or "")["type"] for frame in sent if frame.kind is FrameKind.TEXT] == [
        "config",
        "close",
    ]
    received = [frame for frame in watched.frames if not frame.sent and frame.kind is FrameKind.TEXT]
    events = [record["event"] for record in watched.lines("event")]
    assert [json.loads(frame.text or "") for frame in received] == events
    assert [frame.size for frame in received] == [len((frame.text or "").encode()) for frame in received]
    assert all(frame.position is None for frame in received)
    assert [frame.at for frame in watched.frames] == sorted(frame.at for frame in watched.frames)
    assert "secret" not in str(watched.frames)


async def test_a_sentence_for_the_user_is_shown(long_wav: Path):
    async with ScriptedService(polite) as service:
        watched = Watched(long_wav, service.url)
        running = asyncio.create_task(watched.run())
        await watched.until(is_connected)
        watched.session.complain("there is no such file")
        assert watched.snapshots[-1].error == "there is no such file"
        assert watched.snapshots[-1].running
        watched.session.send(Stop())
        assert await running == Outcome()
    seen = len(watched.snapshots)
    watched.session.complain("too late")
    watched.session.send(Tune(EAGER))
    watched.session.send(Mute(on=True))
    assert len(watched.snapshots) == seen
    assert watched.lines("config") == []
