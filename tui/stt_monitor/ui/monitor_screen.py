"""The screen: where everything stands, and who is told about a snapshot."""

from typing import ClassVar, Final

from textual.app import ComposeResult
from textual.containers import Container, Vertical
from textual.events import Resize
from textual.geometry import Size
from textual.screen import Screen
from textual.widgets import Footer, Static

from stt_monitor.core.records import Connection
from stt_monitor.core.snapshot import Snapshot
from stt_monitor.ui.error_line import ErrorLine
from stt_monitor.ui.figures_table import FiguresFoot, FiguresHead, FiguresRows
from stt_monitor.ui.header import Header
from stt_monitor.ui.state_panel import StatePanel
from stt_monitor.ui.status_line import StatusLine
from stt_monitor.ui.timeline import Timeline
from stt_monitor.ui.transcript import Transcript
from stt_monitor.ui.wording import clean

_WIDTHS: Final = [(0, "-tiny"), (40, "-narrow"), (64, "-medium"), (110, "-wide"), (150, "-very-wide")]
"""Size classes: from so many cells on, the screen has this class."""
_HEIGHTS: Final = [(0, "-flat"), (12, "-low"), (20, "-short"), (30, "-tall"), (44, "-very-tall")]
"""The same by lines."""


class MonitorScreen(Screen[None]):
    """One session, as it happens."""

    AUTO_FOCUS = "Transcript"
    HORIZONTAL_BREAKPOINTS = _WIDTHS
    VERTICAL_BREAKPOINTS = _HEIGHTS
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "arrow", "bad", "chart", "eager", "faint", "flash", "good", "growing",
        "guess", "headline", "headline-name", "idle", "label", "new", "number", "progress",
        "slow", "speaking", "title", "voice", "warn",
    }  # fmt: skip
    """The looks that lines of content name with a dot; the style sheet says what they are."""

    def on_resize(self, event: Resize) -> None:
        """Take on the size class before anything is laid out: Textual itself does so after, and draws it all twice."""
        self.update_classes(size_classes(event.size), animate=False)

    def compose(self) -> ComposeResult:
        """Lay the screen out."""
        yield Static("This window is too small: at least 40 × 12 is needed.", id="too-small")
        yield Header(id="header")
        yield Timeline(id="timeline")
        with Container(id="body"):
            with Vertical(id="left"):
                yield StatePanel(id="state")
                yield Transcript(id="transcript")
            with Vertical(id="figures") as figures:
                figures.border_title = "Latency, ms"
                figures.border_subtitle = "* first of a connection, not in the summary"
                yield FiguresHead(id="figures-head")
                yield FiguresRows(id="figures-rows")
                yield FiguresFoot(id="figures-foot")
        yield ErrorLine(id="error")
        yield StatusLine(id="status")
        yield Footer(show_command_palette=False)

    def show(self, snapshot: Snapshot) -> None:
        """Show a snapshot everywhere."""
        self.query_one(Header).show(snapshot)
        self.query_one(Timeline).show(snapshot)
        self.query_one(StatePanel).show(snapshot)
        transcript = self.query_one(Transcript)
        transcript.say(_hint(snapshot))
        transcript.show(snapshot)
        self.query_one(FiguresHead).show(snapshot)
        self.query_one(FiguresRows).show(snapshot)
        self.query_one(FiguresFoot).show(snapshot)
        self.query_one(ErrorLine).show(snapshot)
        self.set_class(self.error_shown, "-error")
        self.query_one(StatusLine).show(snapshot)

    @property
    def has_timeline(self) -> bool:
        """Whether there is room for the timeline."""
        return self.query_one(Timeline).display

    def hold_timeline(self) -> None:
        """Hold the timeline, or let it go on."""
        self.query_one(Timeline).action_hold()

    def zoom_timeline(self, by: int) -> None:
        """Show fewer or more seconds on the timeline."""
        self.query_one(Timeline).action_zoom(by)

    @property
    def error_shown(self) -> bool:
        """Whether there is an error to dismiss."""
        return self.query_one(ErrorLine).display

    def dismiss_error(self) -> None:
        """Take the error off the screen."""
        self.query_one(ErrorLine).display = False
        self.remove_class("-error")

    def show_closing(self) -> None:
        """Say that the program is about to end."""
        self.query_one(Header).show_closing()

    def wait_for_start(self, *, autostart: bool) -> None:
        """Say what comes before the first snapshot."""
        self.query_one(Transcript).say("starting…" if autostart else "press s to start a session")


def size_classes(size: Size) -> dict[str, bool]:
    """Say of every size class whether a screen of this size has it."""
    present = {
        max(reached for reached in classes if reached[0] <= cells)[1]
        for cells, classes in ((size.width, _WIDTHS), (size.height, _HEIGHTS))
    }
    return {name: name in present for _, name in (*_WIDTHS, *_HEIGHTS)}


def _hint(snapshot: Snapshot) -> str:
    """Say why there are no turns, in the transcript's place."""
    if snapshot.detail:
        return clean(snapshot.detail)
    if not snapshot.running:
        return "nothing was heard; press s to start again"
    if snapshot.connection is Connection.CONNECTED:
        return "listening…"
    return "connecting…"
