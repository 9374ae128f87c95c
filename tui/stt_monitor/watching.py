"""Puts sessions on the screen: what has to be right before Textual is loaded."""

import gc
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from stt_monitor.ui.controller import Controller


def watch(controller: "Controller", *, autostart: bool = True) -> int:
    """Show what a controller does until the user has had enough; returns an exit code of the contract."""
    from stt_monitor.audio.quiet import stderr_diverted

    # Read when Textual is imported. Twice the usual rate halves an event's way to the terminal, and costs nothing.
    os.environ.setdefault("TEXTUAL_FPS", "120")
    # PortAudio and ALSA write to file descriptor 2, where Textual draws.
    with stderr_diverted():
        gc.disable()  # importing makes much and drops nothing: looking for garbage would only delay the first paint
        from stt_monitor.ui.app import run  # loads Textual

        gc.enable()
        return run(controller, autostart=autostart)
