"""Text for comparing groups of turns with the first."""

import msgspec

from stt_monitor.core.metrics.definitions import RANKED_SESSION_METRICS, TURN_METRICS
from stt_monitor.core.metrics.intervals import CONFIDENCE, MIN_N, Interval, difference, share_interval
from stt_monitor.core.metrics.marks import together
from stt_monitor.core.metrics.metric import Metric
from stt_monitor.core.metrics.session_metrics import basis_size, session_value
from stt_monitor.core.metrics.units import Unit
from stt_monitor.report.formatting import bare_value, signed
from stt_monitor.report.model import Group, Report


class Difference(msgspec.Struct, frozen=True):
    """How a group differs from the baseline."""

    words: str
    """Empty where there is nothing to compare."""
    sure: bool


def group_names(report: Report) -> list[str]:
    """Return the names of the groups, each with its letter."""
    names = [f"{_letter(place)} · {group.label}" for place, group in enumerate(report.groups)]
    return [f"{names[0]} (baseline)", *names[1:]]


def compared_counts(report: Report) -> list[Metric]:
    """Return the metrics of sessions that some group has a value of."""
    return [
        metric
        for metric in RANKED_SESSION_METRICS
        if any(session_value(metric, group.aggregate) is not None for group in report.groups)
    ]


def compared_metrics(report: Report) -> list[Metric]:
    """Return the metrics of turns that are worth a row."""
    return list(together(group.aggregate.marks for group in report.groups).worth_showing(TURN_METRICS))


def how_sure() -> str:
    """Explain the intervals."""
    return (
        f"In brackets: {CONFIDENCE:.0%} confidence intervals of the median, of its difference to {_letter(0)} "
        f"(bootstrap, {MIN_N} values or more), and of shares (Wilson). A difference whose interval holds 0 is not "
        "significant. Excluded: the first turn of each connection, and turns that the client ended, that never "
        "ended, or that were slow."
    )


def difference_in_words(metric: Metric, group: Group, baseline: Group) -> Difference:
    """Format how a metric of turns differs from the baseline; empty for the baseline itself."""
    values = group.aggregate.values[metric.key]
    found = None if group is baseline else difference(baseline.aggregate.values[metric.key], values)
    if found is None:
        return Difference("", sure=False)
    by = signed(found.of_medians, metric.unit)
    if found.interval is None:
        return Difference(f"{by} (too few turns)", sure=False)
    between = f"{by} [{signed(found.interval.low, metric.unit)} … {signed(found.interval.high, metric.unit)}]"
    more, less = _directions(metric)
    word = "not significant" if not found.significant else f"▲ {more}" if found.of_medians > 0 else f"▼ {less}"
    return Difference(f"{between} {word}", sure=found.significant)


def interval_in_words(interval: Interval | None, unit: Unit) -> str:
    """Format the interval of a median; empty where there are too few values."""
    return "" if interval is None else f"[{bare_value(interval.low, unit)} … {bare_value(interval.high, unit)}]"


def share_in_words(metric: Metric, group: Group) -> str:
    """Format the interval of a share that is known from a sample; empty for metrics that are none."""
    value, n = session_value(metric, group.aggregate), basis_size(metric, group.aggregate)
    if metric.basis is None or not metric.basis.independent or value is None or n is None:
        return ""
    interval = share_interval(round(value * n) if metric.unit is Unit.PERCENT else round(value), n)
    return "" if interval is None else f"[{100 * interval.low:.0f} … {100 * interval.high:.0f} %]"


def _directions(metric: Metric) -> tuple[str, str]:
    if metric.signed:
        return "later", "earlier"
    if metric.anchors is not None and metric.anchors[0].of_reference:  # a latency of the service
        return "slower", "faster"
    return ("longer", "shorter") if metric.unit is Unit.MILLISECONDS else ("more", "less")


def _letter(place: int) -> str:
    return chr(ord("A") + place) if place < 26 else str(place + 1)  # noqa: PLR2004  letters of the alphabet
