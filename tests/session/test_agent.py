"""The agent's side of a recorded call, in virtual time: what is sent, heard, kept, and measured."""

import asyncio
import csv
import io
from math import inf
from pathlib import Path

import numpy as np
import pytest
from tests.support.calls import echo, says, silence, write_call
from tests.support.running import Running
from tests.support.service import ScriptedService, polite
from tests.support.sessions import side_by_side
from tests.support.sound import READING, wav_bytes
from tests.support.timed_service import Heard, bare, text
from tests.support.timed_service import says as speaks
from tests.support.watched import Watched

from stt_monitor.audio.files import open_audio_file
from stt_monitor.audio.formats import AudioFormat, Encoding
from stt_monitor.audio.sources.file_source import FileSource
from stt_monitor.core.commands import ChooseInput, Start
from stt_monitor.core.records.lines import to_json
from stt_monitor.core.records.session import WarningRecord
from stt_monitor.core.session_options import FileChannels, FileChoice
from stt_monitor.core.snapshot import Snapshot
from stt_monitor.core.sound.arms import parse_arms
from stt_monitor.export.formats import FORMATS
from stt_monitor.headless.plain import PlainLines
from stt_monitor.recording.manifest import AUDIO
from stt_monitor.recording.reader import open_recording
from stt_monitor.recording.recorder import Recorders
from stt_monitor.recording.replay import fold, replay_records
from stt_monitor.recording.saved_sessions import list_recordings
from stt_monitor.session.outcome import Outcome
from stt_monitor.session.sources import SessionInput, detected_speech, recording, warn_of_mix

S16 = AudioFormat(Encoding.PCM_S16LE, 16_000)
SAID = says((0, 8.1), (1, 11.6)) + echo(0.15, 0.3)
"""It answers the first turn, and interrupts the second one; its line echoes."""
TURNS = [
    bare(1.2, "turn.start"), text(1.5, "turn.update", "One"), text(7.8, "turn.end", "One"),
    bare(10.9, "turn.start"), text(11, "turn.update", "Two"), text(14.2, "turn.end", "Two"),
]  # fmt: skip


def call_source(path: Path) -> FileSource:
    clock = asyncio.get_running_loop().time
    return FileSource(open_audio_file(path, 1), clock=clock, agent=open_audio_file(path, 2))


def agent_of(snapshot: Snapshot) -> list[tuple[float, float]]:
    return [(span.onset_position, span.end_position or inf) for span in snapshot.agent_speech]


@pytest.mark.slow
async def test_a_call_is_measured_on_both_sides_and_a_replay_tells_the_same(tmp_path: Path):
    wav, kept = write_call(tmp_path / "call.wav", SAID), tmp_path / "kept"
    recorder = Recorders(kept, 1 << 30, ["cartesia"])("cartesia")
    async with ScriptedService(speaks(TURNS, Heard())) as service:
        watched = Watched(call_source(wav), service.url, reference=detected_speech(S16), observer=recorder)
        assert await watched.run() == Outcome()
        sent = bytes(service.audio)
    assert sent == wav_bytes(READING), "the caller's side, and nothing of the agent's"
    first, second = watched.lines("turn")
    assert first["response_gap_ms"] == pytest.approx(8100 - 7320, abs=150)
    assert (first["interruption"], first["barge_in_stop_ms"], first["talk_over_s"]) == (False, None, 0)
    assert (second["interruption"], second["response_gap_ms"]) == (True, None)
    assert second["talk_over_s"] == pytest.approx(13.5 - 11.6, abs=0.2)
    (summary,) = watched.lines("summary")
    assert summary["counts"]["interruptions"] == 1
    assert "response_gap_ms" not in summary["not_applicable"]
    (session,) = watched.lines("session")
    assert (session["channel"], session["agent"]) == ("channel 1 of 2", "channel 2 of 2")
    (saved,) = list_recordings(kept)
    assert wav_bytes(saved.path / AUDIO) == sent
    again = list(replay_records(open_recording(saved.path)))
    assert [to_json(record) for record in again] == [to_json(record) for record in watched.records]
    replayed = fold(open_recording(saved.path)).snapshot
    assert np.allclose(agent_of(replayed), [(8.1, 10.4), (11.6, 14.9)], atol=0.25)
    assert replayed.session.sent_channel == "left of 2 (agent right)"
    plain = PlainLines()
    lines = [line for record in watched.records for line in plain(record)]
    assert "call.wav, left of 2 (agent right)" in lines[0]
    assert any("the agent interrupts" in line for line in lines)
    assert any(line.endswith("0 violations, 1 interruption by the agent") for line in lines)
    assert [line.split(maxsplit=2)[1:] for line in lines[-2:]] == [
        ["2", "interrupts; both speak for 1.9 s"],
        ["1", f"replies after {first['response_gap_ms']:.0f} ms"],
    ]
    (told, other) = csv.DictReader(io.StringIO("".join(FORMATS["csv"].write(replayed))))
    assert (told["interruption"], other["interruption"], other["response_gap_ms"]) == ("false", "true", "")
    assert float(told["response_gap_ms"]) == first["response_gap_ms"]


