"""Notes and marks are the same wherever a saved session is, however it got there."""

from collections.abc import Iterator
from functools import cache
from heapq import merge
from operator import attrgetter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.kept import keep_journal
from tests.support.long_session import long_session
from tests.ui.drawing.timeline.test_turn_lanes import WAYS
from tests.ui.screen import monitor, show, text_of
from tests.ui.scripted import ScriptedController

from stt_monitor.core.journal import Configured, ConnectionChanged, ConnectionLost, Entry, Quieted
from stt_monitor.core.notes import NoteKind
from stt_monitor.core.records.session import Connection
from stt_monitor.core.settings.requested import TurnSettings
from stt_monitor.core.snapshot import Snapshot
from stt_monitor.recording.cursor import Cursor
from stt_monitor.recording.player import BATCH
from stt_monitor.recording.reader import Recording
from stt_monitor.services.registry import schema_of
from stt_monitor.ui.drawing.lanes import Window
from stt_monitor.ui.drawing.notes import Noted, note_line, signs
from stt_monitor.ui.drawing.timeline.turn_lanes import draw_timeline
from stt_monitor.ui.widgets.metrics_table import MetricsTable
from stt_monitor.ui.widgets.transcript import Transcript

TURNS = 9
HAPPENED: tuple[Entry, ...] = (
    Configured(3.0, TurnSettings(end_threshold=0.45)),
    Quieted(5.0, quiet=True),
    Quieted(6.5, quiet=False),
    Configured(9.1, TurnSettings(end_threshold=0.45, eager_end_threshold=0.5)),
    ConnectionLost(12.0),
    ConnectionChanged(12.0, Connection.RECONNECTING, "The service closed the connection (1011)."),
    ConnectionChanged(14.0, Connection.CONNECTED),
    Quieted(18.0, quiet=True),
    Configured(18.2, TurnSettings()),
    Quieted(20.0, quiet=False),
)
AT = (0.0, 4.0, 5.6, 6.5, 9.1, 12.5, 14.0, 18.1, 19.0, 25.0)


@pytest.fixture(scope="module")
def noted(tmp_path_factory: pytest.TempPathFactory) -> Recording:
    began, *entries = long_session(TURNS)

    def journal() -> Iterator[Entry]:
        yield began
        yield from merge(sorted(entries, key=attrgetter("at")), HAPPENED, key=attrgetter("at"))

    place: Path = tmp_path_factory.mktemp("noted") / "session"
    return keep_journal(place, journal())


def pictured(snapshot: Snapshot) -> tuple[Any, ...]:
    """Return all that is told of notes: values, the timeline in a small and in a large panel, transcript, table."""
    schema = schema_of(snapshot.session)
    window = Window((snapshot.at // 0.25 + 1) * 0.25, 0.25, 112)
    lanes = [line.markup for height in (6, 16) for line in draw_timeline(snapshot, window, height)]
    together = Noted(snapshot.finished, snapshot.notes)
    items = [together.at(item) for item in range(len(together))]
    return snapshot, lanes, [note_line(note, schema) for note in snapshot.notes], items, signs(snapshot)


@cache
def straight(recording: Path, at: float) -> tuple[Any, ...]:
    """Go there as `--speed max` does."""
    return pictured(arrive(Cursor(_opened[recording], lambda *_: None), at))


_opened: dict[Path, Recording] = {}


def arrive(cursor: Cursor, at: float) -> Snapshot:
    while cursor.next_at is not None and cursor.next_at <= at:
        cursor.play(at, BATCH)
    return cursor.monitor.snapshot(at, running=True)


@pytest.mark.slow
@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(sorted(WAYS)), st.floats(0.0, 26.0)), max_size=6),
    st.sampled_from(AT),
    st.sampled_from([1, 7, BATCH]),
)
def test_after_any_way_there_notes_and_marks_are_the_same(
    noted: Recording, ways: list[tuple[str, float]], at: float, batch: int
):
    _opened[noted.path] = noted
    cursor = Cursor(noted, lambda *_: None)
    for way, until in ways:
        WAYS[way](cursor, until)
    if cursor.at > at:
        cursor.rewind()
    while cursor.next_at is not None and cursor.next_at <= at:
        cursor.play(at, batch)
    assert pictured(cursor.monitor.snapshot(at, running=True)) == straight(noted.path, at)


def test_the_whole_session_has_a_note_of_each_thing_that_happened(noted: Recording):
    snapshot = arrive(Cursor(noted, lambda *_: None), AT[-1])
    assert [note.kind for note in snapshot.notes] == [
        NoteKind.SETTINGS, NoteKind.PAUSED, NoteKind.SETTINGS, NoteKind.RECONNECTED, NoteKind.PAUSED, NoteKind.SETTINGS,
    ]  # fmt: skip
    assert snapshot.notes[3].reason == "The service closed the connection (1011)."


@pytest.mark.slow
async def test_a_screen_that_was_shown_other_places_says_of_each_what_a_new_one_says(
    noted: Recording, controller: ScriptedController
):
    places = (25.0, 5.6, 19.0, 4.0, 12.5, 14.0, 25.0, 9.1)
    cursor = Cursor(noted, lambda *_: None)
    seen = {at: arrive(cursor, at) for at in sorted(set(places))}

    def told() -> list[str]:
        return [text_of(app.query_one(kind)) for kind in (Transcript, MetricsTable)]

    fresh: dict[float, list[str]] = {}
    for at in (5.6, 12.5, 25.0):
        new = ScriptedController()
        async with monitor(new, (160, 50)) as pilot:
            app = pilot.app
            await show(pilot, new, seen[at])
            fresh[at] = told()
    transcript, table = fresh[25.0]
    assert all(words in transcript for words in ("settings: end 0.45", "reconnected after 2.0 s", "paused 2.0 s"))
    assert all(sign in table for sign in "≡‖◆")
    async with monitor(controller, (160, 50)) as pilot:
        app = pilot.app
        for at in places:
            await show(pilot, controller, seen[at])
            assert fresh.get(at, told()) == told(), at
