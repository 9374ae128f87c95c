"""Sessions of several services over the same audio, against the local server, kept as one on a real disk."""

import asyncio
import json
import math
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import pytest
import soundfile
from tests.server.stand_in import TWO_TURNS, LoudnessDetector
from tests.support.running import Running
from tests.support.service import Dialogue, ScriptedService
from tests.support.sessions import heard, side_by_side
from tests.support.sound import wav_bytes
from tests.support.watched import Watched

from stt_monitor.audio.formats import Encoding, decode
from stt_monitor.core.commands import Start, Stop
from stt_monitor.core.records.session import RecordingRecord
from stt_monitor.core.records.summaries import TotalRecord
from stt_monitor.core.session_options import SourceKind
from stt_monitor.core.snapshot import Snapshot
from stt_monitor.core.wire_frame import WireFrame
from stt_monitor.recording.finding import find_recording
from stt_monitor.recording.manifest import AUDIO, EVENTS, FINISHED, GROUP, MANIFEST
from stt_monitor.recording.player import Player
from stt_monitor.recording.reader import Recording, open_recording
from stt_monitor.recording.recorder import Recorders
from stt_monitor.recording.replay import fold, replay_records
from stt_monitor.recording.saved_sessions import RecordingGroup, SavedSession, list_recordings
from stt_monitor.server.server import LocalServer
from stt_monitor.services import registry

if TYPE_CHECKING:
    from stt_monitor.core.records.lines import Record

SERVICES = ("cartesia", "flux")
LIMIT = 1 << 30


@pytest.fixture
def wav(tmp_path: Path) -> Path:
    soundfile.write(tmp_path / "two turns.wav", decode(TWO_TURNS, Encoding.PCM_S16LE), 16_000)
    return tmp_path / "two turns.wav"


def lane(wav: Path, url: str, recorders: Recorders, service: str) -> Watched:
    return Watched(wav, url, service=registry.service(service), observer=recorders(service))


async def record(wav: Path, directory: Path) -> tuple[list[Watched], RecordingGroup]:
    recorders = Recorders(directory, LIMIT, SERVICES)
    async with LocalServer(LoudnessDetector) as server:
        lanes = [lane(wav, server.base_url, recorders, service) for service in SERVICES]
        await asyncio.gather(*(each.run() for each in lanes))
    (group,) = list_recordings(directory)
    assert isinstance(group, RecordingGroup)
    return lanes, group


async def test_services_side_by_side_are_one_saved_session(wav: Path, tmp_path: Path):
    lanes, group = await record(wav, tmp_path / "kept")
    assert {str(file.relative_to(group.path)) for file in group.path.rglob("*") if file.is_file()} == {
        GROUP, AUDIO, *(f"{service}/{name}" for service in SERVICES for name in (EVENTS, MANIFEST)),
    }  # fmt: skip
    assert group.manifest.services == SERVICES
    assert (group.source, group.started_at) == ("two turns.wav", lanes[0].lines("session")[0]["started_at"])
    assert not group.growing
    assert [lane.manifest.ended for lane in group.lanes] == [FINISHED, FINISHED]
    assert group.size == sum(file.stat().st_size for file in group.path.rglob("*") if file.is_file())
    for watched, recording in zip(lanes, group.lanes, strict=True):
        assert recording.audio_path is not None
        assert wav_bytes(recording.audio_path) == wav_bytes(wav)
        (said,) = [record for record in watched.records if isinstance(record, RecordingRecord)]
        assert said.path == str(group.path)


async def test_each_is_told_again_to_the_last_digit_by_itself_or_with_the_others(wav: Path, tmp_path: Path):
    lanes, group = await record(wav, tmp_path / "kept")
    alone = []
    for watched, recording in zip(lanes, group.lanes, strict=True):
        assert find_recording(f"{group.name}/{recording.path.name}", tmp_path / "kept") == recording
        assert open_recording(recording.path) == recording
        records: list[Record] = []
        assert fold(recording, records.append).snapshot == watched.snapshots[-1]
        assert records == watched.records
        alone.append(await last_played(recording))
    together = await last_played(group)
    assert [digits(each) for each in together.lanes] == [digits(each) for each in alone]
    assert digits(together) == digits(alone[0])
    assert together.at == max(each.at for each in alone)


def digits(snapshot: Snapshot) -> Snapshot:
    """All but when it was taken, and of what replay."""
    return msgspec.structs.replace(snapshot, at=0.0, playback=None, lanes=())


async def last_played(session: SavedSession, frames: list[WireFrame] | None = None) -> Snapshot:
    over, shown = threading.Event(), []

    def show(snapshot: Snapshot) -> None:
        shown.append(snapshot)
        if not snapshot.running:
            over.set()

    player = Player(session, speed=math.inf)
    player.subscribe(show, on_frame=None if frames is None else frames.append)
    player.send(Start())
    assert await asyncio.to_thread(over.wait, 60)
    player.close()
    return shown[-1]


async def test_a_service_that_could_not_be_reached_is_saved_beside_the_others(wav: Path, tmp_path: Path):
    recorders = Recorders(tmp_path, LIMIT, SERVICES)
    async with LocalServer(LoudnessDetector) as server:
        urls = {"cartesia": server.base_url, "flux": "http://127.0.0.1:1"}
        lanes = [lane(wav, url, recorders, name) for name, url in urls.items()]
        await asyncio.gather(*(each.run() for each in lanes))
    (group,) = list_recordings(tmp_path)
    good, bad = group.lanes
    assert (good.manifest.turns, bad.manifest.turns) == (2, 0)
    assert fold(bad).snapshot == lanes[1].snapshots[-1]
    assert "could not be reached" in fold(bad).snapshot.error


