"""What one set of turns came to: its headlines, the distributions of its figures, its counts."""

from collections.abc import Iterator, Sequence
from typing import Final

from stt_monitor.core.metrics.aggregate import Aggregate
from stt_monitor.core.metrics.percentiles import summarise
from stt_monitor.core.metrics.session_metrics import QUANTITIES
from stt_monitor.core.metrics.turn_metrics import DEFINITIONS
from stt_monitor.core.text.sanitize import plural
from stt_monitor.report.formatting import HOW_MEASURED, NONE, ms, number, percent, quantity, tenths
from stt_monitor.report.html.charts import histogram, scale_of
from stt_monitor.report.html.markup import e, note, row_head

SHOWN: Final = ("p50", "p90", "p95", "max")


def tiles(pool: Aggregate, *, labelled: bool) -> Iterator[str]:
    """Say what matters most; without labels, false cut-offs are a proxy."""
    counts, words = pool.counts, pool.words
    missed, spurious, cut, violations = (
        number(QUANTITIES[name].of(pool)) for name in ("missed", "spurious", "false_cutoffs", "violations")
    )
    confirmed = f"{counts.eager_ends_confirmed} of {counts.eager_ends}; {counts.resumes} resumed"
    yield '<div class="tiles">\n'
    yield _latency("end of turn", "eot_latency", pool, "headline")
    yield _latency("first text", "first_text", pool)
    yield _latency("head start of an early reply", "eager_lead", pool)
    yield _tile("time gained by early replies", tenths(pool.eager_gained), "s", f"{tenths(pool.eager_wasted)} s wasted")
    yield _tile("turns", str(counts.turns), "", f"{missed} missed, {spurious} spurious")
    yield _tile("false cut-offs", cut if labelled else f"~{cut}", f"of {pool.judged}", "ended while somebody spoke on")
    yield _tile("eager ends that held", *_share(counts.eager_precision, counts.eager_ends_decided), confirmed)
    if words is None:
        yield _tile("protocol violations", violations, "", f"{plural(counts.errors, 'error')} of the service")
    else:
        yield _tile(words.label, *_share(words.rate, words.words), f"{words.errors} of {words.words} {words.counted}")
    yield "</div>\n"


def _share(share: float | None, n: int) -> tuple[str, str]:
    return (NONE, "") if share is None else (percent(100 * share, n), "%")


def _latency(title: str, name: str, pool: Aggregate, kind: str = "") -> str:
    summary = summarise(pool.values[name])
    if summary.n:
        return _tile(
            title, ms(summary.p50), "ms", f"p50 of {summary.n}; p90 {ms(summary.p90)}, max {ms(summary.max)}", kind
        )
    first = summarise(pool.first_values[name])
    return _tile(
        title, ms(first.p50), "ms" if first.n else "", "of a first turn: there are no others" if first.n else "", kind
    )


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
    for figure in DEFINITIONS:
        values = pool.values[figure.name]
        summary = summarise(values)
        cells = "".join(
            f'<td class="num {name}" data-name="{name}">{ms(getattr(summary, name))}</td>' for name in SHOWN
        )
        first = summarise(pool.first_values[figure.name])
        picture = _distribution(values) if values else NONE
        yield f'<tr>{row_head(figure.name, figure.meaning, figure.label)}<td class="dist">{picture}</td>{cells}'
        yield f'<td class="num" data-name="n">{summary.n}</td>'
        yield f'<td class="num" data-name="first">{ms(first.p50)}</td></tr>\n'
    yield "</tbody></table></div>\n"
    yield note(HOW_MEASURED)


def _distribution(values: Sequence[float]) -> str:
    end = scale_of(values)
    return f'{histogram(values, end)}<div class="scale"><span>0</span><span>{ms(end)} ms</span></div>'


def counts_table(pool: Aggregate) -> Iterator[str]:
    """Say what was counted, with definitions."""
    yield '<div class="card"><table class="counts"><tbody>\n'
    for name, each in QUANTITIES.items():
        if each.of(pool) is None and name == "wer":
            continue
        yield f'<tr>{row_head(name, "")}<td class="num">{e(quantity(each, pool))}</td>'
        yield f'<td><span class="meaning">{e(each.meaning)}</span></td></tr>\n'
    yield "</tbody></table></div>\n"
