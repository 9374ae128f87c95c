"""Opens the app's overlays, and limits how often the screen beneath them is drawn."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Final

from stt_monitor.core.commands import Controller, MarkBaseline, SeekTo, Tune
from stt_monitor.core.text.sanitize import printable
from stt_monitor.services import registry
from stt_monitor.ui.guarded_app import GuardedApp, LogException
from stt_monitor.ui.lanes import lane_of, name_of
from stt_monitor.ui.messages import FramesWanted, PlaceWanted, SettingsDrafted, TurnChosen

if TYPE_CHECKING:
    from textual.notifications import SeverityLevel

    from stt_monitor.core.settings.requested import TurnSettings
    from stt_monitor.core.snapshot import RowKey, Snapshot
    from stt_monitor.ui.screens.modal import Modal
    from stt_monitor.ui.wire_buffer import WireBuffers

_BENEATH_S: Final = 0.25
"""Session time between two frames of the screen beneath an overlay, seconds."""


class OverlayApp(GuardedApp):
    """Opens one overlay at a time. Each is imported when it is first opened, not before the first paint."""

    def __init__(self, controller: Controller, log_exception: LogException | None = None) -> None:
        super().__init__(log_exception)
        self._controller = controller
        self._whole: Snapshot | None = None
        """The newest snapshot; with several services, of all."""
        self._snapshot: Snapshot | None = None
        """The same of the chosen service."""
        self._service = ""
        """The chosen one of several services; commands are for it."""
        self._settings = controller.settings
        """The active turn settings, or those of the next session."""
        self._drawn_beneath_at = 0.0

    def show_over(self, snapshot: Snapshot, *, running: bool) -> bool:
        """Show a service's snapshot in the overlays; return whether to draw the screen beneath too.

        `running` says whether any service runs.
        """
        overlays = self._overlays
        for overlay in overlays:
            overlay.show(snapshot)
        if overlays and not running:
            # The screen beneath shows through only on the next refresh; after the last snapshot there is none.
            self.set_timer(_BENEATH_S, overlays[-1].refresh)
        return not overlays or self._is_due_beneath(
            snapshot.at, running=running, hidden=any(one.OPAQUE for one in overlays)
        )

    @property
    def _overlays(self) -> list[Modal]:
        if len(self.screen_stack) <= 1:
            return []
        from stt_monitor.ui.screens.modal import Modal  # not before the first paint

        return [screen for screen in self.screen_stack if isinstance(screen, Modal)]

    @cached_property
    def _wire(self) -> WireBuffers:
        """The newest frames, for the wire log."""
        from stt_monitor.ui.wire_buffer import WireBuffers  # as above

        return WireBuffers()

    def action_tune(self) -> None:
        """Open the turn settings."""
        from stt_monitor.ui.screens.settings import SettingsScreen

        if self._snapshot is None:
            schema = registry.service(self._controller.service).schema_of(self._controller.model)
        else:
            schema = registry.schema_of(self._snapshot.session)
        self._open(SettingsScreen(self._configure, schema, self._snapshot, self._settings, self._show_draft))

    def _show_draft(self, draft: TurnSettings | None) -> None:
        """Show settings that are not applied on the main screen."""
        if self.screen_stack:
            self.screen_stack[0].post_message(SettingsDrafted(draft))

    def action_compare(self) -> None:
        """Compare metrics by settings and by files."""
        from stt_monitor.ui.screens.comparison import ComparisonScreen

        self._open(ComparisonScreen(self._snapshot, self._mark_baseline))

    def action_wire(self) -> None:
        """Open the wire log."""
        self._open_wire(None)

    def on_place_wanted(self, message: PlaceWanted) -> None:
        """Seek there in a saved session."""
        if self._playing:
            self._controller.send(SeekTo(message.at))

    def on_frames_wanted(self, message: FramesWanted) -> None:
        """Open the wire log at the first frame of a turn."""
        self._open_wire(message.number)

    def _open_wire(self, turn: int | None) -> None:
        from stt_monitor.ui.screens.wire import WireScreen

        if self._snapshot is None:
            service = registry.service(self._controller.service)
        else:
            service = registry.service_of(self._snapshot.session)
        self._open(
            WireScreen(
                self._wire.of(service.name),
                self._snapshot,
                service,
                choose=self._choose_turn,
                folders=self.folders,
                one_of_several=self._one_of_several,
                turn=turn,
            )
        )

    def _choose_turn(self, number: int) -> None:
        """Choose a turn on the main screen."""
        self.screen_stack[0].post_message(TurnChosen(number))

    @property
    def folders(self) -> list[str]:
        """Where files of the user's go, the best first: the working directory, else that of the session."""
        recording = self._snapshot.recording if self._snapshot is not None else None
        return [".", *([recording.path] if recording is not None else [])]

    def action_input(self) -> None:
        """Choose the input."""
        from stt_monitor.ui.screens.input import InputScreen

        self._open(InputScreen(self._controller))

    def action_service(self) -> None:
        """Choose the service."""
        from stt_monitor.ui.screens.service import ServiceScreen

        self._open(ServiceScreen(self._controller))

    def action_open_recording(self) -> None:
        """Choose a saved session to replay."""
        from stt_monitor.ui.screens.recordings import RecordingsScreen

        live = self._playing and self._controller.has_live
        self._open(RecordingsScreen(self._controller, self.action_compare, back_to_live=live))

    def action_command_palette(self) -> None:
        """Open the command palette."""
        from stt_monitor.ui.palette import Palette

        if not any(isinstance(screen, Palette) for screen in self.screen_stack):
            self.push_screen(Palette())

    def action_help(self) -> None:
        """Open the help, on the focused widget first."""
        from stt_monitor.ui.screens.help import HelpScreen

        if not isinstance(self.screen, HelpScreen):
            self.push_screen(HelpScreen(self.screen))

    def _say(
        self, sentence: str, *, title: str = "", severity: SeverityLevel = "information", timeout: float = 4
    ) -> None:
        """Show a notice for some seconds, in place of the previous one."""
        self.clear_notifications()
        self.notify(printable(sentence), title=title, severity=severity, timeout=timeout, markup=False)

    @property
    def _one_of_several(self) -> str:
        """Name of the chosen service; empty where there is only one."""
        return self._service if self._whole is not None and self._whole.lanes else ""

    @property
    def _playing(self) -> bool:
        """Whether a saved session is replayed, be it that nothing of it is shown yet."""
        return not self._controller.has_live if self._snapshot is None else self._snapshot.playback is not None

    def _configure(self, turn: TurnSettings) -> None:
        self._settings = turn
        self._controller.send(Tune(turn, self._one_of_several))

    def _mark_baseline(self, row: RowKey) -> None:
        self._controller.send(MarkBaseline(row))

    def _take(self, whole: Snapshot) -> Snapshot:
        """Take the newest snapshot; return that of the chosen service."""
        self._whole = whole
        snapshot = self._snapshot = lane_of(whole, self._service)
        if whole.lanes:
            self._service = name_of(snapshot)
        if snapshot.running:
            self._settings = snapshot.settings
        return snapshot

    def _is_due_beneath(self, at: float, *, running: bool, hidden: bool) -> bool:
        """Return whether the screen beneath an overlay is due: drawing it redraws the whole overlay."""
        due = not running or (not hidden and abs(at - self._drawn_beneath_at) >= _BENEATH_S)
        if due:
            self._drawn_beneath_at = at
        return due

    def _open(self, overlay: Modal) -> None:
        """Open an overlay, and close any other."""
        while len(self.screen_stack) > 1:
            self.pop_screen()
        self.push_screen(overlay)
