"""BySettings of turns side by side, each against the first."""

from collections.abc import Iterator
from typing import Final

from stt_monitor.core.metrics.intervals import CONFIDENCE, MIN_N, difference, median_interval, share_interval
from stt_monitor.core.metrics.percentiles import summarise
from stt_monitor.core.metrics.session_metrics import QUANTITIES, Unit
from stt_monitor.core.metrics.turn_metrics import DEFINITIONS
from stt_monitor.report.formatting import NONE, ms, quantity, signed_ms
from stt_monitor.report.html.charts import scale_of, spread
from stt_monitor.report.html.markup import e, row_head
from stt_monitor.report.model import Group, Report

COUNTED: Final = (
    "turns", "false_cutoffs", "eager_precision", "resumes", "eager_gained", "eager_wasted", "missed", "spurious", "wer",
    "violations", "reconnects", "send_lag_max",
)  # fmt: skip


SHARES: Final = ("false_cutoffs", "eager_precision")
"""Those of them that are a share of things that went one way or the other, each on its own."""


def comparison(report: Report) -> Iterator[str]:
    """Compare the groups, figure by figure."""
    names = group_names(report)
    heads = "".join(f"<th>{e(name)}</th>" for name in names)
    starts = [f'<td data-name="{e(name)}">' for name in names]
    yield f"<h2>Compared by {report.by.value}</h2>\n"
    yield f'<div class="card scroll"><table class="compare"><thead><tr><th>median, ms</th>{heads}</tr></thead><tbody>\n'
    for figure in DEFINITIONS:
        end = scale_of(*(group.pool.values[figure.name] for group in report.groups))
        cells = "".join(
            f"{start}{_cell(figure.name, group, report.groups[0], end)}</td>"
            for start, group in zip(starts, report.groups, strict=True)
        )
        yield f"<tr>{row_head(figure.name, figure.meaning, figure.label)}{cells}</tr>\n"
    for name in counted(report):
        each = QUANTITIES[name]
        cells = "".join(
            f"{start}<b>{e(quantity(each, group.pool))}</b> {e(share_in_words(name, group))}</td>"
            for start, group in zip(starts, report.groups, strict=True)
        )
        yield f"<tr>{row_head(name, each.meaning)}{cells}</tr>\n"
    yield "</tbody></table></div>\n"
    yield f'<p class="note">{e(how_sure())}</p>\n'


def group_names(report: Report) -> list[str]:
    """Return what the groups are called, each with its letter."""
    names = [f"{_letter(place)} · {group.label}" for place, group in enumerate(report.groups)]
    return [f"{names[0]} (baseline)", *names[1:]]


def counted(report: Report) -> list[str]:
    """Return the names of the numbers that are compared: those that are known of some group."""
    return [name for name in COUNTED if any(QUANTITIES[name].of(group.pool) is not None for group in report.groups)]


def how_sure() -> str:
    """Say what the intervals mean."""
    return (
        f"In brackets: where the median lies, and the difference of medians to {_letter(0)}, with {CONFIDENCE:.0%} "
        f"confidence (bootstrap, from {MIN_N} values on). Where that interval holds 0, the difference may be chance. "
        "For shares: Wilson's interval. "
        "The first turn of each connection is left out, and turns that our own close ended, that never ended, or that "
        "were slow."
    )


def verdict(name: str, group: Group, baseline: Group) -> tuple[str, bool]:
    """Say how a figure differs from the baseline's, and whether that is sure."""
    found = difference(baseline.pool.values[name], group.pool.values[name])
    if found is None:
        return "", False
    if found.interval is None:
        return f"{signed_ms(found.of_medians)} (too few to tell)", False
    between = f"{signed_ms(found.of_medians)} [{signed_ms(found.interval.low)} … {signed_ms(found.interval.high)}]"
    word = "no sure difference" if not found.sure else "▲ longer" if found.of_medians > 0 else "▼ shorter"
    return f"{between} {word}", found.sure


def median_in_words(name: str, group: Group) -> str:
    """Write a median with its interval."""
    interval = median_interval(group.pool.values[name])
    return "" if interval is None else f"[{ms(interval.low)} … {ms(interval.high)}]"


def share_in_words(name: str, group: Group) -> str:
    """Write where the share lies of which a count or a percentage is a sample; empty for what is no share of turns."""
    each = QUANTITIES[name]
    value = each.of(group.pool)
    if name not in SHARES or each.among is None or value is None:
        return ""
    n = each.among(group.pool)
    interval = share_interval(round(value / 100 * n) if each.unit is Unit.PERCENT else round(value), n)
    return "" if interval is None else f"[{100 * interval.low:.0f} … {100 * interval.high:.0f} %]"


def _cell(name: str, group: Group, baseline: Group, end: float) -> str:
    values = group.pool.values[name]
    if not values:
        return NONE
    summary = summarise(values)
    picture = spread(values, median_interval(values), end)
    says, sure = ("", False) if group is baseline else verdict(name, group, baseline)
    against = f'<span class="{"sure" if sure else ""}">{e(says)}</span>' if says else ""
    return (
        f"<b>{ms(summary.p50)}</b> {e(median_in_words(name, group))}{picture}"
        f'<span class="scale"><span>0</span><span>{ms(end)}</span></span>'
        f"<span>n {summary.n} · p90 {ms(summary.p90)} · max {ms(summary.max)}</span>{against}"
    )


def _letter(place: int) -> str:
    return chr(ord("A") + place) if place < 26 else str(place + 1)  # noqa: PLR2004  letters of the alphabet
