"""The main screen: its layout, and which widgets show a snapshot."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from textual.containers import Vertical
from textual.screen import Screen
from textual.widgets import Static

from stt_monitor.ui.keymap.bindings import applies, bindings
from stt_monitor.ui.keymap.keys import KeyContext, Where
from stt_monitor.ui.lanes import lane_of
from stt_monitor.ui.messages import (
    FramesWanted,
    RowChosen,
    RowOpened,
    SettingsDrafted,
    TurnChosen,
    TurnOpened,
)
from stt_monitor.ui.screens.bad_turns import BadTurns
from stt_monitor.ui.screens.docked_details import DockedDetails
from stt_monitor.ui.screens.metric_choice import MetricChoice
from stt_monitor.ui.screens.resizing import DrawsOnceResized
from stt_monitor.ui.screens.transcript_actions import TranscriptActions
from stt_monitor.ui.toolkit.stale_clicks import SkipsRemoved
from stt_monitor.ui.toolkit.stale_sizes import SkipsStaleSizes
from stt_monitor.ui.widgets.header import Header
from stt_monitor.ui.widgets.status_bar import StatusBar
from stt_monitor.ui.widgets.turn_state import TurnStatePanel

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.app import ComposeResult
    from textual.binding import BindingType
    from textual.events import ScreenResume

    from stt_monitor.core.finished_turn import FinishedTurn
    from stt_monitor.core.snapshot import Snapshot
    from stt_monitor.ui.screens.rest import Rest

_NO_TURN_IN_ROW: Final = "the chosen service has no finished turn here; l chooses the next one"


class MonitorScreen(
    SkipsRemoved,
    SkipsStaleSizes,
    DrawsOnceResized,
    MetricChoice,
    DockedDetails,
    TranscriptActions,
    BadTurns,
    Screen[None],
):
    """Shows one session, live or replayed."""

    AUTO_FOCUS = "#transcript"
    BINDINGS: ClassVar[list[BindingType]] = bindings(Where.SCREEN)

    def __init__(
        self,
        *,
        no_key: str = "",
        id: str | None = None,  # noqa: A002 - Textual's name
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self._no_key = no_key
        self._snapshot: Snapshot | None = None
        self._chosen: int | None = None
        self._mounted_rest: Rest | None = None

    def compose(self) -> ComposeResult:
        """Lay out the first paint."""
        yield Static("This window is too small: at least 40 × 12 is needed.", id="too-small")
        yield Header(self._no_key, id="header")
        yield _frame("Timeline", id="timeline")
        with Vertical(id="body"):
            with Vertical(id="left"):
                yield TurnStatePanel(id="state")
                yield _frame("Transcript", id="transcript")
            with Vertical(id="metrics", classes="panel") as metrics:
                metrics.border_title = "Latency, ms"
                metrics.border_subtitle = "* first of a connection, not in the summary"
        yield StatusBar(id="status")
        yield Vertical(id="foot")

    def on_screen_resume(self, event: ScreenResume) -> None:
        """Prevent Textual from applying the style sheet again right after mounting."""
        if not self.stack_updates:
            event.refresh_styles = False

    async def mount_rest(self, now: Callable[[], KeyContext]) -> None:
        """Mount what the first paint can do without; nothing else moves. `now` tells the footer the state."""
        from stt_monitor.ui.screens.rest import Rest

        rest = Rest()
        await rest.mount_on(self, now)
        self._mounted_rest = rest
        self.refresh_bindings()

    @property
    def _rest(self) -> Rest:
        """What is mounted after the first paint, before anything is shown."""
        assert self._mounted_rest is not None
        return self._mounted_rest

    def show(self, whole: Snapshot, service: str = "") -> None:
        """Show a snapshot: of all services, or everything about one."""
        before, self._snapshot = self._snapshot, lane_of(whole, service)
        snapshot = self._snapshot
        if before is not None and before.identity != snapshot.identity:
            self.action_clear()
        self.query_one(Header).show(snapshot, whole)
        self._rest.error.show(whole)
        self.set_class(self._rest.error.display, "-error")
        self.query_one(StatusBar).show(snapshot)
        if not self.show_all(whole, service):
            self._show_one(snapshot, going_on=whole.running)
        if before is not None and before.session.service != snapshot.session.service:
            self._choose_in_row()

    def _show_one(self, snapshot: Snapshot, *, going_on: bool) -> None:
        """Show everything about one service; others may go on without it."""
        self.set_class(bool(snapshot.likelihood), "-curve")
        self.query_one(TurnStatePanel).show(snapshot)
        self._rest.show(snapshot, going_on=going_on)
        self._dock_chosen()

    def on_row_chosen(self, message: RowChosen) -> None:
        """Choose a row of all services, and the chosen service's turn in it."""
        self.choose_row(message.at)
        self._choose_in_row()

    def on_row_opened(self, message: RowOpened) -> None:
        """Open the details of the chosen service's turn in a row."""
        turn = self.turn_in_row(message.at)
        if turn is None:
            self.notify(_NO_TURN_IN_ROW, timeout=2, markup=False)
        else:
            self._open_details(turn)

    def on_settings_drafted(self, message: SettingsDrafted) -> None:
        """Show on the likelihood what a draft of settings would compare it with."""
        self.shown_timeline.draft(message.draft)

    def on_turn_chosen(self, message: TurnChosen) -> None:
        """Choose a turn in all widgets."""
        self._choose(message.number)

    def on_turn_opened(self, message: TurnOpened) -> None:
        """Open the details of a turn."""
        if self._snapshot is None:
            return
        turn = self._snapshot.turn(message.number)
        if turn is not None:
            self._open_details(turn)

    def _open_details(self, turn: FinishedTurn) -> None:
        from stt_monitor.ui.screens.details import DetailsScreen  # as all overlays: not before the first paint

        assert self._snapshot is not None
        if self.docked and not self.beside:
            self.enter_dock()
            return
        self.app.push_screen(DetailsScreen(turn, self._snapshot))

    def action_clear(self) -> None:
        """End the search, clear the choice, follow the newest."""
        self.end_search()
        self._rest.transcript.look_for("")
        if not self.beside and self.focused not in (self._rest.table, self._rest.timeline):
            self._rest.transcript.focus()
        self.choose_row(None)
        self._choose(None)
        self.choose_headline()

    def action_choose_turn(self, by: int) -> None:
        """Choose the previous (-1) or next (1) turn, side by side the row, wherever the focus is."""
        if self.beside:
            self.step_row(by)
        else:
            self._rest.transcript.action_choose(by)

    def action_frames(self) -> None:
        """Show the frames of the chosen turn."""
        if self._chosen is not None:
            self.post_message(FramesWanted(self._chosen))

    def action_timeline(self) -> None:
        """Switch between parts of the view that is shown, if there is no room for all."""
        self.toggle_class("-texts" if self.beside else "-timeline")
        self.refresh_bindings()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer only actions that apply now."""
        if self._mounted_rest is None:  # a key before the first paint
            return False
        found = applies(Where.SCREEN, action, parameters, self.now)
        return super().check_action(action, parameters) if found is None else found

    def _choose_in_row(self) -> None:
        """Choose the chosen service's turn in the chosen row; none without a row."""
        turn = self.turn_in_row(self.chosen_row)
        self._choose(None if turn is None else turn.turn.number)

    def go_to_turn(self, number: int) -> None:
        """Choose a turn in all widgets; side by side, the row that has it."""
        if self.beside:
            self.choose_row(self.row_of_turn(number))
        self._choose(number)

    def _choose(self, number: int | None) -> None:
        self._chosen = number
        self.refresh_bindings()
        self._rest.choose(number)
        self._dock_chosen()

    def size_class_set(self) -> None:
        """Dock the details of the chosen turn, or close the dock."""
        self._dock_chosen()

    def _dock_chosen(self) -> None:
        """Dock the details of the chosen turn, if the window is wide."""
        if self._snapshot is not None:
            self.dock(self._snapshot.turn(self._chosen), self._snapshot)

    @property
    def now(self) -> KeyContext:
        """State that decides which keys apply, as far as the screen knows it."""
        if self._mounted_rest is None:  # a key before the first paint
            return KeyContext()
        return KeyContext(
            drawn=True,
            error=self.error_shown,
            timeline=self.shown_timeline.display,
            switchable=self.has_class("-short")
            or (self.has_class("-low") and self.beside)
            or any(self.has_class("-tall", width) and not self.beside for width in ("-medium", "-narrow")),
            beside=self.beside,
            searching=self._rest.transcript.searching,
            session=self._snapshot is not None,
            chosen=self._chosen is not None or (self.beside and self.chosen_row is not None),
            turns=self._snapshot is not None and bool(self._snapshot.finished),
            agent=self._snapshot is not None and bool(self._snapshot.session.agent),
            too_small=self.is_current and (self.has_class("-tiny") or self.has_class("-flat")),
        )

    @property
    def to_play(self) -> tuple[int | None, float | None]:
        """What to play: the chosen turn, else from a time on, else (None twice) the newest turn."""
        snapshot = self._snapshot
        if self._chosen is not None or snapshot is None:
            return self._chosen, None
        place = self.chosen_row if self.beside else None  # the speech that the service has no turn for
        place = self.shown_timeline.held_from if place is None else place
        if place is None and snapshot.playback is not None and snapshot.running:
            place = snapshot.at
        return None, place

    def hold_timeline(self) -> None:
        """Hold or resume the timeline."""
        self.shown_timeline.action_hold()

    def zoom_timeline(self, by: int) -> None:
        """Show fewer or more seconds on the timeline."""
        self.shown_timeline.action_zoom(by)

    @property
    def error_shown(self) -> bool:
        """Whether there is an error to dismiss."""
        return self.has_class("-error")

    def show_error(self, sentence: str) -> None:
        """Show an error of the app itself."""
        self._rest.error.show_error(sentence)
        self.add_class("-error")

    def dismiss_error(self) -> None:
        """Dismiss the error."""
        self._rest.error.dismiss()
        self.remove_class("-error")

    def show_closing(self) -> None:
        """Show that the program is about to end."""
        self.query_one(Header).show_closing()

    def wait_for_start(self, *, autostart: bool) -> None:
        """Show a hint before the first snapshot."""
        self._rest.transcript.say("starting…" if autostart else "press s to start a session")


def _frame(title: str, *, id: str) -> Vertical:  # noqa: A002 - Textual's name for it
    """Return a panel as it looks before it has anything to show: it keeps the place of one that is mounted later."""
    frame = Vertical(id=id, classes="panel")
    frame.border_title = title
    frame.can_focus = True
    return frame
