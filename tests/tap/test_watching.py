"""The threads that watch calls outlive a bug in them: the end of watching would be the end of the calls."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest
from tests.support.overheard import BEGAN, Line
from tests.tap.test_call_sessions import one_call, turn

from stt_monitor.core.records.session import WarningRecord
from stt_monitor.core.records.turns import TurnRecord
from stt_monitor.tap.calls import CallRecord
from stt_monitor.tap.events import CallEvent
from stt_monitor.tap.sessions.call_speech import NO_TIME
from stt_monitor.tap.sessions.calls import CUT_OFF, Calls
from stt_monitor.tap.sessions.keeping import Keeping
from stt_monitor.tap.sessions.watching import Watching

if TYPE_CHECKING:
    from stt_monitor.tap.process import TapProcess


class Told:
    """What a tap told; `read`: how much of it can be read before it is too late."""

    def __init__(self, events: Iterable[CallEvent], read: int = 1_000_000) -> None:
        self._events = events
        self._read = read

    def events(self) -> Iterator[CallEvent]:
        yield from self._events

    @property
    def stopping_s(self) -> float:
        self._read -= 1
        return 60.0 if self._read < 0 else 0.0

    def stop(self) -> None:
        """It has ended."""


def test_a_bug_in_reading_an_event_costs_that_event_alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    line, read = Line(), Calls.handle
    calls: list[CallEvent] = []

    def broken(all_calls: Calls, event: CallEvent) -> object:
        calls.append(event)
        return 1 / 0 if len(calls) == 10 else read(all_calls, event)

    monkeypatch.setattr(Calls, "handle", broken)
    events = list(one_call(line, *turn(line, 0.8, 2.0)))
    with Watching(cast("TapProcess", Told(events)), BEGAN, Keeping(None, 0)) as watching:
        records = [record for record, _ in watching.records()]
    assert len(calls) == len(events)
    assert sum(isinstance(record, TurnRecord) for record in records) == 1
    assert [each.state for each in watching.state.calls] == ["over"]


@pytest.mark.parametrize("read", [1_000_000, 30], ids=["its process is gone", "no time is left to read all of it"])
def test_calls_whose_end_nobody_told_are_saved_and_said_to_be_cut_off(read: int, tmp_path: Path) -> None:
    line = Line()
    events = list(one_call(line, *turn(line, 0.8, 2.0)))
    told = cast("TapProcess", Told(events if read == 30 else events[:-1], read))
    with Watching(told, BEGAN, Keeping(tmp_path, 1 << 30)) as watching:
        records = [record for record, _ in watching.records()]
    (end,) = (each for each in records if isinstance(each, CallRecord) and each.state == "ended")
    assert (end.ended_by, end.problem, end.agent_bytes) == ("tap", CUT_OFF, None)
    assert {each.sentence for each in records if isinstance(each, WarningRecord)} <= {NO_TIME}
    (saved,) = tmp_path.iterdir()
    *_, reason, _, finished = map(json.loads, (saved / "events.jsonl").read_text().splitlines())
    assert (reason["sentence"], finished["kind"]) == (CUT_OFF, "finished")
