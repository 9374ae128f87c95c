"""Films the screen: the real app, drawing for a driver that keeps what a terminal would get."""

import asyncio
from collections.abc import AsyncIterator
from typing import Final, NamedTuple

from textual.drivers.headless_driver import HeadlessDriver
from textual.pilot import Pilot

from stt_monitor.core.commands import Controller, Seek
from stt_monitor.ui.app import MonitorApp
from stt_monitor.ui.messages import SnapshotArrived

_SAME_S: Final = 1e-6
"""Times of session that differ by less are the same."""


class Frame(NamedTuple):
    """What the terminal gets at one moment."""

    at: float
    """Seconds of session."""
    output: str
    """Text with control sequences: what changed since the frame before."""


async def film(controller: Controller, step: float, size: tuple[int, int]) -> AsyncIterator[Frame]:
    """Play a saved session on the screen, step by step, as fast as it can be drawn.

    Args:
        controller: plays it; its clock stands, so that it goes on only when it is told to.
        step: from one frame to the next, seconds of session.
        size: columns and rows of the terminal.

    Yields:
        A frame for each step, to the end of the session.

    Raises:
        Exception: whatever prevented the first paint.
    """
    app = _FilmedApp(controller)
    async with app.run_test(headless=False, size=size) as pilot:
        at = 0.0
        while app.fatal is None:
            await app.shows(at)
            await pilot.pause(0)
            output = app.take_drawn()
            while more := await _drawn_next(app, pilot):  # a scrollbar that has come has others laid out again
                output += more
            yield Frame(at, output)
            if not controller.running:
                break
            at += step
            controller.send(Seek(step))
    if app.fatal is not None:
        raise app.fatal


async def _drawn_next(app: "_FilmedApp", pilot: Pilot[int]) -> str:
    await pilot.pause(0)
    return app.take_drawn()


class _Camera(HeadlessDriver):
    """Keeps what is drawn; has no keyboard."""

    @property
    def is_headless(self) -> bool:
        """False: Textual draws nothing for a driver that is."""
        return False

    def write(self, data: str) -> None:
        """Keep a piece of the picture."""
        assert isinstance(self._app, _FilmedApp)
        self._app.drawn.append(data)


class _FilmedApp(MonitorApp):
    """Tells which moment it shows."""

    def __init__(self, controller: Controller) -> None:
        super().__init__(controller)
        self.driver_class = _Camera
        self.drawn: list[str] = []
        """What was drawn since the last frame."""
        self._shows = -1.0
        self._over = False
        self._news = asyncio.Event()

    def on_snapshot_arrived(self, message: SnapshotArrived) -> None:
        """Note its time; the app itself shows it."""
        self._shows, self._over = message.snapshot.at, not message.snapshot.running
        self._news.set()

    def take_drawn(self) -> str:
        """Return what was drawn since the last frame."""
        output = "".join(self.drawn)
        self.drawn.clear()
        return output

    async def shows(self, at: float) -> None:
        """Wait until it shows this time, in seconds of session, or the end."""
        while self._shows < at - _SAME_S and not self._over:
            self._news.clear()
            await self._news.wait()
