"""Axes of charts: a few outliers squash no other value, and are told."""

from collections.abc import Sequence

import pytest

from stt_monitor.core.metrics.units import Unit
from stt_monitor.report.html.charts import histogram, scale_of, slope_chart, spread

USUAL = [0.4, 0.5, 0.55, 0.6, 0.62, 0.65, 0.7, 0.75, 0.8]


@pytest.mark.parametrize(
    ("values", "end", "beyond"),
    [
        (USUAL, 0.8, ""),
        ([*USUAL, 20.0], 0.8, "1 beyond: 20000 ms"),
        ([*USUAL, 1.5], 1.5, ""),  # not that far
        ([0.5, 0.6, 20.0], 0.6, "1 beyond: 20000 ms"),
        ([0.5, 20.0], 20.0, ""),  # which of two is the outlier?
        ([20.0], 20.0, ""),
        ([*USUAL, 18.0, 19.0, 20.0], 20.0, ""),  # a quarter of all are not outliers
        ([*(0.01 * n for n in range(50, 90)), *[10.0, 11.0, 12.0, 20.0]], 1.0, "4 beyond: 20000, 12000, 11000, … ms"),
        ([0.0, 0.0, 0.0, 3.0], 3.0, ""),
    ],
)
def test_a_few_outliers_lie_beyond_the_axis_and_are_told(values: Sequence[float], end: float, beyond: str):
    found = scale_of(values)
    assert found == pytest.approx(end)
    bars, dots = histogram(values, Unit.MILLISECONDS, found), spread(values, Unit.MILLISECONDS, None, found)
    assert bars.beyond == dots.beyond == beyond
    assert all(0 <= bar.x + bar.width <= 100.1 for bar in bars.bars)
    assert all(0 <= dot <= 100.1 for dot in dots.dots)
    assert 0 <= bars.median <= 100.1


def test_the_outliers_of_one_group_do_not_squash_another():
    slow = [value * 10 for value in USUAL]
    assert scale_of([*USUAL, 60.0], slow) == pytest.approx(8.0)  # all of the slow group are shown


def test_a_turn_beyond_the_axis_is_drawn_at_the_top():
    pairs = [(value, value + 0.05) for value in USUAL]
    chart = slope_chart([*pairs, (0.5, 20.0)], Unit.MILLISECONDS, ("A", "B"))
    assert chart.beyond == "1 beyond: 20000 ms"
    assert chart.slopes[-1].after == 0
    assert all(0 <= height <= 100 for each in chart.slopes for height in (each.before, each.after))
