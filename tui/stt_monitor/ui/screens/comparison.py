"""Overlay that compares metrics by the settings of turns, and by files."""

from typing import ClassVar, Final

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Footer

from stt_monitor.core.snapshot import Snapshot
from stt_monitor.core.text.wording import CUT_OFF, NO_VALUE
from stt_monitor.ui.key_bindings import keys_and_meanings, own_bindings
from stt_monitor.ui.keys import Key, KeyGroup
from stt_monitor.ui.screens.modal import Modal
from stt_monitor.ui.styles import Section
from stt_monitor.ui.toolkit.line_widget import Page
from stt_monitor.ui.widgets.comparison import Row, comparison, file_rows, settings_rows
from stt_monitor.ui.widgets.pauses import pauses_table

_NOTHING: Final = "no turn has ended yet"

_KEYS: Final = (KeyGroup("close", (Key("escape,c,enter", "Close", "dismiss", footer=0),)),)


class ComparisonScreen(Modal):
    """The comparison, updated while the session runs."""

    BINDINGS: ClassVar[list[BindingType]] = own_bindings(_KEYS)
    ABOUT: ClassVar[Section] = (
        "Comparison",
        (
            ("settings", f"start, eager end, end, and the timeout if it is set; {NO_VALUE} is the server's default"),
            ("1 · 2 ·", "number of the session since the program started, and its input where that differs"),
            ("▸", "active, or playing, now"),
            ("n", "number of values behind p50 and p90"),
            ("cut-offs", f"false cut-offs: {CUT_OFF}"),
            ("pause ms", "the longest pause inside a turn that did not end it, and the shortest that did"),
            ("wasted replies", "eager ends that were resumed, or whose text is not the final one"),
            ("eager ok", "share of the eager ends that were confirmed, of those confirmed or resumed"),
            ("all files", "all turns of all files in one row; no mean of means"),
            *keys_and_meanings(_KEYS),
        ),
    )

    def __init__(self, snapshot: Snapshot | None) -> None:
        super().__init__()
        self._first = snapshot

    def compose(self) -> ComposeResult:
        """Lay out the overlay."""
        with VerticalScroll(id="comparison", classes="box") as box:
            box.border_title = "Compare"
            yield ComparisonText()
        yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        """Show the first snapshot."""
        if self._first is not None:
            self.show(self._first)

    def show(self, snapshot: Snapshot) -> None:
        """Show a snapshot."""
        self.query_one(ComparisonText).show(snapshot)


class ComparisonText(Page):
    """The tables, one beneath the other."""

    def __init__(self) -> None:
        super().__init__()
        self._tables: list[tuple[str, list[Row]]] = [("settings", [])]

    def show(self, snapshot: Snapshot) -> None:
        """Show a snapshot."""
        tables = [("settings", settings_rows(snapshot))]
        if files := file_rows(snapshot):
            tables.append(("files", files))
        if tables != self._tables:
            self._tables = tables
            self.rewrite()

    def all_lines(self, width: int) -> list[Content]:
        """Compose all tables."""
        lines: list[Content] = []
        for what, rows in self._tables:
            lines += [*([Content("")] if lines else []), *comparison(what, rows, width)]
            if pauses := pauses_table(what, rows, width):
                lines += [Content(""), *pauses]
            if not rows:
                lines.append(Content.assemble((f"  {_NOTHING}", ".faint")))
        return lines
