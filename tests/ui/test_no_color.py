"""Without colours (`NO_COLOR`) the screen is grey, and every state is told by word and glyph."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
SCENE = """
import sys
sys.path.insert(0, sys.argv[1])
import asyncio
from tests.ui.screen import monitor, show, text
from tests.ui.scripted import ScriptedController
from tests.ui.test_snapshots import guessed

async def main():
    controller = ScriptedController()
    async with monitor(controller) as pilot:
        await show(pilot, controller, guessed().snapshot())
        seen = text(pilot)
        assert "EAGER END" in seen and "guess" in seen and "● live" in seen and "connected" in seen
        colours = {
            color.get_truecolor()
            for strip in pilot.app.screen._compositor.render_strips()
            for segment in strip.apply_filter(pilot.app._filters[-1], pilot.app.screen.styles.background)
            for color in (segment.style.color, segment.style.bgcolor)
            if segment.style and color is not None
        }
        print(sorted({tuple(colour) for colour in colours}))

asyncio.run(main())
"""


@pytest.mark.slow
def test_every_colour_is_grey_and_states_are_told_in_words():
    run = subprocess.run(
        [sys.executable, "-c", SCENE, str(ROOT)],
        env=os.environ | {"NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    colours = ast.literal_eval(run.stdout)
    assert colours
    assert all(red == green == blue for red, green, blue in colours)
