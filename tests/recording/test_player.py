"""A recording on the player's thread, as a screen would see it."""

import math
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest
from tests.support.long_session import CHUNK_S, TURN_CHUNKS, long_session
from tests.support.patience import PATIENCE_S

from stt_monitor.core.commands import (
    ChooseInput,
    FindOptions,
    Mute,
    RetryNow,
    Seek,
    SeekTo,
    SeekTurn,
    Speed,
    Start,
    Step,
    Stop,
    Tune,
)
from stt_monitor.core.journal import Began, Entry, FramePassed
from stt_monitor.core.session_options import SampleChoice, SourceKind
from stt_monitor.core.settings.requested import TurnSettings
from stt_monitor.core.snapshot import Snapshot
from stt_monitor.core.wire_frame import FrameKind, WireFrame
from stt_monitor.recording.manifest import EVENTS, FINISHED, FORMAT, Manifest, StoredAudio, write_manifest
from stt_monitor.recording.player import Player
from stt_monitor.recording.reader import Recording, open_recording
from stt_monitor.recording.replay import fold

TURNS = 6
EVENTS_A_TURN = 11
TURN_S = TURN_CHUNKS * CHUNK_S


@pytest.fixture(scope="session")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Recording:
    return write(tmp_path_factory.mktemp("kept"), list(long_session(TURNS)))


def write(folder: Path, entries: list[Entry], form: int = FORMAT) -> Recording:
    (folder / EVENTS).write_bytes(b"".join(msgspec.json.encode(entry) + b"\n" for entry in entries))
    began = entries[0]
    assert isinstance(began, Began)
    manifest = Manifest(began.session, StoredAudio("pcm_s16le", 16_000), form, ended=FINISHED, seconds=entries[-1].at)
    write_manifest(folder, manifest)
    return open_recording(folder)


class Viewer:
    """Sees what a screen would be shown."""

    def __init__(self, player: Player) -> None:
        self.player = player
        self.snapshots: list[Snapshot] = []
        self.frames: list[WireFrame] = []
        self._news = threading.Condition()
        player.subscribe(self.see, on_frame=self.frames.append)

    def until(self, true: Callable[[Snapshot], bool]) -> Snapshot:
        """Wait for a snapshot, after those that were asked for before, of which something is true."""
        with self._news:
            assert self._news.wait_for(lambda: any(map(true, self.snapshots)), PATIENCE_S), self.snapshots[-1:]
            while not true(self.snapshots[0]):
                del self.snapshots[0]
            return self.snapshots.pop(0)

    def see(self, snapshot: Snapshot) -> None:
        with self._news:
            self.snapshots.append(snapshot)
            self._news.notify_all()


@pytest.fixture
def watch(recording: Recording) -> Iterator[Callable[..., Viewer]]:
    players = []

    def make(speed: float = 1.0, *, paused: bool = False) -> Viewer:
        players.append(Player(recording, speed=speed, paused=paused))
        return Viewer(players[-1])

    yield make
    for player in players:
        player.close()


def as_it_was(snapshot: Snapshot) -> Snapshot:
    """Without what says that it is a replay."""
    audio = msgspec.structs.replace(snapshot.audio, kind=SourceKind.FILE, quiet=False)
    return msgspec.structs.replace(snapshot, audio=audio, playback=None)


Watch = Callable[..., Viewer]


@pytest.mark.parametrize("speed", [20.0, 100.0, math.inf])
def test_the_end_is_the_same_at_any_speed(recording: Recording, watch: Watch, speed: float):
    viewer = watch(speed)
    viewer.player.send(Start())
    last = viewer.until(lambda snapshot: not snapshot.running)
    assert as_it_was(last) == fold(recording).snapshot
    assert not viewer.player.running
    assert (
        len([each for each in viewer.frames if not each.sent and each.kind is FrameKind.TEXT])
        == TURNS * EVENTS_A_TURN + 1
    )


def test_the_end_is_the_same_step_by_step_and_back(recording: Recording, watch: Watch):
    viewer = watch(paused=True)
    viewer.player.send(Start())
    shown = viewer.until(lambda snapshot: snapshot.running)
    assert shown.playback is not None
    assert shown.playback.paused
    steps = []
    for _ in range(TURNS * EVENTS_A_TURN + 1):
        viewer.player.send(Step(1))
        steps.append(viewer.until(lambda _: True))
    texts = [step.open_turn.transcript for step in steps if step.open_turn is not None]
    assert texts[:3] == ["", "I", "I would like"]
    for _ in range(5):
        viewer.player.send(Step(-1))
        again = viewer.until(lambda _: True)
    assert as_it_was(again) == as_it_was(steps[-6])
    viewer.player.send(Seek(1e6))
    last = viewer.until(lambda snapshot: not snapshot.running)
    assert as_it_was(last) == fold(recording).snapshot  # the time too: nothing lies beyond the end


