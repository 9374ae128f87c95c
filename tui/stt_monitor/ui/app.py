"""The app: keys, commands, and the way in and out."""

import asyncio
import gc
import signal
from collections.abc import Callable, Iterable
from functools import partial
from math import inf
from typing import ClassVar, Final

import msgspec
from textual.app import SystemCommand
from textual.binding import BindingType
from textual.events import AppBlur, DeliveryComplete, Key
from textual.notifications import SeverityLevel
from textual.screen import Screen

from stt_monitor.core.commands import Command, Controller, Seek, Start, Stop
from stt_monitor.core.errors import InputError
from stt_monitor.core.session_options import SourceKind
from stt_monitor.core.snapshot import Snapshot
from stt_monitor.core.text.sanitize import printable
from stt_monitor.ui.key_bindings import applies, bindings, command_of, offered, refusal
from stt_monitor.ui.keys import Now, Where
from stt_monitor.ui.messages import SnapshotArrived
from stt_monitor.ui.overlay_app import OverlayApp
from stt_monitor.ui.screens.monitor import MonitorScreen
from stt_monitor.ui.snapshot_mailbox import SnapshotMailbox
from stt_monitor.ui.steady_app import Tell
from stt_monitor.ui.styles import size_classes

_GARBAGE: Final = (2000, 10, 50)
"""When garbage is looked for. Python's own pace looks through everything some ten times while a window is resized, for
50 ms each; at this one it is once in a million new objects, and the little that is young takes less in all."""

_INTERRUPTED: Final = 128 + signal.SIGINT
"""The exit code of a program that was interrupted."""

PATIENCE_S: Final = 2.0
"""How long the program waits on its way out for a session to end in order."""

POLL_S: Final = 0.05
"""How often it looks whether the session has ended."""

CanLeave = Callable[[Callable[[int], object]], object]


def run(
    controller: Controller, *, autostart: bool = True, can_leave: CanLeave | None = None, tell: Tell | None = None
) -> int:
    """Run the app until the user quits; returns the exit code of the program.

    Args:
        controller: runs the sessions.
        autostart: start one at once.
        can_leave: receives, once there is a screen, a function that ends the app with an exit code, from any thread.
        tell: logs an exception that the screen survives, and returns a sentence about it.

    Raises:
        Exception: what prevented the first picture.
    """
    app = MonitorApp(controller, autostart=autostart, can_leave=can_leave, tell=tell)
    app.run()
    if app.fatal is not None:
        raise app.fatal
    return app.return_code or 0


