"""The settings of a sweep: a row each, with its figures and its cells as they fill."""

from collections.abc import Sequence
from math import isfinite
from typing import ClassVar, Final, NamedTuple

from textual.binding import BindingType
from textual.content import Content

from stt_monitor.core.metrics.units import Unit
from stt_monitor.core.sweep.columns import BY_KEY, COLUMNS
from stt_monitor.core.sweep.letters import letter
from stt_monitor.core.sweep.result import CellProgress, CellState, Figures, SettingResult
from stt_monitor.core.text.sanitize import clean
from stt_monitor.core.text.wording import DERIVED, NO_VALUE
from stt_monitor.ui.formatting import milliseconds
from stt_monitor.ui.keymap.bindings import keys_and_meanings, own_bindings
from stt_monitor.ui.keymap.keys import Key, KeyGroup
from stt_monitor.ui.styles import Section
from stt_monitor.ui.sweep.cells import GLYPHS, WORDS, glyphs
from stt_monitor.ui.sweep.messages import SettingChosen, SettingOpened
from stt_monitor.ui.toolkit.fitting import columns_that_fit
from stt_monitor.ui.toolkit.row_table import RowTable

_LABEL: Final = range(12, 34)
"""Cells for a setting in words, fewest and most."""
_MARK: Final = 4
_PERCENT: Final = 100
_ENDLESS: Final = "∞"
"""Sign of a median over turns of which half or more never ended."""

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


_HEADED: Final = ("turns", *(column.key for column in COLUMNS))
"""Keys of the columns: the number of turns, and the figures."""
_WANTED: Final = (
    "eot_p50", "cut_turns", "eot_p90", "turns", "cut_pauses", "eager_precision", "eager_lead", "missed",
    "wasted_replies", "not_ended",
)  # fmt: skip
"""Columns by priority, if not all fit."""
_STYLES: Final = {"turns": ".number", "eot_p50": ".headline", "cut_turns": "bold"}
_GAP: Final = 2
_TURNS: Final = 6
_FIGURE: Final = 4
"""Fewest cells for a figure."""


class _Head(NamedTuple):
    """A column as it is drawn."""

    key: str
    above: str
    beneath: str
    cells: int


def _head(key: str, *, exact: bool) -> _Head:
    if key == "turns":
        return _Head(key, "", key, _TURNS)
    column = BY_KEY[key]
    above, beneath = column.short
    beneath = f"{column.sign(exact=exact)}{beneath}"
    return _Head(key, above, beneath, max(len(above), len(beneath), _FIGURE) + _GAP)


def _text(key: str, figures: Figures) -> str:
    """Return the text of a cell."""
    if key == "turns":
        return str(figures.turns)
    column = BY_KEY[key]
    value = column.of(figures).value
    if value is not None and not isfinite(value):
        return _ENDLESS
    if column.unit is Unit.COUNT:
        return NO_VALUE if value is None else f"{value:.2f}"
    if column.unit is Unit.PERCENT:
        return NO_VALUE if value is None else f"{value * _PERCENT:.0f} %"
    return milliseconds(value)


class SweepTable(RowTable):
    """Rows of settings; up and down choose one, Enter opens its cells."""

    HEADING = 2
    BINDINGS: ClassVar[list[BindingType]] = own_bindings(_KEYS)
    ABOUT: ClassVar[Section] = (
        "Settings",
        (
            *((sign, WORDS[state]) for state, (sign, _) in GLYPHS.items()),
            *((" ".join(filter(None, each.short)), each.meaning) for each in COLUMNS),
            (DERIVED, "a guess: no labels say where turns end"),
            (_ENDLESS, "the service did not end half of the turns, or more, before the next one"),
            *keys_and_meanings(_KEYS),
        ),
    )

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name for it
        super().__init__(id=id)
        self._rows: Sequence[SweepRow] = ()
        self._chosen = 0
        self._exact = True

    def show(self, rows: Sequence[SweepRow], chosen: int, *, exact: bool) -> None:
        """Show rows; one of them is chosen. `exact`: true turns are labelled, not guessed."""
        self._rows, self._chosen, self._exact = rows, chosen, exact
        self.redraw()

    @property
    def count(self) -> int:
        """Number of settings."""
        return len(self._rows)

    @property
    def place(self) -> int:
        """Place of the chosen one."""
        return self._chosen

    def choose(self, place: int) -> None:
        """Choose a setting."""
        if place != self._chosen:
            self.post_message(SettingChosen(place))

    def open(self) -> None:
        """Show the cells of the chosen one."""
        self.post_message(SettingOpened())

    def compose_lines(self, width: int, height: int) -> Sequence[Content]:
        """Compose the names and the rows that fit, the chosen one among them."""
        label = min(max([_LABEL.start, *(len(clean(row.label)) for row in self._rows)]), _LABEL.stop)
        most = max((len(row.cells) for row in self._rows), default=0)
        columns = _fitting(width - _MARK - label - 2 - _counted_cells(most), exact=self._exact)
        left = width - _MARK - label - 2 - sum(column.cells for column in columns)
        return [
            *_headings(columns, label, width),
            *(self._line(number, self._rows[number], columns, label, left) for number in self.in_view(height)),
        ]

    def _line(self, number: int, row: SweepRow, columns: Sequence[_Head], label: int, left: int) -> Content:
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
            text = NO_VALUE if figures is None else _text(column.key, figures)
            style = ".faint" if text == NO_VALUE else _STYLES.get(column.key, "")
            parts.append((f"{text:>{column.cells}}", style))
        return Content.assemble(*parts, "  ", _cells(row.cells, left)).truncate(width_of(columns, label, left))


def width_of(columns: Sequence[_Head], label: int, left: int) -> int:
    """Return the cells of a line."""
    return max(0, _MARK + label + 2 + left + sum(column.cells for column in columns))


def _fitting(room: int, *, exact: bool) -> list[_Head]:
    """Return the columns that fit."""
    heads = {key: _head(key, exact=exact) for key in _HEADED}
    return [heads[key] for key in columns_that_fit({key: head.cells for key, head in heads.items()}, _WANTED, room)]


def _headings(columns: Sequence[_Head], label: int, width: int) -> list[Content]:
    above = "".join(f"{column.above:>{column.cells}}" for column in columns)
    beneath = "".join(f"{column.beneath:>{column.cells}}" for column in columns)
    return [
        Content.assemble((f"{'':{_MARK + label}}{above}", ".label")).truncate(width),
        Content.assemble((f"{'':{_MARK}}{'settings':{label}}{beneath}  cells", ".label")).truncate(width),
    ]


def _counted_cells(most: int) -> int:
    """Return the width reserved for a count of cells."""
    return max(len("cells"), 2 * len(str(most)) + 1)


def _cells(cells: Sequence[CellProgress], room: int) -> Content:
    """Return the cells as glyphs, or where they do not fit how many are done, of how many."""
    if len(cells) <= room:
        return glyphs(cells)
    done = sum(each.state is CellState.DONE for each in cells)
    return Content.assemble((f"{done}/{len(cells)}", ".label"))
