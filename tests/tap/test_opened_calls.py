"""A call that is opened shows all of its turns, though sessions that nobody looks at keep few of them."""

import shutil
import threading
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING, cast

import msgspec
import pytest
from tests.support.overheard import BEGAN, Line, Overhearing
from tests.support.patience import PATIENCE_S
from tests.tap.test_call_sessions import Spoken, in_order, sound, turn
from tests.tap.test_watching import Told

from stt_monitor.audio.formats import AudioFormat
from stt_monitor.core.calls_state import CallsState
from stt_monitor.core.kept import Kept
from stt_monitor.core.snapshot import Snapshot
from stt_monitor.core.wire_frame import WireFrame
from stt_monitor.recording.recorder import Recorder
from stt_monitor.tap.events import CallEvent
from stt_monitor.tap.sessions.keeping import Keeping
from stt_monitor.tap.sessions.watching import Watching
from stt_monitor.tap.sessions.whole import ENDED, INCOMPLETE, NOT_SAVED, WholeCalls

if TYPE_CHECKING:
    from stt_monitor.tap.process import TapProcess

FEW = Kept(turns=3, spans=2, likelihood=2, level_minutes=1, runs=1)
"""What a session keeps of a call that nobody looks at."""
TURN_S = 8.0
PAST = ("finished", "summaries", "counts", "groups", "sound", "places", "speech", "likelihood", "notes", "health")


def talk(line: Line, turns: int) -> Iterator[CallEvent]:
    """Begin a call, and yield what comes in so many turns."""
    yield from line.begins()
    yield line.says(0.01, "connected")
    spoken = [event for number in range(turns) for event in turn(line, number * TURN_S + 0.8, number * TURN_S + 2.0)]
    yield from in_order([*sound(line, turns * TURN_S, frame_s=0.4), *spoken])


class Speech(Spoken):
    """Finds a span in every turn."""

    def __init__(self, _: AudioFormat) -> None:
        super().__init__(0.5, 1.5)
        self._edges = [
            msgspec.structs.replace(edge, position=edge.position + TURN_S * turn)
            for turn in range(12)
            for edge in self._edges
        ]


class Opened:
    """The sessions of calls that keep few turns, beside one that keeps all; both get the same."""

    def __init__(self, folder: Path | None, events: Iterator[CallEvent]) -> None:
        self.steps: SimpleQueue[Callable[[], object]] = SimpleQueue()
        self.whole = WholeCalls(self.steps.put, FEW.turns)
        self.recorder = None if folder is None else Recorder(folder, None)
        self.all = Overhearing(Speech)
        few = Overhearing(Speech, lambda call: self.whole.observe(call, self.recorder), kept=FEW)
        self.calls = few.calls
        self._events = events
        self._now = 0.0

    def take(self, number: int) -> None:
        for event in islice(self._events, number):
            self.calls.handle(event)
            self.all.handle(event)
            self._now = event.at

    def shown(self) -> tuple[Snapshot, Snapshot]:
        """What is shown, and all there is."""
        kept, everything = (each.snapshot(1, self._now) for each in (self.calls, self.all.calls))
        assert kept is not None
        assert everything is not None
        return self.whole.shown(1, kept), everything

    def read(self) -> None:
        """Wait until what is saved was read."""
        self.steps.get(timeout=PATIENCE_S)()


def test_all_turns_are_read_from_the_saved_session_while_the_call_goes_on(tmp_path: Path) -> None:
    opened = Opened(tmp_path, talk(Line(), 12))
    opened.take(200)
    opened.whole.look_at(1)
    shown, everything = opened.shown()
    assert shown.finished == everything.finished[-3:]
    assert len(everything.speech) > len(shown.speech)
    assert len(everything.finished) == 9
    opened.take(20)  # while the others are read
    opened.read()
    for _ in range(3):
        shown, everything = opened.shown()
        assert [getattr(shown, name) for name in PAST] == [getattr(everything, name) for name in PAST]
        opened.take(10)
    assert not shown.warning
    opened.whole.look_at(None)
    opened.take(1)
    opened.whole.look_at(1)
    shown, _ = opened.shown()
    assert len(shown.finished) == 3  # it has to be read again: nobody looked


def test_who_opens_a_call_that_is_not_saved_is_told_that_older_turns_are_gone() -> None:
    opened = Opened(None, talk(Line(), 5))
    opened.take(75)
    assert not opened.shown()[0].warning
    opened.take(1000)
    shown, everything = opened.shown()
    assert shown.warning == NOT_SAVED.format(3)
    assert shown.finished == everything.finished[-3:]
    assert shown.summaries == everything.summaries


@pytest.mark.parametrize("when", ["before it is opened", "while it is read"])
def test_a_saved_session_that_is_not_complete_is_said_to_be_so(when: str, tmp_path: Path) -> None:
    opened = Opened(tmp_path / "calls", talk(Line(), 5))
    opened.take(1000)
    assert opened.recorder is not None
    opened.recorder.close()
    if when == "before it is opened":
        shutil.rmtree(tmp_path / "calls")
    else:
        (events,) = (tmp_path / "calls").glob("*/events.jsonl")
        events.write_bytes(events.read_bytes()[:-1000])
    opened.whole.look_at(1)
    assert not opened.shown()[0].warning
    opened.read()
    shown, everything = opened.shown()
    assert shown.warning == INCOMPLETE
    assert shown.finished == everything.finished[-3:]


def test_a_call_that_ends_before_it_is_read_says_how_to_see_all_of_it(tmp_path: Path) -> None:
    line = Line()
    opened = Opened(tmp_path, talk(line, 5))
    opened.take(1000)
    session = opened.calls._calls[1].session
    assert session is not None
    opened.shown()
    opened.calls.handle(line.ends(41.0, "agent"))
    last = session.snapshot()
    assert last is not None
    assert opened.whole.shown(1, last).warning == ENDED
    opened.read()
    assert not opened.whole.shown(1, last).warning
    assert len(opened.whole.shown(1, last).finished) == 5


class Looking:
    """Looks at the first call, all the time."""

    shown = 1

    def __init__(self, turns: int) -> None:
        self.sees_all = threading.Event()
        self.last: Snapshot | None = None
        self._turns = turns

    def show_calls(self, state: CallsState) -> None:
        pass

    def show_session(self, call: int, snapshot: Snapshot) -> None:
        assert call == 1
        self.last = snapshot
        if len(snapshot.finished) == self._turns:
            self.sees_all.set()

    def show_frame(self, call: int, frame: WireFrame) -> None:
        pass


@pytest.mark.slow
def test_who_watches_a_call_to_its_end_sees_all_of_it(tmp_path: Path) -> None:
    viewer, line = Looking(25), Line()

    def events() -> Iterator[CallEvent]:
        yield from talk(line, 25)
        assert viewer.sees_all.wait(PATIENCE_S)
        yield line.ends(201.0, "agent")

    told = cast("TapProcess", Told(events()))
    with Watching(told, BEGAN, Keeping(tmp_path, 1 << 30), viewer=viewer) as watching:
        for _ in watching.records():
            pass
    assert viewer.last is not None
    assert not viewer.last.running
    assert len(viewer.last.finished) == viewer.last.counts.turns == 25
