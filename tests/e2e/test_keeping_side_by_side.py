"""What the program keeps of services side by side: the real command, over real websockets, on a real disk."""

import asyncio
import json
import os
import random
import sys
from asyncio.subprocess import PIPE
from pathlib import Path
from typing import Any

import soundfile
from tests.services.flux.examples import turn_info
from tests.support.kept import recordings_in
from tests.support.killed import LOST_S, talkative, until_recorded
from tests.support.service import Dialogue, ScriptedService, polite
from tests.support.sound import wav_bytes, write_wav

from stt_monitor.core.records.lines import Record, to_json
from stt_monitor.recording.manifest import AUDIO, COMMON_AUDIO
from stt_monitor.recording.replay import BROKEN_OFF, fold, replay_records
from stt_monitor.recording.saved_sessions import RecordingGroup, list_recordings

COMMAND = str(Path(sys.executable).with_name("stt-monitor"))


async def talkative_flux(dialogue: Dialogue) -> None:
    """A service that says something ten times a second."""
    await dialogue.socket.send(json.dumps({"type": "Connected", "request_id": "r", "sequence_id": 0}))
    for number in range(1000):
        for words in range(1, 10):
            await dialogue.hear(len(dialogue.audio) / 32_000 + 0.1)
            kind = "StartOfTurn" if words == 1 else "EndOfTurn" if words == 9 else "Update"
            await dialogue.socket.send(json.dumps(turn_info(kind, words, "word " * words, turn_index=number)))


async def polite_flux(dialogue: Dialogue) -> None:
    await dialogue.socket.send(json.dumps({"type": "Connected", "request_id": "r", "sequence_id": 0}))
    await dialogue.hear(0.2)
    for number, kind in enumerate(("StartOfTurn", "Update", "EndOfTurn")):
        await dialogue.socket.send(json.dumps(turn_info(kind, number, "Hello there.", turn_index=0)))
    while {"type": "CloseStream"} not in dialogue.texts:
        await dialogue.hear_text()


def arguments(sound: Path, one: ScriptedService, other: ScriptedService, directory: Path) -> list[str]:
    return [
        str(sound), "--json", "--service", "cartesia", "--service", "flux", "--url", f"cartesia={one.url}",
        "--url", f"flux={other.url}", "--record", str(directory),
    ]  # fmt: skip


def to_line(record: Record) -> dict[str, Any]:
    line: dict[str, Any] = json.loads(to_json(record))
    return line


def group_in(directory: Path) -> RecordingGroup:
    (group,) = list_recordings(directory)
    assert isinstance(group, RecordingGroup)
    return group


async def kill_after(seconds: float, asked: list[str], directory: Path) -> None:
    """Run a session, kill it so many seconds after it said that it is recorded, and look at what is left."""
    process = await asyncio.create_subprocess_exec(COMMAND, *asked, stdout=PIPE, stderr=asyncio.subprocess.DEVNULL)
    assert process.stdout is not None
    printed: list[dict[str, Any]] = []
    while not printed or printed[-1]["kind"] != "recording":
        printed.append(json.loads(await process.stdout.readline()))
    await until_recorded(directory)
    asyncio.get_running_loop().call_later(seconds, process.kill)
    rest, _ = await process.communicate()
    printed += [json.loads(line) for line in rest.splitlines(keepends=True) if line.endswith(b"\n")]
    group = group_in(directory)
    assert not group.growing
    last = printed[-1].get("t", 0.0)
    told = [line for line in map(to_line, replay_records(group)) if line["kind"] != "likelihood"]
    for lane in group.lanes:
        service = lane.path.name
        own = [line for line in told if line["service"] == service]
        assert any(line.get("detail") == BROKEN_OFF for line in own), "this session was not killed"
        due = [line for line in printed if line["service"] == service and line.get("t", 0.0) <= last - LOST_S]
        assert own[: len(due)] == due
        assert lane.manifest.audio.file == COMMON_AUDIO
    heard = next(line["t"] for line in printed if line["kind"] == "recording")
    assert soundfile.info(group.path / AUDIO).duration >= last - LOST_S - heard


async def test_after_a_kill_all_but_the_last_second_of_each_service_is_there(tmp_path: Path):
    long = write_wav(tmp_path / "long.wav", 60)
    instants = random.Random(6).sample(range(2500), 4)
    async with ScriptedService(talkative) as one, ScriptedService(talkative_flux) as other:
        await asyncio.gather(
            *(
                kill_after(at / 1000, arguments(long, one, other, tmp_path / str(at)), tmp_path / str(at))
                for at in instants
            )
        )


async def test_a_full_disk_ends_the_recording_of_all_and_no_session(tmp_path: Path):
    """A limit on the size of files is as real as a full disk, and needs nobody's rights."""
    wav = write_wav(tmp_path / "a.wav", 0.55)
    limited = ("-c", 'ulimit -f 8; exec "$0" "$@"', COMMAND)
    async with ScriptedService(polite) as one, ScriptedService(polite_flux) as other:
        asked = arguments(wav, one, other, tmp_path / "kept")
        process = await asyncio.create_subprocess_exec("sh", *limited, *asked, stdout=PIPE, stderr=PIPE)
        out, err = await process.communicate()
        assert [len(one.audio), len(other.audio)] == [17_600, 17_600]
    lines = [json.loads(line) for line in out.splitlines()]
    assert process.returncode == 0, err
    summaries = {line["service"]: line for line in lines if line["kind"] == "summary"}
    assert {line["transcript"] for line in summaries.values()} == {"Hello there."}
    assert {line["recording_stopped"] for line in summaries.values()} == {"the disk is full"}
    assert err.count(b"recording stopped: the disk is full; the sessions go on") == 1
    for lane in recordings_in(tmp_path / "kept"):
        assert lane.manifest.ended == "the disk is full"
        assert fold(lane).snapshot.detail == BROKEN_OFF


async def test_several_files_are_a_saved_session_each_and_it_is_said_where(tmp_path: Path):
    wav = write_wav(tmp_path / "a.wav", 0.55)
    environment = {name: value for name, value in os.environ.items() if not name.endswith("_API_KEY")}
    async with ScriptedService(polite) as one, ScriptedService(polite_flux) as other:
        asked = [str(wav), *arguments(wav, one, other, tmp_path / "kept")]
        process = await asyncio.create_subprocess_exec(COMMAND, *asked, stdout=PIPE, stderr=PIPE, env=environment)
        out, err = await process.communicate()
    assert process.returncode == 0, err
    groups = list_recordings(tmp_path / "kept")
    assert [group.services for group in groups] == [("cartesia", "flux")] * 2
    for group in groups:
        assert wav_bytes(group.path / AUDIO) == wav_bytes(wav)
        assert err.decode().count(f"recording to {group.path}\n") == 1
    said = [line["path"] for line in map(json.loads, out.splitlines()) if line["kind"] == "recording"]
    assert sorted(said) == sorted([str(group.path) for group in groups] * 2)
