"""No key at any moment, in any bunch, on any screen, ends the program; nor does a mistake in a handler."""

import asyncio
import os
import queue
import select
import threading
import time

import pytest
from tests.ui.anything import Anything, pictures
from tests.ui.bunches import live_through
from tests.ui.screen import monitor, show, text, text_of
from tests.ui.scripted import Script, ScriptedController
from textual.pilot import Pilot
from textual.widget import MountError

from stt_monitor.core.commands import ChooseService, Start
from stt_monitor.core.errors import place_of
from stt_monitor.ui import exception_guard
from stt_monitor.ui.app import MonitorApp
from stt_monitor.ui.palette import Palette
from stt_monitor.ui.screens.help import HelpScreen
from stt_monitor.ui.screens.monitor import MonitorScreen
from stt_monitor.ui.screens.settings import SettingsScreen
from stt_monitor.ui.widgets.error_bar import ErrorBar
from stt_monitor.ui.widgets.timeline import Timeline
from stt_monitor.ui.widgets.turn_state import TurnStatePanel

pytestmark = pytest.mark.usefixtures("drawn_at_once")

BUNCHES = 20
"""In each life; `tests/benchmarks/keys.py` sends as many as one likes."""


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(12))
async def test_bunches_of_keys_clicks_and_sizes_end_nothing(seed: int):
    assert await live_through(seed, BUNCHES) == []


async def type_ahead(app: MonitorApp, *keys: str) -> None:
    """Type before anything is there."""
    for key in keys:
        app.simulate_key(key)


@pytest.mark.slow
async def test_keys_wait_for_the_first_picture(controller: ScriptedController):
    app = MonitorApp(controller)
    async with app.run_test(size=(120, 35)) as pilot:
        await type_ahead(app, "f", "question_mark")
        assert not app.caught
        await pilot.pause()
        await pilot.pause()
        assert isinstance(app.screen, HelpScreen)
        assert app.screen_stack[0].has_class("-metric")
    assert app.fatal is None


@pytest.mark.parametrize(("key", "code"), [("q", 0), ("ctrl+q", 0), ("ctrl+c", 130)])
async def test_those_that_leave_do_not_wait(controller: ScriptedController, key: str, code: int):
    app = MonitorApp(controller)
    async with app.run_test() as pilot:
        await type_ahead(app, key)
        await pilot.pause()
    assert app.fatal is None
    assert app.return_code == code
    assert Start() not in controller.sent


@pytest.mark.parametrize(
    "sent",
    [
        b"\xfc",
        b"\xc3\x28",
        b"\xff\xfe",
        b"\x1b[1114112u",
        b"\x1b[99999999999999u",
        b"\x1b[:u",
        b"\x1b[1:B",
        b"\x1b[:3;201~",
    ],
    ids=repr,
)
def test_whatever_bytes_a_terminal_sends_keys_behind_them_are_heard(sent: bytes):
    exception_guard.install()
    from textual.drivers.linux_driver import LinuxDriver

    reading, writing = os.pipe()
    driver = object.__new__(LinuxDriver)  # its reader of bytes alone, without a terminal
    driver.fileno, driver._debug, driver.exit_event = reading, False, threading.Event()
    heard: queue.Queue[object] = queue.Queue()
    driver.process_message = heard.put  # type: ignore[method-assign, assignment]
    reader = threading.Thread(target=driver.run_input_thread)
    reader.start()
    try:
        os.write(writing, b"a" + sent)
        assert getattr(heard.get(timeout=60), "key", "") == "a"
        while select.select([reading], [], [], 0)[0]:
            time.sleep(0.01)
        os.write(writing, b"z")
        while getattr(heard.get(timeout=60), "key", "") != "z":
            pass
    finally:
        driver.exit_event.set()
        reader.join()
        os.close(reading)
        os.close(writing)


async def test_what_fails_because_the_app_leaves_is_no_mistake(controller: ScriptedController):
    app = MonitorApp(controller)
    async with app.run_test() as pilot:
        app._keys_released = False
        app.exit(0, return_code=0)
        app._handle_exception(MountError("the screen is gone"))
        await pilot.pause()
    assert app.fatal is None
    assert app.return_code == 0


async def bunched(pilot: Pilot[int], *keys: str) -> None:
    """Press keys in one go, none waiting for what another does."""
    for key in keys:
        pilot.app.simulate_key(key)
    await pilot.pause()
    await pilot.pause()


@pytest.mark.slow
async def test_escape_closes_what_is_open_and_never_another_screen(controller: ScriptedController):
    async with monitor(controller) as pilot:
        await pilot.press("t")
        await bunched(pilot, "question_mark", "escape", "escape", "escape", "escape")
        assert isinstance(pilot.app.screen, MonitorScreen)
        await pilot.press("t", "question_mark")
        help_screen = pilot.app.screen
        assert isinstance(help_screen, HelpScreen)
        help_screen.dismiss()
        help_screen.dismiss()
        await pilot.pause()
        assert isinstance(pilot.app.screen, SettingsScreen)


