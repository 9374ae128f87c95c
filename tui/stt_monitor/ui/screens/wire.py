"""Overlay with the wire log: every frame out and in, filtered, and the chosen one as JSON."""

import asyncio
from collections.abc import Callable, Sequence
from typing import ClassVar, Final

from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container
from textual.widgets import Input

from stt_monitor.core.errors import InputError
from stt_monitor.core.finished_turn import index_of
from stt_monitor.core.snapshot import Snapshot
from stt_monitor.core.text.wording import plural
from stt_monitor.core.wire_frame import WireFrame
from stt_monitor.services.base import Service
from stt_monitor.ui.drawing.frame_places import FramePlace
from stt_monitor.ui.keymap.bindings import keys_and_meanings, own_bindings
from stt_monitor.ui.keymap.keys import Key, KeyGroup
from stt_monitor.ui.messages import FrameChosen
from stt_monitor.ui.screens.modal import Modal
from stt_monitor.ui.styles import Section
from stt_monitor.ui.widgets.header import Header
from stt_monitor.ui.widgets.key_line import KeyLine
from stt_monitor.ui.widgets.status_bar import StatusBar
from stt_monitor.ui.widgets.wire_list import LIST_KEYS, FrameDetails, WireHeading, WireList
from stt_monitor.ui.wire_buffer import WireBuffer
from stt_monitor.ui.wire_file import save_frames

_BEAT_S: Final = 0.2
"""Interval of reading new frames, seconds of session."""


_KEYS: Final = (
    KeyGroup(
        "show only frames that contain what you type, or that are “in”, “out”, “text”, “audio”, “control”",
        (Key("slash", "Filter", "filter", footer=1),),
    ),
    KeyGroup("show or hide audio, pings and likelihood", (Key("a", "All frames", "streams", footer=2),)),
    KeyGroup("select the turn of the frame on the main screen", (Key("enter", "Turn", "turn", footer=3),)),
    KeyGroup("copy the frame unchanged", (Key("y", "Copy", "copy", footer=4),)),
    KeyGroup(
        "save the frames that are shown as JSON lines, in the working directory, else with the session",
        (Key("s", "Save", "save", footer=5),),
    ),
    KeyGroup("follow the newest frame again", (Key("end", "Newest", "follow", footer=6),)),
    KeyGroup("end the filter; without one, close", (Key("escape,w", "Close", "back", footer=0),)),
)


