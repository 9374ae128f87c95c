"""List of websocket frames, and the chosen frame in full."""

from bisect import bisect_left
from collections.abc import Sequence
from typing import ClassVar, Final

from textual.binding import BindingType
from textual.content import Content
from textual.events import Click

from stt_monitor.core.snapshot import Snapshot
from stt_monitor.core.turns.turn import Turn
from stt_monitor.core.wire_frame import WireFrame
from stt_monitor.services.base import Service
from stt_monitor.ui.drawing.frame_line import STREAM_WORDS, direction, frame_heading, frame_line, frame_lines, matches
from stt_monitor.ui.drawing.frame_places import FramePlace, FramePlaces
from stt_monitor.ui.formatting import clock_ms, size_text
from stt_monitor.ui.keymap.bindings import own_bindings
from stt_monitor.ui.keymap.keys import Key, KeyGroup
from stt_monitor.ui.messages import FrameChosen
from stt_monitor.ui.toolkit.line_widget import LineWidget
from stt_monitor.ui.toolkit.tail_view import SCROLL_BAR, TailView
from stt_monitor.ui.wire_buffer import KEPT, MOST_CHARACTERS, Entry, WireBuffer, characters

LIST_KEYS: Final = (
    KeyGroup(
        "choose a frame (or click it); its JSON is shown beside or beneath",
        (Key("up", "Previous frame", "choose(-1)"), Key("down", "Next frame", "choose(1)")),
    ),
)


