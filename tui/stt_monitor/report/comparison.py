"""Words for how groups of turns compare, each with the first."""

import msgspec

from stt_monitor.core.metrics.definitions import RANKED_SESSION_METRICS
from stt_monitor.core.metrics.intervals import CONFIDENCE, MIN_N, Interval, difference, share_interval
from stt_monitor.core.metrics.metric import Metric
from stt_monitor.core.metrics.session_metrics import basis_size, session_value
from stt_monitor.core.metrics.units import Unit
from stt_monitor.report.formatting import bare, signed
from stt_monitor.report.model import Group, Report


class Difference(msgspec.Struct, frozen=True):
    """How a group differs from the first."""

    words: str
    """Empty where there is nothing to compare."""
    sure: bool


def group_names(report: Report) -> list[str]:
    """Return what the groups are called, each with its letter."""
    names = [f"{_letter(place)} · {group.label}" for place, group in enumerate(report.groups)]
    return [f"{names[0]} (baseline)", *names[1:]]


def compared_counts(report: Report) -> list[Metric]:
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


def difference_in_words(metric: Metric, group: Group, baseline: Group) -> Difference:
    """Say how a metric of turns differs from the baseline's; nothing of the baseline itself."""
    values = group.pool.values[metric.key]
    found = None if group is baseline else difference(baseline.pool.values[metric.key], values)
    if found is None:
        return Difference("", sure=False)
    by = signed(found.of_medians, metric.unit)
    if found.interval is None:
        return Difference(f"{by} (too few to tell)", sure=False)
    between = f"{by} [{signed(found.interval.low, metric.unit)} … {signed(found.interval.high, metric.unit)}]"
    more, less = ("longer", "shorter") if metric.unit is Unit.MILLISECONDS else ("more", "less")
    word = "no sure difference" if not found.sure else f"▲ {more}" if found.of_medians > 0 else f"▼ {less}"
    return Difference(f"{between} {word}", sure=found.sure)


def interval_in_words(interval: Interval | None, unit: Unit) -> str:
    """Write where a median lies; empty where there are too few values to tell."""
    return "" if interval is None else f"[{bare(interval.low, unit)} … {bare(interval.high, unit)}]"


def share_in_words(metric: Metric, group: Group) -> str:
    """Write where the share lies of which a count or a percentage is a sample; empty for what is no such share."""
    value, n = session_value(metric, group.pool), basis_size(metric, group.pool)
    if metric.basis is None or not metric.basis.independent or value is None or n is None:
        return ""
    interval = share_interval(round(value * n) if metric.unit is Unit.PERCENT else round(value), n)
    return "" if interval is None else f"[{100 * interval.low:.0f} … {100 * interval.high:.0f} %]"


def _letter(place: int) -> str:
    return chr(ord("A") + place) if place < 26 else str(place + 1)  # noqa: PLR2004  letters of the alphabet
