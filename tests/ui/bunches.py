"""Bunches of keys, clicks, pastes and sizes, as a terminal sends them over a slow line: many at once, at any moment."""

import asyncio
import random
import string
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tests.ui.anything import Anything, calls, frames, pictures, sweeps
from textual._xterm_parser import XTermParser
from textual.app import App
from textual.events import Resize
from textual.geometry import Size

from stt_monitor import ui
from stt_monitor.core.text.sanitize import printable
from stt_monitor.ui.app import MonitorApp
from stt_monitor.ui.calls.app import CallsApp
from stt_monitor.ui.keymap.bindings import KEYS, displayed
from stt_monitor.ui.sweep.app import SweepApp
from stt_monitor.ui.toolkit.line_widget import LineWidget

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from textual.pilot import Pilot

SMALLEST: Final = (40, 12)
LARGEST: Final = (200, 60)

_KEYS: Final = (*(name for key in KEYS for name in displayed(key) if len(name) == 1), *" aA0123456789*")
"""Those that mean something somewhere, and some more."""

_CONTROL: Final = (*map(chr, range(26)), *"\x1c\x1d\x1e\x1f\x7f", "\x1b\x1b", "\x1b[", "\x1bO")

_NAMED: Final = (
    "\r", "\t", "\x1b[Z", "\x1b[A", "\x1b[B", "\x1b[C", "\x1b[D", "\x1b[1;2C", "\x1b[1;2D", "\x1b[1;2A", "\x1b[1;5B",
    "\x1b[H", "\x1b[F", "\x1b[5~", "\x1b[6~", "\x1b[2~", "\x1b[3~", "\x1bOP", "\x1bOQ", "\x1b[15~", "\x1b[24~",
    "\x1b[97;5u", "\x1b[27u", "\x1b[57414u", "\x1ba", "\x1b\r", "\x1b[I", "\x1b[O", "\x1b[?2026;2$y", "\x10", "\x03",
)  # fmt: skip

_TEXTS: Final = ("my friend", "é漢字🙂\u200d", "/tmp/../", "~/x", "0.45", "'a b'", "file:///x", "[/b]$error")

_WAYS_IN: Final = (
    "t",
    "w",
    "c",
    "i",
    "e",
    "o",
    "?",
    "/",
    "\x10",
    "\r",
    "f",
    "v",
    "w/",
    "i~/",
    "\x10a",
    "\x10\x1b[B\r",
    "t1",
    "b",
    "l",
    "bl",
    "A",
    "A\r",
    "x",
    "xx\r",
    "X",
    "XW",
    "o\t\x1b[B\t\r",
    "C",
    "C\r",
    "S",
    "S\r",
    "w/end\r\x1b[A\r",
)
"""What opens something, so that most bunches meet more than the one screen."""


def bunch(rng: random.Random, columns: int, rows: int) -> str:
    """Make what arrives in one go."""
    makers: Sequence[Callable[[], str]] = (
        lambda: rng.choice(_KEYS),
        lambda: rng.choice(_KEYS),
        lambda: rng.choice(_NAMED),
        lambda: rng.choice(_NAMED),
        lambda: rng.choice(_WAYS_IN),
        lambda: "\x1b",
        lambda: rng.choice(_CONTROL),
        lambda: rng.choice(string.printable),
        lambda: rng.choice(_TEXTS),
        lambda: f"\x1b[200~{rng.choice((*_TEXTS, 'x' * 300))}\x1b[201~",
        lambda: _mouse(rng, columns, rows),
    )
    return "".join(rng.choice(makers)() for _ in range(rng.randint(1, 12)))


def _mouse(rng: random.Random, columns: int, rows: int) -> str:
    """Make a click, a double click, a drag, a wheel's turn; sometimes outside of the window."""
    at = f"{rng.randint(1, columns + 2)};{rng.randint(1, rows + 2)}"
    to = f"{rng.randint(1, columns)};{rng.randint(1, rows)}"
    return rng.choice(
        (
            f"\x1b[<0;{at}M\x1b[<0;{at}m",
            f"\x1b[<0;{at}M\x1b[<0;{at}m" * 2,
            f"\x1b[<2;{at}M\x1b[<2;{at}m",
            f"\x1b[<0;{at}M\x1b[<32;{to}M\x1b[<0;{to}m",
            f"\x1b[<35;{at}M",
            f"\x1b[<64;{at}M",
            f"\x1b[<65;{at}M",
        )
    )


