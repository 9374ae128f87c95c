"""Services side by side on disk: one saved session, whatever each of them was sent."""

import os
import shutil
import threading
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import msgspec
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st
from tests.recording.test_growing_wav import tone
from tests.support.examples import tried
from tests.support.kept import keep, keep_beside
from tests.support.long_session import long_session
from tests.support.patience import PATIENCE_S
from tests.support.sound import wav_bytes

from stt_monitor.audio.formats import AudioFormat, Encoding
from stt_monitor.core.commands import Seek, Start
from stt_monitor.core.errors import InputError
from stt_monitor.core.journal import Began, Entry, Finished
from stt_monitor.core.records.session import SessionRecord
from stt_monitor.core.settings.requested import Settings
from stt_monitor.core.snapshot import Snapshot
from stt_monitor.recording.cursor import Cursor
from stt_monitor.recording.finding import find_last, find_recording, find_recordings
from stt_monitor.recording.growing_wav import GrowingWav
from stt_monitor.recording.lock import lock
from stt_monitor.recording.manifest import AUDIO, COMMON_AUDIO, EVENTS, GROUP, MANIFEST, write_manifest
from stt_monitor.recording.player import Player
from stt_monitor.recording.reader import open_recording
from stt_monitor.recording.recorder import LaneRecorder, Recorders
from stt_monitor.recording.replay import fold, has_turn, replay_records
from stt_monitor.recording.retention import Retention, delete
from stt_monitor.recording.saved_sessions import RecordingGroup, list_recordings, open_saved, scan_recordings

FORMAT = AudioFormat(Encoding.PCM_S16LE, 16_000)
LIMIT = 1 << 30
NAMES = ("one", "two", "three")


def began(encoding: str = "pcm_s16le", rate: int = 16_000) -> Began:
    return Began(SessionRecord("2026-01-01T00:00:00Z", "a.wav", "", "m", encoding, rate, 100, Settings(), "none"))


def opened(path: Path) -> RecordingGroup:
    group = open_saved(path)
    assert isinstance(group, RecordingGroup)
    return group


def only(directory: Path) -> RecordingGroup:
    (group,) = list_recordings(directory)
    return opened(group.path)


# Audio


class Piece(NamedTuple):
    lane: int
    skips: int
    """Samples of the source that it does not get first; negative: gets again."""
    samples: int


pieces = st.lists(
    st.builds(Piece, st.integers(0, 2), st.sampled_from([0] * 12 + [-300, 250]), st.integers(1, 400)), max_size=60
)


