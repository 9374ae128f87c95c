"""The list of an agent's interruptions and slow replies."""

import msgspec
import pytest
from tests.ui.screen import monitor, show
from tests.ui.scripted import Script, ScriptedController
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widgets import Input, OptionList

from stt_monitor.core.commands import SeekTo
from stt_monitor.core.snapshot import Playback, Snapshot
from stt_monitor.ui.screens.agent import AgentScreen
from stt_monitor.ui.screens.monitor import MonitorScreen
from stt_monitor.ui.widgets.transcript import Transcript


def call() -> Snapshot:
    script = Script().connect()
    for number in range(4):
        script.turn(2.0 + 5 * number, f"words {number + 1}", length=2.0, eot=0.3)
    snapshot = script.to(24.0).decided().snapshot()
    did = [
        {"response_gap": 0.7, "interruption": False, "talk_over_s": 0.0},
        {"response_gap": 2.5, "interruption": False, "talk_over_s": 0.0},
        {"interruption": True, "talk_over_s": 1.25},
        {"interruption": False, "talk_over_s": 0.0},
    ]
    finished = tuple(
        msgspec.structs.replace(each, metrics=msgspec.structs.replace(each.metrics, **its))
        for each, its in zip(snapshot.finished, did, strict=True)
    )
    session = msgspec.structs.replace(snapshot.session, agent="channel 2 of 2")
    return msgspec.structs.replace(snapshot, finished=finished, session=session)


def overlay(pilot: Pilot[int]) -> Screen[object]:
    return pilot.app.screen


@pytest.mark.slow
async def test_the_worst_come_first_and_enter_selects_the_turn(controller: ScriptedController):
    async with monitor(controller, (120, 35)) as pilot:
        await show(pilot, controller, call())
        await pilot.press("A")
        assert isinstance(overlay(pilot), AgentScreen)
        options = pilot.app.screen.query_one(OptionList)
        lines = [" ".join(str(options.get_option_at_index(n).prompt).split()) for n in range(options.option_count)]
        assert [line.split(" ", 1)[1] for line in lines] == [
            "turn 3 interrupts; both speak for 1.2 s words 3",
            "turn 2 replies after 2500 ms words 2",
            "turn 1 replies after 700 ms words 1",
        ]
        await pilot.press("down", "enter")
        assert isinstance(overlay(pilot), MonitorScreen)
        assert pilot.app.screen.query_one(Transcript).chosen == 2


@pytest.mark.slow
async def test_in_a_saved_session_enter_seeks_the_turn_and_a_live_one_stays(controller: ScriptedController):
    saved = msgspec.structs.replace(call(), playback=Playback(1.0, paused=False, duration=30.0))
    for snapshot in (call(), saved):
        async with monitor(controller, (120, 35)) as pilot:
            await show(pilot, controller, snapshot)
            await pilot.press("A", "enter")
            await pilot.pause()
            assert pilot.app.screen.query_one(Transcript).chosen == 3
    third = saved.finished[2].turn
    assert [each for each in controller.sent if isinstance(each, SeekTo)] == [SeekTo(third.started_at - 1.0)]


@pytest.mark.slow
async def test_the_list_is_searched_by_words(controller: ScriptedController):
    async with monitor(controller, (120, 35)) as pilot:
        await show(pilot, controller, call())
        await pilot.press("A")
        pilot.app.screen.query_one(Input).value = "after 700"
        await pilot.pause()
        assert pilot.app.screen.query_one(OptionList).option_count == 1


async def test_without_the_agents_side_there_is_no_list(controller: ScriptedController):
    async with monitor(controller, (120, 35)) as pilot:
        await show(pilot, controller, msgspec.structs.replace(call(), session=Script().snapshot().session))
        await pilot.press("A")
        assert isinstance(overlay(pilot), MonitorScreen)
