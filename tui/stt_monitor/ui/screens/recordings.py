"""Choose a saved session to replay."""

from collections.abc import Sequence
from typing import ClassVar, Final

from textual.content import Content

from stt_monitor.core.commands import Controller, FindRecordings, OpenRecording, ReturnToLive
from stt_monitor.core.listed_session import RecordingInfo
from stt_monitor.core.text.moments import when
from stt_monitor.core.text.sanitize import clean
from stt_monitor.core.text.unquoting import unquoted
from stt_monitor.core.text.wording import NO_VALUE, plural
from stt_monitor.ui.formatting import clock
from stt_monitor.ui.messages import RecordingsFound
from stt_monitor.ui.screens.picker import Entry, Picker, about, heading
from stt_monitor.ui.styles import Section

_SOURCE: Final = 28
"""Cells for the name of the input."""
_SHOWN: Final = 500
"""Sessions in the list; others are found by typing."""
_LIVE: Final = ""
"""The choice that goes back to live sessions."""


class RecordingsScreen(Picker[str]):
    """Offers saved sessions; opening one stops a running session."""

    PICKED = "Saved sessions"
    PLACEHOLDER = "type part of a name, or the path of a saved session"
    ABOUT: ClassVar[Section] = about("Opening a saved session")

    def __init__(self, controller: Controller, *, back_to_live: bool) -> None:
        """Offer saved sessions, and with `back_to_live` the return to live ones."""
        super().__init__()
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

    def choices(self, typed: str) -> Sequence[Entry[str]]:
        """Return the sessions whose name or input contains the typed text."""
        if self._recordings is None:
            return [heading("looking…")]
        wanted = typed.casefold()
        found = [one for one in self._recordings if wanted in f"{one.name} {_source(one)}".casefold()][:_SHOWN]
        back = [Entry(Content("back to live sessions"), _LIVE)] if self._back_to_live and not typed else []
        lines = [Entry(_line(one), one.name) for one in found]
        return [*back, *lines] or [heading("none so far" if not typed else "no match; Enter tries it as a path")]

    def apply(self, choice: str) -> None:
        """Open the saved session, or return to live ones."""
        if choice == _LIVE:
            self._controller.send(ReturnToLive())
        else:
            self._controller.send(OpenRecording(choice))

    def from_text(self, text: str) -> str | None:
        """Return a typed path as a choice; opening it finds out whether it is a saved session."""
        return unquoted(text) or None


def _line(recording: RecordingInfo) -> Content:
    what = Content(clean(recording.name if recording.problem else _source(recording))).truncate(_SOURCE, ellipsis=True)
    line = Content.assemble(f"{when(recording.started_at):16}  ", what.pad_right(_SOURCE - what.cell_length))
    if recording.problem:
        return line.append(f"  ({clean(recording.problem)})").stylize("$foreground 65%")
    length = "" if recording.seconds is None else clock(recording.seconds)
    return line.append(Content.assemble((f"  {length:>7}  {_turns(recording)}", "$foreground 65%")))


def _source(recording: RecordingInfo) -> str:
    """Name the input, and the services that heard it side by side."""
    return " · ".join(filter(None, (recording.source, "/".join(name for name, _ in recording.lanes))))


def _turns(recording: RecordingInfo) -> str:
    if recording.growing:
        return "being recorded"
    if recording.lanes:
        return f"{'/'.join(NO_VALUE if turns is None else str(turns) for _, turns in recording.lanes)} turns"
    return "broken off" if recording.turns is None else plural(recording.turns, "turn")
