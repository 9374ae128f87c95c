"""The threads that watch calls outlive a bug in them: the end of watching would be the end of the calls."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest
from tests.support.overheard import BEGAN, Line
from tests.tap.test_call_sessions import one_call, turn

from stt_monitor.core.records.turns import TurnRecord
from stt_monitor.tap.events import CallEvent
from stt_monitor.tap.sessions.calls import Calls
from stt_monitor.tap.sessions.watching import Keeping, Watching

if TYPE_CHECKING:
    from stt_monitor.tap.process import TapProcess


class Told:
    """What a tap told."""

    def __init__(self, events: list[CallEvent]) -> None:
        self._events = events

    def events(self) -> Iterator[CallEvent]:
        yield from self._events

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
