"""Several files at once, in one run: whose records are whose, what is recorded, in which order the results come."""

import asyncio
from pathlib import Path

import pytest
from tests.support.kept import recordings_in
from tests.support.patience import PATIENCE_S
from tests.support.running import Running
from tests.support.service import Dialogue, ScriptedService, polite
from tests.support.sessions import maker
from tests.support.sound import wav_bytes, write_wav

from stt_monitor.core.commands import Start, Stop
from stt_monitor.core.records.session import SessionRecord
from stt_monitor.core.records.summaries import SummaryRecord, TotalRecord
from stt_monitor.recording.recorder import Recorders

LENGTHS = {"a.wav": 3.0, "b.wav": 1.0, "c.wav": 2.0, "d.wav": 1.0}


@pytest.fixture
def wavs(tmp_path: Path) -> list[Path]:
    return [write_wav(tmp_path / name, seconds) for name, seconds in LENGTHS.items()]


def heard(service: ScriptedService) -> list[bytes]:
    return sorted(bytes(dialogue.audio) for dialogue in service.dialogues)


@pytest.mark.parametrize(("at_once", "took"), [(1, 7.0), (2, 4.0), (4, 3.0), (9, 3.0)])
async def test_as_many_play_at_once_as_are_asked_for_and_the_results_are_in_the_order_of_the_files(
    wavs: list[Path], at_once: int, took: float
):
    async with ScriptedService(polite) as service:
        async with Running(maker(service.url, *wavs, at_once=at_once)) as running:
            running.runner.send(Start())
            outcome = await running.outcome()
        assert heard(service) == sorted(wav_bytes(wav) for wav in wavs)
    assert outcome.exit_code == 0
    total = running.records[-1]
    assert isinstance(total, TotalRecord)
    assert [(file.source, file.turns) for file in total.files] == [(name, 1) for name in LENGTHS]
    assert total.turns == 4
    assert took <= total.t < took + 1.0  # virtual seconds
    sessions = [record for record in running.records if isinstance(record, SessionRecord)]
    assert sorted(record.source for record in sessions) == sorted(LENGTHS)
    if at_once == 1:
        assert all(not record.file for record in running.records)
        return
    assert all(record.file == record.source for record in sessions)
    for name in LENGTHS:
        own = [record for record in running.records if record.file == name]
        assert isinstance(own[0], SessionRecord)
        assert isinstance(own[-1], SummaryRecord)
        assert own[-1].turns == 1
    last = running.snapshots[-1]
    assert not last.running
    assert [file.name for file in last.files] == list(LENGTHS)


async def test_each_is_saved_as_a_session_of_its_own(wavs: list[Path], tmp_path: Path):
    recorders = Recorders(tmp_path / "kept", 1 << 30, ["cartesia"])
    async with (
        ScriptedService(polite) as service,
        Running(maker(service.url, *wavs, observe=recorders, at_once=3)) as running,
    ):
        running.runner.send(Start())
        await running.outcome()
    kept = await asyncio.to_thread(recordings_in, tmp_path / "kept")
    assert sorted(each.manifest.session.source for each in kept) == sorted(LENGTHS)
    assert all(each.manifest.ended == "finished" for each in kept)


async def test_a_file_that_is_gone_is_named_and_the_others_go_on(wavs: list[Path]):
    async with ScriptedService(polite) as service:
        made = maker(service.url, *wavs, at_once=2)
        wavs[1].unlink()
        async with Running(made) as running:
            running.runner.send(Start())
            outcome = await running.outcome()
    assert outcome.exit_code == 2
    (told,) = [each.sentence for each in running.outcomes if each.sentence]
    assert told.startswith("b.wav: ")
    total = running.records[-1]
    assert isinstance(total, TotalRecord)
    assert [file.turns for file in total.files] == [1, 0, 1, 1]


async def test_a_service_that_is_gone_ends_the_run(wavs: list[Path], unused_tcp_port: int):
    async with Running(maker(f"http://127.0.0.1:{unused_tcp_port}", *wavs, at_once=2)) as running:
        running.runner.send(Start())
        outcome = await running.outcome()
    assert outcome.exit_code == 3
    total = running.records[-1]
    assert isinstance(total, TotalRecord)
    assert [file.source for file in total.files] == ["a.wav", "b.wav"]


async def test_a_stop_ends_those_that_play_and_begins_no_more(wavs: list[Path]):
    begun = asyncio.Event()

    async def script(dialogue: Dialogue) -> None:
        begun.set()
        await polite(dialogue)

    async with ScriptedService(script) as service, Running(maker(service.url, *wavs, at_once=2)) as running:
        running.runner.send(Start())
        async with asyncio.timeout(PATIENCE_S):
            await begun.wait()
        await running.until(lambda snapshot: snapshot.audio.position > 0)
        running.runner.send(Stop())
        await running.outcome()
    total = running.records[-1]
    assert isinstance(total, TotalRecord)
    assert [file.source for file in total.files] == ["a.wav", "b.wav"]
