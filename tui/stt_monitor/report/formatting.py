"""Text for numbers, settings and turns in reports."""

from typing import Final

from stt_monitor.core.finished_turn import FinishedTurn
from stt_monitor.core.metrics.aggregate import Aggregate
from stt_monitor.core.metrics.definitions import METRICS
from stt_monitor.core.metrics.marks import Marks
from stt_monitor.core.metrics.metric import Metric
from stt_monitor.core.metrics.percentiles import MIN_N, MIN_N_FOR_P95
from stt_monitor.core.metrics.session_metrics import basis_size, session_value
from stt_monitor.core.metrics.units import Unit, in_text
from stt_monitor.core.settings.requested import Schema, Setting, TurnSettings
from stt_monitor.core.text.wording import NO_VALUE, SERVER_DEFAULT

SHOWN: Final = ("p50", "p90", "p95", "max")
"""Columns of a table of distributions."""

HOW_MEASURED: Final = (
    "Milliseconds, measured from when the reference speech was spoken. The first turn of each connection is listed "
    "apart, because services warm up. Excluded: turns that the client ended, that never ended, or that were slow. "
    f"Percentiles of fewer than {MIN_N} values say little; p95 needs {MIN_N_FOR_P95} values."
)

REMARKS: Final = {
    "first": "First turn of its connection: summaries exclude it, because services warm up.",
    "~cut off": METRICS["false_cutoffs"].meaning,
    "cut off": METRICS["false_cutoffs"].meaning,
    "spurious": METRICS["spurious"].meaning,
    "interrupted": METRICS["interruptions"].meaning,
    "text changed": "The transcript at the confirmed eager end is not the final one.",
    "timeout": "Ended by the service's timeout, not by its likelihood.",
    "vad": "Ended by the service's voice activity detector, not by its model.",
    "manual": METRICS["manual"].meaning,
    "closed": "Ended by our own close, not by the service: summaries exclude it.",
    "dangling": "Never ended: the connection was lost, or another turn began.",
    "slow": METRICS["slow"].meaning,
}
"""What may stand beside a turn, and what it means."""


def bare_value(value: float | None, unit: Unit, digits: int | None = None) -> str:
    """Format a measured value (see `Unit`) without its unit; `digits` is as for `format_value`."""
    return NO_VALUE if value is None else in_text(value, unit, digits)


def bare_figure(metric: Metric, value: float | None, marks: Marks) -> str:
    """Format a metric's value as `bare_value` does, `~` where it is derived; without one, say if there can be one."""
    return marks.text(metric, value, lambda known: bare_value(known, metric.unit))


def figure(metric: Metric, value: float | None, marks: Marks) -> str:
    """Format it with its unit, except milliseconds."""
    return marks.text(metric, value, lambda known: cell_value(known, metric.unit))


def cell_value(value: float | None, unit: Unit) -> str:
    """Format a measured value with its unit, except milliseconds."""
    return bare_value(value, unit) + ("" if value is None or unit is Unit.MILLISECONDS else unit.suffix)


def signed(value: float, unit: Unit) -> str:
    """Format a difference of measured values as `cell_value` does, with its sign."""
    text = bare_value(abs(value), unit)
    sign = "±" if not float(text) else "+" if value > 0 else "−"
    return sign + cell_value(abs(value), unit)


def number(value: float | None) -> str:
    """Format a number without trailing zeros."""
    return bare_value(value, Unit.COUNT)


def percentage(value: float | None, n: int) -> str:
    """Format a share of `n` things as a percentage without the sign, with the digits that `n` supports."""
    return bare_value(value, Unit.PERCENT, 0 if n < 100 else 1 if n < 1000 else 2)  # noqa: PLR2004  one of 100 is 1 %


def session_metric(metric: Metric, aggregate: Aggregate) -> str:
    """Format a metric of sessions with its unit, and the number of things that it is a share of."""
    value, n = session_value(metric, aggregate), basis_size(metric, aggregate)
    if value is None:
        return aggregate.marks.sign(metric, None)
    text = percentage(value, n) if metric.unit is Unit.PERCENT and n is not None else bare_value(value, metric.unit)
    text = aggregate.marks.sign(metric, value) + text
    return f"{text}{metric.unit.suffix}" if n is None else f"{text}{metric.unit.suffix} of {n}"


def clock(seconds: float) -> str:
    """Format a position in the audio (s) as `m:ss.s`."""
    tenths = round(seconds * 10)
    return f"{tenths // 600}:{tenths // 10 % 60:02}.{tenths % 10}"


def settings_rows(schema: Schema, settings: TurnSettings) -> list[tuple[str, str]]:
    """Return name and value of every turn setting."""
    return [(each.name, _setting_text(each, settings.get(each.name))) for each in schema.settings]


def settings_in_words(schema: Schema, settings: TurnSettings) -> str:
    """Format the turn settings that are set, in one line."""
    known = {each.name: each for each in schema.settings}
    asked = (
        f"{name} {_setting_text(known[name], value) if name in known else number(value)}"
        for name, value in settings.items()
    )
    return ", ".join(asked) or "server defaults"


def _setting_text(setting: Setting, value: float | None) -> str:
    if value is not None:
        return setting.text(value) if setting.words else number(value)
    return SERVER_DEFAULT if setting.default is not None else setting.unset


def remarks(each: FinishedTurn) -> list[str]:
    """Return the remarks on a turn, keys of `REMARKS`."""
    figures = each.metrics
    match = figures.eager_text_match
    return [
        *(["first"] if each.turn.first_of_connection else []),
        *([f"{each.marks.cut_sign}cut off"] if figures.false_cutoff else []),
        *(["spurious"] if figures.spurious else []),
        *(["interrupted"] if figures.interruption else []),
        *(["text changed"] if match is not None and match.value == "no" else []),
        *([figures.end_reason] if figures.end_reason in REMARKS else []),
        *(["slow"] if figures.slow else []),
    ]
