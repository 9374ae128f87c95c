"""Sessions over a real websocket, kept on a real disk."""

import asyncio
import errno
import json
import math
import os
import re
import shutil
import threading
from collections import Counter, deque
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import pytest
import soundfile
from tests.support.kept import recordings_in
from tests.support.service import Dialogue, ScriptedService, polite
from tests.support.sound import wav_bytes, write_wav
from tests.support.watched import Watched

from stt_monitor.audio.files import open_audio_file as open_sound
from stt_monitor.audio.formats import AudioFormat, Encoding
from stt_monitor.audio.sources.file_source import FileSource
from stt_monitor.audio.vad.reference import make_detector
from stt_monitor.core.commands import Start, Stop, Tune
from stt_monitor.core.errors import InputError
from stt_monitor.core.journal import Began, CloseSent, Failed, Received
from stt_monitor.core.records.session import RecordingRecord, SessionRecord
from stt_monitor.core.records.summaries import SummaryRecord
from stt_monitor.core.records.turns import TurnRecord
from stt_monitor.core.settings.requested import Settings, TurnSettings
from stt_monitor.core.snapshot import Snapshot
from stt_monitor.core.wire_frame import FrameKind, WireFrame
from stt_monitor.recording.finding import find_recording
from stt_monitor.recording.manifest import AUDIO, EVENTS, GROUP, MANIFEST, GroupManifest
from stt_monitor.recording.player import Player
from stt_monitor.recording.reader import Recording, open_recording
from stt_monitor.recording.recorder import Recorder
from stt_monitor.recording.replay import BROKEN_OFF, fold
from stt_monitor.recording.saved_files import SavedFiles
from stt_monitor.recording.session_files import Item
from stt_monitor.recording.writer import _reason
from stt_monitor.session.sources import Reference

if TYPE_CHECKING:
    from stt_monitor.core.records.lines import Record

LIMIT = 1 << 30
TOO_LARGE = "it exceeds the limit on all recordings (0 MB)"


@pytest.fixture
def wav(tmp_path: Path) -> Path:
    return write_wav(tmp_path / "half a second.wav", 0.55)


async def record(wav: Path, directory: Path, limit: int = LIMIT) -> tuple[Watched, Recording]:
    detector = make_detector(AudioFormat(Encoding.PCM_S16LE, 16_000))
    async with ScriptedService(polite) as service:
        url = service.url.replace("http://", "http://who:pass-hush@") + "?access_token=token-hush&trace=1"
        recorder = Recorder(directory, limit)
        watched = Watched(wav, url, reference=Reference("vad", detector), observer=recorder)
        await watched.run()
    assert recorder.state is not None
    return watched, open_recording(Path(recorder.state.path))


async def test_a_recording_tells_the_session_again_to_the_last_digit(wav: Path, tmp_path: Path):
    watched, recording = await record(wav, tmp_path / "kept")
    records: list[Record] = []
    folded = fold(recording, records.append)
    assert records == watched.records
    assert folded.snapshot == watched.snapshots[-1]
    assert any(isinstance(record, TurnRecord) for record in records)
    assert isinstance(records[-1], SummaryRecord)


