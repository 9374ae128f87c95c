"""The settings of a sweep: a row each, with its figures and its cells as they fill."""

from collections.abc import Callable, Iterator, Sequence
from math import isfinite
from typing import ClassVar, Final, NamedTuple

from textual.binding import BindingType
from textual.content import Content
from textual.events import Click, MouseScrollDown, MouseScrollUp

from stt_monitor.core.sweep.result import CellProgress, CellState, Figure, Figures, SettingResult
from stt_monitor.core.text.sanitize import clean
from stt_monitor.core.text.wording import NO_VALUE
from stt_monitor.ui.formatting import milliseconds
from stt_monitor.ui.key_bindings import keys_and_meanings, own_bindings
from stt_monitor.ui.keys import Key, KeyGroup
from stt_monitor.ui.styles import Section
from stt_monitor.ui.sweep.cells import GLYPHS, WORDS, glyphs
from stt_monitor.ui.sweep.letters import letter
from stt_monitor.ui.sweep.messages import SettingChosen, SettingOpened
from stt_monitor.ui.toolkit.line_widget import LineWidget

_HEADING: Final = 2
"""Lines of names above the rows."""
_LABEL: Final = range(12, 34)
"""Cells for a setting in words, fewest and most."""
_MARK: Final = 4
_PERCENT: Final = 100
_ENDLESS: Final = "∞"
"""Half of the turns or more were never ended."""

_KEYS: Final = (
    KeyGroup("choose a setting", (Key("up", "Setting above", "choose(-1)"), Key("down", "Setting below", "choose(1)"))),
    KeyGroup("show its cells; open the session of one", (Key("enter", "Cells", "open", footer=1),)),
)


class SweepRow(NamedTuple):
    """A setting with its cells."""

    label: str
    """In words; raw."""
    cells: tuple[CellProgress, ...]
    result: SettingResult | None
    """None before its first cell is done."""


class _Column(NamedTuple):
    names: tuple[str, str]
    cells: int
    text: Callable[[Figures], str]
    style: str = ""


def _ms(figure: Figure) -> str:
    if figure.value is not None and not isfinite(figure.value):
        return _ENDLESS
    return milliseconds(figure.value)


def _share(figure: Figure) -> str:
    return NO_VALUE if figure.value is None else f"{figure.value * _PERCENT:.0f} %"


_COLUMNS: Final = (
    _Column(("", "turns"), 6, lambda figures: str(figures.turns), ".number"),
    _Column(("eot", "p50"), 6, lambda figures: _ms(figures.eot_p50), ".headline"),
    _Column(("", "p90"), 6, lambda figures: _ms(figures.eot_p90)),
    _Column(("cut-offs", "turns"), 9, lambda figures: _share(figures.cut_turns), "bold"),
    _Column(("", "pauses"), 7, lambda figures: _share(figures.cut_pauses)),
    _Column(("", "missed"), 7, lambda figures: _share(figures.missed)),
    _Column(("eager", "ok"), 6, lambda figures: _share(figures.eager_precision)),
    _Column(("", "lead"), 6, lambda figures: _ms(figures.eager_lead)),
    _Column(("wasted", "replies"), 8, lambda figures: _share(figures.wasted_replies)),
    _Column(("not", "ended"), 6, lambda figures: _share(figures.not_ended)),
)
_WANTED: Final = (1, 3, 2, 0, 4, 6, 7, 5, 8, 9)
"""Columns by how much they are wanted, where not all fit."""