@pytest.mark.slow
async def test_enter_chooses_once_however_often_it_is_pressed():
    controller = Anything()
    async with monitor(controller) as pilot:
        await pilot.press("e")
        await bunched(pilot, "enter", "enter", "enter")
        assert len([command for command in controller.sent if isinstance(command, ChooseService)]) == 1


@pytest.mark.slow
async def test_the_palette_answers_once_however_often_it_is_closed(controller: ScriptedController):
    async with monitor(controller) as pilot:
        await pilot.press("ctrl+p")
        palette = pilot.app.screen
        assert isinstance(palette, Palette)
        palette.dismiss()
        palette.dismiss()
        await pilot.pause()
        assert isinstance(pilot.app.screen, MonitorScreen)


@pytest.mark.slow
async def test_the_palette_opens_and_closes_in_one_bunch(controller: ScriptedController):
    async with monitor(controller) as pilot:
        await bunched(pilot, "ctrl+p", "escape", "ctrl+p", "escape", "ctrl+p", "pageup", "pagedown")
        assert not pilot.app._exit


def fail(*_: object) -> None:
    raise LookupError("[b]this is a test")


async def fails_and_goes_on(pilot: Pilot[int], controller: ScriptedController) -> None:
    """See that something was told, without what it was about, and that the session is still shown."""
    await pilot.pause()
    await pilot.pause()
    assert "a bug of stt-monitor (LookupError in test_any_keys.py" in text(pilot).replace("\n", " ")
    assert "this is a test" not in text(pilot)
    await show(pilot, controller, Script().connect().turn(1, "It goes on").snapshot(5))
    assert "It goes on" in text(pilot)
    await pilot.press("d")
    assert not pilot.app.screen.query_one(ErrorBar).display
    assert pilot.app.return_code is None


@pytest.fixture
def noted() -> list[BaseException]:
    return []


@pytest.mark.slow
@pytest.mark.parametrize("where", ["handler", "idle", "timer", "worker", "picture", "loop", "later"])
async def test_a_mistake_is_told_and_the_session_goes_on(
    controller: ScriptedController, monkeypatch: pytest.MonkeyPatch, noted: list[BaseException], where: str
):
    def tell(error: BaseException) -> str:
        noted.append(error)
        return f"a bug of stt-monitor ({place_of(error)})"

    app = MonitorApp(controller, log_exception=tell)
    async with app.run_test(size=(160, 40), notifications=True) as pilot:
        await pilot.pause()
        if where == "handler":
            monkeypatch.setattr(MonitorApp, "action_tune", fail)
            await pilot.press("t")
        elif where == "idle":
            app.call_next(fail)
        elif where == "timer":
            app.set_timer(0.01, fail)
            await asyncio.sleep(0.1)
        elif where == "worker":

            async def work() -> None:
                fail()

            app.run_worker(work())
        elif where == "picture":
            monkeypatch.setattr(TurnStatePanel, "render_line", fail)
            app.screen.query_one(TurnStatePanel).refresh()
        elif where == "loop":
            asyncio.get_running_loop().call_soon(fail)
        else:
            app.screen.query_one(Timeline).call_later(fail)
        await fails_and_goes_on(pilot, controller)
    assert len(noted) == 1
    assert app.fatal is None


@pytest.mark.slow
async def test_what_fails_each_time_is_told_once_and_costs_no_more_than_pictures_do(
    controller: ScriptedController, monkeypatch: pytest.MonkeyPatch, noted: list[BaseException]
):
    def tell(error: BaseException) -> str:
        noted.append(error)
        return f"a bug of stt-monitor ({place_of(error)})"

    app = MonitorApp(controller, log_exception=tell)
    async with app.run_test(size=(120, 35)) as pilot:
        await pilot.pause()
        await show(pilot, controller, pictures()[3])
        monkeypatch.setattr(MonitorScreen, "show", fail)
        for at in range(20):
            await show(pilot, controller, pictures()[at % 3])
        before = sum(app.caught.values())
        used = time.process_time()
        await asyncio.sleep(1.0)  # nothing happens in it
        assert sum(app.caught.values()) == before
        assert time.process_time() - used < 0.8  # one that spins would use all of it
        assert "a bug of stt-monitor" in text_of(app.screen.query_one(ErrorBar))
    assert len(noted) == 1


def test_without_a_first_picture_it_is_said_to_whoever_started_it(
    controller: ScriptedController, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(MonitorScreen, "compose", fail)
    monkeypatch.setattr(MonitorApp, "run", lambda app: asyncio.run(app.run_async(headless=True)))
    with pytest.raises(LookupError):
        MonitorApp(controller).run_to_end()
