"""The app: keys, commands, and the way in and out."""

import asyncio
import gc
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

from stt_monitor.core.commands import Command, Controller, Seek, Start, Stop, Tune
from stt_monitor.core.errors import InputError
from stt_monitor.core.session_options import SourceKind
from stt_monitor.core.settings import TurnSettings
from stt_monitor.core.snapshot import Snapshot
from stt_monitor.core.text.sanitize import printable
from stt_monitor.ui import exit as shutdown
from stt_monitor.ui.key_bindings import applies, bindings, command_of, offered, refusal
from stt_monitor.ui.keys import Now, Where
from stt_monitor.ui.messages import SnapshotArrived
from stt_monitor.ui.screens.modal import Modal
from stt_monitor.ui.screens.monitor import MonitorScreen
from stt_monitor.ui.snapshot_mailbox import SnapshotMailbox
from stt_monitor.ui.steady_app import SteadyApp, Tell
from stt_monitor.ui.styles import size_classes
from stt_monitor.ui.wire_buffer import WireBuffer

_GARBAGE: Final = (2000, 10, 50)
"""When garbage is looked for. Python's own pace looks through everything some ten times while a window is resized, for
50 ms each; at this one it is once in a million new objects, and the little that is young takes less in all."""

CanLeave = Callable[[Callable[[int], object]], object]

_BENEATH_S: Final = 0.25
"""Seconds of session from one picture beneath an overlay to the next."""


def run(
    controller: Controller, *, autostart: bool = True, can_leave: CanLeave | None = None, tell: Tell | None = None
) -> int:
    """Show sessions until the user has had enough; returns the exit code of the program.

    Args:
        controller: runs the sessions.
        autostart: start one at once.
        can_leave: is handed, once there is a screen, what asks it to leave with an exit code, on whatever thread.
        tell: writes down what the screen survives, and returns a sentence about it.

    Raises:
        Exception: whatever kept the screen from coming about.
    """
    app = MonitorApp(controller, autostart=autostart, can_leave=can_leave, tell=tell)
    app.run()
    if app.fatal is not None:
        raise app.fatal
    return app.return_code or 0


class MonitorApp(SteadyApp):
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
        super().__init__(tell)
        self._controller = controller
        self._autostart = autostart
        self._can_leave = can_leave
        self._relay: SnapshotMailbox | None = None
        self._wire = WireBuffer()
        self._snapshot: Snapshot | None = None
        self._settings = controller.settings
        """In force, or kept for the next session."""
        self._live = False
        self._offered: Now | None = None
        self._drawn_beneath_at = 0.0
        self._leaving = False

    def get_default_screen(self) -> MonitorScreen:
        """Return the one screen, with its size class: the first picture is laid out as those that follow."""
        present = (name for name, is_so in size_classes(self.size).items() if is_so)
        return MonitorScreen(id="_default", classes=" ".join(present))

    def on_mount(self) -> None:
        """Listen to the sessions; start once the first picture is on the screen."""
        loop = asyncio.get_running_loop()
        self._relay = SnapshotMailbox(loop, self._deliver)
        self.take_over_loop()
        if self._can_leave is not None:
            self._can_leave(lambda code: loop.call_soon_threadsafe(self._leave, code))
        self.call_after_refresh(self._first_paint_done)

    def on_unmount(self) -> None:
        """Listen no longer."""
        if self._relay is not None:
            self._relay.close()

    def on_app_blur(self, event: AppBlur) -> None:
        """Stay as it is while somebody looks elsewhere: the footer too, which in a browser would be empty till then."""
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
        overlays = [screen for screen in self.screen_stack if isinstance(screen, Modal)]
        for overlay in overlays:
            overlay.show(message.snapshot)
        if not overlays or self._is_due_beneath(message.snapshot, hidden=any(one.OPAQUE for one in overlays)):
            self._monitor.show(message.snapshot)
        if overlays and not message.snapshot.running:
            # A picture comes through an overlay with the next one; after the last there is none.
            self.set_timer(_BENEATH_S, overlays[-1].refresh)
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

    def action_tune(self) -> None:
        """Open the panel with the turn settings."""
        from stt_monitor.ui.screens.settings import (
            SettingsScreen,  # as all overlays: the first paint must not wait for it
        )

        self._open(SettingsScreen(self._configure, self._snapshot, self._settings))

    def action_compare(self) -> None:
        """Show figures beside each other: by settings, by files."""
        from stt_monitor.ui.screens.comparison import ComparisonScreen

        self._open(ComparisonScreen(self._snapshot))

    def action_wire(self) -> None:
        """Show the frames of the websocket."""
        from stt_monitor.ui.screens.wire import WireScreen

        self._open(WireScreen(self._wire, self._snapshot))

    def action_command_palette(self) -> None:
        """Show all commands that apply."""
        from stt_monitor.ui.palette import Palette

        if not any(isinstance(screen, Palette) for screen in self.screen_stack):
            self.push_screen(Palette())

    def action_source(self) -> None:
        """Choose what is heard."""
        from stt_monitor.ui.screens.input import InputScreen

        self._open(InputScreen(self._controller))

    def action_service(self) -> None:
        """Choose the service."""
        from stt_monitor.ui.screens.service import ServiceScreen

        self._open(ServiceScreen(self._controller))

    def action_open_recording(self) -> None:
        """Choose a recorded session to be shown again."""
        from stt_monitor.ui.screens.recordings import RecordingsScreen

        live = self._playing and self._controller.has_live
        self._open(RecordingsScreen(self._controller, back_to_live=live))

    def action_figure(self, by: int) -> None:
        """Choose the next figure or the one before."""
        self._monitor.choose_figure(by)

    def action_help(self) -> None:
        """Show keys and definitions, those of the part that has the focus first."""
        from stt_monitor.ui.screens.help import HelpScreen

        if not isinstance(self.screen, HelpScreen):
            self.push_screen(HelpScreen(self.screen))

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
        self._leave(shutdown.INTERRUPTED)

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

    def _configure(self, turn: TurnSettings) -> None:
        self._settings = turn
        self._controller.send(Tune(turn))

    @property
    def _playing(self) -> bool:
        """Whether what is shown is a recorded session."""
        return self._snapshot is not None and self._snapshot.playback is not None

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

    def _is_due_beneath(self, snapshot: Snapshot, *, hidden: bool) -> bool:
        """Tell whether to draw what lies beneath an overlay: each time, all of it is drawn through the overlay."""
        due = not snapshot.running or (not hidden and abs(snapshot.at - self._drawn_beneath_at) >= _BENEATH_S)
        if due:
            self._drawn_beneath_at = snapshot.at
        return due

    def _open(self, overlay: Modal) -> None:
        """Show an overlay, in the place of the one that is there."""
        while len(self.screen_stack) > 1:
            self.pop_screen()
        self.push_screen(overlay)

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
        assert self._relay is not None
        self._controller.subscribe(self._relay.put, on_frame=self._wire.put)
        self._monitor.wait_for_start(autostart=self._autostart)
        if self._autostart:
            self._send(Start())
        self.be_whole()

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
        self._exit_when_stopped(code, shutdown.PATIENCE_S)

    def _start_when_stopped(self) -> None:
        if self._controller.running and not self._playing:
            self.set_timer(shutdown.POLL_S, self._start_when_stopped)
        elif not self._leaving:
            self._send(Start())

    def _exit_when_stopped(self, code: int, patience: float) -> None:
        if not self._controller.running or patience <= 0:
            self.exit(code, return_code=code)
            return
        self.set_timer(shutdown.POLL_S, lambda: self._exit_when_stopped(code, patience - shutdown.POLL_S))
