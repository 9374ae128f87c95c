"""How the program ends: the session is asked to stop, and given a while; signals do the same as the key."""

import asyncio
import signal
from collections.abc import Callable
from contextlib import suppress
from typing import Final

SIGNAL_BASE: Final = 128
"""A program that a signal ended exits with this plus the signal's number."""

INTERRUPTED: Final = SIGNAL_BASE + signal.SIGINT

PATIENCE_S: Final = 2.0
"""How long a session may take to end in order."""

POLL_S: Final = 0.05
"""How often it is asked whether it has ended."""

_NAMES: Final = ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT")
"""Not every system has all of them."""


def _signals() -> list[signal.Signals]:
    return [signal.Signals[name] for name in _NAMES if name in signal.Signals.__members__]


def listen(loop: asyncio.AbstractEventLoop, on_signal: Callable[[int], None]) -> None:
    """Have `on_signal` called with an exit code instead of the process dying with the terminal in disorder.

    Where a loop cannot do that (another thread than the main one, Windows) signals stay as they are.
    """
    for number in _signals():
        with suppress(NotImplementedError, RuntimeError, ValueError):
            loop.add_signal_handler(number, on_signal, SIGNAL_BASE + number)


def stop_listening(loop: asyncio.AbstractEventLoop) -> None:
    """Give the signals back."""
    for number in _signals():
        with suppress(NotImplementedError, RuntimeError, ValueError):
            loop.remove_signal_handler(number)
