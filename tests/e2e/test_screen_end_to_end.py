"""The installed command on a real terminal, by its keys: real speech, the real local server, one life of the screen."""

import re
import sys
from functools import partial
from pathlib import Path

from tests.e2e.test_end_to_end import needs_recogniser
from tests.support.sound import READING
from tests.support.terminal import Terminal

COMMAND = str(Path(sys.executable).with_name("stt-monitor"))
pytestmark = needs_recogniser


def holds(pattern: str, text: str) -> bool:
    return re.search(pattern, text) is not None


def said_paused(text: str) -> list[bool]:
    """Return whether header and status line say that it is paused now."""
    lines = text.splitlines()
    return ["‖ paused" in lines[0], "‖ paused" in lines[-2]]


def test_a_session_from_its_first_word_to_a_restored_terminal():
    with Terminal([COMMAND, str(READING), "--local", "--no-record"], 120, 35) as terminal:
        # A turn goes through all its states. How often: one may be over before a busy machine draws it.
        for seen in (
            "● live",
            "○ IDLE",
            "● SPEAKING",
            "◐ EAGER END|[1-9] eager end",
            "↺ resumed: false alarm|[1-9] resume",
            r"■ turn \d ended",
        ):
            terminal.until(partial(holds, seen))
        assert "likely" in terminal.text
        # It is paused, and says so.
        terminal.press("m")
        terminal.until(lambda text: said_paused(text) == [True, True] and "m Resume" in text)
        # What was sent and received is in the wire log.
        terminal.press("w")
        terminal.until(lambda text: "Wire · " in text and "turn.eager_end" in text and "turn.end" in text)
        terminal.press("\x1b")
        terminal.until("Timeline")
        # It goes on.
        terminal.press("m")
        terminal.until(lambda text: said_paused(text) == [False, False] and "m Pause" in text)
        assert "‖ paused" in terminal.text  # the transcript keeps where
        # It is stopped, and started again.
        if "s Stop" in terminal.text:  # on a busy machine the sound may be over by now
            terminal.press("s")
        terminal.until(lambda text: "■ stopped" in text and "s Start" in text)
        terminal.press("s")
        terminal.until("● SPEAKING")
        # It is tuned while it runs, paused lest it be over before: the wire has the change.
        terminal.press("m")
        terminal.until(lambda text: said_paused(text) == [True, True] and "m Resume" in text)
        terminal.press("t")
        terminal.until("active now: change")
        terminal.press("\x1b[B\x1b[B0.45\r")
        terminal.until(lambda text: "│ end 0.45" in text.splitlines()[-2] and "active now" in text)
        terminal.until(lambda text: re.search(r"▸ \d · end 0\.45", text) is not None)
        terminal.press("\x1b")
        terminal.until("m Resume")
        terminal.press("m")
        terminal.until("m Pause")
        terminal.press("w")
        terminal.until("Wire · ")
        terminal.press("/")
        terminal.until("filter: Enter")
        terminal.press("config")
        terminal.until(lambda text: "↑ config" in text and '"end_threshold": 0.45' in text)
        terminal.press("\x1b")
        terminal.until(lambda text: "turn.start" in text)
        terminal.press("\x1b")
        terminal.until(partial(holds, "s (Stop|Start)"))  # it may be over already
        # Its end is seen beneath an overlay too.
        terminal.press("c")
        terminal.until("Esc Close")
        terminal.until("■ stopped")
        terminal.press("\x1b")
        terminal.until(lambda text: "s Start" in text and "Esc Close" not in text)
        # It is left.
        terminal.press("q")
        assert terminal.until_gone() == 0
        assert terminal.restored
        assert b"Traceback" not in terminal.output


def test_ctrl_z_gives_the_terminal_back_and_fg_brings_the_screen_back():
    # A shell with job control: without one there is nobody to stop for, and the kernel drops the signal.
    shell = f'set -m; {COMMAND} {READING} --local --no-record; echo "the shell again"; read -r; fg'
    with Terminal(["/bin/bash", "-c", shell], 80, 24) as terminal:
        terminal.until("● live")
        terminal.press("\x1a")
        terminal.until("the shell again")
        assert terminal.restored
        terminal.press("\r")
        terminal.until("■ stopped")
        terminal.press("q")
        assert terminal.until_gone() == 0
        assert terminal.restored
