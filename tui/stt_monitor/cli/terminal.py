"""The terminal beneath the screen: where keys come from, whether it is still there, and how it is given back."""

import io
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final

from stt_monitor.core.errors import InputError

STDIN: Final = 0
STDOUT: Final = 1
STDERR: Final = 2

_WITHOUT_A_SCREEN: Final = ("dumb", "unknown")
"""What TERM says of terminals that obey no control sequence, such as a shell in Emacs."""

_LEAVE_SCREEN: Final = (
    b"\x18"  # gives up a sequence that was cut short
    b"\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1006l\x1b[?1015l\x1b[?1016l"  # no mouse
    b"\x1b[?2004l\x1b[?2048l\x1b[?1004l\x1b[<u"  # keys as usual
    b"\x1b[?7h\x1b[?1049l\x1b[?25h\x1b[0m"  # wrapped lines, main screen, cursor, no colours
)
"""All modes that Textual sets are left again."""

_RESTORE_S: Final = 0.2
"""How long a terminal that takes nothing is asked to take the above."""


def has_screen() -> bool:
    """Tell whether standard output is a terminal that a screen can be drawn on."""
    obeys = os.environ.get("TERM", "").lower() not in _WITHOUT_A_SCREEN
    return obeys and sys.stdout is not None and sys.stdout.isatty()


def take_keyboard() -> None:
    """Have keys come from standard input: where it is no terminal, the controlling one takes its place.

    Raises:
        InputError: there is no terminal to read keys from.
    """
    if _is_terminal(STDIN):
        return
    try:
        terminal = os.open("/dev/tty", os.O_RDWR)
    except OSError as error:
        raise InputError(
            "standard input is no terminal, and there is none to read keys from; give --plain or --json"
        ) from error
    if terminal != STDIN:  # it is, when standard input was closed
        os.dup2(terminal, STDIN)
        os.close(terminal)
    if sys.stdin is None:
        sys.stdin = sys.__stdin__ = io.TextIOWrapper(io.FileIO(STDIN, "r", closefd=False))  # type: ignore[misc]


def drawn_on() -> int:
    """Return the descriptor that the screen is drawn on: standard error, as usual, unless it leads elsewhere."""
    return STDOUT if _is_terminal(STDOUT) and not _is_terminal(STDERR) else STDERR


class Terminals:
    """The one that keys come from and the one that is drawn on: most often the same. Windows has none of the kind."""

    def __init__(self, keys: int, drawing: int) -> None:
        """Note how they are set, to be put back to that; on the main thread.

        Args:
            keys: the descriptor that keys are read from.
            drawing: the descriptor that is drawn on; one that is no terminal is left alone.
        """
        self._drawing = drawing
        self._settings: dict[int, list[Any]] = {}
        if sys.platform == "win32":
            return
        import termios

        for descriptor in (keys, drawing):
            with suppress(termios.error, OSError):
                self._settings[descriptor] = termios.tcgetattr(descriptor)
        signal.signal(signal.SIGURG, lambda *_: None)  # ignored unless there is a handler; it is for `_let_go_of`

    def hung_up(self) -> bool:
        """Tell whether one of them is gone: its window was closed, its line was lost. Does not wait."""
        if sys.platform == "win32":
            return False
        import termios

        try:
            for descriptor in self._settings:
                termios.tcgetattr(descriptor)
        except (termios.error, OSError):
            return True
        return False

    def restore(self) -> None:
        """Put them back, as well as can be without waiting for one that takes nothing; nothing is drawn afterwards."""
        if sys.platform == "win32":
            return
        import termios

        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTTOU])  # in the background too, without being stopped
        for descriptor, settings in self._settings.items():
            with suppress(termios.error, OSError):
                termios.tcsetattr(descriptor, termios.TCSANOW, settings)
        with suppress(termios.error, OSError):
            terminal = os.open(os.ttyname(self._drawing), os.O_WRONLY | os.O_NOCTTY | os.O_NONBLOCK)
            _let_go_of(self._drawing)
            _leave_screen(terminal, lambda: termios.tcflush(terminal, termios.TCOFLUSH))
            os.close(terminal)


def _is_terminal(descriptor: int) -> bool:
    try:
        return os.isatty(descriptor)
    except OSError:
        return False


def _let_go_of(descriptor: int) -> None:
    """Have what is being written to a descriptor, and all that follows, go nowhere."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, descriptor)
    os.close(nowhere)
    if sys.platform != "win32":
        for thread in threading.enumerate():  # whoever waits for the terminal is to look again where it writes to
            if thread.ident is not None:
                signal.pthread_kill(thread.ident, signal.SIGURG)


def _leave_screen(terminal: int, make_room: Callable[[], None]) -> None:
    """Write the sequences that leave the screen, in the place of whatever the terminal has not taken yet."""
    left, until = _LEAVE_SCREEN, time.monotonic() + _RESTORE_S
    while left and time.monotonic() < until:
        try:
            left = left[os.write(terminal, left) :]
        except BlockingIOError:
            make_room()
            time.sleep(_RESTORE_S / 20)
