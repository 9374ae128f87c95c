"""Units of metrics: rounding for data, formatting for people."""

from enum import Enum
from typing import Final, NamedTuple

from stt_monitor.core.metrics.percentiles import Summary


class Unit(Enum):
    """Unit of a metric; values are the symbols.

    Metrics are measured in base units: seconds, shares of 1, counts. Data and people get them in the metric's unit.
    """

    COUNT = ""
    MILLISECONDS = "ms"
    SECONDS = "s"
    PERCENT = "%"
    PER_SECOND = "/s"
    DECIBELS = "dB"

    @property
    def title(self) -> str:
        """Name, as the heading of a table."""
        return _SCALES[self].title

    @property
    def word(self) -> str:
        """Name in keys of data: letters, digits and underscores only."""
        return _SCALES[self].word

    @property
    def suffix(self) -> str:
        """Symbol to append to a number, with its space; empty for a count."""
        return f" {self.value}" if self.value else ""


class _Scale(NamedTuple):
    title: str
    word: str
    factor: float
    """From the base unit to this one."""
    data_digits: int | None
    """Decimals in data; None: as measured."""
    digits: int
    """Decimals for people."""
    short: bool = False
    """Without trailing zeros."""


_SCALES: Final = {
    Unit.COUNT: _Scale("count", "count", 1, None, 3, short=True),
    Unit.MILLISECONDS: _Scale("milliseconds", "ms", 1000, 1, 0),
    Unit.SECONDS: _Scale("seconds", "s", 1, 3, 3, short=True),
    Unit.PERCENT: _Scale("percent", "percent", 100, 2, 0),
    Unit.PER_SECOND: _Scale("per second", "per_s", 1, 2, 1),
    Unit.DECIBELS: _Scale("decibels", "db", 1, None, 1),
}


def in_unit(measured: float, unit: Unit) -> float:
    """Convert a measured value to a unit."""
    return measured * _SCALES[unit].factor


def in_data(measured: float | None, unit: Unit) -> float | None:
    """Convert a measured value for data: in the unit, rounded."""
    digits = _SCALES[unit].data_digits
    return measured if measured is None or digits is None else round(in_unit(measured, unit), digits)


def in_text(measured: float, unit: Unit, digits: int | None = None) -> str:
    """Format a measured value for people, without its unit.

    Args:
        measured: the value.
        unit: sets the decimals, of a value rounded as for data: so whatever is made from data agrees.
        digits: decimals, where the caller decides.
    """
    rounded = in_data(measured, unit) if digits is None else None
    return format_value(in_unit(measured, unit) if rounded is None else rounded, unit, digits)


def summary_in_data(summary: Summary, unit: Unit) -> Summary:
    """Convert a summary of measured values for data."""
    return Summary(
        n=summary.n,
        p50=in_data(summary.p50, unit),
        p90=in_data(summary.p90, unit),
        p95=in_data(summary.p95, unit),
        p99=in_data(summary.p99, unit),
        max=in_data(summary.max, unit),
    )


def format_value(value: float, unit: Unit, digits: int | None = None) -> str:
    """Format a value for people, without its unit.

    Args:
        value: in the unit.
        unit: sets the decimals.
        digits: decimals, where the caller decides.
    """
    scale = _SCALES[unit]
    text = f"{value:.{scale.digits if digits is None else digits}f}"
    text = text if float(text) else text.removeprefix("-")
    return text.rstrip("0").rstrip(".") if scale.short and "." in text else text
