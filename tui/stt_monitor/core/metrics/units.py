"""Units of metrics: how a measured value is rounded for data, and how one is written for people."""

from enum import Enum
from typing import Final, NamedTuple

from stt_monitor.core.metrics.percentiles import Summary


class Unit(Enum):
    """What a number counts; the value is how the unit is written.

    Values are measured in seconds, shares of 1 and the like (`measured`); data and people get them in the unit.
    """

    COUNT = ""
    MILLISECONDS = "ms"
    SECONDS = "s"
    PERCENT = "%"
    PER_SECOND = "/s"
    DECIBELS = "dB"

    @property
    def title(self) -> str:
        """Its name, what heads a table."""
        return _SCALES[self].title

    @property
    def word(self) -> str:
        """Its name in a key of data, which has letters, digits and underscores only."""
        return _SCALES[self].word

    @property
    def suffix(self) -> str:
        """What stands behind a number, blank and all; nothing behind a count."""
        return f" {self.value}" if self.value else ""


class _Scale(NamedTuple):
    title: str
    word: str
    factor: float
    """How many of the unit a measured 1 is."""
    kept: int | None
    """Digits after the point in data; None: as measured."""
    shown: int
    """Digits after the point for people."""
    short: bool = False
    """Zeros at the end are not shown."""


_SCALES: Final = {
    Unit.COUNT: _Scale("count", "count", 1, None, 3, short=True),
    Unit.MILLISECONDS: _Scale("milliseconds", "ms", 1000, 1, 0),
    Unit.SECONDS: _Scale("seconds", "s", 1, 3, 3, short=True),
    Unit.PERCENT: _Scale("percent", "percent", 100, 2, 0),
    Unit.PER_SECOND: _Scale("per second", "per_s", 1, 2, 1),
    Unit.DECIBELS: _Scale("decibels", "db", 1, None, 1),
}


def in_unit(measured: float, unit: Unit) -> float:
    """Return a measured value in a unit."""
    return measured * _SCALES[unit].factor


def in_data(measured: float | None, unit: Unit) -> float | None:
    """Return a measured value as all data has it: in the unit, rounded."""
    kept = _SCALES[unit].kept
    return measured if measured is None or kept is None else round(in_unit(measured, unit), kept)


def summary_in_data(summary: Summary, unit: Unit) -> Summary:
    """Return a summary of measured values as all data has it."""
    return Summary(
        n=summary.n,
        p50=in_data(summary.p50, unit),
        p90=in_data(summary.p90, unit),
        p95=in_data(summary.p95, unit),
        p99=in_data(summary.p99, unit),
        max=in_data(summary.max, unit),
    )


def written(value: float, unit: Unit, digits: int | None = None) -> str:
    """Write a value that is in the unit already, without the unit, for people.

    Args:
        value: in the unit.
        unit: says how many digits matter.
        digits: after the point, where that depends on more than the unit.
    """
    scale = _SCALES[unit]
    text = f"{value:.{scale.shown if digits is None else digits}f}"
    return text.rstrip("0").rstrip(".") if scale.short and "." in text else text
