"""A window takes one size after another, faster than the screens are laid out."""

import asyncio

import pytest
from tests.ui.screen import monitor
from tests.ui.scripted import ScriptedController
from textual.events import Resize
from textual.geometry import Size

WIDE, NARROW = Size(120, 40), Size(80, 24)


@pytest.mark.slow
@pytest.mark.parametrize("overlay", ["question_mark", "t", "i", "ctrl+p"])
async def test_a_screen_beneath_another_is_laid_out_for_the_last_size_alone(
    controller: ScriptedController, overlay: str
):
    async with monitor(controller, size=WIDE) as pilot:
        await pilot.press(overlay)
        *_, beneath, top = pilot.app.screen_stack
        await pilot.resize_terminal(*NARROW)
        for late in (WIDE, NARROW, WIDE, NARROW):
            beneath.post_message(Resize(late, late))
            beneath.call_later(lambda: None)  # of sizes in a row only the last one is handled
        for _ in range(2000):
            await asyncio.sleep(0)
        assert not beneath.message_queue_size
        assert beneath.size == top.size == NARROW
