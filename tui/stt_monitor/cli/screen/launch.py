"""Launches the screen: everything to set up before Textual is loaded."""

import gc
import os
import select
import shutil
import sys
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

from stt_monitor.cli.screen.exit_watchdog import ExitWatchdog
from stt_monitor.cli.screen.terminal import STDIN, Terminals, attach_keyboard, drawn_on, has_screen
from stt_monitor.cli.screen.themes import run_in_theme
from stt_monitor.core.commands import Command, Stop
from stt_monitor.core.errors import UserError
from stt_monitor.system.bugs import report_bug
from stt_monitor.system.streams import ReaderLeftError, write_lines

if TYPE_CHECKING:
    from collections.abc import Callable

    from stt_monitor.cli.screen.exit_watchdog import Stoppable
    from stt_monitor.session.switching import SwitchingController
    from stt_monitor.sweep.controller import SweepController
    from stt_monitor.tap.controller import CallsController
    from stt_monitor.ui.leaving_app import CanLeave


def in_browser() -> bool:
    """Return whether `stt-monitor web` runs this program: standard input and output lead to a browser."""
    return os.environ.get("TEXTUAL_DRIVER", "").endswith(":WebDriver")


def can_show_screen() -> bool:
    """Return whether there is a screen: a terminal with control sequences, or a browser."""
    return in_browser() or has_screen()


def ensure_keyboard() -> None:
    """Make sure that the screen can read keys.

    Raises:
        InputError: standard input is not a terminal, and there is no other to read keys from.
    """
    if not in_browser():
        attach_keyboard()


def run_screen(
    controller: "SwitchingController", close: "Callable[[], object]", *, autostart: bool = True, no_key: str = ""
) -> int:
    """Run the app until the user quits, then leave a few lines about the session; return an exit code of the contract.

    `close` ends the sessions and waits until all is saved: a signal may cut that short. `no_key` is for `MonitorApp`.
    """

    def run(can_leave: "CanLeave") -> int:
        from stt_monitor.ui.app import MonitorApp  # loads Textual

        goes_on = partial(report_bug, consequence="the session goes on")
        app = MonitorApp(controller, autostart=autostart, no_key=no_key, can_leave=can_leave, log_exception=goes_on)
        code = run_in_theme(app)
        close()
        _leave_lines(controller)
        return code

    return _run(controller, run)


def _leave_lines(controller: "SwitchingController") -> None:
    """Print what the session came to, where there is a terminal to read it on."""
    from stt_monitor.cli.screen.last_lines import last_lines

    shown = controller.shown
    if shown is None or not shown.session.started_at or in_browser() or not has_screen():
        return
    with suppress(UserError, ReaderLeftError):  # the terminal is gone: nobody is left to tell
        write_lines(last_lines(shown, controller.saved_in, shutil.get_terminal_size().columns))


def run_sweep_screen(controller: "SweepController") -> int:
    """Run the app of a sweep until the user quits; return an exit code of the contract."""

    def run(can_leave: "CanLeave") -> int:
        from stt_monitor.ui.sweep.app import SweepApp  # loads Textual

        goes_on = partial(report_bug, consequence="the sweep goes on")
        return run_in_theme(SweepApp(controller, can_leave=can_leave, log_exception=goes_on))

    return _run(_Whole(controller), run)


def run_calls_screen(controller: "CallsController", finish: "Callable[[], object]") -> int:
    """Run the app of a tap until the user quits; return an exit code of the contract.

    `finish` ends the calls, waits until all is saved, and says what came of them: a signal may cut that short.
    """

    def run(can_leave: "CanLeave") -> int:
        from stt_monitor.ui.calls.app import CallsApp  # loads Textual

        goes_on = partial(report_bug, consequence="the calls go on")
        code = run_in_theme(CallsApp(controller, can_leave=can_leave, log_exception=goes_on))
        finish()
        return code

    return _run(_Whole(controller), run)


class _Whole:
    """A sweep or a tap, with the session that is shown of it, as one thing that can be stopped."""

    def __init__(self, controller: "SweepController | CallsController") -> None:
        self._controller = controller

    @property
    def running(self) -> bool:
        """Whether one of them runs, or is still being saved."""
        return self._controller.running

    def send(self, command: Command) -> None:
        """Stop both."""
        if isinstance(command, Stop):
            self._controller.stop()


def _run(stoppable: "Stoppable", run: "Callable[[CanLeave], int]") -> int:
    """Run an app in this terminal; what is to stop is stopped too when a signal or a lost terminal ends the program."""
    from stt_monitor.audio.devices.stderr_guard import redirect_stderr

    # Read when Textual is imported. Twice its usual rate halves an event's delay on the way to the terminal, for free.
    os.environ.setdefault("TEXTUAL_FPS", "120")
    # PortAudio and ALSA write to file descriptor 2, where Textual draws.
    with redirect_stderr(drawn_on()) as screen:
        terminals = Terminals(keys=STDIN, drawing=screen.fileno())
        gone = _server_gone if in_browser() else terminals.hung_up
        with ExitWatchdog(stoppable, gone, terminals.restore) as watchdog:
            gc.disable()  # until the first paint, which it would delay: loading makes many objects and no garbage
            code = run(watchdog.attach)
    return code if watchdog.code is None else watchdog.code


def _server_gone() -> bool:
    """Return whether the page's server is gone: Textual would keep running unseen."""
    if sys.platform == "win32":
        return False
    poll = select.poll()
    poll.register(STDIN, 0)  # reports that the other end was closed
    return bool(poll.poll(0))