@pytest.mark.parametrize("paused", [True, False])
def test_it_never_stands_beyond_the_end(recording: Recording, watch: Watch, *, paused: bool):
    viewer = watch(0.25, paused=paused)
    viewer.player.send(Start())
    viewer.until(lambda snapshot: snapshot.running)
    end = recording.manifest.seconds
    assert end is not None
    for by in (end - 1.0, 10.0, 10.0):
        viewer.player.send(Seek(by))
        last = viewer.until(lambda snapshot: snapshot.at > end - 2.0)
        assert last.at <= end
    assert (last.at, last.running) == (end, False)
    viewer.player.send(Seek(-1.0))
    assert viewer.until(lambda snapshot: snapshot.at < end).at == pytest.approx(end - 1.0)


def test_it_runs_with_the_clock(watch: Watch):
    viewer = watch(4.0)
    viewer.player.send(Start())
    first = viewer.until(lambda snapshot: snapshot.audio.position > 0)
    later = viewer.until(lambda snapshot: snapshot.at > first.at + 1)
    assert first.audio.kind is SourceKind.REPLAY
    assert later.audio.position == pytest.approx(later.at - 0.3, abs=0.15)


def test_of_a_recording_from_before_all_frames_were_kept_the_goodbye_is_seen(tmp_path: Path):
    player = Player(
        write(tmp_path, [each for each in long_session(1) if type(each) is not FramePassed], 1), speed=math.inf
    )
    viewer = Viewer(player)
    player.send(Start())
    viewer.until(lambda snapshot: not snapshot.running)
    player.close()
    assert {frame.kind for frame in viewer.frames} == {FrameKind.TEXT, FrameKind.BINARY}
    assert [frame.text for frame in viewer.frames if frame.sent and frame.text] == ['{"type":"close"}']


def test_seeking_goes_both_ways(watch: Watch):
    viewer = watch(paused=True)
    viewer.player.send(Start())
    viewer.until(lambda snapshot: snapshot.running)
    viewer.player.send(Seek(10.0))
    there = viewer.until(lambda _: True)
    assert there.at == 10.0
    assert there.audio.position == pytest.approx(9.6, abs=0.11)
    viewer.player.send(Seek(-4.0))
    back = viewer.until(lambda _: True)
    assert back.at == 6.0
    assert len(back.finished) < len(there.finished)
    viewer.player.send(Seek(-100))
    assert viewer.until(lambda _: True).at == 0.0


def test_wherever_one_goes_every_frame_is_seen_once_and_in_order(watch: Watch):
    straight = watch(math.inf)
    straight.player.send(Start())
    straight.until(lambda snapshot: not snapshot.running)
    viewer = watch(paused=True)
    player = viewer.player
    player.send(Start())
    viewer.until(lambda snapshot: snapshot.running)
    jumps = (Seek(4), Seek(-3), SeekTo(2.0), SeekTo(-1.0), SeekTurn(1), SeekTurn(-1))
    for command in (Step(1), Step(1), Step(-1), Step(1), *jumps):
        player.send(command)
        viewer.until(lambda _: True)
    assert viewer.frames == straight.frames[: len(viewer.frames)]
    player.send(Seek(1e6))
    viewer.until(lambda snapshot: not snapshot.running)
    assert viewer.frames == straight.frames


def test_seeking_to_a_time(watch: Watch):
    viewer = watch(paused=True)
    viewer.player.send(Start())
    viewer.until(lambda snapshot: snapshot.running)
    for at, arrived in ((4.0, 4.0), (1.5, 1.5), (-1.0, 0.0)):
        viewer.player.send(SeekTo(at))
        assert viewer.until(lambda _: True).at == pytest.approx(arrived)


def test_seeking_by_turns(watch: Watch):
    viewer = watch(paused=True)
    viewer.player.send(Start())
    viewer.until(lambda snapshot: snapshot.running)
    numbers = []
    for by in (1, 1, 1, -1, -1):
        viewer.player.send(SeekTurn(by))
        turn = viewer.until(lambda _: True).open_turn
        assert turn is not None
        numbers.append(turn.number)
    assert numbers == [1, 2, 3, 2, 1]