async def test_services_none_of_which_heard_anything_are_not_saved(wav: Path, tmp_path: Path):
    recorders = Recorders(tmp_path / "kept", LIMIT, SERVICES)
    lanes = [lane(wav, "http://127.0.0.1:1", recorders, service) for service in SERVICES]
    for each in lanes:
        each.session.send(Stop())
    await asyncio.gather(*(each.run() for each in lanes))
    assert list((tmp_path / "kept").iterdir()) == []


@pytest.mark.slow
async def test_audio_that_one_service_got_twice_is_in_a_file_of_its_own(tmp_path: Path):
    """It falls silent; over the next connection a file is sent again from where it was heard last."""
    wav = tmp_path / "long.wav"
    noise = [math.sin(position * position / 1e7) / 2 for position in range(20 * 16_000)]
    soundfile.write(wav, noise, 16_000)

    async def silent(dialogue: Dialogue) -> None:
        await dialogue.say("connected")
        await dialogue.hear(1.0)
        dialogue.socket.transport.pause_reading()
        await asyncio.sleep(60)

    async def hears(dialogue: Dialogue) -> None:
        await dialogue.say("connected")
        await dialogue.hear_close()

    async def hears_flux(dialogue: Dialogue) -> None:
        await dialogue.socket.send(json.dumps({"type": "Connected", "request_id": "r", "sequence_id": 0}))
        while {"type": "CloseStream"} not in dialogue.texts:
            await dialogue._take()

    recorders = Recorders(tmp_path / "kept", LIMIT, SERVICES)
    async with ScriptedService(silent, hears) as one, ScriptedService(hears_flux) as other:
        lanes = [lane(wav, one.url, recorders, "cartesia"), lane(wav, other.url, recorders, "flux")]
        await asyncio.gather(*(each.run() for each in lanes))
    (group,) = list_recordings(tmp_path / "kept")
    twice, once = group.lanes
    assert lanes[0].health.resent_s > 0
    assert once.audio_path == once.path / ".." / AUDIO
    assert once.audio_path is not None
    assert wav_bytes(once.audio_path) == wav_bytes(wav)
    assert twice.audio_path == twice.path / AUDIO
    sent = round(lanes[0].health.audio_sent_s * 16_000) * 2
    assert len(wav_bytes(twice.audio_path)) == sent
    assert wav_bytes(twice.audio_path).endswith(wav_bytes(wav)[-64_000:])


@pytest.mark.slow
async def test_each_file_of_a_run_is_a_saved_session(wav: Path, tmp_path: Path):
    recorders = Recorders(tmp_path / "kept", LIMIT, SERVICES)
    async with LocalServer(LoudnessDetector) as server:
        for _ in range(2):
            lanes = [lane(wav, server.base_url, recorders, service) for service in SERVICES]
            await asyncio.gather(*(each.run() for each in lanes))
    groups = list_recordings(tmp_path / "kept")
    assert [len(group.lanes) for group in groups] == [2, 2]


async def test_one_service_alone_is_saved_as_ever(wav: Path, tmp_path: Path):
    recorders = Recorders(tmp_path / "kept", LIMIT, ["flux"])
    async with LocalServer(LoudnessDetector) as server:
        await lane(wav, server.base_url, recorders, "flux").run()
    (session,) = list_recordings(tmp_path / "kept")
    assert isinstance(session, Recording)
    assert {file.name for file in session.path.iterdir()} == {AUDIO, EVENTS, MANIFEST}


@pytest.mark.slow
async def test_a_run_as_the_program_makes_it_is_told_again_with_all_its_services(wav: Path, tmp_path: Path):
    async with LocalServer(LoudnessDetector) as server:
        urls = dict.fromkeys(SERVICES, server.base_url)
        recorders = Recorders(tmp_path / "kept", LIMIT, SERVICES)
        async with Running(side_by_side(urls, heard(wav), heard(wav), observe=recorders)) as running:
            running.runner.send(Start())
            assert (await running.outcome()).exit_code == 0
    first, second = list_recordings(tmp_path / "kept")
    assert [lane.manifest.ended for group in (first, second) for lane in group.lanes] == [FINISHED] * 4
    assert not list((tmp_path / "kept").glob(f"*/*/{AUDIO}"))
    told = [*replay_records(first), *replay_records(second)]
    live = [record for record in running.records if not isinstance(record, TotalRecord)]
    for service in SERVICES:
        assert [one for one in told if one.service == service] == [one for one in live if one.service == service]
    frames: list[WireFrame] = []
    last = await last_played(second, frames)
    shown = running.snapshots[-1]
    assert [alike(each) for each in last.lanes] == [alike(each) for each in shown.lanes]
    assert alike(last) == alike(shown)
    count = len(frames)
    for service in SERVICES:
        own = [frame for frame in running.frames if frame.service == service]
        assert [frame for frame in frames if frame.service == service] == own[len(own) // 2 :]
    assert count == len(running.frames) / 2


def alike(snapshot: Snapshot) -> Snapshot:
    """All of a snapshot that a recording knows."""
    kind = msgspec.structs.replace(snapshot.audio, kind=SourceKind.REPLAY, quiet=False)
    of_run = {"recording": None, "files": (), "all_files": None, "playing": (1, 1), "number": 1, "earlier": ()}
    return msgspec.structs.replace(digits(snapshot), audio=kind, **of_run)
