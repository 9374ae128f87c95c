"""What the line or this machine holds up is not the service's fault: such turns are slow, and no others."""

import asyncio
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tests.support.proxy import FaultyLine
from tests.support.service import Dialogue, ScriptedService
from tests.support.sound import write_wav
from tests.support.watched import Watched

from stt_monitor.core.journal import Began, Entry
from stt_monitor.core.monitoring.monitor import Monitor
from stt_monitor.core.records.lines import Record, to_json
from stt_monitor.services.cartesia import DIALECT

SLOW_LINE = 8_000
"""Bytes a second, where sound needs 32 000."""


async def turns_by_what_is_heard(dialogue: Dialogue) -> None:
    """A turn in each second that is heard, told as soon as it is."""
    await dialogue.say("connected")
    for second in range(100):
        await dialogue.hear(second + 0.2)
        if dialogue.texts:
            return
        await dialogue.say("turn.start")
        await dialogue.hear(second + 0.8)
        await dialogue.say("turn.end", transcript=" One")


async def late_turns(dialogue: Dialogue) -> None:
    """The same, but it thinks for nearly a second, while it goes on listening and answers pings."""

    async def talk() -> None:
        for _ in range(2):
            await asyncio.sleep(0.9)
            await dialogue.say("turn.start")
            await asyncio.sleep(0.9)
            await dialogue.say("turn.end", transcript=" One")

    await dialogue.say("connected")
    talking = asyncio.create_task(talk())
    await dialogue.hear_close()
    await talking


def replayed(journal: Iterable[Entry]) -> list[Record]:
    first, *rest = journal
    assert isinstance(first, Began)
    monitor = Monitor.begin(first, DIALECT)
    return [record for entry in rest for record in monitor.apply(entry)]


def turns(watched: Watched) -> list[dict[str, Any]]:
    return watched.lines("turn")


async def test_a_slow_line_shows_while_it_is_slow_and_its_turns_do_not_count(tmp_path: Path):
    wav = write_wav(tmp_path / "five seconds.wav", 5.0)
    async with ScriptedService(turns_by_what_is_heard) as service, FaultyLine(service.port) as line:
        watched = Watched(wav, line.url)
        running = asyncio.create_task(watched.run())
        await watched.until(lambda snapshot: snapshot.counts.turns == 1)
        line.slow(SLOW_LINE)
        seen = await watched.until(lambda snapshot: (snapshot.health.round_trip or 0) > 1.0)
        assert seen.health.unconfirmed_s > 0.5
        assert seen.health.audio_sent_s > len(service.audio) / 32_000
        worse = await watched.until(lambda snapshot: snapshot.health.unconfirmed_s > 1.5)
        assert (worse.health.round_trip or 0) > (seen.health.round_trip or 0)
        line.slow(1e6)
        await running
    told = turns(watched)
    assert [turn["slow"] for turn in told[1:3]] == [True, True]
    assert watched.summary.counts.slow == sum(turn["slow"] and turn["end_reason"] != "closed" for turn in told)
    assert watched.health.unconfirmed_s == 0
    first = Began(watched.session._monitor.session)
    assert [to_json(one) for one in replayed([first, *watched.journal[1:]]) if one.__struct_config__.tag == "turn"] == [
        to_json(one) for one in watched.records if one.__struct_config__.tag == "turn"
    ]


async def test_a_service_that_is_late_itself_is_not_excused(tmp_path: Path):
    wav = write_wav(tmp_path / "four seconds.wav", 4.0)
    async with ScriptedService(late_turns) as service, FaultyLine(service.port) as line:
        watched = Watched(wav, line.url)
        await watched.run()
    assert [turn["slow"] for turn in turns(watched)] == [False, False]
