"""The app of a sweep: its screen, and the sessions of cells that are opened from it."""

from collections.abc import Callable
from typing import ClassVar, Protocol

import msgspec
from textual.binding import BindingType

from stt_monitor.core.commands import Controller, OpenRecording
from stt_monitor.core.settings.requested import Schema
from stt_monitor.core.sweep.result import SweepState
from stt_monitor.ui.app import MonitorApp
from stt_monitor.ui.guarded_app import LogException
from stt_monitor.ui.keymap.bindings import bindings
from stt_monitor.ui.keymap.keys import KeyContext, Where
from stt_monitor.ui.leaving_app import CanLeave
from stt_monitor.ui.sweep.messages import CellOpened, SweepArrived
from stt_monitor.ui.sweep.screen import SweepScreen


class SweepController(Controller, Protocol):
    """Runs a sweep, and replays the sessions of its cells."""

    @property
    def schema(self) -> Schema:
        """The settings of the sweep's service."""

    def stop(self) -> None:
        """Stop the sweep in order, and the replay; returns at once."""

    def watch(self, on_state: Callable[[SweepState], None]) -> None:
        """Call back with states of the sweep, a few times a second, on any thread. The callback must not block."""


class SweepApp(MonitorApp):
    """Shows a sweep; a cell that is opened is a session like any other, beneath it."""

    CSS_PATH = "../monitor.tcss"
    BINDINGS: ClassVar[list[BindingType]] = bindings(Where.SWEEP)

    def __init__(
        self,
        controller: SweepController,
        *,
        can_leave: CanLeave | None = None,
        log_exception: LogException | None = None,
    ) -> None:
        super().__init__(controller, autostart=False, can_leave=can_leave, log_exception=log_exception)
        self._sweeper = controller
        self._sweep: SweepState | None = None

    def begin(self) -> None:
        """Open the sweep's screen, and begin to watch."""
        self.action_sweep()
        self._sweeper.watch(self._state_changed)

    def action_sweep(self) -> None:
        """Open the sweep's screen."""
        self._open(SweepScreen(self._sweeper.schema, self._sweep, opened=self._snapshot is not None))

    def _state_changed(self, state: SweepState) -> None:
        self.post_message(SweepArrived(state))

    def on_sweep_arrived(self, message: SweepArrived) -> None:
        """Show the newest state."""
        self._sweep = message.state
        for screen in self.screen_stack:
            if isinstance(screen, SweepScreen) and screen.is_mounted:
                screen.show_state(message.state)

    def on_cell_opened(self, message: CellOpened) -> None:
        """Show the session of a cell as far as it goes, without what is over it."""
        while len(self.screen_stack) > 1:
            self.pop_screen()
        self._controller.send(OpenRecording(message.folder, at_end=True))

    def _leave(self, code: int) -> None:
        """Stop the sweep too."""
        self._sweeper.stop()
        super()._leave(code)

    @property
    def _now(self) -> KeyContext:
        return msgspec.structs.replace(super()._now, sweep=True)
