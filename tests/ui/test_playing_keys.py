"""Hearing a turn: which one `a` plays, where the cursor is, and what is said when nothing can be played."""

import asyncio

import msgspec
import pytest
from tests.ui.screen import monitor, show, text, text_of
from tests.ui.scripted import Script, ScriptedController

from stt_monitor.core.commands import Play, StopPlaying
from stt_monitor.core.session_options import SourceKind
from stt_monitor.core.snapshot import Playback, Snapshot
from stt_monitor.ui.drawing.lanes import Window
from stt_monitor.ui.drawing.timeline.service_lanes import draw_services
from stt_monitor.ui.drawing.timeline.turn_lanes import LABEL_CELLS, draw_timeline
from stt_monitor.ui.widgets.timeline import Timeline


def session() -> Snapshot:
    return Script().connect().turn(1, "Hello there").turn(6, "And more").snapshot(12)


def asked(controller: ScriptedController) -> tuple[int | None, float | None]:
    """Return what was asked for last: a turn, or a time."""
    last = controller.sent[-1]
    assert isinstance(last, Play)
    return last.turn, last.at


@pytest.mark.slow
async def test_a_plays_the_chosen_turn_else_the_newest_and_stops_it(controller: ScriptedController):
    async with monitor(controller) as pilot:
        await show(pilot, controller, session())
        await pilot.press("a")
        assert asked(controller) == (None, None)
        await pilot.press("up", "up", "a")
        assert asked(controller) == (1, None)
        await show(pilot, controller, msgspec.structs.replace(session(), heard=1.5))
        assert "▶ 0:01" in text_of(pilot.app.query_one(Timeline))
        await pilot.press("a")
        assert controller.sent[-1] == StopPlaying()
        await show(pilot, controller, session())
        assert "▶" not in text_of(pilot.app.query_one(Timeline))


@pytest.mark.slow
async def test_a_plays_from_where_the_timeline_is_held_and_from_where_the_replay_is(controller: ScriptedController):
    async with monitor(controller) as pilot:
        await show(pilot, controller, session())
        await pilot.press("plus", "space", "a")  # 10 s
        turn, at = asked(controller)
        assert turn is None
        assert at == pytest.approx(2.0, abs=0.2)
        await pilot.press("escape", "space")
        replay = msgspec.structs.replace(session(), playback=Playback(1.0, paused=True, duration=30.0))
        await show(pilot, controller, replay)
        await pilot.press("a")
        assert asked(controller) == (None, 12.0)
        await show(pilot, controller, msgspec.structs.replace(replay, running=False))
        await pilot.press("a")
        assert asked(controller) == (None, None)


@pytest.mark.slow
async def test_what_cannot_be_played_is_said_each_time_and_before_there_is_a_session_too(
    controller: ScriptedController,
):
    async with monitor(controller) as pilot:
        await pilot.press("a")
        await pilot.pause()
        assert "no turn to play yet" in text(pilot)
        for _ in range(2):
            await show(pilot, controller, session())
            await pilot.press("a")
            last = controller.sent[-1]
            assert isinstance(last, Play)
            await asyncio.to_thread(last.on_problem, "no sound output found: connect one")
            await pilot.pause()
            assert "no sound output found" in text(pilot)
            await pilot.press("d")
            assert "no sound output found" not in text(pilot)


@pytest.mark.parametrize(("kind", "quiet", "said"), [
    (SourceKind.MICROPHONE, False, True), (SourceKind.MICROPHONE, True, False), (SourceKind.FILE, False, False),
])  # fmt: skip
async def test_that_a_microphone_is_muted_meanwhile_is_said(
    controller: ScriptedController, kind: SourceKind, *, quiet: bool, said: bool
):
    async with monitor(controller) as pilot:
        snapshot = session()
        audio = msgspec.structs.replace(snapshot.audio, kind=kind, quiet=quiet)
        await show(pilot, controller, msgspec.structs.replace(snapshot, audio=audio))
        await pilot.press("a")
        await pilot.pause()
        assert ("the microphone is muted while it plays" in text(pilot)) is said
        audio = msgspec.structs.replace(audio, quiet=True)
        await show(pilot, controller, msgspec.structs.replace(snapshot, audio=audio, heard=1.5))
        await pilot.press("m")
        await pilot.pause()
        assert ("hears what is played: wear headphones" in text(pilot)) is (kind is SourceKind.MICROPHONE)


def test_the_cursor_is_where_it_is_heard_and_leaves_numbers_alone():
    snapshot = msgspec.structs.replace(session(), heard=3.4)
    window = Window(12.0, 0.1, 120)
    lines = [line.plain for line in draw_timeline(snapshot, window, 7)]
    marked = [line.index("┃") - LABEL_CELLS for line in lines if "┃" in line]
    assert marked == [window.column(3.4)] * len(marked)
    assert {line[:LABEL_CELLS].strip() for line in lines if "┃" in line} - {""} == {"sound", "voice", "turn"}
    assert lines[-1] == [line.plain for line in draw_timeline(session(), window, 7)][-1]
    beyond = msgspec.structs.replace(session(), heard=300.0)
    assert not any("┃" in line.plain for line in draw_timeline(beyond, window, 7))


def test_side_by_side_it_is_in_the_common_sound():
    lanes = [msgspec.structs.replace(session(), heard=3.4)] * 2
    lines = [line.plain for line in draw_services(lanes, Window(12.0, 0.1, 120), 10, 8)]
    assert {line[:8].strip() for line in lines if "┃" in line} >= {"sound", "voice"}