class WireScreen(Modal):
    """The wire log overlay of one service, as tall as the window."""

    AUTO_FOCUS = "WireList"
    OPAQUE = True
    BINDINGS: ClassVar[list[BindingType]] = own_bindings(_KEYS)
    ABOUT: ClassVar[Section] = ("Wire log", tuple(keys_and_meanings((*_KEYS, *LIST_KEYS))))

    def __init__(
        self,
        store: WireBuffer,
        snapshot: Snapshot | None,
        service: Service,
        *,
        choose: Callable[[int], None],
        folders: Sequence[str],
        one_of_several: str = "",
        turn: int | None = None,
    ) -> None:
        """Show a log.

        Args:
            store: the frames.
            snapshot: of the session.
            service: whose messages these are.
            choose: chooses a turn on the main screen, by its number.
            folders: where saved frames go, the best first.
            one_of_several: name of the service; empty where there is only one.
            turn: whose first frame to show; None: follow the newest.
        """
        super().__init__()
        self._choose = choose
        self._folders = folders
        self._turn = turn
        self._name = one_of_several
        self._store = store
        self._first = snapshot
        self._service = service
        self._pulled_at = -_BEAT_S

    def compose(self) -> ComposeResult:
        """Lay out the log."""
        yield Header(id="header")
        with Container(id="wire"):
            with Container(id="wire-frames"):
                yield WireHeading(id="wire-heading")
                yield WireList(self._store, self._service, id="wire-view")
                yield Input(placeholder="filter: Enter keeps it, Escape ends it", compact=True, id="wire-filter")
            yield FrameDetails(self._service, id="wire-frame")
        yield StatusBar(id="status")
        yield KeyLine()

    def on_mount(self) -> None:
        """Show the frames so far."""
        self._filter.display = False
        self._pull()
        if self._first is not None:
            self.show(self._first)
            self.call_after_refresh(self._show_turn)

    def show(self, snapshot: Snapshot) -> None:
        """Show a snapshot, and read new frames a few times a second."""
        self.query_one(Header).show(snapshot)
        self.query_one(StatusBar).show(snapshot)
        if not snapshot.running or abs(snapshot.at - self._pulled_at) >= _BEAT_S:
            self._pulled_at = snapshot.at
            self._view.locate(snapshot)
            self._pull()

    def on_frame_chosen(self, message: FrameChosen) -> None:
        """Show the chosen frame."""
        message.stop()
        self._update_titles()

    def on_input_changed(self, message: Input.Changed) -> None:
        """Filter while the user types."""
        message.stop()
        self._view.show_only(message.value, streams=self._view.streams)
        self._update_titles()

    def on_input_submitted(self) -> None:
        """Keep the filter, and move the focus to the frames."""
        self._view.focus()
        self._filter.display = bool(self._filter.value)

    def action_filter(self) -> None:
        """Open the filter."""
        self._filter.display = True
        self.set_focus(self._filter)

    def action_streams(self) -> None:
        """Show or hide stream frames."""
        self._view.show_only(self._filter.value, streams=not self._view.streams)
        self._update_titles()

    def action_copy(self) -> None:
        """Copy the chosen frame unchanged."""
        frame = self._view.frame
        if frame is not None and frame.text is not None:
            self.app.copy_to_clipboard(frame.text)
            self.notify("Frame copied", timeout=2, markup=False)

    def action_turn(self) -> None:
        """Choose the turn of the frame on the main screen."""
        turn = self._view.turn
        if turn is None:
            self.notify("this frame is of no turn", timeout=2, markup=False)
        elif turn.ended_at is None and turn.end_reason is None:
            self.notify(f"turn {turn.number} goes on: it can be selected when it has ended", timeout=3, markup=False)
        else:
            self.dismiss()
            self._choose(turn.number)

    def action_save(self) -> None:
        """Save the frames that are shown."""
        self._save(self._view.placed())

    @work
    async def _save(self, frames: list[tuple[WireFrame, FramePlace]]) -> None:
        try:
            path = await asyncio.to_thread(save_frames, frames, self._folders)
        except InputError as error:
            self.notify(str(error), severity="error", markup=False)
        else:
            if self.app.is_web:
                self.app.deliver_text(path)
            self.notify(path, title=f"{plural(len(frames), 'frame')} saved", markup=False)

    def _show_turn(self) -> None:
        """Select the first frame of the requested turn, even if the filter hides it."""
        if self._turn is None or self._first is None:
            return
        index = index_of(self._first.finished, self._turn)
        if index is None or not self._view.choose_turn(self._first.finished[index].turn):
            self.notify(f"no frame of turn {self._turn} is kept any more", timeout=3, markup=False)

    def action_follow(self) -> None:
        """Follow the newest frame again."""
        self._view.follow()

    def action_back(self) -> None:
        """End the filter; without one, close the log."""
        if self._filter.display:
            self._filter.display = False
            self._filter.value = ""
            self._view.focus()
        else:
            self.dismiss()

    @property
    def _view(self) -> WireList:
        return self.query_one(WireList)

    @property
    def _filter(self) -> Input:
        return self.query_one(Input)

    def _pull(self) -> None:
        self._view.pull()
        self._update_titles()

    def _update_titles(self) -> None:
        view, store = self._view, self._store
        said = ["Wire", *filter(None, [self._name]), plural(store.count, "frame")]
        if self._filter.value:
            said.append(f"{view.shown} shown")
        if store.stream_count and not view.includes_streams:
            said.append(f"{store.stream_count} of audio and pings hidden")
        if store.dropped:
            said.append(f"{store.dropped} dropped")
        title = " · ".join(said)
        frames = self.query_one("#wire-frames")
        if str(frames.border_title) != title:
            frames.border_title = title
        self.query_one(FrameDetails).show(view.frame, "" if view.chosen else "newest")
