"""Sessions that are opened one after another: each shown as it was asked for, its frames apart from those of others."""

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from queue import SimpleQueue

import pytest
from tests.support.kept import keep
from tests.support.patience import PATIENCE_S

from stt_monitor.core.commands import Command, CompareRecordings, OpenRecording, ReturnToLive, Start
from stt_monitor.core.snapshot import Snapshot
from stt_monitor.core.wire_frame import WireFrame
from stt_monitor.recording.finding import demo_recording
from stt_monitor.recording.replay import fold
from stt_monitor.session.switching import SwitchingController
from stt_monitor.tap.watched_call import WatchedCall
from stt_monitor.ui.wire_buffer import WireBuffers

DEMO = "demo"


class Stage:
    """A stage with calls as its live sessions, and what is shown on it."""

    def __init__(self, folder: Path) -> None:
        self.calls = WatchedCall()
        self.controller = SwitchingController(self.calls, folder)
        self.snapshots: list[Snapshot] = []
        self.frames = WireBuffers()
        self._news: SimpleQueue[Snapshot] = SimpleQueue()
        self.controller.subscribe(self._news.put, on_frame=self.frames.put)

    def after(self, command: Command, true: Callable[[Snapshot], bool]) -> Snapshot:
        """Send a command, and wait for a snapshot like this."""
        self.controller.send(command)
        while not true(shown := self._news.get(timeout=PATIENCE_S)):
            self.snapshots.append(shown)
        return shown

    @property
    def told(self) -> list[str | None]:
        """Texts of the frames that are kept."""
        return [frame.text for _, frame in self.frames.of("cartesia").after(0, streams=True)]


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    stage = Stage(tmp_path)
    with closing(stage.controller):
        yield stage


def shown(snapshot: Snapshot) -> bool:
    return snapshot.playback is not None


def test_all_of_a_session_is_shown_at_once_and_can_be_played_from_its_beginning(stage: Stage) -> None:
    whole = fold(demo_recording().lanes[0]).snapshot
    first = stage.after(OpenRecording(DEMO, at_end=True, as_typed=True), shown)
    assert [each.turn for each in first.finished] == [each.turn for each in whole.finished]
    assert (first.running, first.at) == (False, whole.at)
    assert first.playback is not None
    assert first.playback.speed == 1.0
    again = stage.after(Start(), lambda snapshot: snapshot.running)
    assert (again.at, again.finished) == (0.0, ())
    assert stage.snapshots == []


@pytest.mark.slow
def test_frames_are_those_of_the_session_that_is_shown(stage: Stage) -> None:
    for _ in range(2):
        stage.after(OpenRecording(DEMO, at_end=True, as_typed=True), shown)
        saved = stage.told
        assert saved.count(next(filter(None, saved))) == 1
        for call in (1, 2):
            stage.calls.choose(call, "cartesia")
            stage.calls.show_frame(call, said("too early"))
            stage.controller.send(ReturnToLive())
            assert stage.told == []
            stage.calls.show_frame(call, said(f"of {call}"))
            stage.calls.show_frame(3 - call, said("of the other"))
            assert stage.told == [f"of {call}"]


def test_sessions_that_began_at_the_same_time_are_two_and_each_opened_again_is_one(
    stage: Stage, tmp_path: Path
) -> None:
    """As two cells of a sweep, two calls, or a copy do."""
    before, after = keep(tmp_path / "before", eot=0.9), keep(tmp_path / "after", eot=0.4)
    compared = stage.after(CompareRecordings((before, after)), lambda snapshot: len(snapshot.finished) == 6)
    assert (compared.number, [one.number for one in compared.earlier]) == (2, [1])
    assert compared.baseline is not None
    assert compared.baseline.number == 1
    for folder, number in ((before, 1), (after, 2)):
        again = stage.after(OpenRecording(folder, at_end=True), lambda snapshot: len(snapshot.finished) == 6)
        assert (again.number, [one.number for one in again.earlier]) == (number, [3 - number])


def test_what_is_picked_is_opened_and_nothing_else_of_its_name(
    stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved, elsewhere = tmp_path / "saved", tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "last").write_text("a file of the user's")
    monkeypatch.chdir(elsewhere)
    saved.mkdir()
    for name in ("last", "talk_2"):
        keep(saved / name)
    stage.after(OpenRecording(str(saved / "last"), at_end=True), shown)
    gone = stage.after(OpenRecording(str(saved / "talk")), lambda snapshot: bool(snapshot.error))
    assert "no saved session named" in gone.error


def said(text: str) -> WireFrame:
    return WireFrame(1.0, sent=False, size=len(text), text=text, service="cartesia")
