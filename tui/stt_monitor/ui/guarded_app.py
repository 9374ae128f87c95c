"""App that survives exceptions in handlers: they are logged and shown."""

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from textual._context import active_message_pump
from textual.screen import Screen
from textual.worker import WorkerFailed, active_worker

from stt_monitor.core.errors import BugError, place_of
from stt_monitor.ui import exception_guard
from stt_monitor.ui.contrast import readable_colours
from stt_monitor.ui.keys_in_order import KeysInOrder

if TYPE_CHECKING:
    from textual.message_pump import MessagePump

LogException = Callable[[BaseException], str]
"""Logs an exception that the app survives; returns a sentence about it."""


class GuardedApp(KeysInOrder):
    """Survives every exception after the first paint; an earlier one ends it."""

    def __init__(self, log_exception: LogException | None = None) -> None:
        super().__init__()
        exception_guard.install()
        self.fatal: Exception | None = None
        """The exception that prevented the first paint."""
        self.caught: dict[str, int] = {}
        """How often each exception was caught since, by its place in the code."""
        self._log_exception = log_exception

    def run_to_end(self) -> int:
        """Run until the user quits; return the exit code of the program.

        Raises:
            Exception: whatever prevented the first paint.
        """
        self.run()
        if self.fatal is not None:
            raise self.fatal
        return self.return_code or 0

    def show_error(self, sentence: str) -> None:
        """Show an error of the app itself."""
        raise NotImplementedError

    def get_css_variables(self) -> dict[str, str]:
        """Return the theme's variables, and its colours of text made readable."""
        variables = super().get_css_variables()
        return variables | readable_colours(variables)

    def take_over_loop(self) -> None:
        """Handle exceptions in callbacks of the event loop, which would be printed over the screen."""
        asyncio.get_running_loop().set_exception_handler(self._loop_failed)

    def _handle_exception(self, error: Exception) -> None:
        """Survive an exception, whichever widget it comes from: Textual would end the app.

        Each is logged and shown once, however often it recurs.
        """
        if self._exit:
            return  # what is mounted or asked while it leaves finds nothing there
        if not self._keys_released:
            self.fatal = self.fatal or error
            self.exit(return_code=BugError.exit_code)
        elif not self._is_over_for(error):
            if isinstance(error, WorkerFailed) and isinstance(error.error, Exception):
                error = error.error
            place = place_of(error)
            self.caught[place] = self.caught.get(place, 0) + 1
            if self.caught[place] == 1:
                self.show_error(place if self._log_exception is None else self._log_exception(error))

    def _is_over_for(self, error: Exception) -> bool:
        """Return whether it comes from a screen closed meanwhile: its result is unwanted."""
        worker = active_worker.get(None) if isinstance(error, WorkerFailed) else None
        node: MessagePump | None = active_message_pump.get(self) if worker is None else worker.node
        while node is not None and node is not self and not isinstance(node, Screen):
            node = node._parent  # noqa: SLF001  only widgets have a public equivalent
        return node is not self and node not in self.screen_stack

    def _loop_failed(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        if isinstance(error := context.get("exception"), Exception):
            self._handle_exception(error)
        else:
            loop.default_exception_handler(context)
