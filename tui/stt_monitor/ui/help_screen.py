"""The keys, and what every figure means."""

from typing import ClassVar, Final

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from stt_monitor.core.figures import DEFINITIONS
from stt_monitor.ui.wrapping import wrap

NAME_CELLS: Final = 18
"""Cells for what is explained, before its explanation."""

KEYS: Final = (
    ("s", "start a session, or stop the one that is running"),
    ("q", "quit; a second time at once"),
    ("? F1", "this help"),
    ("Space", "hold the timeline, or let it go on; the session always goes on"),
    ("↑ ↓", "choose a turn, in the transcript or the figures; it is chosen everywhere (a click does it too)"),
    ("Enter", "all about the chosen turn: its figures, their anchors, its text (or click it again)"),
    ("/", "search the transcript; n and N go to the next and the previous match"),
    ("y Y", "copy the chosen turn (the newest if none is), or the whole transcript"),
    ("Escape", "end the search, choose no turn, follow the newest again"),
    ("+ -", "show fewer or more seconds on the timeline"),
    ("← →", "move along the timeline, when it has the focus"),
    ("p", "save a picture (SVG) of the screen"),
    ("d", "dismiss the error"),
    ("Tab", "move between timeline, transcript and figures"),
    ("PgUp PgDn", "scroll; End follows the newest again"),
    ("Ctrl+P", "all commands, themes too"),
    ("Ctrl+Z", "suspend the program; fg brings it back"),
)

STATES: Final = (
    ("○ idle", "nobody has a turn"),
    ("● speaking", "the service heard a turn start"),
    ("◐ eager end", "perhaps the turn is over: its text is a guess until it ends or is resumed"),
)

MARKS: Final = (
    ("–", "the anchors of this figure are missing or disagree"),
    ("…", "not known yet: the reference speech is still being looked at"),
    ("~cut", "the turn ended while, or less than 1 s before, somebody went on speaking"),
    ("*", "first turn of a connection; services warm up, so no summary contains it"),
    ("dangling", "the turn never ended: the connection was lost, or another turn began"),
    ("lag", "how late the newest audio was sent; part of every latency above"),
    ("confirmed", "share of the eager ends that were right, of those that were decided"),
)


class HelpScreen(ModalScreen[None]):
    """The help, over everything else."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,question_mark,f1,enter", "dismiss", "Close"),
        Binding("q,ctrl+q", "app.quit", "Quit", show=False),
        Binding("ctrl+c", "app.interrupt", "Interrupt", show=False),
        Binding("ctrl+z", "app.suspend_process", "Suspend", show=False),
        Binding("p", "app.picture", "Picture", show=False),
    ]

    def compose(self) -> ComposeResult:
        """Lay the help out."""
        with VerticalScroll(id="help") as box:
            box.border_title = "Help"
            box.border_subtitle = "Escape closes"
            yield HelpText()


class HelpText(Static):
    """The help, broken into lines as the window's width asks."""

    def on_resize(self) -> None:
        """Break it anew."""
        self.update(help_text(self.content_size.width))


def help_text(width: int) -> Content:
    """Return the help in lines of so many cells."""
    figures = tuple((definition.label, f"{definition.meaning} ({definition.name})") for definition in DEFINITIONS)
    sections = (("Keys", KEYS), ("Turn states", STATES), ("Figures, in ms", figures), ("Marks", MARKS))
    lines: list[Content] = []
    for title, entries in sections:
        lines += [Content(""), Content.assemble((title, "bold $text-primary"))]
        for name, meaning in entries:
            for number, (start, stop) in enumerate(wrap(meaning, width - NAME_CELLS)):
                left = f"  {name}" if number == 0 else ""
                lines.append(Content.assemble((f"{left:<{NAME_CELLS}}", "bold"), meaning[start:stop]))
    return Content("\n").join(lines[1:])
