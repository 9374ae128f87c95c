"""The screen of a sweep: cells that fill, the curve, the way to a cell's session and back."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import msgspec
import pytest
from tests.ui.screen import show, text
from tests.ui.scripted import Script
from tests.ui.snapshots import difference
from tests.ui.sweeps import SETTINGS, SweepingController, state
from textual.pilot import Pilot

from stt_monitor.core.commands import OpenRecording, Stop
from stt_monitor.core.snapshot import Playback, Snapshot
from stt_monitor.core.sweep.result import CellProgress, CellState, SweepState
from stt_monitor.ui.sweep.app import SweepApp
from stt_monitor.ui.sweep.cells import GLYPHS, WORDS, CellsScreen
from stt_monitor.ui.sweep.screen import SweepScreen

_HANGS_S = 60
SIZES = [(40, 12), (55, 45), (80, 24), (120, 35), (160, 50)]


@pytest.fixture
def controller() -> SweepingController:
    return SweepingController()


@asynccontextmanager
async def sweep(controller: SweepingController, size: tuple[int, int] = (120, 35)) -> AsyncIterator[Pilot[int]]:
    app = SweepApp(controller)
    async with app.run_test(size=size, notifications=True) as pilot:
        async with asyncio.timeout(_HANGS_S):
            while not controller.subscribed and app.is_running:  # noqa: ASYNC110 - an app that ends early sets no event
                await asyncio.sleep(0.01)
        await pilot.pause()
        yield pilot
        assert app.caught == {}
    if app.fatal is not None:
        raise app.fatal


async def arrive(pilot: Pilot[int], controller: SweepingController, new: SweepState) -> None:
    controller.show_state(new)
    await pilot.pause()
    await pilot.pause()


def replayed() -> Snapshot:
    snapshot = Script().connect().turn(1.0, "The booking is for two.").to(6).decided().snapshot()
    return msgspec.structs.replace(snapshot, playback=Playback(1.0, paused=False, duration=31.0))


@pytest.mark.slow
@pytest.mark.parametrize("size", SIZES)
async def test_what_it_looks_like_is_on_file(controller: SweepingController, size: tuple[int, int]):
    async with sweep(controller, size) as pilot:
        await arrive(pilot, controller, state(20, note="the service wants fewer sessions: 4 at once"))
        await pilot.press("down", "down")
        await pilot.pause()
        assert await difference(pilot, f"sweep/{size[0]}x{size[1]}") == ""


async def test_before_the_first_cell_is_done_nothing_is_claimed(controller: SweepingController):
    async with sweep(controller) as pilot:
        assert "starting" in text(pilot)
        await arrive(pilot, controller, state(0))
        shown = text(pilot)
        assert "no cell is done yet" in shown
        assert "0/32 done" in shown
        assert "end 0.8" in shown
        assert " 0 %" not in shown


async def test_the_end_is_said_with_what_follows(controller: SweepingController):
    async with sweep(controller) as pilot:
        await arrive(pilot, controller, state(over=True))
        shown = text(pilot)
        assert "■ done" in shown
        assert "for at most 5 % cut-offs: end 0.4" in shown
        assert "--set end_threshold=0.4" in shown


async def test_the_only_recording_is_named(controller: SweepingController):
    async with sweep(controller) as pilot:
        await arrive(pilot, controller, msgspec.structs.replace(state(20), source="bundled sample"))
        assert "local server (Moonshine) · bundled sample · 8 settings" in text(pilot).splitlines()[0]


async def test_done_is_said_once_all_is_in(controller: SweepingController):
    async with sweep(controller) as pilot:
        await arrive(pilot, controller, msgspec.structs.replace(state(over=True), settled=False))
        assert "■" not in text(pilot).splitlines()[0]
        assert "finding intervals…" in text(pilot)
        await arrive(pilot, controller, msgspec.structs.replace(state(20), settled=True))
        assert "■ stopped" in text(pilot)


@pytest.mark.slow
async def test_a_cell_is_opened_and_the_sweep_is_one_key_away(controller: SweepingController):
    async with sweep(controller) as pilot:
        await arrive(pilot, controller, state(20))
        await pilot.press("down", "enter")
        await pilot.pause()
        assert isinstance(pilot.app.screen, CellsScreen)
        assert "end 0.2" in text(pilot)
        await pilot.press("enter")
        await pilot.pause()
        assert controller.sent[-1] == OpenRecording("/sessions/1", at_end=True)
        assert len(pilot.app.screen_stack) == 1
        await show(pilot, controller, replayed())
        assert "The booking is for two." in text(pilot)
        await pilot.press("S")
        await pilot.pause()
        assert isinstance(pilot.app.screen, SweepScreen)
        assert "18/32 done" in text(pilot)
        await pilot.press("escape")
        await pilot.pause()
        assert "The booking is for two." in text(pilot)


@pytest.mark.slow
async def test_recordings_of_one_name_are_told_apart(controller: SweepingController):
    async with sweep(controller) as pilot:
        given = state(20)
        paths = [f"/calls/{place}/talk.wav" for place in range(2)]
        cells = [CellProgress(msgspec.structs.replace(given.cells[0].cell, recording=path)) for path in paths]
        await arrive(pilot, controller, msgspec.structs.replace(given, cells=tuple(cells)))
        await pilot.press("enter")
        await pilot.pause()
        assert "/calls/0/talk.wav" in text(pilot)
        assert "/calls/1/talk.wav" in text(pilot)


@pytest.mark.slow
async def test_a_cell_without_a_session_cannot_be_opened(controller: SweepingController):
    async with sweep(controller) as pilot:
        await arrive(pilot, controller, state(0))
        await pilot.press("end", "enter", "enter", "enter")
        await pilot.pause()
        assert not any(isinstance(command, OpenRecording) for command in controller.sent)


async def test_there_is_no_way_back_to_no_session(controller: SweepingController):
    async with sweep(controller) as pilot:
        await arrive(pilot, controller, state(20))
        await pilot.press("escape", "S")
        await pilot.pause()
        assert isinstance(pilot.app.screen, SweepScreen)


async def test_arms_are_shown_one_after_another(controller: SweepingController):
    async with sweep(controller) as pilot:
        await arrive(pilot, controller, state(64, over=True, arms=("", "phone")))
        assert "Curve: clean" in text(pilot)
        await pilot.press("a")
        await pilot.pause()
        assert "Curve: phone" in text(pilot)
        await pilot.press("a")
        await pilot.pause()
        assert "Curve: clean" in text(pilot)


@pytest.mark.slow
async def test_the_chosen_row_stays_in_view(controller: SweepingController):
    async with sweep(controller, (40, 12)) as pilot:
        await arrive(pilot, controller, state(20))
        await pilot.press(*["down"] * len(SETTINGS))
        await pilot.pause()
        assert "▸ h end 0.8" in text(pilot)
        assert "end 0.1" not in text(pilot)


@pytest.mark.slow
async def test_what_others_wrote_reaches_no_terminal(controller: SweepingController):
    async with sweep(controller) as pilot:
        given = state(20, note="\x1b]0;owned\x07 [bold]note")
        cells = [
            msgspec.structs.replace(
                each, cell=msgspec.structs.replace(each.cell, recording="\x1b[2J[red]x.wav"), note="\x07[/]", folder=""
            )
            for each in given.cells
        ]
        await arrive(pilot, controller, msgspec.structs.replace(given, cells=tuple(cells)))
        assert "\x1b" not in text(pilot)
        assert "[bold]note" in text(pilot)
        await pilot.press("enter")
        await pilot.pause()
        assert "[red]x.wav" in text(pilot)
        assert "\x1b" not in text(pilot)


@pytest.mark.slow
async def test_help_explains_it(controller: SweepingController):
    async with sweep(controller, (120, 60)) as pilot:
        await arrive(pilot, controller, state(20))
        await pilot.press("question_mark")
        await pilot.pause()
        shown = text(pilot)
        assert "Settings" in shown
        assert "slow: this machine or its network held it up" in shown


async def test_quitting_stops_the_sweep_in_order(controller: SweepingController):
    controller.running = False
    async with sweep(controller) as pilot:
        await arrive(pilot, controller, state(20))
        await pilot.press("q")
        await pilot.pause()
        assert controller.sent[-1] == Stop()


def test_every_state_of_a_cell_has_a_sign():
    assert set(GLYPHS) == set(WORDS) == set(CellState)
