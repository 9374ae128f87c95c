"""Exits the program even if the screen cannot, because its terminal is stuck or gone.

A thread waits for signals and polls the terminal. It stops the session in order and asks the screen to exit. If the
screen is blocked by its terminal, the thread ends the program.
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
"""A program ended by a signal exits with this plus the signal's number."""

PROBE_S: Final = 0.2
"""How often to check that the terminal is still there."""

SESSION_S: Final = 2.5
"""How long a session may take to stop; it needs two seconds at most."""

SCREEN_S: Final = 1.5
"""How long the screen may take after that to restore the terminal."""

AT_ONCE_S: Final = 0.5
"""How long the exit may take after a second signal."""

_POLL_S: Final = 0.02

_NAMES: Final = ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT")
"""Signals that end the program, where the system has them."""

_HANG_UP: Final = SIGNAL_BASE + 1
"""Exit code of SIGHUP, which Windows does not have."""

_OVER: Final = 0

_Handler = Callable[[int, FrameType | None], object] | int | None


class Stoppable(Protocol):
    """A session that can be stopped. Safe to use on any thread."""

    @property
    def running(self) -> bool:
        """Whether a session is running, or its recording is still being written."""

    def send(self, command: Command) -> None:
        """Carry out a command; return at once."""


class ExitWatchdog:
    """Within its context, a signal or the loss of the terminal ends the program in order and in time.

    The first signal stops the session; the second does not wait for it. Signals ignored from the start, as SIGHUP under
    nohup, stay ignored. A terminal that is merely stuck ends nothing.
    """

    def __init__(self, session: Stoppable, gone: Callable[[], bool], restore: Callable[[], None]) -> None:
        """Prepare; nothing happens before the context is entered.

        Args:
            session: stopped first.
            gone: returns whether the terminal or browser is gone; must not block.
            restore: restores the terminal when the screen cannot; must not block on the terminal.
        """
        self.code: int | None = None
        """Exit code of the program, once a signal or the loss of the terminal has set it."""
        self._session = session
        self._gone = gone
        self._restore = restore
        self._leave: Callable[[int], object] | None = None
        self._asked: SimpleQueue[int] = SimpleQueue()
        self._decided = threading.Event()
        self._before: dict[int, _Handler] = {}
        self._thread = threading.Thread(target=self._watch, name="exit-watchdog", daemon=True)

    def __enter__(self) -> Self:
        """Install the signal handlers, on the main thread."""
        self._install()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Restore the signal handlers, unless a signal ends the program: then keep watching until it has ended."""
        if self._gone():
            self._ask(_HANG_UP)
            self._thread.join()  # ends the program once the session is saved
        self._asked.put(_OVER)
        self._decided.wait()
        if self.code is None:
            for number, handler in self._before.items():
                signal.signal(number, handler)

    def attach(self, leave: Callable[[int], object]) -> None:
        """Use the screen's own exit; on the main thread.

        Args:
            leave: asks the screen to exit with a code once the session is over, or at once when called again. Called
                on another thread; must not block. RuntimeError: it has exited already.
        """
        self._leave = leave
        self._install()  # again: Textual's driver for browsers installs handlers of its own

    def _install(self) -> None:
        for name in _NAMES:
            number = getattr(signal, name, None)
            if number is None or signal.getsignal(number) is signal.SIG_IGN:
                continue
            # Python runs handlers on the main thread even while it waits for a lock or the terminal.
            handler = signal.signal(number, lambda number, _: self._ask(SIGNAL_BASE + number))
            self._before.setdefault(number, handler)

    def _ask(self, code: int) -> None:
        self._asked.put(code)

    def _watch(self) -> None:
        code = self._first_request()
        if code != _OVER:
            self.code = code
        self._decided.set()
        if code != _OVER:
            try:
                self._end(code)
                self._restore()
            finally:
                os._exit(code)  # even if one of them fails: nobody else would end the program

    def _first_request(self) -> int:
        while True:
            with suppress(Empty):
                return self._asked.get(timeout=PROBE_S)
            if self._gone():
                return _HANG_UP

    def _end(self, code: int) -> None:
        """Stop the session, then the screen; returns when the program must end without the screen."""
        if self._leave is None:  # the screen has not started yet
            return
        self._ask_screen(code)
        self._session.send(Stop())
        if self._wait_or_signal(SESSION_S, while_true=lambda: self._session.running):
            self._ask_screen(code)
            time.sleep(AT_ONCE_S)
        elif not self._gone():
            self._wait_or_signal(SCREEN_S)

    def _ask_screen(self, code: int) -> None:
        assert self._leave is not None
        with suppress(RuntimeError):  # it has exited
            self._leave(code)

    def _wait_or_signal(self, seconds: float, *, while_true: Callable[[], bool] = lambda: True) -> bool:
        """Wait; return whether another signal cut it short. A closing terminal may send SIGHUP more than once."""
        until = time.monotonic() + seconds
        while while_true() and time.monotonic() < until:
            with suppress(Empty):
                if self._asked.get(timeout=_POLL_S) not in (_OVER, _HANG_UP):
                    return True
        return False