async def test_the_wire_log_of_a_replay_is_that_of_the_session(wav: Path, tmp_path: Path):
    async def script(dialogue: Dialogue) -> None:
        await dialogue.say("connected")
        await dialogue.socket.send(b"bytes")
        await (await dialogue.socket.ping(b"well?"))
        await dialogue.hear_close()
        await dialogue.socket.close(1013, "later\x1b[2J, with sk_car_hush")

    recorder = Recorder(tmp_path / "kept", LIMIT)
    async with ScriptedService(script, polite) as service:
        watched = Watched(wav, service.url, key="sk_car_hush", observer=recorder)
        for seconds in (0.2, 0.3):
            tune = Tune(TurnSettings(end_threshold=seconds))
            asyncio.get_running_loop().call_later(seconds, watched.session.send, tune)
        await watched.run()
    kinds = Counter((frame.kind, frame.sent) for frame in watched.frames)
    assert set(kinds) == {(FrameKind.HANDSHAKE, False)} | {
        (kind, sent) for kind in FrameKind for sent in (True, False) if kind is not FrameKind.HANDSHAKE
    }
    texts = [json.loads(frame.text or "")["type"] for frame in watched.frames if frame.sent and is_text(frame)]
    assert texts == ["config", "config", "close"]
    assert recorder.state is not None
    frames: list[WireFrame] = []
    over = threading.Event()
    player = Player(open_recording(Path(recorder.state.path)), speed=math.inf)
    player.subscribe(lambda snapshot: None if snapshot.running else over.set(), on_frame=frames.append)
    player.send(Start())
    assert await asyncio.to_thread(over.wait, 20)
    player.close()
    assert frames == watched.frames
    assert "hush" not in repr(frames)


def is_text(frame: WireFrame) -> bool:
    return frame.kind is FrameKind.TEXT


async def test_its_audio_is_what_was_sent(wav: Path, tmp_path: Path):
    _, recording = await record(wav, tmp_path / "kept")
    assert recording.audio_path is not None
    samples, rate = soundfile.read(recording.audio_path, dtype="int16")
    assert rate == 16_000
    assert samples.tobytes() == wav_bytes(wav)


async def test_its_manifest_says_what_it_is(wav: Path, tmp_path: Path):
    watched, recording = await record(wav, tmp_path / "kept")
    manifest = recording.manifest
    assert manifest.session == watched.records[0]
    assert manifest.program.startswith("stt-monitor ")
    assert (manifest.ended, manifest.turns) == ("finished", 1)
    assert manifest.seconds == pytest.approx(watched.summary.t, abs=0.001)
    local = datetime.fromisoformat(manifest.session.started_at).astimezone()
    assert recording.name == f"{local:%Y-%m-%d_%H-%M-%S}_half-a-second"
    assert not recording.growing
    assert isinstance(next(recording.entries()), Began)


async def test_no_secret_is_in_any_of_its_files(wav: Path, tmp_path: Path):
    _, recording = await record(wav, tmp_path / "kept")
    files = list(recording.path.iterdir())
    assert {file.name for file in files} == {AUDIO, EVENTS, MANIFEST}
    for file in files:
        assert b"hush" not in file.read_bytes(), file.name


async def test_the_session_says_that_it_is_kept(wav: Path, tmp_path: Path):
    watched, recording = await record(wav, tmp_path / "kept")
    (said,) = [record for record in watched.records if isinstance(record, RecordingRecord)]
    assert (said.path, said.stopped, said.deleted) == (str(recording.path), "", 0)
    assert watched.snapshots[-1].recording is not None
    assert watched.snapshots[-1].recording.path == str(recording.path)


async def test_a_session_without_sound_is_not_kept(wav: Path, tmp_path: Path):
    recorder = Recorder(tmp_path / "kept", LIMIT)
    watched = Watched(wav, "http://127.0.0.1:1", observer=recorder)
    watched.session.send(Stop())
    await watched.run()
    assert recorder.state is None
    assert list((tmp_path / "kept").iterdir()) == []


async def test_two_sessions_in_one_second_get_a_folder_each(wav: Path, tmp_path: Path):
    (_, one), (_, other) = await asyncio.gather(record(wav, tmp_path / "kept"), record(wav, tmp_path / "kept"))
    assert one.path != other.path
    assert len(recordings_in(tmp_path / "kept")) == 2


async def test_a_place_that_cannot_be_written_to_ends_the_recording_alone(wav: Path, tmp_path: Path):
    (tmp_path / "kept").write_text("a file where a directory should be")
    async with ScriptedService(polite) as service:
        watched = Watched(wav, service.url, observer=Recorder(tmp_path / "kept", LIMIT))
        await watched.run()
    (said,) = [record for record in watched.records if isinstance(record, RecordingRecord)]
    assert "file exists" in said.stopped
    assert watched.summary.transcript == "Hello there."


