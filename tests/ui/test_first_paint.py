import asyncio
from pathlib import Path

import pytest
from tests.ui.screen import text_of
from tests.ui.scripted import ScriptedController

import stt_monitor.ui.app
from stt_monitor.ui.app import MonitorApp
from stt_monitor.ui.keymap.keys import KeyContext
from stt_monitor.ui.screens.monitor import MonitorScreen
from stt_monitor.ui.widgets.transcript import Transcript

PANELS = ("timeline", "transcript")


class FirstPaintAlone(MonitorApp):
    """Nothing follows its first paint by itself."""

    CSS_PATH = str(Path(stt_monitor.ui.app.__file__).with_name(MonitorApp.CSS_PATH))

    def __init__(self, controller: ScriptedController) -> None:
        super().__init__(controller)
        self.painted = asyncio.Event()

    async def _first_paint_done(self):
        self.painted.set()


@pytest.mark.usefixtures("drawn_at_once")
async def test_what_is_mounted_after_the_first_paint_looks_as_what_kept_its_place(controller: ScriptedController):
    app = FirstPaintAlone(controller)
    async with app.run_test(size=(120, 35)) as pilot:
        await app.painted.wait()
        screen = app.screen
        assert isinstance(screen, MonitorScreen)
        frames = {name: screen.query_one(f"#{name}") for name in PANELS}
        looks = {name: (frame.region, text_of(frame), frame.styles.border_top) for name, frame in frames.items()}
        assert app.focused is frames["transcript"]
        await screen.mount_rest(KeyContext)
        await pilot.pause()
        panels = {name: screen.query_one(f"#{name}") for name in PANELS}
        assert looks == {
            name: (panel.region, text_of(panel), panel.styles.border_top) for name, panel in panels.items()
        }
        assert isinstance(app.focused, Transcript)
        assert not any(frame.is_attached for frame in frames.values())