@given(pieces)
@tried(25)
def test_each_services_audio_is_what_it_was_sent_whatever_the_others_got(
    tmp_path_factory: pytest.TempPathFactory, sent: list[Piece]
):
    source = bytes(os.urandom(2 * 40_000))
    directory = tmp_path_factory.mktemp("kept")
    recorders = Recorders(directory, LIMIT, NAMES)
    lanes = [recorders(name) for name in NAMES]
    at, heard = [0, 0, 0], [bytearray(), bytearray(), bytearray()]
    diverged = [False, False, False]
    for each in lanes:
        each.on_entry(began())
        each.on_audio(0, b"")  # else nothing would be saved
    for lane, skips, samples in sent:
        start = max(0, at[lane] + skips)
        diverged[lane] |= start != at[lane]
        data = source[2 * start : 2 * (start + samples)]
        lanes[lane].on_audio(len(heard[lane]) // 2, data)
        heard[lane] += data
        at[lane] = start + len(data) // 2
    for each in lanes:
        each.close()
    group = only(directory)
    for recording, whole in zip(group.lanes, heard, strict=True):
        assert recording.audio_path is not None
        assert wav_bytes(recording.audio_path)[: len(whole)] == whole
        if recording.manifest.audio.file == AUDIO:
            assert wav_bytes(recording.audio_path) == whole
    if not any(diverged):
        assert not list(directory.glob(f"*/*/{AUDIO}"))
        assert wav_bytes(group.path / AUDIO) == max(heard, key=len)
    shutil.rmtree(directory)


def test_audio_in_another_format_is_in_a_file_of_its_own(tmp_path: Path):
    recorders = Recorders(tmp_path, LIMIT, NAMES[:2])
    one, two = recorders("one"), recorders("two")
    one.on_entry(began())
    two.on_entry(began("pcm_mulaw", 8000))
    one.on_audio(0, tone(Encoding.PCM_S16LE))
    two.on_audio(0, tone(Encoding.PCM_MULAW))
    one.close()
    two.close()
    first, second = only(tmp_path).lanes
    assert (first.manifest.audio.file, second.manifest.audio.file) == (COMMON_AUDIO, AUDIO)
    assert second.audio_path is not None
    assert (soundfile.info(second.audio_path).samplerate, soundfile.info(second.audio_path).frames) == (8000, 1600)


@pytest.mark.parametrize("encoding", Encoding)
def test_what_is_there_already_is_not_written_again_and_anything_else_not_at_all(tmp_path: Path, encoding: Encoding):
    data = tone(encoding)
    width = encoding.bytes_per_sample
    with closing(GrowingWav(tmp_path / "a.wav", AudioFormat(encoding, 8000))) as wav:
        assert wav.add(0, data[: 100 * width])
        assert wav.add(50, data[50 * width : 150 * width])  # half of it is new
        assert wav.add(0, data[: 150 * width])
        assert not wav.add(100, data[: 100 * width])
        assert wav.add(150, data[150 * width :])
        assert wav.add(1600, b"")
        with closing(GrowingWav(tmp_path / "b.wav", AudioFormat(encoding, 8000))) as other:
            other.copy(wav, 1200)
            other.flush()
        wav.flush()
    whole, _ = soundfile.read(tmp_path / "a.wav", dtype="float64")
    part, _ = soundfile.read(tmp_path / "b.wav", dtype="float64")
    assert len(whole) == 1600
    assert (part == whole[:1200]).all()


# Writing


def replayed(recorder: LaneRecorder, entries: list[Entry]) -> None:
    for entry in entries:
        recorder.on_entry(entry)
    recorder.on_audio(0, tone(Encoding.PCM_S16LE))


def writers() -> set[threading.Thread]:
    """Threads that write recordings; those of other tests may still be ending."""
    return {thread for thread in threading.enumerate() if thread.name == "recorder"}


def test_one_that_ends_early_is_complete_while_the_others_go_on(tmp_path: Path):
    before = writers()
    recorders = Recorders(tmp_path, LIMIT, NAMES)
    lanes = [recorders(name) for name in NAMES]
    for each in lanes:
        replayed(each, [began()])
    lanes[1].on_entry(Finished(1.0, 3))
    lanes[1].close()
    group = only(tmp_path)
    assert [lane.manifest.ended for lane in group.lanes] == ["", "finished", ""]
    assert group.growing
    assert group.seconds is None
    assert not Retention(tmp_path, 0).enforce(tmp_path / "other", 0)
    for place in (0, 2):
        lanes[place].on_entry(Finished(2.0, 3))
        lanes[place].close()
    group = only(tmp_path)
    assert [lane.manifest.ended for lane in group.lanes] == ["finished"] * 3
    assert not group.growing
    assert group.seconds == 2.0
    assert not writers() - before


def test_one_that_never_began_keeps_nobody_waiting(tmp_path: Path):
    before = writers()
    recorders = Recorders(tmp_path, LIMIT, NAMES[:2])
    one, _ = recorders("one"), recorders("two")
    replayed(one, [began(), Finished(1.0, 0)])
    one.close()
    (lane,) = only(tmp_path).lanes
    assert lane.manifest.ended == "finished"
    recorders("one")
    recorders("two")
    for thread in writers() - before:
        thread.join(PATIENCE_S)
        assert not thread.is_alive()


def test_a_failure_ends_all_of_it_and_is_told_by_each(tmp_path: Path):
    recorders = Recorders(tmp_path, LIMIT, NAMES[:2])
    lanes = [recorders(name) for name in NAMES[:2]]
    for each in lanes:
        replayed(each, [began()])
    states = [each.state for each in lanes]
    next(tmp_path.iterdir()).rename(tmp_path / "gone")  # at one blow: a file may just be written
    for each in lanes:
        each.close()
    assert states[0] is not None
    assert states[0] == states[1]
    assert {each.state.stopped for each in lanes if each.state} == {"its files were deleted, or moved away"}


# Deleting


def test_they_are_deleted_as_one_and_only_what_is_ours(tmp_path: Path):
    kept = tmp_path / "kept"
    kept.mkdir()
    oldest, newer = Path(keep_beside(kept / "a")), Path(keep(kept / "b"))
    for manifest in oldest.rglob("*.json"):
        os.utime(manifest, (1, 1))
    (oldest / "notes.txt").write_text("mine")
    (oldest / "flux" / "notes.txt").write_text("mine")
    (oldest / AUDIO).write_bytes(b"RIFF" + bytes(1000))
    theirs = {"photos": '{"kind": "album"}', "newer": '{"kind": "side_by_side", "form": 99}', "odd": "[]"}
    for name, text in theirs.items():
        (kept / name).mkdir()
        (kept / name / GROUP).write_text(text)
        (kept / name / AUDIO).write_bytes(bytes(100_000))
    size = sum(session.size for session in list_recordings(kept))
    assert size > 1000
    retention = Retention(kept, size - 1)
    assert retention.enforce(kept / "new", 0)
    assert retention.deleted == 1
    assert {str(file.relative_to(oldest)) for file in oldest.rglob("*") if file.is_file()} == {
        "notes.txt", "flux/notes.txt",
    }  # fmt: skip
    assert not (oldest / "cartesia").exists()
    assert (newer / EVENTS).exists()
    assert all((kept / name / AUDIO).exists() for name in theirs)
    assert len(scan_recordings(kept)[1]) == len(theirs)


def test_a_manifest_leads_to_no_other_folder(tmp_path: Path):
    elsewhere = Path(keep(tmp_path / "elsewhere"))
    group = Path(keep_beside(tmp_path / "group"))
    shutil.rmtree(group / "flux")
    (group / "flux").symlink_to(elsewhere)
    assert delete(group)
    assert open_recording(elsewhere)
    odd = [[name] for name in ("..", "../elsewhere", "/tmp", "", "a/b", ".")]
    for services in (*odd, [], ["flux", "flux"]):
        bad = Path(keep_beside(tmp_path / "bad"))
        manifest = msgspec.json.decode((bad / GROUP).read_bytes())
        (bad / GROUP).write_bytes(msgspec.json.encode({**manifest, "services": services}))
        with pytest.raises(InputError, match=r"group\.json: damaged"):
            open_saved(bad)
        shutil.rmtree(bad)


# Finding


def test_a_group_is_found_by_path_name_beginning_and_as_the_last(tmp_path: Path):
    kept = tmp_path / "kept"
    kept.mkdir()
    first = keep_beside(kept / "2026-11-22_09-00-00_talk")
    keep(kept / "2026-11-23_10-00-00_talk", texts=())
    found = opened(Path(first))
    for name in (found.name, first, f"{first}/{GROUP}", "2026-11-22", "last"):
        assert find_recording(name, kept) == found
    for name in (f"{found.name}/flux", f"{first}/flux", "2026-11-22/flux", "last/flux"):
        assert find_recording(name, kept) == found.lanes[1]
    assert found in find_recordings(str(kept), tmp_path)
    with pytest.raises(InputError, match=r"2 saved sessions begin with '2026': write more of it, such as 2026-11-2"):
        find_recording("2026", kept)
    for name in ("2025", "2026-11-22/nothing", "last/nothing", "2026-11-22/flux/x"):
        with pytest.raises(InputError):
            find_recording(name, kept)


def test_the_last_is_one_in_which_any_service_finished_a_turn(tmp_path: Path):
    group = Path(keep_beside(tmp_path / "a"))
    assert find_last(tmp_path).recording == opened(group)
    for service, turns in (("cartesia", 0), ("flux", 1)):
        manifest = msgspec.structs.replace(open_recording(group / service).manifest, turns=turns)
        write_manifest(group / service, manifest)
    assert has_turn(opened(group))
    write_manifest(group / "flux", msgspec.structs.replace(manifest, turns=0))
    assert not has_turn(opened(group))


def test_a_service_that_cannot_be_read_hides_no_other(tmp_path: Path):
    group = Path(keep_beside(tmp_path / "a"))
    (group / "cartesia" / MANIFEST).write_text("{")
    found = opened(group)
    assert [lane.path.name for lane in found.lanes] == ["flux"]
    assert [each.name for each in found.unreadable] == ["cartesia"]
    assert "cartesia/manifest.json: damaged" in found.unreadable[0].reason
    (group / "flux" / MANIFEST).unlink()
    with pytest.raises(InputError, match="no session in it can be read"):
        open_saved(group)
    assert [each.name for each in scan_recordings(tmp_path)[1]] == ["a"]


def test_one_that_is_being_written_is_told_as_such(tmp_path: Path):
    keep(tmp_path / "a")
    journal = tmp_path / "a" / EVENTS
    journal.write_bytes(journal.read_bytes().rpartition(b'{"kind":"finished"')[0])
    recording = open_recording(tmp_path / "a")
    assert fold(recording).snapshot.detail == "the recording breaks off here"
    with journal.open("rb+", buffering=0) as file:
        lock(file)
        assert fold(recording).snapshot.detail == "it is still being recorded"


# Replaying


def test_they_are_told_together_in_the_order_of_time(tmp_path: Path):
    group = opened(Path(keep_beside(tmp_path / "a")))
    times: list[float] = []
    together = list(replay_records(group, times.append))
    assert times == sorted(times)
    for lane in group.lanes:
        own = [msgspec.structs.replace(record, service=lane.path.name) for record in replay_records(lane)]
        assert [record for record in together if record.service == lane.path.name] == own
    assert len(together) == sum(len(list(replay_records(lane))) for lane in group.lanes)


@pytest.fixture(scope="session")
def group(tmp_path_factory: pytest.TempPathFactory) -> RecordingGroup:
    return opened(Path(keep_beside(tmp_path_factory.mktemp("kept") / "a", eots=(0.4, 1.7))))


jumps = st.lists(st.one_of(st.floats(0, 32), st.just("rewind"), st.just("turn"), st.integers(1, 40)), max_size=8)


@given(jumps)
@tried(30)
def test_wherever_it_is_sought_each_service_is_as_if_replayed_alone(group: RecordingGroup, jumps: list[object]):
    together = Cursor(group, lambda *_: None)
    for jump in jumps:
        match jump:
            case "rewind":
                together.rewind()
            case "turn":
                together.skip_to_next_turn()
            case int():
                together.play_to_event(jump)
            case float():
                together.skip_to(jump)
    at = together.at
    alone = [Cursor(lane, lambda *_: None) for lane in group.lanes]
    for one in alone:
        one.skip_to(at)
    assert together.next_at is None or together.next_at >= at
    together.skip_to(at)  # what is at the same time
    assert together.snapshots(at, running=True) == tuple(one.snapshots(at, running=True)[0] for one in alone)


def test_one_that_is_over_runs_no_more_while_the_others_go_on(tmp_path: Path):
    folder = Path(keep_beside(tmp_path / "a"))
    shutil.rmtree(folder / "flux")
    keep(folder / "flux", texts=("Hello there.",) * 2, service="flux")
    player = Player(opened(folder), paused=True)
    shown: list[Snapshot] = []
    over = threading.Event()

    def show(snapshot: Snapshot) -> None:
        shown.append(snapshot)
        if not snapshot.running:
            over.set()

    player.subscribe(show)
    player.send(Start())
    for by in (20.0, 20.0):
        player.send(Seek(by))
    assert over.wait(PATIENCE_S)
    player.close()
    states = [(each.running, *(lane.running for lane in each.lanes)) for each in shown]
    assert states == [(True, True, True), (True, True, False), (False, False, False)]


def test_a_long_one_is_told_together_as_alone(tmp_path: Path):
    entries = list(long_session(20))
    recorders = Recorders(tmp_path, LIMIT, NAMES[:2])
    lanes = [recorders(name) for name in NAMES[:2]]
    for each in lanes:
        replayed(each, entries)
    for each in lanes:
        each.close()
    found = only(tmp_path)
    assert [list(lane.entries()) for lane in found.lanes] == [entries, entries]
    assert len(list(replay_records(found))) == 2 * len(list(replay_records(found.lanes[0])))
