"""BySettings of turns side by side, each against the first."""

from collections.abc import Iterator

from stt_monitor.core.metrics.definitions import RANKED_SESSION_METRICS, TURN_METRICS
from stt_monitor.core.metrics.intervals import CONFIDENCE, MIN_N, difference, median_interval, share_interval
from stt_monitor.core.metrics.metric import Metric
from stt_monitor.core.metrics.percentiles import summarise
from stt_monitor.core.metrics.session_metrics import basis_size, session_value
from stt_monitor.core.metrics.units import Unit
from stt_monitor.report.formatting import NONE, bare, in_cell, session_metric, signed
from stt_monitor.report.html.charts import scale_of, spread
from stt_monitor.report.html.markup import e, row_head
from stt_monitor.report.model import Group, Report


def comparison(report: Report) -> Iterator[str]:
    """Compare the groups, figure by figure."""
    names = group_names(report)
    heads = "".join(f"<th>{e(name)}</th>" for name in names)
    starts = [f'<td data-name="{e(name)}">' for name in names]
    yield f"<h2>Compared by {report.by.value}</h2>\n"
    yield f'<div class="card scroll"><table class="compare"><thead><tr><th>median, ms</th>{heads}</tr></thead><tbody>\n'
    for metric in TURN_METRICS:
        end = scale_of(*(group.pool.values[metric.key] for group in report.groups))
        cells = "".join(
            f"{start}{_cell(metric, group, report.groups[0], end)}</td>"
            for start, group in zip(starts, report.groups, strict=True)
        )
        yield f"<tr>{row_head(metric.key, metric.meaning, metric.label)}{cells}</tr>\n"
    for metric in counted(report):
        cells = "".join(
            f"{start}<b>{e(session_metric(metric, group.pool))}</b> {e(share_in_words(metric, group))}</td>"
            for start, group in zip(starts, report.groups, strict=True)
        )
        yield f"<tr>{row_head(metric.key, metric.meaning)}{cells}</tr>\n"
    yield "</tbody></table></div>\n"
    yield f'<p class="note">{e(how_sure())}</p>\n'


def group_names(report: Report) -> list[str]:
    """Return what the groups are called, each with its letter."""
    names = [f"{_letter(place)} · {group.label}" for place, group in enumerate(report.groups)]
    return [f"{names[0]} (baseline)", *names[1:]]


def counted(report: Report) -> list[Metric]:
    """Return the metrics of sessions that are compared: those that are known of some group."""
    return [
        metric
        for metric in RANKED_SESSION_METRICS
        if any(session_value(metric, group.pool) is not None for group in report.groups)
    ]


def how_sure() -> str:
    """Say what the intervals mean."""
    return (
        f"In brackets: where the median lies, and the difference of medians to {_letter(0)}, with {CONFIDENCE:.0%} "
        f"confidence (bootstrap, from {MIN_N} values on). Where that interval holds 0, the difference may be chance. "
        "For shares: Wilson's interval. "
        "The first turn of each connection is left out, and turns that our own close ended, that never ended, or that "
        "were slow."
    )


def verdict(metric: Metric, group: Group, baseline: Group) -> tuple[str, bool]:
    """Say how a metric differs from the baseline's, and whether that is sure."""
    found = difference(baseline.pool.values[metric.key], group.pool.values[metric.key])
    if found is None:
        return "", False
    by = signed(found.of_medians, metric.unit)
    if found.interval is None:
        return f"{by} (too few to tell)", False
    between = f"{by} [{signed(found.interval.low, metric.unit)} … {signed(found.interval.high, metric.unit)}]"
    more, less = ("longer", "shorter") if metric.unit is Unit.MILLISECONDS else ("more", "less")
    word = "no sure difference" if not found.sure else f"▲ {more}" if found.of_medians > 0 else f"▼ {less}"
    return f"{between} {word}", found.sure


def median_in_words(metric: Metric, group: Group) -> str:
    """Write where a median lies."""
    interval = median_interval(group.pool.values[metric.key])
    return "" if interval is None else f"[{bare(interval.low, metric.unit)} … {bare(interval.high, metric.unit)}]"


def share_in_words(metric: Metric, group: Group) -> str:
    """Write where the share lies of which a count or a percentage is a sample; empty for what is no such share."""
    value, n = session_value(metric, group.pool), basis_size(metric, group.pool)
    if metric.basis is None or not metric.basis.independent or value is None or n is None:
        return ""
    interval = share_interval(round(value * n) if metric.unit is Unit.PERCENT else round(value), n)
    return "" if interval is None else f"[{100 * interval.low:.0f} … {100 * interval.high:.0f} %]"


def _cell(metric: Metric, group: Group, baseline: Group, end: float) -> str:
    values, unit = group.pool.values[metric.key], metric.unit
    if not values:
        return NONE
    summary = summarise(values)
    picture = spread(values, unit, median_interval(values), end)
    says, sure = ("", False) if group is baseline else verdict(metric, group, baseline)
    against = f'<span class="{"sure" if sure else ""}">{e(says)}</span>' if says else ""
    return (
        f"<b>{in_cell(summary.p50, unit)}</b> {e(median_in_words(metric, group))}{picture}"
        f'<span class="scale"><span>0</span><span>{bare(end, unit)}</span></span>'
        f"<span>n {summary.n} · p90 {bare(summary.p90, unit)} · max {bare(summary.max, unit)}</span>{against}"
    )


def _letter(place: int) -> str:
    return chr(ord("A") + place) if place < 26 else str(place + 1)  # noqa: PLR2004  letters of the alphabet
