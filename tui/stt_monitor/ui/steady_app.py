"""An app that no key and no mistake in a handler ends: keys wait for the first picture, exceptions are told."""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from textual._context import active_message_pump
from textual.app import App
from textual.events import Event, InputEvent, Key, Paste
from textual.screen import Screen
from textual.widget import Widget
from textual.worker import WorkerFailed, active_worker

from stt_monitor.core.errors import BugError, place_of
from stt_monitor.ui import net
from stt_monitor.ui.key_bindings import is_leaving

if TYPE_CHECKING:
    from textual.message_pump import MessagePump

_TYPED_AHEAD: Final = 100
"""Keys and clicks that wait for the first picture; more than a person manages."""

Tell = Callable[[BaseException], str]
"""Writes an exception down that the app survives; returns a sentence about it."""


class SteadyApp(App[int]):
    """Ends when it is told to, and otherwise only where there was no first picture."""

    def __init__(self, tell: Tell | None = None) -> None:
        super().__init__()
        net.spread()
        self.fatal: Exception | None = None
        """What kept the first picture from coming about."""
        self.caught: dict[str, int] = {}
        """What went wrong since, in a few words, and how often."""
        self._tell = tell
        self._whole = False
        self._typed_ahead: deque[Event] = deque(maxlen=_TYPED_AHEAD)

    def complain(self, sentence: str) -> None:
        """Show the user a sentence about something that went wrong in the app."""
        raise NotImplementedError

    def be_whole(self) -> None:
        """Say that all parts are in their places, for keys to be handled by."""
        self._whole = True
        for event in self._typed_ahead:
            self.post_message(event)
        self._typed_ahead.clear()

    async def on_event(self, event: Event) -> None:
        """Let keys and clicks wait for the first picture, but for those that leave."""
        if self._whole or not isinstance(event, InputEvent | Paste) or _leaves(event):
            await super().on_event(event)
        else:
            self._typed_ahead.append(event)

    async def _check_bindings(self, key: str, priority: bool = False) -> bool:  # noqa: FBT001, FBT002 - Textual's
        """Act on a key at once where nobody types: those bunched after it meet the part that it gives the focus to.

        Textual would hand all of them to the part that has the focus now, and act when each comes back. A screen that
        is only being laid out is still left to do so: its actions look for its parts.
        """
        done = await super()._check_bindings(key, priority)
        if not done and priority and self.screen.is_mounted and not _takes_typing(self.focused):
            done = await super()._check_bindings(key)
            if done and key == "escape":  # the screen does this to each that passes
                self.screen.clear_selection()
        return done

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


def _leaves(event: Event) -> bool:
    return isinstance(event, Key) and is_leaving(event.key)


def _takes_typing(part: Widget | None) -> bool:
    return part is not None and part.check_consume_key("a", "a")