async def test_a_torn_last_line_is_passed_over_wherever_it_is_torn(wav: Path, tmp_path: Path):
    _, recording = await record(wav, tmp_path / "kept")
    whole = (recording.path / EVENTS).read_bytes()
    entries = list(recording.entries())
    for cut in range(whole.rindex(b"\n", 0, -1), len(whole)):
        (recording.path / EVENTS).write_bytes(whole[:cut])
        assert list(recording.entries()) == entries[: whole[:cut].count(b"\n")]
    (recording.path / EVENTS).write_bytes(whole[:-20] + bytes(300))  # what a power cut leaves on some file systems
    assert list(recording.entries()) == entries[:-1]
    last = fold(recording).snapshot
    assert last.detail == BROKEN_OFF
    assert not last.running


class Busy(deque[Item]):
    """What waits in a session that makes another entry whenever one is taken to be written."""

    def popleft(self) -> Item:
        if len(self) < 1000:
            self.extend([CloseSent(1.0), CloseSent(2.0)])
        return super().popleft()


def test_what_comes_while_it_writes_is_for_the_next_time(tmp_path: Path):
    session = SessionRecord("2026-01-01T00:00:00Z", "a.wav", "", "ink-2", "pcm_s16le", 16_000, 100, Settings(), "none")
    waiting = Busy([CloseSent(0.0)])
    with closing(SavedFiles(tmp_path, ())) as pen:
        pen.write("", deque([Began(session)]))
        for written in (1, 2, 4, 8):
            pen.write("", waiting)
            assert len(waiting) == 2 * written
    assert len(list(open_recording(tmp_path).entries())) == 1 + 15


def stopped_recording(snapshot: Snapshot) -> bool:
    return snapshot.recording is not None and bool(snapshot.recording.stopped)


@pytest.mark.parametrize("place", ["first", "later"])
async def test_an_entry_that_cannot_be_written_down_ends_the_recording_and_is_told(
    wav: Path, tmp_path: Path, place: str
):
    """Whatever an entry has in it that JSON cannot take: what came before it is kept."""
    recorder = Recorder(tmp_path / "kept", LIMIT)

    async def script(dialogue: Dialogue) -> None:
        await dialogue.say("connected")
        await dialogue.hear(0.4)
        watched.session._log.append(Failed(watched.session._log.now(), "\ud800"))
        await watched.until(stopped_recording)  # else the summary may be told before that is known
        await polite(dialogue)

    name = "\ud800.wav" if place == "first" else "a.wav"
    async with ScriptedService(script) as service:
        watched = Watched(Named(wav, name), service.url, observer=recorder)
        outcome = await watched.run()
    assert outcome.exit_code == 0
    assert watched.summary.transcript == "Hello there."
    stopped = [record.stopped for record in watched.records if isinstance(record, RecordingRecord)][-1]
    assert stopped.startswith("a bug of stt-monitor (UnicodeEncodeError: ")
    assert watched.summary.recording_stopped == stopped
    assert watched.snapshots[-1].recording is not None
    assert watched.snapshots[-1].recording.stopped == stopped
    if place == "first":
        assert list((tmp_path / "kept").iterdir()) == []  # nothing that could be read again
    else:
        (recording,) = recordings_in(tmp_path / "kept")
        assert recording.manifest.ended == stopped
        assert [entry for entry in recording.entries() if isinstance(entry, Received)]


class Named(FileSource):
    """A recording by another name."""

    def __init__(self, path: Path, name: str) -> None:
        super().__init__(open_sound(path), chunk_ms=100)
        self._name = name

    @property
    def name(self) -> str:
        return self._name


