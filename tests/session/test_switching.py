"""Sessions that are opened one after another: each shown as it was asked for, its frames apart from those of others."""

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from queue import SimpleQueue

import pytest
from tests.support.patience import PATIENCE_S

from stt_monitor.core.commands import Command, OpenRecording, ReturnToLive, Start
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
    first = stage.after(OpenRecording(DEMO, at_end=True), shown)
    assert [each.turn for each in first.finished] == [each.turn for each in whole.finished]
    assert (first.running, first.at) == (False, whole.at)
    assert first.playback is not None
    assert first.playback.speed == 1.0
    again = stage.after(Start(), lambda snapshot: snapshot.running)
    assert (again.at, again.finished) == (0.0, ())
    assert stage.snapshots == []


def test_frames_are_those_of_the_session_that_is_shown(stage: Stage) -> None:
    for _ in range(2):
        stage.after(OpenRecording(DEMO, at_end=True), shown)
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


def said(text: str) -> WireFrame:
    return WireFrame(1.0, sent=False, size=len(text), text=text, service="cartesia")
