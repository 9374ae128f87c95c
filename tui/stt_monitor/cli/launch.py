"""Runs sessions on the screen: what must be set up before Textual is loaded."""

import gc
import os
import select
import sys
from functools import partial
from typing import TYPE_CHECKING

from stt_monitor.cli.terminal import STDIN, Terminals, drawn_on, has_screen, take_keyboard
from stt_monitor.cli.way_out import WayOut
from stt_monitor.system.bugs import report_bug

if TYPE_CHECKING:
    from stt_monitor.core.commands import Controller


def in_browser() -> bool:
    """Tell whether `stt-monitor web` runs this program for a page: standard input and output lead to a browser."""
    return os.environ.get("TEXTUAL_DRIVER", "").endswith(":WebDriver")


def can_watch() -> bool:
    """Tell whether a screen can be drawn: on a terminal with control sequences, or in a browser."""
    return in_browser() or has_screen()


def have_keys() -> None:
    """Make sure that the screen can read keys.

    Raises:
        InputError: standard input is no terminal, and there is no other one to read them from.
    """
    if not in_browser():
        take_keyboard()


def run_screen(controller: "Controller", *, autostart: bool = True) -> int:
    """Run the app until the user quits; returns an exit code of the contract."""
    from stt_monitor.audio.stderr_guard import redirect_stderr

    # Read when Textual is imported. Twice the usual rate halves an event's way to the terminal, and costs nothing.
    os.environ.setdefault("TEXTUAL_FPS", "120")
    # PortAudio and ALSA write to file descriptor 2, where Textual draws.
    with redirect_stderr(drawn_on()) as screen:
        terminals = Terminals(keys=STDIN, drawing=screen.fileno())
        gone = _server_gone if in_browser() else terminals.hung_up
        with WayOut(controller, gone, terminals.restore) as way_out:
            gc.disable()  # until the first paint, which looking for garbage would delay: much is made, nothing dropped
            from stt_monitor.ui.app import run  # loads Textual

            goes_on = partial(report_bug, consequence="the session goes on")
            code = run(controller, autostart=autostart, can_leave=way_out.attach, tell=goes_on)
    return code if way_out.code is None else way_out.code


def _server_gone() -> bool:
    """Tell whether the page's server is gone: Textual would run on, unseen."""
    if sys.platform == "win32":
        return False
    poll = select.poll()
    poll.register(STDIN, 0)  # its other end was closed
    return bool(poll.poll(0))
