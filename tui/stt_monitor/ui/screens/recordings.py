"""Choose a saved session to replay."""

from collections.abc import Callable, Sequence
from typing import ClassVar, Final

from textual.binding import BindingType
from textual.content import Content
from textual.events import Resize
from textual.widgets import OptionList

from stt_monitor.core.commands import CompareRecordings, Controller, FindRecordings, OpenRecording, ReturnToLive
from stt_monitor.core.listed_session import RecordingInfo
from stt_monitor.core.text.unquoting import unquoted
from stt_monitor.ui.keymap.bindings import own_bindings
from stt_monitor.ui.keymap.keys import Key, KeyGroup
from stt_monitor.ui.messages import RecordingsFound
from stt_monitor.ui.screens.picker import Entry, Picker, about, heading
from stt_monitor.ui.screens.recording_lines import columns, heading_line, line
from stt_monitor.ui.styles import Section

_WIDEST: Final = 120
"""Cells of the box, as the style sheet has it."""
_MARKED: Final = "{} marked · Enter compares two or more"

_KEYS: Final = (
    KeyGroup("mark sessions to compare; Enter compares them then", (Key("tab", "Mark", "mark", footer=2, first=True),)),
)
_SHOWN: Final = 500
"""Sessions in the list; others are found by typing."""
_LIVE: Final = ""
"""The choice that goes back to live sessions."""


class RecordingsScreen(Picker[str]):
    """Offers saved sessions; opening one stops a running session."""

    PICKED = "Saved sessions"
    PLACEHOLDER = "type part of a name, or the path of a saved session"
    ABOUT: ClassVar[Section] = about("Opening a saved session", *_KEYS)
    BINDINGS: ClassVar[list[BindingType]] = own_bindings(_KEYS)

    def __init__(
        self, controller: Controller, on_compared: Callable[[], None] = lambda: None, *, back_to_live: bool
    ) -> None:
        """Offer saved sessions.

        Args:
            controller: opens them.
            on_compared: called when several are to be compared, after this has closed.
            back_to_live: offer the return to live ones too.
        """
        super().__init__()
        self._on_compared = on_compared
        self._marked: list[str] = []
        self._controller = controller
        self._back_to_live = back_to_live
        self._recordings: tuple[RecordingInfo, ...] | None = None

    def on_mount(self) -> None:
        """Ask for the saved sessions."""
        super().on_mount()
        self._controller.send(FindRecordings(self._found))

    def _found(self, recordings: tuple[RecordingInfo, ...]) -> None:
        """Post the answer to the screen's thread."""
        self.post_message(RecordingsFound(recordings))

    def on_recordings_found(self, message: RecordingsFound) -> None:
        """List the saved sessions."""
        self._recordings = message.recordings
        self.refill()

    def on_resize(self, event: Resize) -> None:
        """Show the columns for which there is room."""
        super().on_resize(event)
        if self.is_mounted:
            self.refill()

    def action_mark(self) -> None:
        """Mark or unmark the highlighted session for a comparison."""
        highlighted = self._highlighted
        if highlighted is None or not highlighted.choice:
            return
        path = highlighted.choice
        if path in self._marked:
            self._marked.remove(path)
        else:
            self._marked.append(path)
        place = self.query_one(OptionList).highlighted
        self.refill()
        self.query_one(OptionList).highlighted = place
        box = self.query_one("#picker")
        box.border_subtitle = _MARKED.format(len(self._marked)) if self._marked else self.SUBTITLE

    def choices(self, typed: str) -> Sequence[Entry[str]]:
        """Return the sessions whose name or input contains the typed text."""
        if self._recordings is None:
            return [heading("looking…")]
        wanted = typed.casefold()
        found = [one for one in self._recordings if wanted in f"{one.name} {one.source} {one.services}".casefold()]
        back = [Entry(Content("back to live sessions"), _LIVE)] if self._back_to_live and not typed else []
        at = columns(self._cells)
        lines = [Entry(line(one, at, marked=one.path in self._marked), one.path) for one in found[:_SHOWN]]
        above: list[Entry[str]] = [Entry(heading_line(at))] if lines else []
        nothing = "no match; Enter tries it as a path" if typed else "none so far"
        return [*back, *above, *lines] or [heading(nothing)]

    def apply(self, choice: str) -> None:
        """Open the saved session, compare those that are marked, or return to live ones."""
        marked = self._marked
        if len(marked) > 1:
            order = {one.path: number for number, one in enumerate(self._recordings or ())}  # the newest is the first
            self._controller.send(CompareRecordings(tuple(sorted(marked, key=lambda path: -order.get(path, 0)))))
            self.app.call_later(self._on_compared)
        elif choice == _LIVE:
            self._controller.send(ReturnToLive())
        else:
            listed = any(choice == one.path for one in self._recordings or ())
            self._controller.send(OpenRecording(choice, as_typed=not listed))

    def from_text(self, text: str) -> str | None:
        """Return a typed path as a choice; opening it finds out whether it is a saved session."""
        return unquoted(text) or None

    @property
    def _cells(self) -> int:
        """Cells of a line: the box has a border, a margin, and room for a scroll bar."""
        return min(_WIDEST, self.app.size.width * 9 // 10) - 5
