"""Overlay with the wire log: every frame out and in, filtered, and the chosen one as JSON."""

from typing import ClassVar, Final

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container
from textual.widgets import Input

from stt_monitor.core.snapshot import Snapshot
from stt_monitor.core.text.wording import plural
from stt_monitor.services.base import Service
from stt_monitor.ui.key_bindings import keys_and_meanings, own_bindings
from stt_monitor.ui.keys import Key, KeyGroup
from stt_monitor.ui.messages import FrameChosen
from stt_monitor.ui.screens.modal import Modal
from stt_monitor.ui.styles import Section
from stt_monitor.ui.widgets.header import Header
from stt_monitor.ui.widgets.key_line import KeyLine
from stt_monitor.ui.widgets.status_bar import StatusBar
from stt_monitor.ui.widgets.wire_list import LIST_KEYS, FrameDetails, WireList
from stt_monitor.ui.wire_buffer import WireBuffer

_BEAT_S: Final = 0.2
"""Interval of reading new frames, seconds of session."""


_KEYS: Final = (
    KeyGroup(
        "show only frames that contain what you type, or that are “in”, “out”, “text”, “audio”, “control”",
        (Key("slash", "Filter", "filter", footer=1),),
    ),
    KeyGroup("show or hide audio, pings and likelihood", (Key("a", "All frames", "streams", footer=2),)),
    KeyGroup("copy the frame unchanged", (Key("y", "Copy", "copy", footer=3),)),
    KeyGroup("follow the newest frame again", (Key("end", "Newest", "follow", footer=4),)),
    KeyGroup("end the filter; without one, close", (Key("escape,w", "Close", "back", footer=0),)),
)


class WireScreen(Modal):
    """The wire log overlay of one service, as tall as the window."""

    AUTO_FOCUS = "WireList"
    OPAQUE = True
    BINDINGS: ClassVar[list[BindingType]] = own_bindings(_KEYS)
    ABOUT: ClassVar[Section] = ("Wire log", tuple(keys_and_meanings((*_KEYS, *LIST_KEYS))))

    def __init__(
        self, store: WireBuffer, snapshot: Snapshot | None, service: Service, one_of_several: str = ""
    ) -> None:
        super().__init__()
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

    def show(self, snapshot: Snapshot) -> None:
        """Show a snapshot, and read new frames a few times a second."""
        self.query_one(Header).show(snapshot)
        self.query_one(StatusBar).show(snapshot)
        if not snapshot.running or abs(snapshot.at - self._pulled_at) >= _BEAT_S:
            self._pulled_at = snapshot.at
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
