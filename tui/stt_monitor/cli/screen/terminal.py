"""The terminal of the screen: reading keys, noticing that it is gone, restoring it."""

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
"""Values of TERM for terminals without control sequences, such as a shell in Emacs."""

_LEAVE_SCREEN: Final = (
    b"\x18"  # cancels a sequence that was cut short
    b"\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1006l\x1b[?1015l\x1b[?1016l"  # no mouse
    b"\x1b[?2004l\x1b[?2048l\x1b[?1004l\x1b[<u"  # plain keys
    b"\x1b[?7h\x1b[?1049l\x1b[?25h\x1b[0m"  # wrapped lines, main screen, cursor, no colours
)
"""Resets all modes that Textual sets."""

_RESTORE_S: Final = 0.2
"""How long to keep trying to write the above to a stuck terminal."""


def has_screen() -> bool:
    """Return whether standard output is a terminal with control sequences."""
    capable = os.environ.get("TERM", "").lower() not in _WITHOUT_A_SCREEN
    return capable and sys.stdout is not None and sys.stdout.isatty()


def attach_keyboard() -> None:
    """Read keys from standard input or, where that is no terminal, from the controlling terminal.

    Raises:
        InputError: no terminal to read keys from.
    """
    if _is_terminal(STDIN):
        return
    try:
        terminal = os.open("/dev/tty", os.O_RDWR)
    except OSError as error:
        raise InputError(
            "standard input is not a terminal, and there is none to read keys from; give --plain or --json"
        ) from error
    if terminal != STDIN:  # equal when standard input was closed
        os.dup2(terminal, STDIN)
        os.close(terminal)
    if sys.stdin is None:
        sys.stdin = sys.__stdin__ = io.TextIOWrapper(io.FileIO(STDIN, "r", closefd=False))  # type: ignore[misc]


def drawn_on() -> int:
    """Return the descriptor to draw on: standard error, unless only standard output is a terminal."""
    return STDOUT if _is_terminal(STDOUT) and not _is_terminal(STDERR) else STDERR


class Terminals:
    """The terminals of keys and of drawing, usually the same one. Does nothing on Windows."""

    def __init__(self, keys: int, drawing: int) -> None:
        """Save their settings; on the main thread.

        Args:
            keys: the descriptor to read keys from.
            drawing: the descriptor to draw on; ignored where it is no terminal.
        """
        self._drawing = drawing
        self._settings: dict[int, list[Any]] = {}
        self._lost = False
        if sys.platform == "win32":
            return
        import termios

        for descriptor in (keys, drawing):
            with suppress(termios.error, OSError):
                self._settings[descriptor] = termios.tcgetattr(descriptor)
        self._lost = keys not in self._settings  # it was a terminal a moment ago, when the screen was chosen
        signal.signal(signal.SIGURG, lambda *_: None)  # interrupts system calls only with a handler; for `_discard`

    def hung_up(self) -> bool:
        """Return whether one of them is gone: window closed, connection lost. Does not block."""
        if sys.platform == "win32":
            return False
        import termios

        try:
            for descriptor in self._settings:
                termios.tcgetattr(descriptor)
        except (termios.error, OSError):
            return True
        return self._lost

    def restore(self) -> None:
        """Restore their settings as far as possible without blocking; discard any later output."""
        if sys.platform == "win32":
            return
        import termios

        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTTOU])  # would stop a background process
        for descriptor, settings in self._settings.items():
            with suppress(termios.error, OSError):
                termios.tcsetattr(descriptor, termios.TCSANOW, settings)
        with suppress(termios.error, OSError):
            terminal = os.open(os.ttyname(self._drawing), os.O_WRONLY | os.O_NOCTTY | os.O_NONBLOCK)
            _discard(self._drawing)
            _leave_screen(terminal, lambda: termios.tcflush(terminal, termios.TCOFLUSH))
            os.close(terminal)


def _is_terminal(descriptor: int) -> bool:
    try:
        return os.isatty(descriptor)
    except OSError:
        return False


def _discard(descriptor: int) -> None:
    """Discard pending and later output to a descriptor."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, descriptor)
    os.close(nowhere)
    if sys.platform != "win32":
        for thread in threading.enumerate():  # a thread that blocks on the terminal retries on the new descriptor
            if thread.ident is not None:
                signal.pthread_kill(thread.ident, signal.SIGURG)


def _leave_screen(terminal: int, drop_pending: Callable[[], None]) -> None:
    """Write the sequences that leave the screen, dropping output that the terminal has not taken yet."""
    left, until = _LEAVE_SCREEN, time.monotonic() + _RESTORE_S
    while left and time.monotonic() < until:
        try:
            left = left[os.write(terminal, left) :]
        except BlockingIOError:
            drop_pending()
            time.sleep(_RESTORE_S / 20)