def test_pause_and_speed(watch: Watch):
    viewer = watch(1.0)
    viewer.player.send(Start())
    viewer.until(lambda snapshot: snapshot.at > 0.2)
    viewer.player.send(Mute(on=True))
    held = viewer.until(lambda snapshot: snapshot.audio.quiet)
    viewer.player.send(Speed(2))
    faster = viewer.until(lambda _: True)
    assert faster.playback is not None
    assert (faster.playback.speed, faster.at) == (4.0, held.at)
    viewer.player.send(Speed(-1))
    viewer.player.send(Speed(100))
    assert viewer.until(lambda s: s.playback is not None and s.playback.speed == math.inf).at == held.at
    viewer.player.send(Mute(on=False))
    assert viewer.until(lambda snapshot: not snapshot.running).at > TURNS * TURN_S


@pytest.mark.parametrize(("speed", "by", "becomes"), [
    (math.inf, 1, math.inf), (math.inf, -1, 32.0), (32.0, 1, math.inf), (32.0, 2, math.inf), (0.25, -1, 0.25),
    (20.0, 1, 32.0), (20.0, -1, 16.0), (1000.0, 1, math.inf), (1000.0, -1, 32.0), (0.01, -1, 0.01), (0.01, 1, 0.25),
])  # fmt: skip
def test_speed_changes_from_any_speed_and_stays_at_the_ends(watch: Watch, speed: float, by: int, becomes: float):
    viewer = watch(speed, paused=True)
    viewer.player.send(Start())
    viewer.until(lambda snapshot: snapshot.running)
    viewer.player.send(Speed(by))
    playback = viewer.until(lambda _: True).playback
    assert playback is not None
    assert playback.speed == becomes


def test_a_bug_on_the_player_s_thread_is_said_and_written_down_and_keys_go_on_working(
    recording: Recording, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    player = Player(recording, paused=True)
    viewer = Viewer(player)

    def on_frame(_: WireFrame) -> None:
        raise LookupError

    player.subscribe(viewer.see, on_frame=on_frame)
    player.send(Start())
    viewer.until(lambda snapshot: snapshot.running)
    player.send(Step(1))
    stopped = viewer.until(lambda snapshot: bool(snapshot.error))
    assert not stopped.running
    assert stopped.error.startswith("a bug of stt-monitor (LookupError in test_player.py")
    assert "LookupError" in (tmp_path / "stt-monitor" / "log" / "errors.log").read_text()
    player.send(Speed(1))
    assert viewer.until(lambda snapshot: snapshot.playback is not None and snapshot.playback.speed == 2.0).error
    player.close()


def test_it_stops_where_it_is_and_goes_on_and_begins_again_after_the_end(watch: Watch):
    viewer = watch(1.0)
    viewer.player.send(Start())
    viewer.until(lambda snapshot: snapshot.at > 0.3)
    viewer.player.send(Stop())
    stopped = viewer.until(lambda snapshot: not snapshot.running)
    viewer.player.send(Start())
    assert viewer.until(lambda snapshot: snapshot.running).at == pytest.approx(stopped.at, abs=0.05)
    viewer.player.send(Seek(1e6))
    viewer.until(lambda snapshot: not snapshot.running)
    viewer.player.send(Start())
    assert viewer.until(lambda snapshot: snapshot.running).at < 1


def test_what_cannot_be_changed_is_said(watch: Watch):
    viewer = watch(paused=True)
    viewer.player.send(Start())
    viewer.player.send(Tune(TurnSettings(end_threshold=0.1)))
    assert "this is a replay" in viewer.until(lambda snapshot: bool(snapshot.error)).error
    viewer.player.send(ChooseInput(SampleChoice()))
    viewer.player.send(RetryNow())
    offered = threading.Event()
    viewer.player.send(FindOptions(lambda offers: offered.set() if offers.problem else None))
    assert offered.wait(PATIENCE_S)


@pytest.mark.parametrize("doubled", [False, True])
def test_damage_further_on_is_said_when_it_is_reached(
    recording: Recording, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, doubled: bool
):
    monkeypatch.setattr("stt_monitor.recording.reader._BLOCK", 4096)
    whole = (recording.path / EVENTS).read_bytes()
    (tmp_path / EVENTS).write_bytes(whole + (whole if doubled else b"{}\n"))
    player = Player(recording._replace(path=tmp_path), speed=math.inf)
    viewer = Viewer(player)
    player.send(Start())
    assert "events.jsonl: line" in viewer.until(lambda snapshot: bool(snapshot.error)).error
    player.close()
