"""What a signal does to a session that is printed: it ends in order, and in time, though nobody may read the lines."""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final

from stt_monitor.core.commands import Stop
from stt_monitor.session.thread import SessionThread

SIGNAL_BASE: Final = 128
"""A program that a signal ended exits with this plus the signal's number."""

SESSION_S: Final = 5.0
"""How long a session may take to end in order; it needs two seconds, and some to be kept."""

STUCK_S: Final = 2.0
"""How long nobody may read a line, once the session is over, before what is left is given up."""

AT_ONCE_S: Final = 0.5
"""How long all may take when a second signal comes."""

_POLL_S: Final = 0.02

_SIGNALS: Final = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))
_HANG_UP: Final = getattr(signal, "SIGHUP", None)


@contextmanager
def ended_by_signals(session: SessionThread, written: Callable[[], int]) -> Iterator[list[int]]:
    """While inside, a signal ends the session in order, and a second one ends the program.

    The program ends too where the session is over and no line is taken any more: by a pipe that nobody reads, or a
    terminal after ctrl+s. Whoever reads slowly gets all of it.

    Args:
        session: ends first.
        written: tells how much of the output was taken so far; called on another thread.

    Yields:
        The signals got.
    """
    received: list[int] = []
    printed = threading.Event()

    def see_out(code: int) -> None:
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
        if received and number == _HANG_UP:  # a terminal that ends may send it more than once
            return
        received.append(number)
        code = SIGNAL_BASE + number
        if len(received) == 1:
            session.send(Stop())
            threading.Thread(target=see_out, args=[code], name="see-out", daemon=True).start()
        else:
            in_any_case = threading.Timer(AT_ONCE_S, os._exit, [code])
            in_any_case.daemon = True
            in_any_case.start()
            raise SystemExit(code)

    heeded = [number for number in _SIGNALS if signal.getsignal(number) is not signal.SIG_IGN]  # nohup stays in force
    before = {number: signal.signal(number, stop) for number in heeded}
    try:
        yield received
    finally:
        printed.set()
        for number, handler in before.items():
            signal.signal(number, handler)
