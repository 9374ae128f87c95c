"""The way out of the screen, which does not lead through the screen: its terminal may be stuck, or gone.

A thread waits for signals and looks after the terminal. It has the session end in order and asks the screen to leave.
A screen that cannot, because it waits for its terminal, is left behind: the thread ends the program.
"""

import os
import signal
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from queue import Empty, SimpleQueue
from types import FrameType
from typing import Final, Protocol, Self

from stt_monitor.core.commands import Command, Stop

SIGNAL_BASE: Final = 128
"""A program that a signal ended exits with this plus the signal's number."""

PROBE_S: Final = 0.2
"""How often it is looked whether the terminal is still there."""

SESSION_S: Final = 2.5
"""How long a session may take to end in order; it needs two seconds at most."""

SCREEN_S: Final = 1.5
"""How long the screen may take after that to give the terminal back."""

AT_ONCE_S: Final = 0.5
"""How long it may take when a second signal comes."""

_POLL_S: Final = 0.02

_NAMES: Final = ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT")
"""Not every system has all of them."""

_HANG_UP: Final = SIGNAL_BASE + 1
"""SIGHUP's exit code, which Windows has no name for."""

_OVER: Final = 0

_Handler = Callable[[int, FrameType | None], object] | int | None


class Ending(Protocol):
    """Sessions, as far as they end. May be asked on any thread."""

    @property
    def running(self) -> bool:
        """Whether a session is running, or what was heard is still being kept."""

    def send(self, command: Command) -> None:
        """Carry out a command; returns at once."""


class WayOut:
    """Inside its `with` block signals, and the end of the terminal, end the program in order and in time.

    The first signal asks; the second does not wait for the session. A signal that was ignored from the start, as
    SIGHUP is under nohup, stays so. A terminal that merely takes nothing ends nothing.
    """

    def __init__(self, session: Ending, gone: Callable[[], bool], restore: Callable[[], None]) -> None:
        """Prepare; nothing happens before the `with` block.

        Args:
            session: ends first.
            gone: tells whether there is nobody any more to see the screen; must not wait.
            restore: puts the terminal back when the screen cannot; must not wait for the terminal.
        """
        self.code: int | None = None
        """The exit code of the program, once a signal or the end of the terminal has decided it."""
        self._session = session
        self._gone = gone
        self._restore = restore
        self._leave: Callable[[int], object] | None = None
        self._asked: SimpleQueue[int] = SimpleQueue()
        self._decided = threading.Event()
        self._before: dict[int, _Handler] = {}
        self._thread = threading.Thread(target=self._watch, name="way-out", daemon=True)

    def __enter__(self) -> Self:
        """Begin to listen, on the main thread."""
        self._listen()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Give the signals back, unless the program is to end by them: then all that still follows is watched over."""
        if self._gone():
            self._ask(_HANG_UP)
            self._thread.join()  # it ends the program once the session is kept
        self._asked.put(_OVER)
        self._decided.wait()
        if self.code is None:
            for number, handler in self._before.items():
                signal.signal(number, handler)

    def attach(self, leave: Callable[[int], object]) -> None:
        """Have a screen that can leave by itself, on the main thread.

        Args:
            leave: asks the screen to leave with an exit code once the session is over; at once, when asked again. Is
                called on another thread, and must not wait. RuntimeError means that it has left already.
        """
        self._leave = leave
        self._listen()  # once more: Textual's driver for browsers has its own idea of what signals do

    def _listen(self) -> None:
        for name in _NAMES:
            number = getattr(signal, name, None)
            if number is None or signal.getsignal(number) is signal.SIG_IGN:
                continue
            # The main thread gets to this even while it waits for a lock or a file: for the terminal, that is.
            handler = signal.signal(number, lambda number, _: self._ask(SIGNAL_BASE + number))
            self._before.setdefault(number, handler)

    def _ask(self, code: int) -> None:
        self._asked.put(code)

    def _watch(self) -> None:
        code = self._first_wish()
        if code != _OVER:
            self.code = code
        self._decided.set()
        if code != _OVER:
            self._end(code)
            self._restore()
            os._exit(code)

    def _first_wish(self) -> int:
        while True:
            with suppress(Empty):
                return self._asked.get(timeout=PROBE_S)
            if self._gone():
                return _HANG_UP

    def _end(self, code: int) -> None:
        """Have the session end, then the screen; returns when the program must end without it."""
        if self._leave is None:  # nothing has begun yet
            return
        self._ask_screen(code)
        self._session.send(Stop())
        if self._impatient(SESSION_S, while_true=lambda: self._session.running):
            self._ask_screen(code)
            time.sleep(AT_ONCE_S)
        elif not self._gone():
            self._impatient(SCREEN_S)

    def _ask_screen(self, code: int) -> None:
        assert self._leave is not None
        with suppress(RuntimeError):  # it has left
            self._leave(code)

    def _impatient(self, seconds: float, *, while_true: Callable[[], bool] = lambda: True) -> bool:
        """Wait; tells whether another signal cut it short. A terminal that ends may send SIGHUP more than once."""
        until = time.monotonic() + seconds
        while while_true() and time.monotonic() < until:
            with suppress(Empty):
                if self._asked.get(timeout=_POLL_S) not in (_OVER, _HANG_UP):
                    return True
        return False
