"""The app under test: on a screen of any size, with what it shows as text."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from inspect import unwrap

from tests.support.idle import until_idle
from tests.ui.scripted import ScriptedController
from textual.pilot import Pilot
from textual.widget import Widget

from stt_monitor.core.snapshot import Snapshot
from stt_monitor.ui.app import MonitorApp

SIZES = [(40, 12), (60, 20), (80, 24), (120, 35), (160, 50), (200, 60)]

_HANGS_S = 60
"""Only an app that hangs takes so long to begin."""
_POLL_S = 0.01


@asynccontextmanager
async def monitor(
    controller: ScriptedController, size: tuple[int, int] = (120, 35), *, autostart: bool = True
) -> AsyncIterator[Pilot[int]]:
    """Run the app without a terminal."""
    app = MonitorApp(controller, autostart=autostart)
    async with app.run_test(size=size, notifications=True) as pilot:
        await _subscribed(controller, app)
        await unwrap(Pilot.pause)(pilot)  # without drawing: nobody looks yet
        yield pilot
        assert app.caught == {}
    if app.fatal is not None:
        raise app.fatal


async def _subscribed(controller: ScriptedController, app: MonitorApp) -> None:
    """Wait until the app is ready for snapshots: it subscribes after its first paint, or ends before."""
    async with asyncio.timeout(_HANGS_S):
        while not controller.subscribed and app.is_running:  # noqa: ASYNC110 - an app that ends early sets no event
            await asyncio.sleep(_POLL_S)


async def show(pilot: Pilot[int], controller: ScriptedController, snapshot: Snapshot) -> None:
    """Send a snapshot the way that sessions do, and wait until it is on the screen."""
    controller.show(snapshot)
    await until_idle()  # it is handed over
    await pilot.pause()


async def resize(pilot: Pilot[int], size: tuple[int, int]) -> None:
    """Give the terminal another size, and wait until all is drawn in it: for less than another app costs."""
    await pilot.resize_terminal(*size)
    await pilot.pause()
    assert pilot.app.screen.size == size


async def in_every_size(pilot: Pilot[int]) -> AsyncIterator[tuple[int, int]]:
    """Give the terminal one size after another."""
    for size in SIZES:
        await resize(pilot, size)
        yield size


def text(pilot: Pilot[int]) -> str:
    """Return all that is on the screen."""
    return "\n".join(strip.text for strip in pilot.app.screen._compositor.render_strips())


def text_of(widget: Widget) -> str:
    """Return what a widget shows, border included."""
    region = widget.region
    strips = widget.screen._compositor.render_strips()[region.y : region.bottom]
    return "\n".join(strip.crop(region.x, region.right).text for strip in strips)
