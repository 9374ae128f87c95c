"""Ends the app once its session has ended."""

from __future__ import annotations

import signal
from collections.abc import Callable
from contextvars import copy_context
from typing import TYPE_CHECKING, Final

from stt_monitor.core.commands import Controller, Stop
from stt_monitor.ui.overlay_app import OverlayApp

if TYPE_CHECKING:
    import asyncio

    from stt_monitor.ui.guarded_app import LogException

_INTERRUPTED: Final = 128 + signal.SIGINT
"""Exit code of an interrupted program."""

PATIENCE_S: Final = 2.0
"""How long quitting waits for a session to end cleanly, seconds."""

POLL_S: Final = 0.05
"""Interval of checking whether the session has ended, seconds."""

CanLeave = Callable[[Callable[[int], object]], object]


class LeavingApp(OverlayApp):
    """Stops its session before it exits; asked a second time, it exits at once."""

    def __init__(
        self, controller: Controller, can_leave: CanLeave | None = None, log_exception: LogException | None = None
    ) -> None:
        """Prepare.

        Args:
            controller: runs the sessions.
            can_leave: receives, once there is a screen, a function that ends the app with an exit code, from any
                thread.
            log_exception: as for `GuardedApp`.
        """
        super().__init__(controller, log_exception)
        self._can_leave = can_leave
        self._leaving = False

    def let_leave(self, loop: asyncio.AbstractEventLoop) -> None:
        """Let others end the app, which runs in this loop."""
        if self._can_leave is not None:
            own = copy_context()  # the timers of Textual find the app in it; the thread that asks has none
            self._can_leave(lambda code: loop.call_soon_threadsafe(self._leave, code, context=own))

    async def action_quit(self) -> None:
        """Quit after the session has ended; the second time at once."""
        self._leave(0)

    def action_interrupt(self) -> None:
        """Quit with the exit code of an interrupted program."""
        self._leave(_INTERRUPTED)

    def show_leaving(self) -> None:
        """Show that the session is being closed."""
        raise NotImplementedError

    def _leave(self, code: int) -> None:
        """Stop the session, then exit with `code`; a second call does not wait for the session."""
        if self._leaving or not self._keys_released:
            self._leaving = True
            self.exit(code, return_code=code)
            return
        self._leaving = True
        self._controller.send(Stop())
        self.show_leaving()
        self._exit_when_stopped(code, PATIENCE_S)

    def _exit_when_stopped(self, code: int, patience: float) -> None:
        if not self._controller.running or patience <= 0:
            self.exit(code, return_code=code)
            return
        self.set_timer(POLL_S, lambda: self._exit_when_stopped(code, patience - POLL_S))
