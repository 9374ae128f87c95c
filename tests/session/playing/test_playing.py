"""Hearing a turn: what is played is what was sent, and the cursor is where it is heard."""

import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from queue import SimpleQueue

import msgspec
import numpy as np
import pytest
import soundfile
from tests.support.kept import keep
from tests.support.loudspeaker import Loudspeaker, play, until_silent
from tests.support.microphone import needs_portaudio
from tests.support.patience import PATIENCE_S

from stt_monitor.audio.formats import AudioFormat, Encoding
from stt_monitor.audio.sample import SAMPLE
from stt_monitor.core.clip import Clip
from stt_monitor.core.commands import Play, Start, StopPlaying
from stt_monitor.core.records.session import RecordingState
from stt_monitor.core.snapshot import Snapshot
from stt_monitor.recording.finding import demo_recording
from stt_monitor.recording.growing_wav import GrowingWav
from stt_monitor.recording.manifest import AUDIO
from stt_monitor.recording.player import Player
from stt_monitor.recording.reader import open_recording
from stt_monitor.session.playing.hearing import Hearing
from stt_monitor.session.playing.stretches import Playing
from stt_monitor.session.switching import SwitchingController

TALK = soundfile.read(SAMPLE, dtype="int16")[0]
RATE = 16_000


def stereo(start: float, end: float | None = None) -> bytes:
    """Return the sample's audio between two positions, as two channels play it."""
    stop = None if end is None else round(start * RATE) + round((end - start) * RATE)
    return np.repeat(TALK[round(start * RATE) : stop], 2).astype("<i2").tobytes()


class Stage:
    """The demo, replayed to its end, and what is shown of it."""

    def __init__(self, folder: Path) -> None:
        self.controller = SwitchingController(None, folder, Player(demo_recording(), speed=float("inf")))
        self.snapshots: list[Snapshot] = []
        self.problems: list[str] = []
        self._over = threading.Event()
        self.controller.subscribe(self._show)
        self.controller.send(Start())
        assert self._over.wait(PATIENCE_S)

    def _show(self, shown: Snapshot) -> None:
        self.snapshots.append(shown)
        if not shown.running:
            self._over.set()

    @property
    def heard(self) -> list[float]:
        return [shown.heard for shown in self.snapshots if shown.heard is not None]

    def clip(self, turn: int) -> tuple[float, float]:
        """Return what is to be heard of a turn, by hand: 0.3 s before its speech, 0.5 s after its end."""
        each = self.snapshots[-1].finished[turn - 1]
        assert each.metrics.speech_start_position is not None
        return each.metrics.speech_start_position - 0.3, each.end_position + 0.5


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    stage = Stage(tmp_path)
    with closing(stage.controller):
        yield stage


@needs_portaudio
def test_the_chosen_turn_is_played_from_before_its_speech_until_after_its_end(
    stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    device = Loudspeaker(tmp_path, monkeypatch)
    stage.controller.send(play(stage.problems, turn=1))
    until_silent(stage.controller)
    assert device.played == stereo(*stage.clip(1))
    start, end = (stage.snapshots[-1].places.spoken_at(at) for at in stage.clip(1))
    assert stage.heard[0] == start
    assert stage.heard == sorted(stage.heard)
    assert end - 0.3 < stage.heard[-1] <= end
    assert stage.problems == []


@needs_portaudio
def test_without_a_turn_the_newest_one_is_played(stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    device = Loudspeaker(tmp_path, monkeypatch)
    stage.controller.send(play(stage.problems))
    until_silent(stage.controller)
    assert device.played == stereo(*stage.clip(9))


@needs_portaudio
def test_from_a_place_it_plays_to_the_end_of_the_audio(stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    device = Loudspeaker(tmp_path, monkeypatch)
    stage.controller.send(play(stage.problems, at=53.0))
    until_silent(stage.controller)
    assert device.played == stereo(stage.snapshots[-1].places.position_at(53.0))


@needs_portaudio
def test_it_stops_at_once_and_another_turn_takes_the_place_of_one(
    stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    device = Loudspeaker(tmp_path, monkeypatch, slow=True)
    with closing(device):
        stage.controller.send(play(stage.problems, turn=1))
        before = device.hears(20_000)
        assert stereo(*stage.clip(1)).startswith(before)
        hearing = stage.controller._playing._hearing
        assert hearing is not None
        stage.controller.send(play(stage.problems, turn=2))
        hearing.join(PATIENCE_S)
        second = stereo(stage.clip(2)[0])[:20_000]
        data = device.hears(20_000)
        while second not in data:
            data += device.hears(2000)
        hearing = stage.controller._playing._hearing
        assert hearing is not None
        stage.controller.send(StopPlaying())
        assert stage.snapshots[-1].heard is None
        hearing.join(PATIENCE_S)
        device.rest()
        time.sleep(0.1)
        assert device.rest() == b""
    assert stage.problems == []


@needs_portaudio
def test_a_session_that_goes_on_is_played_as_it_grows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    device = Loudspeaker(tmp_path, monkeypatch)
    folder = Path(keep(tmp_path / "one"))
    over, at_the_end, problems = threading.Event(), threading.Event(), list[str]()

    def grows() -> bool:
        at_the_end.set()
        return not over.is_set()

    with closing(GrowingWav(folder / AUDIO, AudioFormat(Encoding.PCM_S16LE, RATE))) as wav:
        wav.write(0, TALK[:8000].tobytes())
        wav.flush()
        hearing = Hearing(
            lambda: open_recording(folder),
            Clip(0.0),
            grows=grows,
            on_heard=lambda _: None,
            on_problem=problems.append,
        )
        assert at_the_end.wait(PATIENCE_S)
        wav.write(8000, TALK[8000:16_000].tobytes())
        wav.flush()
        at_the_end.clear()
        assert at_the_end.wait(PATIENCE_S)
        over.set()
        hearing.join(PATIENCE_S)
    assert problems == []
    assert device.played == stereo(0, 1)


@needs_portaudio
def test_without_a_device_the_screen_gets_a_sentence(stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "alsa.conf").write_text("pcm.!default { type asym capture.pcm { type null } }\n")
    monkeypatch.setenv("ALSA_CONFIG_PATH", str(tmp_path / "alsa.conf"))
    stage.controller.send(play(stage.problems, turn=1))
    until_silent(stage.controller)
    assert stage.problems == ["no sound output found: connect one, or choose it in the system's settings"]
    assert stage.snapshots[-1].heard is None


def problem_of(shown: Snapshot, turn: int | None = None) -> str:
    """Play what cannot be played."""
    told: SimpleQueue[str] = SimpleQueue()
    with closing(Playing(lambda: None)) as playing:
        playing.play(Play(told.put, turn), shown, (), lambda: False)
        return told.get(timeout=PATIENCE_S)


def test_what_is_not_saved_cannot_be_heard_and_the_sentence_says_so(stage: Stage, tmp_path: Path):
    last = msgspec.structs.replace(stage.snapshots[-1], playback=None)
    assert problem_of(last) == "nothing to play: this session is not saved (--no-record)"
    assert problem_of(last, turn=99) == "no turn to play yet"
    full = msgspec.structs.replace(last, recording=RecordingState(str(tmp_path / "x"), "the disk is full"))
    assert problem_of(full) == "nothing to play: the disk is full"
    gone = msgspec.structs.replace(last, recording=RecordingState(keep(tmp_path / "one")))
    assert "the audio of this session is missing" in problem_of(gone)
