"""A mouse is pressed, moved and let go on what the picture still shows, though it is gone."""

import pytest
from tests.ui.bunches import feed
from tests.ui.screen import monitor
from tests.ui.scripted import ScriptedController
from textual.events import Click
from textual.pilot import Pilot
from textual.widget import Widget
from textual.widgets import Input, Label
from textual.widgets._toast import Toast, ToastHolder

from stt_monitor.ui.screens.monitor import MonitorScreen

SCREENS = ["escape", "question_mark", "t", "i"]
"""What opens screens; the first stays on the one beneath."""


async def show_toast(pilot: Pilot[int], screen: str) -> Toast:
    """Open a screen, with a notice over it."""
    await pilot.press(screen)
    pilot.app.notify("a notice", timeout=600)
    await pilot.pause()
    toast = pilot.app.screen.query_one(Toast)
    assert toast.region
    return toast


def at(widget: Widget) -> str:
    """Return where a part's text is, as a terminal says it."""
    text = widget.content_region
    return f"{text.x + 2};{text.y + 1}"


async def mouse(pilot: Pilot[int], pressed: str, let_go: str) -> None:
    """Press the mouse, move it, and let it go."""
    feed(pilot.app, f"\x1b[<0;{pressed}M\x1b[<32;{let_go}M\x1b[<0;{let_go}m")
    await pilot.pause()


@pytest.mark.parametrize("gone", [Toast, ToastHolder])
@pytest.mark.parametrize("screen", SCREENS)
async def test_a_press_on_a_part_that_is_gone_is_no_fault(
    controller: ScriptedController, screen: str, gone: type[Widget]
):
    async with monitor(controller) as pilot:
        app = pilot.app
        where = at(await show_toast(pilot, screen))
        shown, focused = app.screen, app.focused
        with app.batch_update():  # the picture still has it
            await shown.query_one(gone).remove()
            await mouse(pilot, where, where)
        assert app.screen is shown
        assert app.focused is focused


@pytest.mark.slow
async def test_a_click_finds_what_lies_beneath_a_part_that_is_gone(controller: ScriptedController):
    async with monitor(controller) as pilot:
        where = at(await show_toast(pilot, "ctrl+p"))
        with pilot.app.batch_update():
            await pilot.app.screen.query_one(Toast).remove()
            await mouse(pilot, where, where)
        assert isinstance(pilot.app.screen, MonitorScreen)  # as by a click beside the list


@pytest.mark.slow
async def test_a_click_outside_of_a_window_that_has_shrunk_is_no_fault(controller: ScriptedController):
    async with monitor(controller) as pilot:
        await pilot.press("ctrl+p")
        palette = pilot.app.screen
        feed(pilot.app, "\x1b[<0;119;34M")
        await pilot.resize_terminal(60, 20)
        feed(pilot.app, "\x1b[<0;119;34m")
        palette.post_message(
            Click(palette, 118, 33, 0, 0, 1, shift=False, meta=False, ctrl=False, screen_x=118, screen_y=33)
        )
        await pilot.pause()
        assert pilot.app.screen is palette


@pytest.mark.parametrize("gone", ["first", "last"])
async def test_a_selection_that_begins_or_ends_on_a_part_that_is_gone_is_no_fault(
    controller: ScriptedController, gone: str
):
    async with monitor(controller) as pilot:
        first, last = Label("some words", id="first"), Label("more words", id="last")
        await pilot.app.screen.mount(first, last, before=0)
        await pilot.pause()
        ends = at(first), at(last)
        with pilot.app.batch_update():
            await pilot.app.screen.query_one(f"#{gone}").remove()
            await mouse(pilot, *ends)
            await mouse(pilot, *reversed(ends))


async def test_a_part_that_is_gone_gets_no_focus(controller: ScriptedController):
    async with monitor(controller) as pilot:
        text = Input()
        await pilot.app.screen.mount(text, before=0)
        await pilot.pause()
        where = at(text)
        with pilot.app.batch_update():
            await text.remove()
            await mouse(pilot, where, where)
        assert pilot.app.focused is not text
        await pilot.press("question_mark")
        assert len(pilot.app.screen_stack) == 2
