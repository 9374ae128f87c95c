"""Small pictures as SVG: distributions, spreads, and the timeline of a turn.

Places along the page are shares of its width, in per cent, so that a picture is as wide as there is room and its text
keeps its size. Colours are classes, which the page's style sheet fills for light, dark and paper.
"""

from collections.abc import Sequence
from html import escape
from typing import Final

from stt_monitor.core.metrics.intervals import Interval
from stt_monitor.core.metrics.percentiles import percentile
from stt_monitor.core.metrics.units import Unit
from stt_monitor.core.text.sanitize import plural
from stt_monitor.report.formatting import bare

_BARS: Final = 32
_DOTS: Final = 150
"""Values drawn at most in a spread: more of them, evenly picked, tell no more."""


def scale_of(*samples: Sequence[float]) -> float:
    """Return where an axis from 0 ends that shows several sets of values: at a round number."""
    return round_up(max((values[-1] for values in samples if values), default=0.0))


def round_up(value: float) -> float:
    """Return the next of 1, 1.5, 2, 3, 4, 5, 6, 8 times a power of ten."""
    step = 0.01
    while True:
        for factor in (1, 1.5, 2, 3, 4, 5, 6, 8):
            if value <= factor * step * 1.000_001:  # 200 ms, measured, are 200.00001
                return factor * step
        step *= 10


def histogram(ordered: Sequence[float], unit: Unit, end: float) -> str:
    """Draw how measured values, ascending, are distributed from 0 to `end`, with a line at the median."""
    counts = [0] * _BARS
    for value in ordered:
        counts[min(int(value / end * _BARS), _BARS - 1)] += 1
    most = max(counts)
    width = 100 / _BARS
    bars = "".join(
        f'<rect class="bar" x="{place * width + 0.2:.2f}%" y="{100 - 100 * count / most:.1f}%" '
        f'width="{width - 0.4:.2f}%" height="{100 * count / most:.1f}%"/>'
        for place, count in enumerate(counts)
        if count
    )
    middle = percentile(ordered, 0.5)
    line = vertical("median", 100 * middle / end, 0, 100)
    label = f"{plural(len(ordered), 'value')}, median {bare(middle, unit)}{unit.suffix}"
    return f'<svg class="histogram" role="img" aria-label="{label}">{bars}{line}</svg>'


def spread(ordered: Sequence[float], unit: Unit, interval: Interval | None, end: float) -> str:
    """Draw measured values, ascending, as dots from 0 to `end`, their median, and the interval that it lies in."""
    step = max(len(ordered) / _DOTS, 1.0)
    shown = [ordered[int(place * step)] for place in range(int(len(ordered) / step))]
    dots = "".join(
        f'<circle class="dot" cx="{100 * value / end:.2f}%" cy="{35 + 30 * (place * 7 % 5) / 4:.0f}%" r="2"/>'
        for place, value in enumerate(shown)
    )
    sure = ""
    if interval is not None:
        low, high = 100 * interval.low / end, 100 * interval.high / end
        sure = f'<rect class="interval" x="{low:.2f}%" y="8%" width="{max(high - low, 0.3):.2f}%" height="84%" rx="2"/>'
    middle = percentile(ordered, 0.5)
    label = f"{plural(len(ordered), 'value')}, median {bare(middle, unit)}{unit.suffix}"
    median = vertical("median", 100 * middle / end, 0, 100)
    return f'<svg class="spread" role="img" aria-label="{label}">{sure}{dots}{median}</svg>'


def vertical(kind: str, x: float, y1: float, y2: float) -> str:
    """Draw an upright line; all in per cent."""
    return f'<line class="{kind}" x1="{x:.2f}%" x2="{x:.2f}%" y1="{y1:g}%" y2="{y2:g}%"/>'


def titled(shape: str, title: str) -> str:
    """Say what a shape is when it is pointed at."""
    return f"<g>{shape}<title>{escape(title)}</title></g>"
