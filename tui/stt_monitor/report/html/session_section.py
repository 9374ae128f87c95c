"""What one set of turns came to: its headlines, the distributions of its figures, its counts."""

from collections.abc import Iterator, Sequence
from typing import Final

from stt_monitor.core.metrics.aggregate import Aggregate
from stt_monitor.core.metrics.definitions import METRICS, SESSION_METRICS, TURN_METRICS
from stt_monitor.core.metrics.metric import Need
from stt_monitor.core.metrics.percentiles import summarise
from stt_monitor.core.metrics.session_metrics import session_value
from stt_monitor.core.metrics.units import Unit
from stt_monitor.core.text.sanitize import plural
from stt_monitor.report.formatting import HOW_MEASURED, NONE, bare, in_cell, number, session_metric, share
from stt_monitor.report.html.charts import histogram, scale_of
from stt_monitor.report.html.markup import e, note, row_head

SHOWN: Final = ("p50", "p90", "p95", "max")


def tiles(pool: Aggregate, *, labelled: bool) -> Iterator[str]:
    """Say what matters most; without labels, false cut-offs are a proxy."""
    counts, words = pool.counts, pool.words
    missed, spurious, cut, violations = (
        number(session_value(METRICS[name], pool)) for name in ("missed", "spurious", "false_cutoffs", "violations")
    )
    confirmed = f"{counts.eager_ends_confirmed} of {counts.eager_ends}; {counts.resumes} resumed"
    yield '<div class="tiles">\n'
    yield _latency("end of turn", "eot_latency", pool, "headline")
    yield _latency("first text", "first_text", pool)
    yield _latency("head start of an early reply", "eager_lead", pool)
    gained, wasted = (bare(seconds, Unit.SECONDS, 1) for seconds in (pool.eager_gained, pool.eager_wasted))
    yield _tile("time gained by early replies", gained, "s", f"{wasted} s wasted")
    yield _tile("turns", str(counts.turns), "", f"{missed} missed, {spurious} spurious")
    yield _tile("false cut-offs", cut if labelled else f"~{cut}", f"of {pool.judged}", "ended while somebody spoke on")
    yield _tile("eager ends that held", *_share(counts.eager_precision, counts.eager_ends_decided), confirmed)
    if words is None:
        yield _tile("protocol violations", violations, "", f"{plural(counts.errors, 'error')} of the service")
    else:
        yield _tile(words.label, *_share(words.rate, words.words), f"{words.errors} of {words.words} {words.counted}")
    yield "</div>\n"


def _share(value: float | None, n: int) -> tuple[str, str]:
    return (NONE, "") if value is None else (share(value, n), Unit.PERCENT.value)


def _latency(title: str, name: str, pool: Aggregate, kind: str = "") -> str:
    unit = METRICS[name].unit
    summary = summarise(pool.values[name])
    if summary.n:
        p50, p90, top = (bare(value, unit) for value in (summary.p50, summary.p90, summary.max))
        return _tile(title, p50, unit.value, f"p50 of {summary.n}; p90 {p90}, max {top}", kind)
    first = summarise(pool.first_values[name])
    if not first.n:
        return _tile(title, NONE, "", "", kind)
    return _tile(title, bare(first.p50, unit), unit.value, "of a first turn: there are no others", kind)


def _tile(title: str, value: str, unit: str, detail: str, kind: str = "") -> str:
    return (
        f'<div class="tile {kind}"><span class="name">{e(title)}</span><b>{e(value)} <small>{e(unit)}</small></b>'
        f"<span>{e(detail)}</span></div>\n"
    )


def figures_table(pool: Aggregate) -> Iterator[str]:
    """Show how each figure is distributed, and say what it means."""
    heads = "".join(f'<th class="num">{name}</th>' for name in (*SHOWN, "n", "first turn"))
    yield '<div class="card"><table class="figures"><thead><tr><th>figure</th><th>distribution</th>'
    yield f"{heads}</tr></thead><tbody>\n"
    for metric in TURN_METRICS:
        values = pool.values[metric.key]
        summary = summarise(values)
        cells = "".join(
            f'<td class="num {name}" data-name="{name}">{in_cell(getattr(summary, name), metric.unit)}</td>'
            for name in SHOWN
        )
        first = summarise(pool.first_values[metric.key])
        picture = _distribution(values, metric.unit) if values else NONE
        yield f'<tr>{row_head(metric.key, metric.meaning, metric.label)}<td class="dist">{picture}</td>{cells}'
        yield f'<td class="num" data-name="n">{summary.n}</td>'
        yield f'<td class="num" data-name="first">{in_cell(first.p50, metric.unit)}</td></tr>\n'
    yield "</tbody></table></div>\n"
    yield note(HOW_MEASURED)


def _distribution(values: Sequence[float], unit: Unit) -> str:
    end = scale_of(values)
    scale = f'<div class="scale"><span>0</span><span>{bare(end, unit)}{unit.suffix}</span></div>'
    return histogram(values, unit, end) + scale


def counts_table(pool: Aggregate) -> Iterator[str]:
    """Say what was counted, with definitions."""
    yield '<div class="card"><table class="counts"><tbody>\n'
    for metric in SESSION_METRICS:
        if pool.words is None and Need.TRANSCRIPT in metric.needs:
            continue
        yield f'<tr>{row_head(metric.key, "")}<td class="num">{e(session_metric(metric, pool))}</td>'
        yield f'<td><span class="meaning">{e(metric.meaning)}</span></td></tr>\n'
    yield "</tbody></table></div>\n"