class MonitorApp(OverlayApp):
    """Shows what a controller's sessions do, and lets them be started and stopped."""

    TITLE = "stt-monitor"
    CSS_PATH = "monitor.tcss"
    BINDINGS: ClassVar[list[BindingType]] = bindings(Where.APP)

    def __init__(
        self,
        controller: Controller,
        *,
        autostart: bool = True,
        can_leave: CanLeave | None = None,
        tell: Tell | None = None,
    ) -> None:
        super().__init__(controller, tell)
        self._autostart = autostart
        self._can_leave = can_leave
        self._mailbox: SnapshotMailbox | None = None
        self._live = False
        self._offered: Now | None = None
        self._leaving = False

    def get_default_screen(self) -> MonitorScreen:
        """Return the one screen, with its size class: the first picture is laid out as those that follow."""
        present = (name for name, is_so in size_classes(self.size).items() if is_so)
        return MonitorScreen(id="_default", classes=" ".join(present))

    def on_mount(self) -> None:
        """Listen to the sessions; start once the first picture is on the screen."""
        loop = asyncio.get_running_loop()
        self._mailbox = SnapshotMailbox(loop, self._deliver)
        self.take_over_loop()
        if self._can_leave is not None:
            self._can_leave(lambda code: loop.call_soon_threadsafe(self._leave, code))
        self.call_after_refresh(self._first_paint_done)

    def on_unmount(self) -> None:
        """Listen no longer."""
        if self._mailbox is not None:
            self._mailbox.close()

    def on_app_blur(self, event: AppBlur) -> None:
        """Keep the focus when the terminal loses it: in a browser the footer would be empty until then."""
        event.prevent_default()

    def on_snapshot_arrived(self, message: SnapshotArrived) -> None:
        """Show the newest snapshot."""
        if not self.screen_stack:  # the program is about to end, and the session does not
            return
        if self._snapshot is None:
            gc.freeze()  # what sessions have imported stays too
        self._snapshot = message.snapshot
        if message.snapshot.running:
            self._settings = message.snapshot.settings
        if self.show_over(message.snapshot):
            self._monitor.show(message.snapshot)
        self._set_running(running=message.snapshot.running)

    def action_send(self, title: str) -> None:
        """Send the command of a key."""
        self._send(command_of(title))

    def action_restart(self) -> None:
        """End the session in order, and start another; a recorded one begins anew."""
        if self._playing:
            self._controller.send(Seek(-inf))
        else:
            self._controller.send(Stop())
        self._start_when_stopped()

    def action_figure(self, by: int) -> None:
        """Choose the next figure or the one before."""
        self._monitor.choose_figure(by)

    def action_hold(self) -> None:
        """Hold the timeline, or let it go on; the session always goes on."""
        self._monitor.hold_timeline()

    def action_zoom(self, by: int) -> None:
        """Show fewer or more seconds on the timeline."""
        self._monitor.zoom_timeline(by)

    def action_picture(self) -> None:
        """Save a picture of the screen in the working directory, or with the session; hand it to a browser."""
        if self.is_web:
            self.deliver_screenshot()
            return
        from stt_monitor.ui.picture import save_picture

        recording = self._snapshot.recording if self._snapshot is not None else None
        try:
            path = save_picture(self.export_screenshot(), [".", *([recording.path] if recording is not None else [])])
        except InputError as error:
            self._say(str(error), severity="error")
        else:
            self._say(path, title="Picture saved")

    def on_delivery_complete(self, event: DeliveryComplete) -> None:
        """Say that the browser has the picture, once."""
        event.prevent_default()
        self._say(event.name or "", title="Picture saved")

    def on_key(self, event: Key) -> None:
        """Say why a key does nothing now."""
        if not self.screen_stack or self.screen is not self._monitor or event.key in self.screen.active_bindings:
            return
        reason = refusal(event.key, self._now)
        if reason and not self._leaving:
            way_back = self._playing and self._controller.has_live
            self._say(f"{reason}; o goes back to live sessions" if way_back else reason)

    def complain(self, sentence: str) -> None:
        """Put a sentence of the app's own onto the error line."""
        self._monitor.complain(sentence)
        self._offer_what_applies()

    def action_dismiss_error(self) -> None:
        """Take the error off the screen."""
        self._monitor.dismiss_error()
        self._offer_what_applies()

    async def action_quit(self) -> None:
        """Leave, after the session has ended in order; at once when asked a second time."""
        self._leave(0)

    def action_interrupt(self) -> None:
        """Leave as a program does that was interrupted."""
        self._leave(_INTERRUPTED)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer only what applies now."""
        found = applies(Where.APP, action, parameters, self._now)
        return super().check_action(action, parameters) if found is None else found

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Offer what keys do, as far as it applies now, `screen` being the one in sight."""
        for key, action in offered(self._now, over_overlay=screen is not self._monitor):
            yield SystemCommand(key.title, key.meaning, partial(self.run_action, action))

    @property
    def _monitor(self) -> MonitorScreen:
        screen = self.screen_stack[0]
        assert isinstance(screen, MonitorScreen)
        return screen

    def _say(self, sentence: str, *, title: str = "", severity: SeverityLevel = "information") -> None:
        """Show a notice for a while, in the place of the one before."""
        self.clear_notifications()
        self.notify(printable(sentence), title=title, severity=severity, timeout=4, markup=False)

    @property
    def _now(self) -> Now:
        """What decides which keys apply."""
        now = self._monitor.now if self.screen_stack else Now()
        now = msgspec.structs.replace(now, live=self._live, leaving=self._leaving)
        if (snapshot := self._snapshot) is None:
            return now
        return msgspec.structs.replace(
            now,
            saved=self._playing,
            file=snapshot.audio.kind in (SourceKind.FILE, SourceKind.REPLAY),
            quiet=snapshot.audio.quiet,
            retry=snapshot.retry is not None,
        )

    def _send(self, command: Command) -> None:
        self._controller.send(command)
        if isinstance(command, Start):
            self._set_running(running=True)

    def _set_running(self, *, running: bool) -> None:
        self._live = running
        self._offer_what_applies()

    def _offer_what_applies(self) -> None:
        """Have the footer drawn anew when another key applies than before."""
        now = self._now
        if now != self._offered:
            self._offered = now
            self.refresh_bindings()

    def _deliver(self, snapshot: Snapshot) -> None:
        self.post_message(SnapshotArrived(snapshot))

    async def _first_paint_done(self) -> None:
        gc.freeze()  # what was imported stays anyway; looking through it for garbage would stall the screen by 50 ms
        gc.set_threshold(*_GARBAGE)
        gc.enable()
        if self._leaving:
            return
        await self._monitor.mount_rest()
        assert self._mailbox is not None
        self._controller.subscribe(self._mailbox.put, on_frame=self._wire.put)
        self._monitor.wait_for_start(autostart=self._autostart)
        if self._autostart:
            self._send(Start())
        await self.be_whole()

    def _leave(self, code: int) -> None:
        """End the session, then the program with `code`; a second call does not wait for the session."""
        if self._leaving or not self._whole:
            self._leaving = True
            self.exit(code, return_code=code)
            return
        self._leaving = True
        self._controller.send(Stop())
        self._monitor.show_closing()
        self._offer_what_applies()
        self._exit_when_stopped(code, PATIENCE_S)

    def _start_when_stopped(self) -> None:
        if self._controller.running and not self._playing:
            self.set_timer(POLL_S, self._start_when_stopped)
        elif not self._leaving:
            self._send(Start())

    def _exit_when_stopped(self, code: int, patience: float) -> None:
        if not self._controller.running or patience <= 0:
            self.exit(code, return_code=code)
            return
        self.set_timer(POLL_S, lambda: self._exit_when_stopped(code, patience - POLL_S))
