"""Signals for a session without a screen: it stops in order, and in time even if its output is not read."""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final, Protocol

from stt_monitor.core.commands import Stop

SIGNAL_BASE: Final = 128
"""A program ended by a signal exits with this plus the signal's number."""

SESSION_S: Final = 5.0
"""How long a session may take to stop: it needs two seconds, and some to be saved."""

STUCK_S: Final = 2.0
"""How long the output may stall, once the session is over, before the rest is dropped."""

AT_ONCE_S: Final = 0.5
"""How long the exit may take after a second signal."""

_POLL_S: Final = 0.02

_SIGNALS: Final = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))
_HANG_UP: Final = getattr(signal, "SIGHUP", None)


class Stoppable(Protocol):
    """Something that runs on a thread of its own, and can be stopped."""

    @property
    def running(self) -> bool:
        """Whether it runs."""

    def send(self, command: Stop, /) -> None:
        """Stop in order; returns at once."""


@contextmanager
def stop_on_signals(session: Stoppable, written: Callable[[], int]) -> Iterator[list[int]]:
    """Within the context, a first signal stops the session in order and a second one ends the program.

    The program also ends once the session is over and the output stalls: a pipe that nobody reads, a terminal after
    ctrl+s. A slow reader still gets all of it.

    Args:
        session: stopped first.
        written: returns the bytes of output written so far; called on another thread.

    Yields:
        The signals received so far.
    """
    received: list[int] = []
    printed = threading.Event()

    def exit_when_done(code: int) -> None:
        until = time.monotonic() + SESSION_S
        while session.running and time.monotonic() < until:
            time.sleep(_POLL_S)
        before = -1
        while (now := written()) != before:
            before = now
            if printed.wait(STUCK_S):
                return
        os._exit(code)

    def stop(number: int, _: FrameType | None) -> None:
        if received and number == _HANG_UP:  # a closing terminal may send it more than once
            return
        received.append(number)
        code = SIGNAL_BASE + number
        if len(received) == 1:
            session.send(Stop())
            threading.Thread(target=exit_when_done, args=[code], name="exit-when-done", daemon=True).start()
        else:
            deadline = threading.Timer(AT_ONCE_S, os._exit, [code])
            deadline.daemon = True
            deadline.start()
            raise SystemExit(code)

    handled = [number for number in _SIGNALS if signal.getsignal(number) is not signal.SIG_IGN]  # nohup still works
    before = {number: signal.signal(number, stop) for number in handled}
    try:
        yield received
    finally:
        printed.set()
        for number, handler in before.items():
            signal.signal(number, handler)