@pytest.mark.slow
async def test_without_it_nothing_is_heard_of_an_agent(tmp_path: Path):
    wav = write_call(tmp_path / "call.wav", SAID)
    clock = asyncio.get_running_loop().time
    async with ScriptedService(speaks(TURNS, Heard())) as service:
        source = FileSource(open_audio_file(wav, 1), clock=clock)
        watched = Watched(source, service.url, reference=detected_speech(S16))
        assert await watched.run() == Outcome()
    assert "agent" not in watched.lines("session")[0]
    assert {"response_gap_ms", "interruptions"} <= set(watched.lines("summary")[0]["not_applicable"])
    assert watched.lines("turn")[0]["interruption"] is None
    plain = PlainLines()
    assert not any("agent" in line or "reply" in line for record in watched.records for line in plain(record))


@pytest.mark.slow
async def test_services_side_by_side_hear_the_same_agent_however_the_caller_is_degraded(tmp_path: Path):
    wav, found = write_call(tmp_path / "call.wav", says((1, 8.3)) + echo(0.15, 0.3)), []
    for arms in ((), ("noise:-5", "loss:20")):
        opened = recording(wav, "left", 100, parse_arms(arms), agent="right")
        async with ScriptedService(polite) as one, ScriptedService(polite) as other:
            urls = {"cartesia": one.url, "flux": other.url}
            async with Running(side_by_side(urls, SessionInput(opened, detected_speech))) as running:
                running.runner.send(Start())
                await running.outcome()
        found += [agent_of(lane) for lane in running.snapshots[-1].lanes]
    assert len(found) == 4
    assert found == [found[0]] * 4
    assert np.allclose(found[0], [(8.3, 11.6)], atol=0.2)


async def test_the_agent_pauses_with_the_file_and_comes_again_with_it(tmp_path: Path):
    source = call_source(write_call(tmp_path / "call.wav", says((1, 0.0))))
    agent = open_audio_file(tmp_path / "call.wav", 2).read(16_000)
    chunks = []
    async for chunk in source.chunks():
        chunks.append(chunk)
        if len(chunks) == 3:
            source.put_back(chunks[1:])
        if len(chunks) in (5, 7):
            source.set_quiet(quiet=len(chunks) == 5)
        if len(chunks) == 10:
            source.stop()
    pieces = [agent[at : at + 3200] for at in range(0, 32_000, 3200)]
    heard = [chunk.agent for chunk in chunks[:10]]
    assert heard == [*pieces[:3], *pieces[1:3], None, None, *pieces[3:6]]


@pytest.mark.slow
async def test_the_channels_of_a_call_are_chosen_while_it_is_mixed(tmp_path: Path):
    wav = write_call(tmp_path / "call.wav", says((0, 8.1)))
    async with ScriptedService(polite) as service:
        mixed = SessionInput(recording(wav, "mix", 100), detected_speech, choice=FileChoice(str(wav)))
        async with Running(side_by_side({"cartesia": service.url}, mixed)) as running:
            running.runner.send(Start())
            await running.until(lambda snapshot: snapshot.audio.position > 0)
            channels = (await running.offers()).channels
            assert channels == FileChannels(str(wav), 2, "mix")
            call = FileChoice(str(wav), "1", "2")
            assert channels.choices == (
                FileChoice(str(wav)), call, FileChoice(str(wav), "2", "1"), *(FileChoice(str(wav), n) for n in "12"),
            )  # fmt: skip
            running.runner.send(ChooseInput(call))
            assert await running.outcome() == Outcome()
            assert (await running.offers()).channels == FileChannels(str(wav), 2, "1", "2")
        sent = bytes(service.dialogues[-1].audio)
    assert sent == wav_bytes(READING)
    last = running.snapshots[-1]
    assert last.session.sent_channel == "left of 2 (agent right)"
    assert np.allclose(agent_of(last), [(8.1, 10.4)], atol=0.25)


@pytest.mark.slow
async def test_a_call_that_is_mixed_says_how_to_hear_both_sides(tmp_path: Path):
    for name, agent, warned in (("call", says((0, 3.5), (1, 11)), True), ("silent", silence(), False)):
        wav = write_call(tmp_path / f"{name}.wav", agent)
        async with ScriptedService(polite) as service, ScriptedService(polite) as other:
            made = SessionInput(recording(wav, "mix", 100), detected_speech, warn=warn_of_mix(wav, "mix"))
            async with Running(side_by_side({"cartesia": service.url, "flux": other.url}, made)) as running:
                running.runner.send(Start())
                await running.outcome()
        sentences = [record.sentence for record in running.records if isinstance(record, WarningRecord)]
        said = f"{name}.wav: its two channels differ, and their mix is sent: --agent right (on the screen: i) sends"
        assert sentences == [f"{said} the left one, and hears the agent's side"] * warned
    assert warn_of_mix(tmp_path / "call.wav", "left")() == ""
