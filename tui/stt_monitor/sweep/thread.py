"""A sweep on a thread and event loop of its own: a stuck terminal delays the screen alone (architecture.md 2)."""

import asyncio
import threading
from collections.abc import Callable
from typing import Final

from stt_monitor.core.commands import Stop
from stt_monitor.core.errors import BugError
from stt_monitor.session.outcome import sentence_of
from stt_monitor.sweep.runner import SweepEnd, SweepRunner
from stt_monitor.system.error_log import log_loop_error

CLOSE_TIMEOUT_S: Final = 6.0
"""Longest wait for the last sessions when the program ends: two seconds to stop, and some to be saved."""


class SweepThread:
    """Runs a sweep. Methods return at once and may be called from any thread."""

    def __init__(
        self,
        make: Callable[[], SweepRunner],
        on_end: Callable[[SweepEnd], object],
        new_loop: Callable[[], asyncio.AbstractEventLoop] = asyncio.new_event_loop,
    ) -> None:
        """Prepare.

        Args:
            make: makes the runner, in the event loop.
            on_end: called at the end, on the sweep's thread.
            new_loop: makes the thread's event loop, which goes by the clock of the sessions.
        """
        self.running = False
        """Whether the sweep runs."""
        self._make = make
        self._on_end = on_end
        self._loop = new_loop()
        self._loop.set_exception_handler(log_loop_error)
        self._runner: SweepRunner | None = None
        self._thread = threading.Thread(target=self._run, name="sweep", daemon=True)

    def start(self) -> None:
        """Begin."""
        self.running = True
        self._thread.start()

    def send(self, command: Stop) -> None:  # noqa: ARG002  the only one that there is
        """Stop all sessions in order; the sweep can go on another time."""
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._stop)

    def close(self) -> None:
        """Stop, and wait for the thread, `CLOSE_TIMEOUT_S` at most. Idempotent."""
        if self._thread.is_alive():
            self.send(Stop())
            self._thread.join(CLOSE_TIMEOUT_S)
        elif self._thread.ident is None:
            self._loop.close()  # it never began: left open, it prints a traceback when the program ends

    def _stop(self) -> None:
        if self._runner is not None:
            self._runner.stop()

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            try:
                end = runner.run(self._sweep())
            except Exception as error:  # noqa: BLE001  raised where the end is awaited
                end = SweepEnd(BugError.exit_code, sentence_of(error))
        self.running = False
        self._on_end(end)

    async def _sweep(self) -> SweepEnd:
        self._runner = self._make()
        return await self._runner.run()
