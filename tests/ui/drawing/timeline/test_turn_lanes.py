"""What holds for the timeline whatever the session, the window, and the way there."""

import re
from collections.abc import Callable
from functools import cache
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.ui.screen import monitor, show, text_of
from tests.ui.scripted import Script, ScriptedController

from stt_monitor.core.notes import Note, NoteKind
from stt_monitor.core.settings.requested import TurnSettings
from stt_monitor.core.snapshot import Snapshot
from stt_monitor.core.sound.reference_speech import Span
from stt_monitor.recording.cursor import Cursor
from stt_monitor.recording.finding import demo_recording
from stt_monitor.recording.pace import TICK_S
from stt_monitor.recording.player import BATCH
from stt_monitor.ui.drawing.lanes import Window
from stt_monitor.ui.drawing.timeline.turn_lanes import LABEL_CELLS, draw_timeline
from stt_monitor.ui.formatting import milliseconds
from stt_monitor.ui.widgets.timeline import SPANS_S, Timeline

WIDTHS = st.sampled_from([10, 32, 72, 112, 152, 192])
TURNS = st.lists(
    st.tuples(st.floats(0.0, 5.0), st.floats(0.3, 4.0), st.sampled_from([0.0, 0.007, 0.3, 0.62, 1.3, 5.0, 120.0])),
    min_size=1,
    max_size=12,
)


def session(turns: list[tuple[float, float, float]]) -> Snapshot:
    script, at = Script().connect(), 1.0
    for pause, length, eot in turns:
        script.turn(at + pause, "one two three", length=length + 0.5, eot=eot)
        at = script.at + 0.1
    return script.to(at + 3).decided().snapshot()


def lane(snapshot: Snapshot, window: Window, name: str, chosen: int | None = None) -> str:
    drawn = draw_timeline(snapshot, window, 6, chosen)
    return next(line.plain[LABEL_CELLS:] for line in drawn if line.plain[:LABEL_CELLS].strip() == name)


