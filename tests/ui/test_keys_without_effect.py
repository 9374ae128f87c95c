"""A key that can do nothing now says why; none is silent."""

import asyncio
import os
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from tests.ui.lanes import talk
from tests.ui.screen import monitor, show, text, text_of
from tests.ui.scripted import Script, ScriptedController
from textual.app import App

from stt_monitor.core.commands import Start
from stt_monitor.core.records.session import RecordingState
from stt_monitor.core.snapshot import Playback, Snapshot
from stt_monitor.recording.finding import demo_recording
from stt_monitor.recording.player import Player
from stt_monitor.session.switching import SwitchingController
from stt_monitor.ui.app import MonitorApp
from stt_monitor.ui.screens.recordings import RecordingsScreen
from stt_monitor.ui.widgets.side_by_side.table import StretchTable
from stt_monitor.ui.widgets.side_by_side.timeline import LanesTimeline
from stt_monitor.ui.widgets.timeline import Timeline
from stt_monitor.ui.widgets.transcript import Transcript


def notices(app: App[int]) -> list[str]:
    return [f"{each.title} {each.message}".strip() for each in app._notifications]


def live() -> Snapshot:
    return Script().connect().turn(1, "Hello there").snapshot(5)


def replayed() -> Snapshot:
    return msgspec.structs.replace(live(), playback=Playback(1.0, paused=False, duration=30.0))


LIVE_KEYS = {
    "full_stop": "event",
    "]": "speed",
    "{": "by turn",
    "(": "back and forth",
    "r": "no retry",
    "n": "press /",
}


@pytest.mark.parametrize(("key", "word"), LIVE_KEYS.items())
async def test_in_a_live_session(controller: ScriptedController, key: str, word: str):
    async with monitor(controller) as pilot:
        await show(pilot, controller, live())
        await pilot.press(key)
        assert len(notices(pilot.app)) == 1
        assert word in notices(pilot.app)[0]
        await pilot.press(key, key)
        assert len(notices(pilot.app)) == 1


@pytest.mark.slow
async def test_where_the_focus_is_elsewhere_or_nothing_is_selected(controller: ScriptedController):
    async with monitor(controller) as pilot:

        async def said(part: str, key: str) -> str:
            pilot.app.clear_notifications()
            pilot.app.screen.query_one(part).focus()
            await pilot.pause()
            await pilot.press(key)
            return " ".join(notices(pilot.app))

        for part in ("#timeline", "#transcript", "#metrics-table"):
            assert await said(part, "enter") == "no turn has ended yet"
            assert await said(part, "up") == "no turn has ended yet"
        await show(pilot, controller, live())
        for part in ("#timeline", "#transcript", "#metrics-table"):
            assert "select a turn first" in await said(part, "enter")
            assert await said(part, "up") == ""
            assert pilot.app.screen.query_one(Transcript).chosen == 1
            await pilot.press("escape")
        assert "press Tab to go there" in await said("#transcript", "left")
        assert await said("#timeline", "left") == ""
        assert await said("#metrics-table", "left") == ""


@pytest.mark.slow
async def test_side_by_side_where_no_row_is_selected(controller: ScriptedController):
    async with monitor(controller, (160, 50)) as pilot:
        await show(pilot, controller, talk().snapshot())
        await pilot.pause()
        pilot.app.screen.query_one(LanesTimeline).focus()
        await pilot.pause()
        await pilot.press("enter")
        assert "select a row" in notices(pilot.app)[0]
        pilot.app.clear_notifications()
        await pilot.press("up")
        assert notices(pilot.app) == []
        assert pilot.app.screen.query_one(StretchTable).chosen is not None


async def test_while_the_program_leaves():
    controller = ScriptedController(stops=False)
    async with monitor(controller) as pilot:
        await show(pilot, controller, live())
        await pilot.press("q", "R")
        assert notices(pilot.app) == ["the program is about to end; q ends it at once"]


@pytest.mark.parametrize("key", ["t", "i", "e"])
async def test_in_a_recorded_session(controller: ScriptedController, key: str):
    async with monitor(controller) as pilot:
        await show(pilot, controller, replayed())
        await pilot.press(key)
        assert "cannot be changed" in notices(pilot.app)[0]
        assert "live" not in text_of(pilot.app.query_one(Timeline))


@pytest.mark.parametrize(
    ("size", "word"),
    [((200, 60), "both are already shown"), ((160, 50), "both are already shown"), ((60, 14), "too small")],
)
async def test_v_where_there_is_nothing_to_choose(controller: ScriptedController, size: tuple[int, int], word: str):
    async with monitor(controller, size) as pilot:
        await show(pilot, controller, live())
        await pilot.press("v")
        assert word in notices(pilot.app)[0]


@pytest.mark.slow
@pytest.mark.parametrize("size", [(30, 8), (39, 30), (120, 11)])
async def test_in_a_window_that_is_too_small_keys_do_nothing_until_it_grows(
    controller: ScriptedController, size: tuple[int, int]
):
    async with monitor(controller, size) as pilot:
        await show(pilot, controller, live())
        before, main = text(pilot), pilot.app.screen
        await pilot.press(*"sticeow?/fvymRp]n", "ctrl+p", "plus", "space", "enter", "up", "escape", "tab")
        pilot.app.notify("said meanwhile")
        await pilot.pause()
        assert pilot.app.screen is main
        assert text(pilot) == before
        assert "too small" in " ".join(before.split())
        assert notices(pilot.app) == ["said meanwhile"]
        assert controller.sent == [Start()]
        await pilot.resize_terminal(120, 35)
        await pilot.pause()
        await pilot.press("question_mark")
        assert pilot.app.screen is not main


