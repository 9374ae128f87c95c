"""The app of a tap: the list of its calls, and the session of the one that is opened from it."""

from collections.abc import Callable
from typing import ClassVar, Final, Protocol

import msgspec
from textual.binding import BindingType

from stt_monitor.core.calls_state import CallsState, CallState, TapHead
from stt_monitor.core.commands import Controller
from stt_monitor.core.errors import BugError
from stt_monitor.ui.app import MonitorApp
from stt_monitor.ui.calls.messages import CallOpened, CallsArrived, TapEnded
from stt_monitor.ui.calls.screen import CallsScreen
from stt_monitor.ui.guarded_app import LogException
from stt_monitor.ui.keymap.bindings import bindings
from stt_monitor.ui.keymap.keys import KeyContext, Where
from stt_monitor.ui.leaving_app import CanLeave

_BUG: Final = BugError.exit_code


class Tap(Controller, Protocol):
    """Watches the calls of an agent, and shows their sessions."""

    @property
    def head(self) -> TapHead:
        """What is always true of it."""

    def stop(self) -> None:
        """End all calls; returns at once."""

    def watch(self, on_state: Callable[[CallsState], None], on_end: Callable[[], object]) -> None:
        """Call back with the list of calls, a few times a second, and at the end of the tap, on any thread.

        Callbacks must not block.
        """

    def open(self, call: CallState) -> str:
        """Show the session of a call; return why that cannot be, else nothing."""


class CallsApp(MonitorApp):
    """Shows the calls of a tap; one that is opened is a session like any other, beneath the list."""

    CSS_PATH = "../monitor.tcss"
    BINDINGS: ClassVar[list[BindingType]] = bindings(Where.CALLS)

    def __init__(
        self, controller: Tap, *, can_leave: CanLeave | None = None, log_exception: LogException | None = None
    ) -> None:
        super().__init__(controller, autostart=False, can_leave=can_leave, log_exception=log_exception)
        self._tap = controller
        self._calls = CallsState()
        self._call: int | None = None
        self._opened = False

    def begin(self) -> None:
        """Open the list, and begin to watch."""
        self.action_calls()
        self._tap.watch(self._calls_changed, lambda: self.post_message(TapEnded()))

    def action_calls(self) -> None:
        """Open the list of calls."""
        self._open(CallsScreen(self._tap.head, self._calls, self._call, opened=self._opened))

    def _calls_changed(self, state: CallsState) -> None:
        self.post_message(CallsArrived(state))

    def on_calls_arrived(self, message: CallsArrived) -> None:
        """Show the newest list."""
        self._calls = message.state
        for screen in self.screen_stack:
            if isinstance(screen, CallsScreen) and screen.is_mounted:
                screen.show_calls(message.state)

    def on_call_opened(self, message: CallOpened) -> None:
        """Show the session of a call, without the list over it."""
        self._call = message.call.call
        if problem := self._tap.open(message.call):
            self._say(problem)
            return
        self._opened = True
        while len(self.screen_stack) > 1:
            self.pop_screen()

    def on_tap_ended(self) -> None:
        """Leave: there is nothing more to show."""
        if not self._leaving:
            self._leave(_BUG)

    def _leave(self, code: int) -> None:
        """Stop the tap too."""
        self._tap.stop()
        super()._leave(code)

    @property
    def _now(self) -> KeyContext:
        return msgspec.structs.replace(super()._now, calls=True)
