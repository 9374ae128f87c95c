"""How numbers, settings and turns are said in a report."""

from typing import Final

from stt_monitor.core.metrics.aggregate import Aggregate
from stt_monitor.core.metrics.definitions import METRICS
from stt_monitor.core.metrics.metric import Metric
from stt_monitor.core.metrics.session_metrics import basis_size, session_value
from stt_monitor.core.metrics.units import Unit, in_unit, written
from stt_monitor.core.settings import Schema, TurnSettings
from stt_monitor.core.snapshot import FinishedTurn

NONE: Final = "–"
"""Where there is no number."""

SHOWN: Final = ("p50", "p90", "p95", "max")
"""What a table shows of a distribution."""

SERVER_DEFAULT: Final = "server default"

HOW_MEASURED: Final = (
    "Milliseconds, measured from reference speech as it was spoken. The first turn of a connection is listed apart, "
    "because services warm up; turns that our own close ended, that never ended or that were slow are not in it. "
    "p95 from 20 values on."
)

MARKS: Final = {
    "first": "The first turn of its connection: services warm up, so it is in no summary.",
    "~cut off": METRICS["false_cutoffs"].meaning,
    "cut off": METRICS["false_cutoffs"].meaning,
    "spurious": METRICS["spurious"].meaning,
    "text changed": "The text at the eager end that stood is not the final text.",
    "timeout": "Ended by the service's timeout, not by its likelihood.",
    "closed": "Our own close ended it: nobody decided anything, it is in no summary.",
    "dangling": "Never ended: the connection was lost.",
    "slow": METRICS["slow"].meaning,
}
"""What is said beside a turn, and what it means."""


def bare(value: float | None, unit: Unit, digits: int | None = None) -> str:
    """Write a measured value (see `Unit`) without its unit; `digits` is as for `written`."""
    return NONE if value is None else written(in_unit(value, unit), unit, digits)


def in_cell(value: float | None, unit: Unit) -> str:
    """Write a measured value where milliseconds go without saying, and other units do not."""
    return bare(value, unit) + ("" if value is None or unit is Unit.MILLISECONDS else unit.suffix)


def signed(value: float, unit: Unit) -> str:
    """Write a difference of measured values, as `in_cell` does, with a proper sign."""
    text = bare(abs(value), unit)
    sign = "±" if not float(text) else "+" if value > 0 else "−"  # noqa: RUF001  a minus, not a hyphen
    return sign + in_cell(abs(value), unit)


def number(value: float | None) -> str:
    """Write a number as short as it can be."""
    return bare(value, Unit.COUNT)


def share(value: float | None, n: int) -> str:
    """Write a share of `n` things as a percentage, with as many digits as so many things can tell, without the sign."""
    return bare(value, Unit.PERCENT, 0 if n < 100 else 1 if n < 1000 else 2)  # noqa: PLR2004  one of them is 1 %


def session_metric(metric: Metric, pool: Aggregate) -> str:
    """Write a metric of sessions with its unit, and of how many things it is."""
    value, n = session_value(metric, pool), basis_size(metric, pool)
    if value is None:
        return NONE
    text = share(value, n) if metric.unit is Unit.PERCENT and n is not None else bare(value, metric.unit)
    return f"{text}{metric.unit.suffix}" if n is None else f"{text}{metric.unit.suffix} of {n}"


def clock(seconds: float) -> str:
    """Write a position in the audio as `m:ss.s`."""
    tenths = round(seconds * 10)
    return f"{tenths // 600}:{tenths // 10 % 60:02}.{tenths % 10}"


def settings_rows(schema: Schema, settings: TurnSettings) -> list[tuple[str, str]]:
    """Return the turn settings, name and value."""
    return [(name, number_or_default(settings.get(name))) for name in schema.names]


def settings_in_words(settings: TurnSettings) -> str:
    """Return the turn settings that differ from the server's defaults, in one line."""
    return ", ".join(f"{name} {number(value)}" for name, value in settings.items()) or "server defaults"


def number_or_default(value: float | None) -> str:
    """Write a setting."""
    return SERVER_DEFAULT if value is None else number(value)


def marks(each: FinishedTurn, *, labelled: bool) -> list[str]:
    """Return what there is to say beside a turn, keys of `MARKS`."""
    figures = each.figures
    match = figures.eager_text_match
    return [
        *(["first"] if each.turn.first_of_connection else []),
        *([("cut off" if labelled else "~cut off")] if figures.false_cutoff else []),
        *(["spurious"] if figures.spurious else []),
        *(["text changed"] if match is not None and match.value == "no" else []),
        *([figures.end_reason] if figures.end_reason in MARKS else []),
        *(["slow"] if figures.slow else []),
    ]