class SweepTable(LineWidget, can_focus=True):
    """Rows of settings; up and down choose one, Enter opens its cells."""

    BINDINGS: ClassVar[list[BindingType]] = own_bindings(_KEYS)
    ABOUT: ClassVar[Section] = (
        "Settings",
        (
            *((sign, WORDS[state]) for state, (sign, _) in GLYPHS.items()),
            ("∞", "the service did not end half of the turns, or more, before the next one"),
            ("pauses", "share of the pauses inside turns on which an end fell"),
            ("wasted", "early replies for nothing, per 100 turns"),
            *keys_and_meanings(_KEYS),
        ),
    )

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name for it
        super().__init__(id=id)
        self._rows: Sequence[SweepRow] = ()
        self._chosen = 0
        self._top = 0

    def show(self, rows: Sequence[SweepRow], chosen: int) -> None:
        """Show rows; one of them is chosen."""
        self._rows, self._chosen = rows, chosen
        self.redraw()

    def action_choose(self, by: int) -> None:
        """Choose another row."""
        place = min(max(0, self._chosen + by), len(self._rows) - 1)
        if place >= 0 and place != self._chosen:
            self.post_message(SettingChosen(place))

    def action_open(self) -> None:
        """Show the cells of the chosen row."""
        if self._rows:
            self.post_message(SettingOpened())

    def on_mouse_scroll_down(self, event: MouseScrollDown) -> None:
        """Choose the row below."""
        event.stop()
        self.action_choose(1)

    def on_mouse_scroll_up(self, event: MouseScrollUp) -> None:
        """Choose the row above."""
        event.stop()
        self.action_choose(-1)

    def on_click(self, event: Click) -> None:
        """Choose the clicked row; show its cells if it is chosen."""
        place = event.get_content_offset(self)
        row = -1 if place is None else place.y - _HEADING + self._top
        if place is None or place.y < _HEADING or row not in range(len(self._rows)):
            return
        self.post_message(SettingOpened() if row == self._chosen else SettingChosen(row))

    def compose_lines(self, width: int, height: int) -> Sequence[Content]:
        """Compose the names and the rows that fit, the chosen one among them."""
        room = max(1, height - _HEADING)
        self._top = min(self._top, max(0, len(self._rows) - room), self._chosen)
        self._top = max(self._top, self._chosen - room + 1)
        label = min(max([_LABEL.start, *(len(clean(row.label)) for row in self._rows)]), _LABEL.stop)
        most = max((len(row.cells) for row in self._rows), default=0)
        columns = list(_fitting(width - _MARK - label - 2 - _counted_cells(most)))
        left = width - _MARK - label - 2 - sum(column.cells for column in columns)
        shown = self._rows[self._top : self._top + room]
        return [
            *_headings(columns, label, width),
            *(self._line(number, row, columns, label, left) for number, row in enumerate(shown, self._top)),
        ]

    def _line(self, number: int, row: SweepRow, columns: Sequence[_Column], label: int, left: int) -> Content:
        chosen = number == self._chosen
        name = Content(clean(row.label)).truncate(label, ellipsis=True)
        on_front = row.result is not None and row.result.on_front
        parts: list[Content | str | tuple[str, str]] = [
            ("▸ " if chosen else "  ", ".flash"),
            (f"{letter(number)} ", ".flash" if chosen else ".good" if on_front else ".label"),
            name.pad_right(label - name.cell_length).stylize("bold" if chosen else ""),
        ]
        figures = None if row.result is None else row.result.shown
        for column in columns:
            text = NO_VALUE if figures is None else column.text(figures)
            parts.append((f"{text:>{column.cells}}", ".faint" if text == NO_VALUE else column.style))
        return Content.assemble(*parts, "  ", _cells(row.cells, left)).truncate(width_of(columns, label, left))


def width_of(columns: Sequence[_Column], label: int, left: int) -> int:
    """Return the cells of a line."""
    return max(0, _MARK + label + 2 + left + sum(column.cells for column in columns))


def _fitting(room: int) -> Iterator[_Column]:
    """Yield the columns that fit, the most wanted ones, in their order."""
    chosen: set[int] = set()
    for place in _WANTED:
        if _COLUMNS[place].cells > room:
            break
        room -= _COLUMNS[place].cells
        chosen.add(place)
    return (_COLUMNS[place] for place in sorted(chosen))


def _headings(columns: Sequence[_Column], label: int, width: int) -> list[Content]:
    above = "".join(f"{column.names[0]:>{column.cells}}" for column in columns)
    beneath = "".join(f"{column.names[1]:>{column.cells}}" for column in columns)
    return [
        Content.assemble((f"{'':{_MARK + label}}{above}", ".label")).truncate(width),
        Content.assemble((f"{'':{_MARK}}{'settings':{label}}{beneath}  cells", ".label")).truncate(width),
    ]


def _counted_cells(most: int) -> int:
    """Return the cells of a count of cells: what is kept free for it."""
    return max(len("cells"), 2 * len(str(most)) + 1)


def _cells(cells: Sequence[CellProgress], room: int) -> Content:
    """Return the cells as glyphs, or where they do not fit how many are done, of how many."""
    if len(cells) <= room:
        return glyphs(cells)
    done = sum(each.state is CellState.DONE for each in cells)
    return Content.assemble((f"{done}/{len(cells)}", ".label"))
