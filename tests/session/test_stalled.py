"""Lines on which no event comes: whose fault it is, told by real sockets."""

import asyncio
from pathlib import Path

import pytest
from tests.support.proxy import FaultyLine
from tests.support.service import Dialogue, Script, ScriptedService
from tests.support.timed_service import from_file, label, watch
from tests.support.watched import Watched

from stt_monitor.core.commands import Mute
from stt_monitor.core.journal import Began
from stt_monitor.core.monitoring.monitor import Monitor
from stt_monitor.core.stall import Blame
from stt_monitor.services.cartesia import DIALECT
from stt_monitor.session.check.events_check import brings_events
from stt_monitor.session.check.findings import Grade
from stt_monitor.transport.address import read_address


async def answers_pings_alone(dialogue: Dialogue) -> None:
    await dialogue.say("connected")
    await dialogue.hear_close()


async def speaks_soon(dialogue: Dialogue) -> None:
    await dialogue.say("connected")
    await dialogue.hear(2.0)
    await dialogue.say("turn.start")
    await dialogue.hear_close()


async def speaks_up(dialogue: Dialogue) -> None:
    await dialogue.say("connected")
    await dialogue.hear(9.0)
    await dialogue.say("turn.start")
    await dialogue.hear_close()


async def freezes(dialogue: Dialogue) -> None:
    """Read nothing more, not even pings."""
    await dialogue.say("connected")
    await dialogue.hear(1.0)
    dialogue.socket.transport.pause_reading()
    await asyncio.sleep(12.0)
    dialogue.socket.transport.resume_reading()
    await dialogue.hear_close()


def listen(folder: Path, url: str, *speech: tuple[float, float], seconds: float = 12.0) -> Watched:
    return watch(from_file(folder, seconds), url, label(folder / "labels.txt", list(speech)))


def blames(watched: Watched) -> list[str]:
    return [line["blame"] for line in watched.lines("stall")]


async def test_a_service_that_answers_pings_and_says_nothing_is_silent(tmp_path: Path):
    async with ScriptedService(speaks_up) as service:
        watched = listen(tmp_path, service.url, (1.0, 11.0))
        await watched.run()
    began, over = watched.lines("stall")
    assert began["sentence"] == (
        "the service is silent: it answers pings and took all audio, but sent no event for 5.0 s of speech"
    )
    assert began["t"] == pytest.approx(6.1, abs=0.1)
    assert (over["blame"], over["sentence"]) == ("", "")
    assert over["t"] == pytest.approx(9.0, abs=0.1)
    assert watched.health.stalls == 1
    shown = [snapshot.at for snapshot in watched.snapshots if snapshot.stall is not None]
    assert shown[0] == pytest.approx(6.1, abs=0.15)
    assert shown[-1] == pytest.approx(9.0, abs=0.15)
    assert_replays(watched)


@pytest.mark.slow
async def test_a_service_that_freezes_is_told_from_the_line(tmp_path: Path):
    async with ScriptedService(freezes) as service:
        watched = listen(tmp_path, service.url, (0.5, 11.0))
        await watched.run()
    first, *others = watched.lines("stall")
    assert first["blame"] == "unknown"
    assert "the service does not answer pings" in first["sentence"]
    assert "service" not in [other["blame"] for other in others[:1]]
    assert_replays(watched)


@pytest.mark.slow
async def test_a_line_that_takes_nothing_more_is_stuck(tmp_path: Path):
    async with ScriptedService(answers_pings_alone) as service, FaultyLine(service.port) as line:
        watched = listen(tmp_path, line.url, (0.5, 11.0))
        running = asyncio.create_task(watched.run())
        await watched.until(lambda snapshot: snapshot.audio.position > 2.0)
        line.stall()
        stalled = await watched.until(
            lambda snapshot: snapshot.stall is not None and snapshot.stall.blame is Blame.LINE
        )
        line.unstall()
        await running
    assert stalled.stall is not None
    assert "audio wait in our socket" in stalled.stall.sentence
    known = stalled.stall.evidence
    assert known.waiting_s + (known.unacknowledged_s or 0) >= 1.0
    assert "service" not in blames(watched)[: blames(watched).index("")]
    assert_replays(watched)


@pytest.mark.slow
@pytest.mark.parametrize("speech", [[(1.0, 1.2)], [(1.0, 5.0)]], ids=["a sound", "four seconds"])
async def test_where_little_is_said_nothing_is_expected(tmp_path: Path, speech: list[tuple[float, float]]):
    async with ScriptedService(answers_pings_alone) as service:
        watched = listen(tmp_path, service.url, *speech, seconds=30.0)
        await watched.run()
    assert watched.lines("stall") == []
    assert watched.health.stalls == 0


@pytest.mark.slow
async def test_a_file_that_is_paused_says_nothing(tmp_path: Path):
    async with ScriptedService(answers_pings_alone) as service:
        watched = listen(tmp_path, service.url, (0.5, 4.5), seconds=5.0)
        running = asyncio.create_task(watched.run())
        await watched.until(lambda snapshot: snapshot.audio.position > 2.0)
        watched.session.send(Mute(on=True))
        await asyncio.sleep(30.0)
        watched.session.send(Mute(on=False))
        await running
    assert watched.lines("stall") == []


async def test_a_line_that_is_down_is_reconnected_and_no_stall(tmp_path: Path):
    async with ScriptedService(answers_pings_alone) as service, FaultyLine(service.port) as line:
        watched = listen(tmp_path, line.url, (0.5, 7.0), seconds=8.0)
        running = asyncio.create_task(watched.run())
        await watched.until(lambda snapshot: snapshot.audio.position > 3.5)
        line.drop()
        await running
    assert watched.health.reconnects == 1
    assert watched.lines("stall") == []


@pytest.mark.parametrize(
    ("script", "grade", "sentence"),
    [
        (speaks_soon, Grade.GOOD, "it sends events during speech"),
        (answers_pings_alone, Grade.BAD, "the service is silent: it answers pings and took all audio"),
    ],
    ids=["speaks", "silent"],
)
async def test_the_check_of_the_setup_says_whether_events_come(script: Script, grade: Grade, sentence: str):
    async with ScriptedService(script) as service:
        found = await brings_events("events", read_address(service.url))
    assert found.grade is grade
    assert found.sentence.startswith(sentence)


def assert_replays(watched: Watched) -> None:
    """The journal tells the same, to the last digit."""
    began, *entries = watched.journal
    assert isinstance(began, Began)
    monitor = Monitor.begin(began, DIALECT)
    told = [record for entry in entries for record in monitor.apply(entry)]
    assert told == watched.records
