"""The column of a comparison that says how each row differs from the baseline, turn by turn."""

from collections.abc import Iterable
from enum import Enum
from typing import Final

import msgspec
from textual.content import Content

from stt_monitor.core.metrics.definitions import HEADLINE
from stt_monitor.core.metrics.intervals import Difference
from stt_monitor.core.metrics.units import format_value, in_unit
from stt_monitor.core.pairs.in_this_run import Against
from stt_monitor.core.pairs.values import Pairs
from stt_monitor.core.pairs.words import directions
from stt_monitor.core.text.wording import NO_VALUE

_BASELINE: Final = "baseline"
_NO_PAIRS: Final = "no pairs"
_GAP: Final = "  "


class _Form(Enum):
    """How much is said; values are the cells that it takes."""

    NONE = 0
    BRIEF = 14
    SHORT = 21
    WHOLE = 32


_NEEDED: Final = ((106, _Form.WHOLE), (72, _Form.SHORT), (50, _Form.BRIEF))
"""The least width of the table for each form."""


class DifferenceColumn(msgspec.Struct, frozen=True):
    """The column, as wide as there is room."""

    form: _Form

    @property
    def width(self) -> int:
        """Cells that it takes."""
        return self.form.value

    def heading(self, lines: int) -> list[Content]:
        """Return its heading in so many lines."""
        what = "turn by turn" if self.form is _Form.WHOLE else "to"
        words = [f"{HEADLINE.label} {what}", "to the baseline" if self.form is _Form.WHOLE else "baseline"]
        return [Content.assemble((self._cell(text), ".label")) for text in words[-lines:]]

    def cell(self, against: Against | None) -> Content:
        """Return the cell of a row."""
        text, style = _words(against, self.form)
        return Content.assemble((self._cell(text), style))

    def _cell(self, text: str) -> str:
        if not self.width:
            return ""
        return _GAP + Content(text).truncate(self.width - len(_GAP), ellipsis=True, pad=True).plain


def column_of(compared: Iterable[Against | None], width: int) -> DifferenceColumn:
    """Return the column for these in a table of a given width; of no width if there is nothing to compare."""
    if not any(compared):
        return DifferenceColumn(_Form.NONE)
    return DifferenceColumn(next((form for least, form in _NEEDED if width >= least), _Form.NONE))


def _words(against: Against | None, form: _Form) -> tuple[str, str]:
    if against is None:
        return "", ""
    if against.is_baseline:
        return _BASELINE, ".label"
    if against.unpaired is not None:
        return against.unpaired.value, ".faint"
    if against.pairs is None:
        return NO_VALUE, ".faint"
    return (_NO_PAIRS, ".faint") if against.difference is None else _counted(against.pairs, against.difference, form)


def _counted(pairs: Pairs, found: Difference, form: _Form) -> tuple[str, str]:
    """Say the median difference, and how many of the turns it is true of; an arrow where it is significant."""
    more, less = directions(HEADLINE)
    direction, count = (less, pairs.faster) if found.of_medians < 0 else (more, pairs.slower)
    arrow = f" {'▼' if direction == less else '▲'}" if found.significant else ""
    number = format_value(abs(in_unit(found.of_medians, HEADLINE.unit)), HEADLINE.unit)
    sign = "±" if not float(number) else "−" if found.of_medians < 0 else "+"
    style = "" if not arrow else ".good" if direction == less else ".warn"
    if form is _Form.WHOLE:
        said = f"{arrow} {direction}, {count} of {pairs.n}" if arrow else f", {count} of {pairs.n} {direction}"
        return f"{sign}{number}{HEADLINE.unit.suffix}{said}", style
    return f"{sign}{number}{arrow} {count}{' of ' if form is _Form.SHORT else '/'}{pairs.n}", style
