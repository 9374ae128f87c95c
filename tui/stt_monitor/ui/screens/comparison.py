"""Overlay that compares metrics by the settings of turns, and by files."""

from collections.abc import Callable
from typing import ClassVar, Final

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.geometry import Region

from stt_monitor.core.metrics.definitions import HEADLINE
from stt_monitor.core.pairs.in_this_run import InThisRun
from stt_monitor.core.snapshot import RowKey, Snapshot
from stt_monitor.core.text.wording import CUT_OFF, NO_VALUE
from stt_monitor.ui.keymap.bindings import keys_and_meanings, own_bindings
from stt_monitor.ui.keymap.keys import Key, KeyGroup
from stt_monitor.ui.screens.modal import Modal
from stt_monitor.ui.styles import Section
from stt_monitor.ui.toolkit.line_widget import Page
from stt_monitor.ui.widgets.comparison import Row, comparison, file_rows, settings_rows
from stt_monitor.ui.widgets.key_line import KeyLine
from stt_monitor.ui.widgets.pauses import pauses_table

_NOTHING: Final = "no turn has ended yet"

_KEYS: Final = (
    KeyGroup("select a row", (Key("up", "Up", "select(-1)"), Key("down", "Down", "select(1)")), shown="↑ ↓"),
    KeyGroup("make it the baseline, which all others are compared with", (Key("b", "Baseline", "mark", footer=1),)),
    KeyGroup("close", (Key("escape,c,enter", "Close", "dismiss", footer=0),)),
)


class ComparisonScreen(Modal):
    """The comparison, updated while the session runs."""

    BINDINGS: ClassVar[list[BindingType]] = own_bindings(_KEYS)
    ABOUT: ClassVar[Section] = (
        "Comparison",
        (
            ("settings", f"start, eager end, end, and the timeout if it is set; {NO_VALUE} is the server's default"),
            (
                "1 · 2 ·",
                "number of the session since the program started, the name it was given, its input where that differs",
            ),
            ("▸", "active, or playing, now"),
            ("n", "number of values behind p50 and p90"),
            ("cut-offs", f"false cut-offs: {CUT_OFF}"),
            ("pause ms", "the longest pause inside a turn that did not end it, and the shortest that did"),
            ("wasted replies", "eager ends that were resumed, or whose text is not the final one"),
            ("eager ok", "share of the eager ends that were confirmed, of those confirmed or resumed"),
            (
                f"{HEADLINE.label} to baseline",
                "median difference of the same turns, with ▼ or ▲ where it is significant, and in how many of them",
            ),
            ("all files", "all turns of all files in one row; no mean of means"),
            *keys_and_meanings(_KEYS),
        ),
    )

    AUTO_FOCUS = ""  # the box would take the arrow keys

    def __init__(self, snapshot: Snapshot | None, mark: Callable[[RowKey], None]) -> None:
        """Show a snapshot; `mark` makes a row the baseline."""
        super().__init__()
        self._first = snapshot
        self._mark = mark

    def compose(self) -> ComposeResult:
        """Lay out the overlay."""
        with VerticalScroll(id="comparison", classes="box") as box:
            box.border_title = "Compare"
            yield ComparisonText()
        yield KeyLine()

    def on_mount(self) -> None:
        """Show the first snapshot."""
        if self._first is not None:
            self.show(self._first)

    def show(self, snapshot: Snapshot) -> None:
        """Show a snapshot."""
        self.query_one(ComparisonText).show(snapshot)

    def action_select(self, by: int) -> None:
        """Select the row above (-1) or below (1)."""
        line = self.query_one(ComparisonText).select(by)
        box = self.query_one("#comparison", VerticalScroll)
        if line is None:
            box.scroll_relative(y=by, animate=False)
        else:
            box.scroll_to_region(Region(0, line, 1, 1), animate=False)

    def action_mark(self) -> None:
        """Make the selected row the baseline; the active one, where none is."""
        row = self.query_one(ComparisonText).to_mark
        if row is not None:
            self._mark(row)


class ComparisonText(Page):
    """The tables, one beneath the other."""

    def __init__(self) -> None:
        super().__init__()
        self._tables: list[tuple[str, list[Row]]] = [("settings", [])]
        self._compared = InThisRun()
        self._snapshot: Snapshot | None = None
        self.chosen: RowKey | None = None
        """The selected row."""

    def show(self, snapshot: Snapshot) -> None:
        """Show a snapshot."""
        self._snapshot = snapshot
        tables = [("settings", settings_rows(snapshot, self._compared.rows(snapshot), self.chosen))]
        if files := file_rows(snapshot):
            tables.append(("files", files))
        if tables != self._tables:
            self._tables = tables
            self.rewrite()

    @property
    def to_mark(self) -> RowKey | None:
        """The selected row, or else the active one."""
        active = next((row.key for row in self._tables[0][1] if row.lit), None)
        return active if self.chosen is None else self.chosen

    def select(self, by: int) -> int | None:
        """Select the row above (-1) or below (1), at first the active one; return its line, None at either end."""
        rows = self._tables[0][1]
        if not rows or self._snapshot is None:
            return None
        at = next((place for place, row in enumerate(rows) if row.key == self.chosen), None)
        if at is None:
            now = next((place for place, row in enumerate(rows) if row.lit), 0)
        else:
            now = min(max(at + by, 0), len(rows) - 1)
        if now == at:
            return None
        self.chosen = rows[now].key
        self.show(self._snapshot)
        return len(comparison("settings", [], self.size.width)) + now

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