async def test_damage_is_told_with_its_place(wav: Path, tmp_path: Path):
    _, recording = await record(wav, tmp_path / "kept")
    lines = (recording.path / EVENTS).read_bytes().splitlines(keepends=True)
    (recording.path / EVENTS).write_bytes(b"".join([*lines[:3], b'{"kind":"dance"}\n', *lines[3:]]))
    with pytest.raises(InputError, match=r"events\.jsonl: line 4 is damaged .*dance"):
        fold(recording)
    ends = len(lines)
    for after in (lines, lines[-1:]):
        (recording.path / EVENTS).write_bytes(b"".join([*lines, *after]))
        with pytest.raises(InputError, match=rf"line {ends + 1} is damaged \(it follows the end of the session\)"):
            fold(recording)
    (recording.path / EVENTS).write_bytes(b"".join([*lines[:-1], *lines]))
    with pytest.raises(InputError, match=rf"line {ends} is damaged \(it begins the session a second time\)"):
        fold(recording)
    sent = next(number for number, line in enumerate(lines) if b'"kind":"sent"' in line)
    (recording.path / EVENTS).write_bytes(
        b"".join([*lines[:sent], re.sub(rb'_at":[^,}]*', b'_at":1e308', lines[sent])])
    )
    with pytest.raises(InputError, match=rf"line {sent + 1} is damaged \(Expected `float` <= 1000000000"):
        fold(recording)
    (recording.path / EVENTS).write_bytes(b"".join(lines[1:]))
    with pytest.raises(InputError, match="the beginning of the recording is missing"):
        fold(recording)
    (recording.path / EVENTS).write_bytes(b"")
    with pytest.raises(InputError, match="empty; the program was stopped"):
        fold(recording)
    (recording.path / EVENTS).unlink()
    with pytest.raises(InputError, match="No such file"):
        fold(recording)
    shutil.copy(wav, recording.path / MANIFEST)
    with pytest.raises(InputError, match=r"manifest\.json: damaged"):
        open_recording(recording.path)
    (recording.path / MANIFEST).write_text('{"form": 99}')
    with pytest.raises(InputError, match=r"newer stt-monitor .*upgrade"):
        open_recording(recording.path)
    with pytest.raises(InputError, match="no saved session in this folder"):
        open_recording(tmp_path)


async def test_a_recording_is_found_by_path_by_name_and_as_the_last(wav: Path, tmp_path: Path):
    kept = tmp_path / "kept"
    with pytest.raises(InputError, match=r"no saved sessions in .*kept yet"):
        find_recording("last", kept)
    _, first = await record(wav, kept)
    _, second = await record(wav, kept)
    assert find_recording("last", kept).path == second.path
    assert find_recording(first.name, kept).path == first.path
    assert find_recording(str(first.path), tmp_path).path == first.path
    assert find_recording(str(first.path / MANIFEST), tmp_path).path == first.path
    assert find_recording("demo", kept).source == "bundled sample"
    with pytest.raises(InputError, match=r"no saved session named 'nothing'.*stt-monitor recordings"):
        find_recording("nothing", kept)


async def test_the_oldest_make_room_and_it_is_said(wav: Path, tmp_path: Path):
    kept = tmp_path / "kept"
    _, first = await record(wav, kept)
    _, second = await record(wav, kept)
    os.utime(first.path / MANIFEST, (1, 1))
    (first.path / "notes.txt").write_text("mine")
    somebody_elses = kept / "photos"
    somebody_elses.mkdir()
    (somebody_elses / "events.jsonl").write_bytes(bytes(100_000))
    watched, third = await record(wav, kept, limit=2 * first.size + 2000)
    assert [recording.path for recording in recordings_in(kept)] == [second.path, third.path]
    assert (first.path / "notes.txt").read_text() == "mine"
    assert not (first.path / AUDIO).exists()
    assert (somebody_elses / "events.jsonl").exists()
    assert [record.deleted for record in watched.records if isinstance(record, RecordingRecord)][-1] == 1


