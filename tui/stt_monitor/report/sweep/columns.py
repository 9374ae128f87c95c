"""How the figures of a sweep are written."""

from math import inf
from typing import Final

from stt_monitor.core.metrics.intervals import Interval
from stt_monitor.core.metrics.units import Unit
from stt_monitor.core.sweep.columns import Column
from stt_monitor.core.sweep.result import Figure, Figures
from stt_monitor.core.text.wording import NO_VALUE
from stt_monitor.report.formatting import bare_value, percentage

_NEVER: Final = "never"
_MANY: Final = 100
"""Of more, a rate has two decimals."""


def figure_text(column: Column, figure: Figure) -> str:
    """Format a figure without its unit, with the digits that it supports."""
    return _text(figure.value, figure.n, column.unit)


def figure_interval(column: Column, figure: Figure) -> str:
    """Format the interval of a figure without its unit; empty without one."""
    return interval_text(figure.interval, figure.n, column.unit)


def figure_with_interval(column: Column, figures: Figures) -> str:
    """Format a figure and its interval in one line."""
    figure = column.of(figures)
    return f"{figure_text(column, figure)} {figure_interval(column, figure)}".rstrip()


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
