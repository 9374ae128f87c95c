"""The figures of a setting in the order of all tables, and how they are written."""

from math import inf
from typing import Final

import msgspec

from stt_monitor.core.metrics.intervals import Interval
from stt_monitor.core.metrics.units import Unit
from stt_monitor.core.sweep.result import Figure, Figures, Part
from stt_monitor.core.text.wording import DERIVED, NO_VALUE
from stt_monitor.report.formatting import bare_value, percentage

_NEVER: Final = "never"
_MANY: Final = 100
"""Of more, a rate has two decimals."""


class Column(msgspec.Struct, frozen=True):
    """A figure."""

    key: str
    """Its field in `Figures`."""
    heading: str
    unit: Unit
    meaning: str
    guessed: bool = False
    """Whether it is a guess without labels."""

    @property
    def name(self) -> str:
        """Its name in data, which ends in its unit."""
        return self.key if self.unit is Unit.COUNT else f"{self.key}_{self.unit.word}"

    def of(self, figures: Figures) -> Figure:
        """Return it."""
        figure: Figure = getattr(figures, self.key)
        return figure

    def head(self, *, exact: bool) -> str:
        """Return the heading, marked where the figure is a guess."""
        sign = DERIVED if self.guessed and not exact else ""
        unit = f", {self.unit.value}" if self.unit.value else ""
        return f"{sign}{self.heading}{unit}"

    def value(self, figure: Figure) -> str:
        """Return its value without the unit, with the digits that it supports."""
        return _text(figure.value, figure.n, self.unit)

    def text(self, figures: Figures) -> str:
        """Return its value and interval in one line."""
        figure = self.of(figures)
        return f"{self.value(figure)} {self.interval(figure)}".rstrip()

    def interval(self, figure: Figure) -> str:
        """Return its interval without the unit; empty without one."""
        return interval_text(figure.interval, figure.n, self.unit)


_MS: Final = Unit.MILLISECONDS
_SHARE: Final = Unit.PERCENT

COLUMNS: Final = (
    Column("eot_p50", "eot p50", _MS, "End of speech to turn.end, median. A turn without an end is infinitely late."),
    Column("eot_p90", "eot p90", _MS, "The same, for the slowest tenth."),
    Column("cut_turns", "turns cut off", _SHARE, "Turns that were ended before their end.", guessed=True),
    Column("cut_pauses", "pauses cut off", _SHARE, "Pauses inside turns on which a turn.end fell.", guessed=True),
    Column("missed", "missed", _SHARE, "Turns of which the service heard nothing."),
    Column("not_ended", "not ended", _SHARE, "Turns that it heard, and did not end before the next.", guessed=True),
    Column("eager_precision", "eager right", _SHARE, "Eager ends confirmed, of those confirmed or taken back."),
    Column("eager_lead", "lead p50", _MS, "Head start of an early reply: confirmed eager end to turn.end."),
    Column("wasted_replies", "wasted", Unit.COUNT, "Early replies for nothing, per turn: taken back, or new text."),
)


def shown_columns(part: Part) -> list[Column]:
    """Return the columns that any setting has a value in."""
    return [column for column in COLUMNS if any(column.of(each.shown).n for each in part.settings)]


def interval_text(interval: Interval | None, n: int, unit: Unit) -> str:
    """Format an interval without its unit; empty without one."""
    if interval is None:
        return ""
    high = _NEVER if interval.high == inf else _text(interval.high, n, unit)
    return f"[{_text(interval.low, n, unit)} … {high}]"


def milliseconds(seconds: float | None) -> str:
    """Format a time with its unit."""
    return NO_VALUE if seconds is None else f"{bare_value(seconds, Unit.MILLISECONDS)} ms"


def _text(value: float | None, n: int, unit: Unit) -> str:
    if unit is Unit.PERCENT:
        return percentage(value, n)
    return bare_value(value, unit, 2 if unit is Unit.COUNT and n < _MANY else None)
