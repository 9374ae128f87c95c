"""An app that no mistake in a handler ends: exceptions are told."""

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from textual._context import active_message_pump
from textual.screen import Screen
from textual.worker import WorkerFailed, active_worker

from stt_monitor.core.errors import BugError, place_of
from stt_monitor.ui import exception_guard
from stt_monitor.ui.keys_in_order import KeysInOrder

if TYPE_CHECKING:
    from textual.message_pump import MessagePump

Tell = Callable[[BaseException], str]
"""Writes an exception down that the app survives; returns a sentence about it."""


class SteadyApp(KeysInOrder):
    """Ends when it is told to, and otherwise only where there was no first picture."""

    def __init__(self, tell: Tell | None = None) -> None:
        super().__init__()
        exception_guard.install()
        self.fatal: Exception | None = None
        """What kept the first picture from coming about."""
        self.caught: dict[str, int] = {}
        """What went wrong since, in a few words, and how often."""
        self._tell = tell

    def complain(self, sentence: str) -> None:
        """Show the user a sentence about something that went wrong in the app."""
        raise NotImplementedError

    def take_over_loop(self) -> None:
        """Be told of exceptions in callbacks of the loop too: they would be printed over the screen."""
        asyncio.get_running_loop().set_exception_handler(self._loop_failed)

    def _handle_exception(self, error: Exception) -> None:
        """Go on after an exception, whichever part it comes from: Textual would end the app.

        It is told and written down once, however often it comes again.
        """
        if not self._whole:
            self.fatal = self.fatal or error
            self.exit(return_code=BugError.exit_code)
        elif not self._exit and not self._is_over_for(error):
            if isinstance(error, WorkerFailed) and isinstance(error.error, Exception):
                error = error.error
            place = place_of(error)
            self.caught[place] = self.caught.get(place, 0) + 1
            if self.caught[place] == 1:
                self.complain(place if self._tell is None else self._tell(error))

    def _is_over_for(self, error: Exception) -> bool:
        """Tell whether it comes from a screen that was closed meanwhile: what its keys were to do is of no matter."""
        worker = active_worker.get(None) if isinstance(error, WorkerFailed) else None
        node: MessagePump | None = active_message_pump.get(self) if worker is None else worker.node
        while node is not None and node is not self and not isinstance(node, Screen):
            node = node._parent  # noqa: SLF001  its public twin is of widgets alone
        return node is not self and node not in self.screen_stack

    def _loop_failed(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        if isinstance(error := context.get("exception"), Exception):
            self._handle_exception(error)
        else:
            loop.default_exception_handler(context)