class WireList(TailView):
    """A line for each frame, the newest last. Stream frames are hidden unless requested."""

    BINDINGS: ClassVar[list[BindingType]] = own_bindings(LIST_KEYS)

    def __init__(self, store: WireBuffer, service: Service, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name for it
        super().__init__(id=id)
        self._store = store
        self._shown: list[Entry] = []
        self._characters = 0
        self._seen = 0
        self._wanted = ""
        self._service = service
        self._places = FramePlaces(None)
        self.streams = False
        """Whether stream frames are shown: audio, pings, likelihood."""
        self.chosen: int | None = None
        """Number of the chosen frame; None for the newest."""

    def pull(self) -> bool:
        """Read new frames from the buffer; return whether one of them is shown."""
        new = self._matching(self._seen)
        self._seen = max(self._seen, self._store.count)
        if not new:
            return False
        self._shown += new
        self._characters += sum(characters(frame) for _, frame in new)
        if (
            len(self._shown) > 2 * KEPT or self._characters > 2 * MOST_CHARACTERS
        ):  # the buffer has dropped some of these
            self._rebuild()
        elif self.measured_width:
            self.lines_changed(len(self._shown) - len(new), len(self._shown))
        return True

    def locate(self, snapshot: Snapshot) -> None:
        """Take the turns and the speech of a snapshot, in which frames lie."""
        before, self._places = self._places, FramePlaces(snapshot)
        if self._places.knows_more_than(before):
            self.redraw_all()

    def choose_turn(self, turn: Turn) -> bool:
        """Choose the first frame of a turn that is shown; returns False where none is."""
        index = bisect_left(self._shown, turn.started_at, key=lambda entry: entry[1].at)
        for number, frame in self._shown[index:]:
            if frame.at > turn.over_at:
                return False
            found = self._places.turn_of(frame)
            if found is not None and found.number == turn.number:
                self._choose(number)
                return True
        return False

    @property
    def turn(self) -> Turn | None:
        """The turn of the chosen frame, or of the newest; None where it is of none."""
        frame = self.frame
        return None if frame is None else self._places.turn_of(frame)

    def placed(self) -> list[tuple[WireFrame, FramePlace]]:
        """Return all frames shown, and where they lie."""
        return [(frame, self._place(y)) for y, (_, frame) in enumerate(self._shown)]

    def show_only(self, wanted: str, *, streams: bool) -> None:
        """Show the frames that match a filter, with or without stream frames."""
        self._wanted, self.streams = wanted.strip().lower(), streams
        self._rebuild()

    @property
    def includes_streams(self) -> bool:
        """Whether stream frames are shown, or named by the filter."""
        return self.streams or self._wanted in STREAM_WORDS

    @property
    def frame(self) -> WireFrame | None:
        """The chosen frame, or the newest."""
        index = self._index(self.chosen)
        return self._shown[-1 if index is None else index][1] if self._shown else None

    @property
    def shown(self) -> int:
        """Number of frames shown."""
        return len(self._shown)

    def action_choose(self, by: int) -> None:
        """Choose the previous (-1) or next (1) frame; past the newest, follow it again."""
        if not self._shown:
            return
        index = self._index(self.chosen)
        index = len(self._shown) - 1 if index is None else index + by
        if index >= len(self._shown):
            self._choose(None)
        else:
            self._choose(self._shown[max(0, index)][0])

    def on_click(self, event: Click) -> None:
        """Choose the clicked frame."""
        place = event.get_content_offset(self)
        if place is not None and (line := place.y + round(self.scroll_y)) < len(self._shown):
            self._choose(self._shown[line][0])

    def follow(self) -> None:
        """Clear the choice, and follow the newest."""
        self._choose(None)
        super().follow()

    def action_scroll_end(self) -> None:
        """Follow the newest: the End key."""
        self.follow()

    def compose_line(self, y: int, width: int) -> Content:
        """Compose the line of a frame."""
        number, frame = self._shown[y]
        line = frame_line(frame, width, self._service, self._place(y))
        if number != self.chosen:
            return line
        return Content(line.plain).pad_right(max(0, width - line.cell_length)).stylize("reverse")

    def _place(self, y: int) -> FramePlace:
        return self._places.place(self._shown[y][1], self._shown[y - 1][1] if y else None)

    def measure(self, width: int, place: int) -> int:  # noqa: ARG002 - a frame is one line at any width
        """Count the lines."""
        return len(self._shown)

    def _matching(self, after: int) -> list[Entry]:
        new = self._store.after(after, streams=self.includes_streams)
        return [entry for entry in new if matches(entry[1], self._wanted)] if self._wanted else new

    def _rebuild(self) -> None:
        self._seen = self._store.count
        self._shown = self._matching(0)
        self._characters = sum(characters(frame) for _, frame in self._shown)
        index = self._index(self.chosen)
        if index is None:
            self.chosen, self.following = None, True
        if self.measured_width:
            self.lines_moved(len(self._shown), 0)
            if index is not None:
                self.reveal(range(index, index + 1))

    def _choose(self, number: int | None) -> None:
        before, self.chosen = self.chosen, number
        for index in (self._index(before), self._index(number)):
            if index is not None:
                self.redraw_lines(range(index, index + 1))
        if (index := self._index(number)) is not None:
            self.reveal(range(index, index + 1))
        elif before is not None:
            super().follow()
        self.post_message(FrameChosen())

    def _index(self, number: int | None) -> int | None:
        if number is None:
            return None
        index = bisect_left(self._shown, number, key=lambda entry: entry[0])
        return index if index < len(self._shown) and self._shown[index][0] == number else None


class WireHeading(LineWidget):
    """Names of the columns of the list."""

    def compose_lines(self, width: int, height: int) -> Sequence[Content]:  # noqa: ARG002 - it is one line
        """Compose the line; the list has a scroll bar beside it."""
        return [frame_heading(max(1, width - SCROLL_BAR))]


class FrameDetails(TailView):
    """One frame in full, from its beginning."""

    def __init__(self, service: Service, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name for it
        super().__init__(id=id)
        self.following = False
        self._frame: WireFrame | None = None
        self._service = service
        self._lines: list[Content] = []

    def show(self, frame: WireFrame | None, word: str) -> None:
        """Show a frame; `word` describes it in the title."""
        if frame is not self._frame:
            self._frame = frame
            width = self.measured_width
            self._lines = frame_lines(frame, width, self._service) if frame and width else []
            self.lines_moved(len(self._lines), 0)
        if frame is None:
            self.border_title = "Frame"
        else:
            said = (word, clock_ms(frame.at), direction(frame).strip(), size_text(frame.size))
            self.border_title = " · ".join(part for part in said if part)

    def compose_line(self, y: int, width: int) -> Content:
        """Compose a line of the frame."""
        return self._lines[y].truncate(width)

    def measure(self, width: int, place: int) -> int:  # noqa: ARG002 - frames are short
        """Break the frame into lines."""
        self._lines = frame_lines(self._frame, width, self._service) if self._frame else []
        return len(self._lines)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Scroll without following the end."""
        super().watch_scroll_y(old_value, new_value)
        self.following = False