async def test_what_others_have_is_neither_counted_nor_deleted(wav: Path, tmp_path: Path):
    kept, elsewhere = tmp_path / "kept", tmp_path / "elsewhere"
    _, moved = await record(wav, elsewhere)
    _, first = await record(wav, kept)
    (kept / "linked").symlink_to(moved.path)
    theirs = {
        "extension": '{"manifest_version": 3, "name": "an extension"}',
        "podcast": '{"name": "podcast", "session": "S1", "audio": {"sample_rate": 16000}}',
        "list": "[]",
        "empty": "",
        "newer": '{"form": 99}',
    }
    for name, text in theirs.items():
        (kept / name).mkdir()
        (kept / name / MANIFEST).write_text(text)
        (kept / name / AUDIO).write_bytes(bytes(100_000))
    (kept / "copied").mkdir()  # our manifest, beside a journal of theirs
    shutil.copy(first.path / MANIFEST, kept / "copied")
    (kept / "copied" / EVENTS).write_bytes(b'{"theirs": 1}\n' * 10_000)
    shutil.copytree(first.path, kept / "replaced")
    (kept / "replaced" / AUDIO).write_bytes(bytes(100_000))
    shutil.copytree(first.path, kept / "together" / "cartesia")
    (kept / "together" / GROUP).write_bytes(
        msgspec.json.encode(GroupManifest(("cartesia",), "a", first.started_at, first.manifest.audio))
    )
    (kept / "together" / AUDIO).write_bytes(bytes(100_000))
    (kept / "borrowed").mkdir()
    (kept / "borrowed" / AUDIO).write_bytes(bytes(100_000))
    (kept / "borrowed" / MANIFEST).symlink_to(first.path / MANIFEST)
    (kept / "file").write_text("no folder")
    before = {path for path in kept.rglob("*") if first.path not in path.parents and path != first.path}
    _, second = await record(wav, kept, limit=first.size + 3000)
    assert second.manifest.ended == "finished"
    assert not first.path.exists()
    assert before <= set(kept.rglob("*"))
    assert {file.name for file in moved.path.iterdir()} == {AUDIO, EVENTS, MANIFEST}


async def test_one_that_cannot_be_deleted_stays_and_the_next_goes(wav: Path, tmp_path: Path):
    kept = tmp_path / "kept"
    _, first = await record(wav, kept)
    _, second = await record(wav, kept)
    os.utime(first.path / MANIFEST, (1, 1))
    (first.path / f"{MANIFEST}.new").mkdir()
    watched, third = await record(wav, kept, limit=second.size + first.size + 2000)
    assert third.manifest.ended == "finished"
    assert first.path.exists()
    assert not second.path.exists()
    assert [record.deleted for record in watched.records if isinstance(record, RecordingRecord)][-1] == 1


async def test_one_that_is_being_written_makes_no_room(wav: Path, tmp_path: Path):
    kept = tmp_path / "kept"

    async def slow(dialogue: Dialogue) -> None:
        await dialogue.say("connected")
        await dialogue.hear(0.3)
        _, other = await record(wav, kept, limit=1000)
        assert other.manifest.ended == TOO_LARGE
        await polite(dialogue)

    async with ScriptedService(slow) as service:
        watched = Watched(wav, service.url, observer=Recorder(kept, LIMIT))
        await watched.run()
    assert watched.summary.turns == 1
    assert {recording.manifest.ended for recording in recordings_in(kept)} == {"finished", TOO_LARGE}


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (errno.ENOENT, "its files were deleted, or moved away"),  # while something was being written
        (errno.ENOSPC, "the disk is full"),
        (errno.EIO, "the disk failed (input/output error)"),
    ],
)
def test_why_a_recording_stops_is_told(number: int, said: str):
    assert _reason(OSError(number, os.strerror(number))) == said
