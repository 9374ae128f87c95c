"""Bunches of keys, clicks, pastes and sizes, as a terminal sends them over a slow line: many at once, at any moment."""

import asyncio
import random
import string
import traceback
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec
from tests.ui.lanes import several
from tests.ui.scripted import Script, ScriptedController
from textual._xterm_parser import XTermParser
from textual.app import App
from textual.events import Resize
from textual.geometry import Size

from stt_monitor import ui
from stt_monitor.core.listed_session import RecordingInfo
from stt_monitor.core.records.session import Connection
from stt_monitor.core.session_options import (
    Available,
    Device,
    LocalService,
    SourceKind,
    UrlService,
    VendorService,
)
from stt_monitor.core.snapshot import Playback, Retry, Snapshot
from stt_monitor.core.wire_frame import WireFrame
from stt_monitor.services.cartesia import SERVICE
from stt_monitor.ui.app import MonitorApp
from stt_monitor.ui.key_bindings import KEYS, displayed

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

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


class Anything(ScriptedController):
    """Answers whatever the screen can ask of live and of saved sessions."""

    def __init__(self) -> None:
        super().__init__()
        devices = (Device(0, "mic [0]", 1, 16000, default=True), Device(3, "line", 2, 48000, default=False))
        self.found = Available(
            devices,
            "",
            (LocalService(), VendorService(), UrlService("ws://127.0.0.1:1")),
            vendor_key_set=True,
            key_variable=SERVICE.key_variable,
            title=SERVICE.title,
        )
        self.saved = tuple(
            RecordingInfo(f"2026-11-2{n}_x", f"/s/{n}", "talk.wav", f"2026-11-2{n}T09:00:00Z", n, 3.0 * n)
            for n in range(9)
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


@cache
def pictures() -> tuple[Snapshot, ...]:
    """Sessions of all kinds and at all moments."""
    script = Script().connect()
    taken = [script.snapshot()]
    for number in range(6):
        script.turn(1 + 5 * number, f" Hello my friend number {number}.", resumed=number % 2 == 1)
        taken.append(script.snapshot())
    taken.append(script.event(33, "turn.start").event(33.2, "turn.update", "and so [b]on").snapshot())
    taken.append(script.event(34, "turn.eager_end", "and so [b]on").snapshot())
    last = taken[-1]
    microphone = msgspec.structs.replace(last.audio, kind=SourceKind.MICROPHONE, quiet=True)
    replayed = msgspec.structs.replace(last.audio, kind=SourceKind.REPLAY)
    return (
        *taken,
        msgspec.structs.replace(last, error="the service said no", retry=Retry(2, 5, 40.0)),
        msgspec.structs.replace(last, audio=microphone),
        msgspec.structs.replace(last, audio=replayed, playback=Playback(2.0, paused=True, duration=60.0)),
        msgspec.structs.replace(last, running=False, connection=Connection.CLOSED),
        *several(),
    )


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

    app = Unleavable(controller, autostart=rng.random() < 0.7, log_exception=tell)
    sent: list[str] = []

    async with app.run_test(size=size, notifications=True) as pilot:
        for _ in range(bunches):
            sent.append(bunch(rng, *size))
            feed(app, sent[-1])
            for _ in range(rng.randint(0, 3)):
                await asyncio.sleep(rng.choice((0, 0, 0.002, 0.02)))
            if app._keys_released and rng.random() < 0.4:
                controller.running = rng.random() < 0.8
                controller.show(rng.choice(pictures()))
                controller.show_frame(WireFrame(1.0, sent=False, size=21, text='{"type":"turn.start"}'))
            if rng.random() < 0.1:
                size = rng.randint(SMALLEST[0], LARGEST[0]), rng.randint(SMALLEST[1], LARGEST[1])
                app.post_message(Resize(Size(*size), Size(*size)))
            if app._exit or app.caught:
                break
        await pilot.pause()
        wrong = [f"caught {what}" for what in caught]
        if app._exit:
            wrong.append(f"ended: {app.fatal!r}")
        else:
            left = app.left
            await pilot.press("escape", "escape", "escape", "escape", "ctrl+q")
            wrong += [] if app.left > left else ["deaf"]
    return [f"seed {seed}, {size}: {what}, after {sent[-3:]}" for what in wrong]
