"""Puts sessions on the screen: what has to be right before Textual is loaded."""

import gc
import os
import select
import signal
import sys
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from stt_monitor.ui.controller import Controller


def in_browser() -> bool:
    """Tell whether `stt-monitor web` runs this program for a page: standard input and output lead to a browser."""
    return os.environ.get("TEXTUAL_DRIVER", "").endswith(":WebDriver")


def watch(controller: "Controller", *, autostart: bool = True) -> int:
    """Show what a controller does until the user has had enough; returns an exit code of the contract."""
    from stt_monitor.audio.quiet import stderr_diverted

    # Read when Textual is imported. Twice the usual rate halves an event's way to the terminal, and costs nothing.
    os.environ.setdefault("TEXTUAL_FPS", "120")
    # PortAudio and ALSA write to file descriptor 2, where Textual draws.
    with stderr_diverted():
        if in_browser():
            threading.Thread(target=_leave_with_server, name="server-watch", daemon=True).start()
        gc.disable()  # until the first paint, which looking for garbage would delay: much is made, and nothing dropped
        from stt_monitor.ui.app import run  # loads Textual

        return run(controller, autostart=autostart)


def _leave_with_server() -> None:
    """End in order when whoever serves the page is gone, however it went: Textual would stay, with nobody to see it."""
    if sys.platform == "win32":
        return
    poll = select.poll()
    poll.register(0, 0)  # its other end was closed
    poll.poll()
    os.kill(os.getpid(), signal.SIGTERM)