class Unleavable(MonitorApp):
    """Notes that it was to leave, and stays: whatever else ends it is a fault."""

    CSS_PATH = str(Path(ui.__file__).with_name("monitor.tcss"))
    left = 0

    def _leave(self, code: int) -> None:  # noqa: ARG002 - of the app
        self.left += 1

    def action_save_screenshot(self) -> None:
        """Leave the disk alone."""

    @property
    def folders(self) -> list[str]:
        """Save nothing anywhere."""
        return []


class UnleavableSweep(Unleavable, SweepApp):
    """The same of a sweep."""


class UnleavableCalls(Unleavable, CallsApp):
    """The same of a tap."""


def broken(app: App[int]) -> list[str]:
    """Say what of the screen, where it is drawn for its size, does not fit it, or might be obeyed by a terminal."""
    if app._exit:
        return []
    screen = app.screen
    wrong = [
        f"{widget!r} of {widget.content_size} has {line.cell_length} cells: {line.plain[:300]!r}"
        for widget in screen.query(LineWidget)
        if widget.display and widget.content_size and widget._composed_for == widget.content_size
        for line in widget._lines
        if line.cell_length > widget.content_size.width
    ]
    strips = screen._compositor.render_strips()
    if len({strip.cell_length for strip in strips}) > 1:
        wrong += [f"a line of {strip.cell_length} cells: {strip.text!r}" for strip in strips]
    return wrong + [f"unprintable: {strip.text!r}" for strip in strips if printable(strip.text) != strip.text]


async def broken_at_rest(pilot: "Pilot[int]") -> list[str]:
    """Say the same once what was under way is drawn: what is wrong stays so."""
    for _ in range(20):
        await pilot.pause()
        if not (wrong := broken(pilot.app)):
            break
        await asyncio.sleep(0.05)
    return wrong


def feed(app: App[int], keys: str) -> None:
    """Send all keys at once, as a terminal does."""
    assert app._driver is not None
    parser = XTermParser()
    for event in [*parser.feed(keys), *parser.tick()]:
        app._driver.process_message(event)


async def live_through(seed: int, bunches: int) -> list[str]:
    """Start the screen, send it so many bunches from its first moment on, and say what was wrong with that."""
    rng = random.Random(seed)
    size = rng.randint(SMALLEST[0], LARGEST[0]), rng.randint(SMALLEST[1], LARGEST[1])
    controller = Anything()
    caught: list[str] = []

    def tell(error: BaseException) -> str:
        caught.append("".join(traceback.format_exception(error)))
        return ""

    autostart = rng.random() < 0.7
    sweep = UnleavableSweep(controller, log_exception=tell) if seed % 3 == 1 else None
    tap = UnleavableCalls(controller, log_exception=tell) if seed % 3 == 2 else None
    app = sweep or tap or Unleavable(controller, autostart=autostart, log_exception=tell)
    states = sweeps() if sweep else calls() if tap else ()
    sent: list[str] = []
    unfit: list[str] = []

    async with app.run_test(size=size, notifications=True) as pilot:
        for _ in range(bunches):
            sent.append(bunch(rng, *size))
            feed(app, sent[-1])
            for _ in range(rng.randint(0, 3)):
                await asyncio.sleep(rng.choice((0, 0, 0.002, 0.02)))
            if app._keys_released and rng.random() < 0.4:
                controller.running = rng.random() < 0.8
                controller.show(rng.choice(pictures()))
                controller.show_frame(rng.choice(frames()))
            if app._keys_released and states and rng.random() < 0.3:
                controller.show_state(rng.choice(states))
            if rng.random() < 0.1:
                size = rng.randint(SMALLEST[0], LARGEST[0]), rng.randint(SMALLEST[1], LARGEST[1])
                app.post_message(Resize(Size(*size), Size(*size)))
            if not app._exit and rng.random() < 0.2:
                unfit = await broken_at_rest(pilot)
            if app._exit or app.caught or unfit:
                break
        await pilot.pause()
        wrong = [*(f"caught {what}" for what in caught), *unfit]
        if app._exit:
            wrong.append(f"ended: {app.fatal!r}")
        else:
            left = app.left
            await pilot.press("escape", "escape", "escape", "escape", "ctrl+q")
            wrong += [] if app.left > left else ["deaf"]
    return [f"seed {seed}, {size}: {what}, after {sent[-3:]}" for what in wrong]