@pytest.mark.parametrize(("key", "code"), [("q", 0), ("ctrl+q", 0), ("ctrl+c", 130)])
async def test_a_window_that_is_too_small_can_be_left(controller: ScriptedController, key: str, code: int):
    async with monitor(controller, (30, 8)) as pilot:
        controller.running = False
        await pilot.press(key)
        await pilot.pause()
        assert pilot.app.return_code == code


@pytest.mark.parametrize("key", ["y", "Y"])
async def test_before_there_is_a_turn_to_copy(controller: ScriptedController, key: str):
    async with monitor(controller) as pilot:
        await show(pilot, controller, Script().connect().snapshot(2))
        await pilot.press(key)
        assert "no turn has ended yet" in notices(pilot.app)[0]


@pytest.mark.slow
async def test_what_works_says_nothing(controller: ScriptedController):
    async with monitor(controller, (80, 24)) as pilot:
        await show(pilot, controller, live())
        await pilot.press("v", "plus", "space", "f", "c", "escape", "t", "escape")
        assert notices(pilot.app) == []


async def test_shift_r_starts_when_nothing_runs(controller: ScriptedController):
    async with monitor(controller) as pilot:
        controller.running = False
        await show(pilot, controller, msgspec.structs.replace(live(), running=False))
        await pilot.press("R")
        await pilot.pause()
        assert controller.sent[-1] == Start()


@pytest.mark.slow
async def test_a_replay_begins_anew_and_opens_others(tmp_path: Path):
    stage = SwitchingController(None, tmp_path, Player(demo_recording(), paused=True))
    app = MonitorApp(stage)
    async with app.run_test(size=(120, 35), notifications=True) as pilot:
        await until(pilot.app, lambda snapshot: snapshot.running)
        await pilot.press("right_parenthesis")
        await until(pilot.app, lambda snapshot: snapshot.at == 10)
        await pilot.press("R")
        await until(pilot.app, lambda snapshot: snapshot.at == 0)
        await pilot.press(*["right_parenthesis"] * 6)
        await until(pilot.app, lambda snapshot: not snapshot.running)
        await pilot.press("R")
        await until(pilot.app, lambda snapshot: snapshot.running and snapshot.at == 0)
        await pilot.press("o")
        await pilot.pause()
        assert isinstance(pilot.app.screen, RecordingsScreen)
        assert "back to live" not in text(pilot)
        await pilot.press(*"demo", "enter")
        await until(pilot.app, lambda snapshot: snapshot.playback is not None and not snapshot.playback.paused)
        stage.close()


async def test_the_first_session_that_is_saved_says_once_where_and_how_to_save_none(controller: ScriptedController):
    states = [RecordingState("/kept/one"), *[RecordingState("/kept/one", first=True)] * 3]
    async with monitor(controller) as pilot:
        for state in states:
            await show(pilot, controller, msgspec.structs.replace(live(), recording=state))
        (notice,) = pilot.app._notifications
        assert notice.title == "Sessions are saved"
        assert notice.message == "in /kept; --no-record saves none"
        pilot.app.clear_notifications()
        await show(pilot, controller, msgspec.structs.replace(live(), recording=states[-1]))
        assert list(pilot.app._notifications) == []


def pictures(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.svg"))


async def until(app: App[int], true: Callable[[Snapshot], bool]) -> None:
    assert isinstance(app, MonitorApp)
    for _ in range(1000):
        if app._snapshot is not None and true(app._snapshot):
            return
        await asyncio.sleep(0.02)
    pytest.fail("it never came about")


@pytest.mark.slow
@pytest.mark.parametrize("recorded", [False, True])
async def test_a_picture_is_saved_where_one_works_and_one_notice_says_where(
    controller: ScriptedController, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, recorded: bool
):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", "/nonexistent")
    async with monitor(controller) as pilot:
        recording = RecordingState(str(tmp_path / "kept")) if recorded else None
        await show(pilot, controller, msgspec.structs.replace(live(), recording=recording))
        await pilot.press("p")
        await pilot.press("p")
        saved = pictures(tmp_path)
        assert len(saved) == 2
        assert notices(pilot.app) in [[f"Screenshot saved {path}"] for path in saved]
        assert "Hello there".replace(" ", "&#160;") in saved[0].read_text(encoding="utf-8")


@pytest.mark.slow
async def test_a_picture_goes_to_the_session_where_the_working_directory_takes_none(
    controller: ScriptedController, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    try:
        async with monitor(controller) as pilot:
            await show(pilot, controller, live())
            await pilot.press("p")
            assert notices(pilot.app) == ["the screenshot cannot be saved (.: No such file or directory)"]
            kept = msgspec.structs.replace(live(), recording=RecordingState(str(tmp_path)))
            await show(pilot, controller, kept)
            await pilot.press("p")
            (saved,) = pictures(tmp_path)
            assert notices(pilot.app) == [f"Screenshot saved {saved}"]
    finally:
        os.chdir(tmp_path)
