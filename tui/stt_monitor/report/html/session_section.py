"""The results of a session: headline numbers, distributions of metrics, counts."""

from collections.abc import Iterator

import msgspec

from stt_monitor.core.metrics.aggregate import Aggregate
from stt_monitor.core.metrics.definitions import METRICS, SESSION_METRICS, TURN_METRICS
from stt_monitor.core.metrics.metric import Metric, Need
from stt_monitor.core.metrics.percentiles import summarise
from stt_monitor.core.metrics.session_metrics import session_value
from stt_monitor.core.metrics.units import Unit
from stt_monitor.core.text.wording import NO_VALUE, NOT_APPLICABLE, plural
from stt_monitor.report.formatting import SHOWN, bare_figure, bare_value, figure, number, percentage, session_metric
from stt_monitor.report.html.charts import Histogram, histogram, scale_of


class Tile(msgspec.Struct, frozen=True):
    """A headline number."""

    name: str
    value: str
    unit: str = ""
    detail: str = ""
    kind: str = ""


class Distribution(msgspec.Struct, frozen=True):
    """The distribution of a metric of turns; without values there is no chart."""

    metric: Metric
    chart: Histogram | None
    no_value: str
    """What stands in the place of values; empty if there are any."""
    end: str
    """Where the axis of the chart ends, with unit."""
    values: tuple[tuple[str, str], ...]
    """Name and value of each of `SHOWN`."""
    n: int
    first: str
    """Median over the first turns of connections."""


class Count(msgspec.Struct, frozen=True):
    """A metric of the session."""

    metric: Metric
    value: str


def tiles(aggregate: Aggregate) -> Iterator[Tile]:
    """Yield the headline numbers."""
    counts, words = aggregate.counts, aggregate.words
    missed, spurious, cut, violations = (
        _count(name, aggregate) for name in ("missed", "spurious", "false_cutoffs", "violations")
    )
    confirmed = f"{counts.eager_ends_confirmed} of {counts.eager_ends}; {counts.resumes} resumed"
    yield _latency("end of turn", "eot_latency", aggregate, "headline")
    yield _latency("first text", "first_text", aggregate)
    yield _latency("head start of an early reply", "eager_lead", aggregate)
    yield _gained(aggregate)
    yield Tile("turns", str(counts.turns), "", f"{missed} missed, {spurious} spurious")
    yield Tile("false cut-offs", cut, f"of {counts.turns_checked}", "speech after turn.end")
    if "eager_precision" in aggregate.marks.absent:
        yield Tile("eager ends confirmed", NOT_APPLICABLE)
    else:
        yield Tile("eager ends confirmed", *_share(counts.eager_precision, counts.eager_ends_decided), confirmed)
    if words is None:
        yield Tile("protocol violations", violations, "", f"{plural(counts.errors, 'error')} of the service")
    else:
        yield Tile(words.label, *_share(words.rate, words.words), f"{words.errors} of {words.words} {words.counted}")


def _count(name: str, aggregate: Aggregate) -> str:
    metric = METRICS[name]
    return aggregate.marks.text(metric, session_value(metric, aggregate), number)


def _gained(aggregate: Aggregate) -> Tile:
    title = "time gained by early replies"
    if "eager_gained" in aggregate.marks.absent:
        return Tile(title, NOT_APPLICABLE)
    gained, wasted = (
        bare_value(seconds, Unit.SECONDS, 1) for seconds in (aggregate.eager_gained, aggregate.eager_wasted)
    )
    return Tile(title, gained, "s", f"{wasted} s wasted")


def _share(value: float | None, n: int) -> tuple[str, str]:
    return (NO_VALUE, "") if value is None else (percentage(value, n), Unit.PERCENT.value)


def _latency(title: str, name: str, aggregate: Aggregate, kind: str = "") -> Tile:
    metric, marks = METRICS[name], aggregate.marks
    unit = metric.unit
    summary = summarise(aggregate.values[name])
    if summary.n:
        p50, p90, top = (bare_figure(metric, value, marks) for value in (summary.p50, summary.p90, summary.max))
        return Tile(title, p50, unit.value, f"p50 of {summary.n}; p90 {p90}, max {top}", kind)
    first = summarise(aggregate.first_values[name])
    if not first.n:
        return Tile(title, marks.sign(metric, None), kind=kind)
    return Tile(title, bare_figure(metric, first.p50, marks), unit.value, "of a first turn: there are no others", kind)


def distributions(aggregate: Aggregate) -> Iterator[Distribution]:
    """Yield the distribution of each metric of turns."""
    marks = aggregate.marks
    for metric in marks.worth_showing(TURN_METRICS):
        values, unit = aggregate.values[metric.key], metric.unit
        summary, first = summarise(values), summarise(aggregate.first_values[metric.key])
        end = scale_of(values)
        yield Distribution(
            metric,
            histogram(values, unit, end) if values and not metric.signed else None,
            "" if values else marks.sign(metric, None),
            bare_value(end, unit) + unit.suffix,
            tuple((name, figure(metric, getattr(summary, name), marks)) for name in SHOWN),
            summary.n,
            figure(metric, first.p50, marks),
        )


def counts(aggregate: Aggregate) -> Iterator[Count]:
    """Yield the metrics of the session; word errors only with a reference transcript."""
    for metric in aggregate.marks.worth_showing(SESSION_METRICS):
        if aggregate.words is not None or Need.TRANSCRIPT not in metric.needs:
            yield Count(metric, session_metric(metric, aggregate))
