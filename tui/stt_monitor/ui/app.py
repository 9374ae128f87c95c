"""The app: starts with the program, sends commands, and offers the keys that apply."""

from __future__ import annotations

import asyncio
import gc
from functools import partial
from math import inf
from pathlib import PurePath
from typing import TYPE_CHECKING, ClassVar, Final

import msgspec
from textual.app import App, SystemCommand

from stt_monitor.core.commands import Command, Controller, Mute, Play, Seek, Start, Stop
from stt_monitor.core.session_options import SourceKind
from stt_monitor.ui.document_actions import DocumentActions
from stt_monitor.ui.keymap.bindings import applies, bindings, command_of, offered, refusal
from stt_monitor.ui.keymap.keys import KeyContext, Where
from stt_monitor.ui.lanes import next_after
from stt_monitor.ui.leaving_app import POLL_S, CanLeave
from stt_monitor.ui.messages import NotPlayed, ServiceChosen, SnapshotArrived
from stt_monitor.ui.screens.monitor import MonitorScreen
from stt_monitor.ui.snapshot_mailbox import SnapshotMailbox
from stt_monitor.ui.styles import size_classes

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual.binding import BindingType
    from textual.events import AppBlur, Key
    from textual.screen import Screen

    from stt_monitor.core.snapshot import Snapshot
    from stt_monitor.ui.guarded_app import LogException

_GARBAGE: Final = (2000, 10, 50)
"""Thresholds of the garbage collector. With Python's own, a resize causes some ten full collections of 50 ms each; with
these there is one in a million new objects, and young collections take less in all."""


