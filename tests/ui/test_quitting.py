import asyncio
import threading
from typing import TYPE_CHECKING

import pytest
from tests.ui.screen import monitor, show, text
from tests.ui.scripted import Script, ScriptedController
from textual.app import App

from stt_monitor.core.commands import Start, Stop
from stt_monitor.ui import leaving_app
from stt_monitor.ui.app import MonitorApp

if TYPE_CHECKING:
    from collections.abc import Callable


async def ended(app: App[int]) -> None:
    while not app._exit:  # noqa: ASYNC110 - the app has no event for it
        await asyncio.sleep(leaving_app.POLL_S / 5)


@pytest.mark.parametrize(("key", "code"), [("q", 0), ("ctrl+q", 0), ("ctrl+c", 130)])
async def test_keys_stop_the_session_and_leave(controller: ScriptedController, key: str, code: int):
    async with monitor(controller) as pilot:
        await pilot.press(key)
        await ended(pilot.app)
    assert controller.sent == [Start(), Stop()]
    assert pilot.app.return_code == code


@pytest.mark.parametrize(("key", "code"), [("q", 0), ("ctrl+q", 0), ("ctrl+c", 130)])
async def test_keys_leave_from_the_help_too(controller: ScriptedController, key: str, code: int):
    async with monitor(controller) as pilot:
        await pilot.press("f1", key)
        await ended(pilot.app)
    assert pilot.app.return_code == code


async def test_waits_for_the_session_and_shows_what_still_comes():
    controller = ScriptedController(stops=False)
    async with monitor(controller) as pilot:
        script = Script().connect().event(1, "turn.start")
        await show(pilot, controller, script.snapshot())
        await pilot.press("q")
        await pilot.pause()
        assert controller.sent == [Start(), Stop()]
        assert not pilot.app._exit
        assert "closing…" in text(pilot)
        await show(pilot, controller, script.event(2, "turn.end", "the last words").snapshot())
        assert "the last words" in text(pilot)
        controller.running = False
        await ended(pilot.app)
    assert pilot.app.return_code == 0


async def test_a_second_q_does_not_wait():
    controller = ScriptedController(stops=False)
    async with monitor(controller) as pilot:
        await pilot.press("q")
        assert not pilot.app._exit
        await pilot.press("q")
        assert pilot.app._exit


async def test_a_session_that_never_ends_is_left_behind(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(leaving_app, "PATIENCE_S", 0.2)
    controller = ScriptedController(stops=False)
    async with monitor(controller) as pilot:
        await pilot.press("q")
        await ended(pilot.app)
    assert controller.running
    assert pilot.app.return_code == 0


async def test_no_session_can_be_started_while_leaving():
    controller = ScriptedController(stops=False)
    async with monitor(controller, autostart=False) as pilot:
        await pilot.press("s", "q", "s")
        assert controller.sent == [Start(), Stop()]


async def test_whoever_minds_the_way_out_can_have_the_screen_leave():
    controller = ScriptedController(stops=False)
    asked: list[Callable[[int], object]] = []
    app = MonitorApp(controller, can_leave=asked.append)
    async with app.run_test() as pilot:
        await pilot.pause()
        (leave,) = asked
        other = threading.Thread(target=leave, args=(143,))  # one that knows nothing of the app
        other.start()
        await asyncio.to_thread(other.join)
        await pilot.pause()
        assert not app._exit
        controller.running = False
        await ended(app)
    assert controller.sent == [Start(), Stop()]
    assert app.return_code == 143


async def test_it_can_be_left_before_the_first_picture(controller: ScriptedController):
    app = MonitorApp(controller, can_leave=lambda leave: leave(143))
    async with app.run_test():
        await ended(app)
    assert Start() not in controller.sent
    assert app.return_code == 143


async def test_snapshots_that_come_after_the_end_do_no_harm(controller: ScriptedController):
    async with monitor(controller) as pilot:
        await pilot.press("q")
        await ended(pilot.app)
    controller.show(Script().snapshot())