@pytest.mark.slow
@settings(max_examples=50, deadline=None)
@given(TURNS, WIDTHS, st.sampled_from(SPANS_S), st.floats(0.0, 1.0))
def test_every_number_on_the_lane_is_the_eot_of_a_turn_on_it(
    turns: list[tuple[float, float, float]], columns: int, span: int, share: float
):
    snapshot = session(turns)
    step = span / columns
    window = Window((snapshot.at * share // step + 1) * step, step, columns)
    in_sight = [
        one.metrics.eot_latency
        for one in snapshot.finished
        if one.metrics.eot_latency is not None
        and one.turn.ended_at is not None
        and one.turn.ended_at >= window.start
        and one.turn.ended_at - one.metrics.eot_latency < window.end
    ]
    written = re.findall(r"\d+s?", lane(snapshot, window, "eot ms"))
    left = [milliseconds(eot) for eot in in_sight]
    for number in written:
        left.remove(number)  # each no more often than there are such turns
    if in_sight and columns > 10 and max(in_sight) < span / 4:
        place = next(one for one in snapshot.finished if one.metrics.eot_latency == max(in_sight)).turn.ended_at
        assert place is not None
        if window.start + span / 4 < place < window.end - span / 4:
            assert milliseconds(max(in_sight)) in written


@pytest.mark.slow
@settings(max_examples=50, deadline=None)
@given(TURNS, WIDTHS, st.sampled_from(SPANS_S), st.data())
def test_every_mark_of_the_axis_is_whole_beside_the_name_of_the_chosen_turn(
    turns: list[tuple[float, float, float]], columns: int, span: int, data: st.DataObject
):
    snapshot = session(turns)
    chosen = data.draw(st.sampled_from([one.turn for one in snapshot.finished]))
    step = span / columns
    window = Window((chosen.started_at // step + data.draw(st.integers(1, columns))) * step, step, columns)
    axis = lane(snapshot, window, "", chosen.number)
    assert axis.count("▼") == 1
    name = f"turn {chosen.number}"
    assert f"▼ {name}" in axis or f"{name} ▼" in axis or columns == 10
    marks = axis.replace(f"▼ {name}", " ").replace(f"{name} ▼", " ").replace("▼", " ")
    assert all(re.fullmatch(r"╵\d+:\d\d", mark) for mark in marks.split())


WAYS: dict[str, Callable[[Cursor, float], None]] = {
    "skip": lambda cursor, at: cursor.skip_to(at),
    "play": lambda cursor, at: cursor.play(at, 7),
    "rewind": lambda cursor, _: cursor.rewind(),
    "event": lambda cursor, at: cursor.play_to_event(int(at)),
    "turn": lambda cursor, _: cursor.skip_to_next_turn(),
}


def pictured(cursor: Cursor, at: float) -> tuple[Any, ...]:
    snapshot = cursor.monitor.snapshot(at, running=True)
    window = Window((at // 0.25 + 1) * 0.25, 0.25, 120)
    return snapshot, [line.markup for line in draw_timeline(snapshot, window, 12)]


@cache
def straight(at: float) -> tuple[Any, ...]:
    """Go there as `--speed max` does."""
    cursor = Cursor(demo_recording(), lambda *_: None)
    while cursor.next_at is not None and cursor.next_at <= at:
        cursor.play(at, BATCH)
    return pictured(cursor, at)


@pytest.mark.slow
def test_in_real_time_the_lanes_are_those_of_full_speed():
    cursor = Cursor(demo_recording(), lambda *_: None)
    for tick in range(1, int(17 / TICK_S)):
        at = tick * TICK_S
        cursor.play(at, BATCH)
        if tick % 20 == 0:
            assert pictured(cursor, at) == straight(at)


@pytest.mark.slow
@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(sorted(WAYS)), st.floats(0.0, 18.0)), max_size=6),
    st.sampled_from([0.0, 1.0, 4.4, 9.3, 13.0, 16.5]),
)
def test_after_any_way_there_the_lanes_are_the_same(ways: list[tuple[str, float]], at: float):
    cursor = Cursor(demo_recording(), lambda *_: None)
    for way, until in ways:
        WAYS[way](cursor, until)
    if cursor.at > at:
        cursor.rewind()
    cursor.skip_to(at)
    assert pictured(cursor, at) == straight(at)


def test_in_the_demo_there_is_sound_all_along_and_voice_where_somebody_spoke():
    snapshot, _ = straight(16.5)
    assert all(snapshot.sound.loudest(tenth / 10, tenth / 10 + 0.1) for tenth in range(9, 160))
    window = Window(17.0, 0.1, 170)
    voice = lane(snapshot, window, "voice")
    assert len(re.findall("━+", voice)) == len(snapshot.speech)


@pytest.mark.slow
async def test_zooming_keeps_the_chosen_turn_in_sight(controller: ScriptedController):
    async with monitor(controller) as pilot:
        script = Script(duration=200).connect()
        for number in range(9):
            script.turn(2.0 + 6 * number, "Hello there")
        await show(pilot, controller, script.to(60).decided().snapshot())
        timeline = pilot.app.query_one(Timeline)
        await pilot.press("up", "up", "up")
        for key in "++++----+-":
            await pilot.press(key)
            await pilot.pause()
            assert "turn 7" in text_of(timeline).splitlines()[1]


def test_the_agent_has_a_lane_where_its_side_is_heard():
    quiet = session([(1.0, 2.0, 0.3)])
    window = Window(12.0, 0.5, 24)
    assert not any("agent" in line.plain for line in draw_timeline(quiet, window, 8))
    heard = msgspec.structs.replace(
        quiet,
        session=msgspec.structs.replace(quiet.session, agent="channel 2 of 2"),
        agent_speech=(Span(4.0, 4.0, 5.9, 5.9), Span(7.0, 7.0)),
        agent_known_until=8.0,
    )
    drawn = draw_timeline(heard, window, 8)
    assert [line.plain[:LABEL_CELLS].strip() for line in drawn] == [
        "", "sound", "", "voice", "agent", "turn", "events", "eot ms",
    ]  # fmt: skip
    cells = lane(heard, window, "agent")
    assert cells[8:12] == "━━━━"
    assert cells[:8].isspace()


@pytest.mark.slow
@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.tuples(st.floats(0.5, 30.0), st.floats(0.05, 0.4)), max_size=12),
    TURNS,
    WIDTHS,
    st.sampled_from([6, 9, 16]),
)
def test_notes_take_no_place_from_events(
    changes: list[tuple[float, float]], turns: list[tuple[float, float, float]], columns: int, height: int
):
    snapshot = session(turns)
    noted = tuple(
        Note(NoteKind.SETTINGS, at, settings=TurnSettings(end_threshold=round(end, 2))) for at, end in sorted(changes)
    )
    window = Window(30.0, 30 / columns, columns)
    without, with_notes = (
        next(line.plain for line in draw_timeline(each, window, height) if line.plain.startswith(" events"))
        for each in (snapshot, msgspec.structs.replace(snapshot, notes=noted))
    )
    assert all(one == other for one, other in zip(without, with_notes, strict=True) if one != " ")
    words = re.sub(r"≡( end 0?\.?\d+| timeout \d+ ms|,)*", "", with_notes[LABEL_CELLS:])
    assert not re.search(r"\w", words)