class MonitorApp(DocumentActions, App[int]):
    """Shows a controller's sessions, and starts and stops them."""

    TITLE = "stt-monitor"
    CSS_PATH = "monitor.tcss"
    BINDINGS: ClassVar[list[BindingType]] = bindings(Where.APP)

    def __init__(
        self,
        controller: Controller,
        *,
        autostart: bool = True,
        no_key: str = "",
        can_leave: CanLeave | None = None,
        log_exception: LogException | None = None,
    ) -> None:
        """Prepare.

        Args:
            controller: runs the sessions.
            autostart: start one at once.
            no_key: variable of the key that is not set, which is why sessions go to the local server.
            can_leave: as for `LeavingApp`.
            log_exception: as for `GuardedApp`.
        """
        super().__init__(controller, can_leave, log_exception)
        self._autostart = autostart
        self._no_key = no_key
        self._mailbox: SnapshotMailbox | None = None
        self._live = False
        self._told_of_first = False
        self._offered: KeyContext | None = None

    def get_default_screen(self) -> MonitorScreen:
        """Return the main screen with its size class, so that the first paint is laid out like later ones."""
        present = (name for name, is_so in size_classes(self.size).items() if is_so)
        return MonitorScreen(no_key=self._no_key, id="_default", classes=" ".join(present))

    def on_mount(self) -> None:
        """Prepare for snapshots; start after the first paint."""
        loop = asyncio.get_running_loop()
        self._mailbox = SnapshotMailbox(loop, self._deliver)
        self.take_over_loop()
        self.let_leave(loop)
        self.call_after_refresh(self._first_paint_done)

    def on_unmount(self) -> None:
        """Stop receiving snapshots."""
        if self._mailbox is not None:
            self._mailbox.close()

    def on_app_blur(self, event: AppBlur) -> None:
        """Keep the focus when the terminal loses it: in a browser the footer would be empty meanwhile."""
        event.prevent_default()

    def on_snapshot_arrived(self, message: SnapshotArrived) -> None:
        """Show the newest snapshot."""
        if not self.screen_stack:  # the program is about to end, before the session
            return
        if self._snapshot is None:
            gc.freeze()  # what sessions have imported stays too
        snapshot = self._take(message.snapshot)
        if self.show_over(snapshot, running=message.snapshot.running):
            self._monitor.show(message.snapshot, self._service)
        self._set_running(running=message.snapshot.running)
        self._tell_of_first(message.snapshot)

    def _tell_of_first(self, snapshot: Snapshot) -> None:
        """Say once, while the first session of all is saved, where, and how to save none."""
        kept = snapshot.recording
        if kept is None or not kept.first or kept.stopped or self._playing or self._told_of_first:
            return
        self._told_of_first = True
        self._say(f"in {PurePath(kept.path).parent}; --no-record saves none", title="Sessions are saved", timeout=10)

    def action_send(self, title: str) -> None:
        """Send the command of a key."""
        self._send(command_of(title))

    def action_restart(self) -> None:
        """Stop the session, and start another; replay a saved one from the start."""
        if self._playing:
            self._controller.send(Seek(-inf))
        else:
            self._controller.send(Stop())
        self._start_when_stopped()

    def action_beside(self) -> None:
        """Show all services side by side, or the chosen one."""
        self._monitor.switch_view()
        self._show_again()

    def action_next_service(self) -> None:
        """Choose the next of several services."""
        if self._whole is not None and self._whole.lanes:
            self._choose_service(next_after(self._whole, self._service))

    def on_service_chosen(self, message: ServiceChosen) -> None:
        """Choose a service."""
        self._choose_service(message.service)

    def action_figure(self, by: int) -> None:
        """Choose the next (1) or previous (-1) metric."""
        self._monitor.choose_metric(by)

    def action_play(self) -> None:
        """Play the chosen turn, or from the place that is shown."""
        if self._snapshot is None:
            self._say("no turn to play yet")
            return
        from stt_monitor.core.clip import clip_to_hear  # not before the first paint

        turn, at = self._monitor.to_play
        self._send(Play(self._cannot_play, turn, at, self._one_of_several))
        if self._microphone and not self._snapshot.audio.quiet and clip_to_hear(self._snapshot, turn, at) is not None:
            self._say("the microphone is muted while it plays: it would hear it")

    def on_not_played(self, message: NotPlayed) -> None:
        """Say why a turn is not played."""
        self.show_error(message.sentence)

    def action_hold(self) -> None:
        """Hold or resume the timeline; the session goes on."""
        self._monitor.hold_timeline()

    def action_zoom(self, by: int) -> None:
        """Show fewer or more seconds on the timeline."""
        self._monitor.zoom_timeline(by)

    def on_key(self, event: Key) -> None:
        """Show why a key does not apply now."""
        if not self.screen_stack or self.screen is not self._monitor:
            return
        active = self.screen.active_bindings.get(event.key)
        if active is not None and not active.binding.action.startswith("scroll_"):  # lists scroll as far as they can
            return
        reason = refusal(event.key, self._now)
        if reason:
            way_back = self._playing and self._controller.has_live
            self._say(f"{reason}; o goes back to live sessions" if way_back else reason)

    def show_error(self, sentence: str) -> None:
        """Show an error of the app itself."""
        self._monitor.show_error(sentence)
        self._offer_what_applies()

    def action_dismiss_error(self) -> None:
        """Dismiss the error."""
        self._monitor.dismiss_error()
        self._offer_what_applies()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer only actions that apply now."""
        found = applies(Where.APP, action, parameters, self._now)
        return super().check_action(action, parameters) if found is None else found

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Yield the commands of the palette that apply now, with `screen` on top."""
        for key, action in offered(self._now, over_overlay=screen is not self._monitor):
            yield SystemCommand(key.title, key.meaning, partial(self.run_action, action))

    @property
    def _monitor(self) -> MonitorScreen:
        screen = self.screen_stack[0]
        assert isinstance(screen, MonitorScreen)
        return screen

    @property
    def _now(self) -> KeyContext:
        """State that decides which keys apply."""
        now = self._monitor.now if self.screen_stack else KeyContext()
        now = msgspec.structs.replace(now, live=self._live, leaving=self._leaving, saved=self._playing)
        snapshot, whole = self._snapshot, self._whole
        if snapshot is None or whole is None:
            several = len(self._controller.services) > 1
            return msgspec.structs.replace(now, file=now.saved or None, several=several)
        return msgspec.structs.replace(
            now,
            file=snapshot.audio.kind in (SourceKind.FILE, SourceKind.REPLAY),
            quiet=snapshot.audio.quiet,
            retry=any(lane.retry is not None for lane in whole.lanes or (whole,)),
            several=bool(whole.lanes),
            call=snapshot.audio.kind is SourceKind.CALL and not self._playing,
            heard=whole.heard is not None,
        )

    @property
    def _microphone(self) -> bool:
        """Whether a microphone is live now."""
        return self._live and self._snapshot is not None and self._snapshot.audio.kind is SourceKind.MICROPHONE

    def _choose_service(self, service: str) -> None:
        """Choose one of several services."""
        self._service = service
        self._show_again()

    def _show_again(self) -> None:
        """Show the newest snapshot in another way."""
        if self._whole is not None:
            self._take(self._whole)
            self._monitor.show(self._whole, self._service)
        self._offer_what_applies()

    def _send(self, command: Command) -> None:
        self._controller.send(command)
        if isinstance(command, Start):
            self._set_running(running=True)
        if command == Mute(on=False) and self._microphone and self._now.heard:
            self._say("the microphone hears what is played: wear headphones")

    def _set_running(self, *, running: bool) -> None:
        self._live = running
        self._offer_what_applies()

    def _offer_what_applies(self) -> None:
        """Refresh the footer if other keys apply now."""
        now = self._now
        if now != self._offered:
            self._offered = now
            self.refresh_bindings()

    def _cannot_play(self, sentence: str) -> None:
        self.post_message(NotPlayed(sentence))

    def _deliver(self, snapshot: Snapshot) -> None:
        self.post_message(SnapshotArrived(snapshot))

    def begin(self) -> None:
        """Begin, once the screen is ready for snapshots."""
        self._monitor.wait_for_start(autostart=self._autostart)
        if self._autostart:
            self._send(Start())

    async def _first_paint_done(self) -> None:
        gc.freeze()  # what was imported stays anyway; looking through it for garbage would stall the screen by 50 ms
        gc.set_threshold(*_GARBAGE)
        gc.enable()
        if self._leaving:
            return
        await self._monitor.mount_rest(lambda: self._now)
        assert self._mailbox is not None
        self._controller.subscribe(self._mailbox.put, on_frame=self._wire.put)
        self.begin()
        await self.release_keys()

    def show_leaving(self) -> None:
        """Show that the session is being closed."""
        self._monitor.show_closing()
        self._offer_what_applies()

    def _start_when_stopped(self) -> None:
        if self._controller.running and not self._playing:
            self.set_timer(POLL_S, self._start_when_stopped)
        elif not self._leaving:
            self._send(Start())
