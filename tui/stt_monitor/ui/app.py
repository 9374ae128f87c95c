"""The app: keys, commands, and the way in and out."""

import asyncio
import gc
from collections.abc import Iterable
from typing import ClassVar

from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType
from textual.events import DeliveryComplete
from textual.screen import Screen

from stt_monitor.core.snapshot import Snapshot
from stt_monitor.core.text import printable
from stt_monitor.ui import shutdown
from stt_monitor.ui.controller import Controller
from stt_monitor.ui.looks import size_classes
from stt_monitor.ui.messages import SnapshotArrived
from stt_monitor.ui.monitor_screen import MonitorScreen
from stt_monitor.ui.relay import Relay


def run(controller: Controller, *, autostart: bool = True) -> int:
    """Show sessions until the user has had enough; returns the exit code of the program."""
    app = MonitorApp(controller, autostart=autostart)
    gc.freeze()  # all that was imported stays anyway; looking through it for garbage would stall the screen by 50 ms
    app.run()
    return app.return_code or 0


class MonitorApp(App[int]):
    """Shows what a controller's sessions do, and lets them be started and stopped."""

    TITLE = "stt-monitor"
    CSS_PATH = "monitor.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("s", "start", "Start"),
        Binding("s", "stop", "Stop"),
        Binding("d", "dismiss_error", "Dismiss"),
        Binding("p", "picture", "Picture", show=False),
        Binding("plus", "zoom(-1)", "Zoom in", show=False),
        Binding("minus", "zoom(1)", "Zoom out", show=False),
        Binding("question_mark,f1", "help", "Help", key_display="?"),
        Binding("q", "quit", "Quit"),
        Binding("space", "hold", "Hold"),
        Binding("ctrl+p", "command_palette", "Commands", key_display="^p", priority=True),
        Binding("ctrl+q", "quit", "Quit", show=False, priority=True),
        Binding("ctrl+c", "interrupt", "Interrupt", show=False, priority=True),
        Binding("ctrl+z", "suspend_process", "Suspend", show=False, priority=True),
    ]

    def __init__(self, controller: Controller, *, autostart: bool = True) -> None:
        super().__init__()
        self._controller = controller
        self._autostart = autostart
        self._relay: Relay | None = None
        self._snapshot: Snapshot | None = None
        self._live = False
        self._error_shown = False
        self._leaving = False

    def get_default_screen(self) -> MonitorScreen:
        """Return the one screen, with its size class: the first picture is laid out as those that follow."""
        present = (name for name, is_so in size_classes(self.size).items() if is_so)
        return MonitorScreen(id="_default", classes=" ".join(present))

    def on_mount(self) -> None:
        """Listen to the sessions and to signals; start once the first picture is on the screen."""
        loop = asyncio.get_running_loop()
        self._relay = Relay(loop, self._deliver)
        shutdown.listen(loop, self._leave)
        self.call_after_refresh(self._first_paint_done)

    def on_unmount(self) -> None:
        """Listen no longer."""
        if self._relay is not None:
            self._relay.close()
        shutdown.stop_listening(asyncio.get_running_loop())

    def on_snapshot_arrived(self, message: SnapshotArrived) -> None:
        """Show the newest snapshot."""
        self._snapshot = message.snapshot
        self._monitor.show(message.snapshot)
        self._set_running(running=message.snapshot.running)

    def action_start(self) -> None:
        """Start a session."""
        self._controller.start()
        self._set_running(running=True)

    def action_stop(self) -> None:
        """Stop the session in order: what was heard so far still comes."""
        self._controller.stop()

    def action_help(self) -> None:
        """Show keys and definitions."""
        from stt_monitor.ui.help_screen import HelpScreen  # as all overlays: the first paint must not wait for it

        if not isinstance(self.screen, HelpScreen):
            self.push_screen(HelpScreen())

    def action_hold(self) -> None:
        """Hold the timeline, or let it go on; the session always goes on."""
        self._monitor.hold_timeline()

    def action_zoom(self, by: int) -> None:
        """Show fewer or more seconds on the timeline."""
        self._monitor.zoom_timeline(by)

    def action_picture(self) -> None:
        """Save a picture of the screen, where downloads go."""
        self.deliver_screenshot()

    def on_delivery_complete(self, event: DeliveryComplete) -> None:
        """Say where the picture is."""
        self.notify(printable(str(event.path or event.name)), title="Picture saved", timeout=3, markup=False)

    def action_dismiss_error(self) -> None:
        """Take the error off the screen."""
        self._monitor.dismiss_error()
        self._offer_what_applies()

    async def action_quit(self) -> None:
        """Leave, after the session has ended in order; at once when asked a second time."""
        self._leave(0)

    def action_interrupt(self) -> None:
        """Leave as a program does that was interrupted."""
        self._leave(shutdown.INTERRUPTED)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer only what applies now."""
        if action == "start":
            return not self._live and not self._leaving
        if action == "stop":
            return self._live and not self._leaving
        if action == "hold":
            return bool(self.screen_stack) and self._monitor.has_timeline
        if action == "dismiss_error":
            return self._error_shown
        return super().check_action(action, parameters)

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:  # noqa: ARG002 - Textual's signature
        """Offer what the keys do, and Textual's own themes and pictures."""
        if self._live:
            yield SystemCommand("Stop", "End the session in order", self.action_stop)
        else:
            yield SystemCommand("Start", "Start a session", self.action_start)
        yield SystemCommand("Search", "Find words in the transcript", self._monitor.action_search)
        yield SystemCommand("Copy all", "Copy the whole transcript", self._monitor.action_copy_all)
        yield SystemCommand("Help", "Keys, and the definition of every figure", self.action_help)
        yield SystemCommand("Theme", "Choose other colours", self.action_change_theme)
        yield SystemCommand("Picture", "Save a picture (SVG) of the screen", self.action_picture)
        yield SystemCommand("Quit", "End the session and leave", self.action_quit)

    @property
    def _monitor(self) -> MonitorScreen:
        screen = self.screen_stack[0]
        assert isinstance(screen, MonitorScreen)
        return screen

    def _set_running(self, *, running: bool) -> None:
        if running is not self._live or self._error_shown is not self._monitor.error_shown:
            self._live = running
            self._offer_what_applies()

    def _offer_what_applies(self) -> None:
        self._error_shown = self._monitor.error_shown
        self.refresh_bindings()

    def _deliver(self, snapshot: Snapshot) -> None:
        self.post_message(SnapshotArrived(snapshot))

    async def _first_paint_done(self) -> None:
        await self._monitor.mount_rest()
        assert self._relay is not None
        self._controller.subscribe(self._relay.put)
        self._monitor.wait_for_start(autostart=self._autostart)
        if self._autostart:
            self.action_start()

    def _leave(self, code: int) -> None:
        """End the session, then the program with `code`; a second call does not wait for the session."""
        if self._leaving:
            self.exit(code, return_code=code)
            return
        self._leaving = True
        self._controller.stop()
        self._monitor.show_closing()
        self.refresh_bindings()
        self._exit_when_stopped(code, shutdown.PATIENCE_S)

    def _exit_when_stopped(self, code: int, patience: float) -> None:
        if not self._controller.running or patience <= 0:
            self.exit(code, return_code=code)
            return
        self.set_timer(shutdown.POLL_S, lambda: self._exit_when_stopped(code, patience - shutdown.POLL_S))
