"""Groups of turns side by side, each against the first."""

from collections.abc import Iterable, Iterator

import msgspec

from stt_monitor.core.metrics.definitions import HEADLINE
from stt_monitor.core.metrics.intervals import median_interval
from stt_monitor.core.metrics.metric import Metric
from stt_monitor.core.metrics.percentiles import summarise
from stt_monitor.report.comparison import (
    Difference,
    compared_counts,
    compared_metrics,
    difference_in_words,
    group_names,
    interval_in_words,
    share_in_words,
)
from stt_monitor.report.formatting import bare_figure, bare_value, figure, session_metric
from stt_monitor.report.html.charts import SlopeChart, Spread, scale_of, slope_chart, spread
from stt_monitor.report.html.timeline import Timeline, timeline
from stt_monitor.report.model import Group, Report
from stt_monitor.report.turn_by_turn import ChangedTurn, TurnByTurn, turn_by_turn


class Cell(msgspec.Struct, frozen=True):
    """A metric of turns in one group; without values there is no chart."""

    group: str
    median: str
    where: str
    """Interval of the median."""
    chart: Spread | None
    end: str
    """Where the axis of the chart ends."""
    n: int
    p90: str
    max: str
    difference: Difference


class CountCell(msgspec.Struct, frozen=True):
    """A metric of sessions in one group."""

    group: str
    value: str
    where: str
    """Interval of the share."""


class Comparison(msgspec.Struct, frozen=True):
    """A row of cells for each metric."""

    by: str
    groups: list[str]
    metrics: Iterable[tuple[Metric, list[Cell]]]
    counts: Iterable[tuple[Metric, list[CountCell]]]
    paired: "Iterable[PairedGroup]"


class PairedGroup(msgspec.Struct, frozen=True):
    """A group over the same audio as the baseline, turn by turn."""

    found: TurnByTurn
    chart: SlopeChart | None
    timelines: tuple[tuple[ChangedTurn, tuple[tuple[str, Timeline], ...]], ...]
    """The turns that changed most, each with the letter and timeline of both."""


def comparison(report: Report) -> Comparison:
    """Compare the groups, metric by metric."""
    names = group_names(report)
    return Comparison(report.by.value, names, _metrics(report, names), _counts(report, names), _paired(report))


def _metrics(report: Report, names: list[str]) -> Iterator[tuple[Metric, list[Cell]]]:
    for metric in compared_metrics(report):
        end = scale_of(*(group.aggregate.values[metric.key] for group in report.groups))
        yield (
            metric,
            [_cell(metric, name, group, report, end) for name, group in zip(names, report.groups, strict=True)],
        )


def _cell(metric: Metric, name: str, group: Group, report: Report, end: float) -> Cell:
    values, unit, marks = group.aggregate.values[metric.key], metric.unit, group.aggregate.marks
    summary, interval = summarise(values), median_interval(values)
    return Cell(
        group=name,
        median=figure(metric, summary.p50, marks),
        where=interval_in_words(interval, unit),
        chart=spread(values, unit, interval, end) if values and not metric.signed else None,
        end=bare_value(end, unit),
        n=summary.n,
        p90=bare_figure(metric, summary.p90, marks),
        max=bare_figure(metric, summary.max, marks),
        difference=difference_in_words(metric, group, report),
    )


def _paired(report: Report) -> Iterator[PairedGroup]:
    for each in turn_by_turn(report):
        values = [(pair.before, pair.after) for pair in each.pairs]
        chart = slope_chart(values, HEADLINE.unit, each.letters) if values else None
        yield PairedGroup(each, chart, tuple((changed, _timelines(changed, each.letters)) for changed in each.changed))


def _timelines(changed: ChangedTurn, letters: tuple[str, str]) -> tuple[tuple[str, Timeline], ...]:
    before, after = changed.turns
    return (letters[0], timeline(before, after)), (letters[1], timeline(after, before))


def _counts(report: Report, names: list[str]) -> Iterator[tuple[Metric, list[CountCell]]]:
    for metric in compared_counts(report):
        yield (
            metric,
            [
                CountCell(name, session_metric(metric, group.aggregate), share_in_words(metric, group))
                for name, group in zip(names, report.groups, strict=True)
            ],
        )
