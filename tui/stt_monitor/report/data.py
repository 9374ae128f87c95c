"""Reports as data: JSON with everything, CSV with a row for each turn."""

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from stt_monitor import __version__
from stt_monitor.core.metrics.aggregate import Aggregate
from stt_monitor.core.metrics.definitions import METRICS, SESSION_METRICS, TURN_METRICS
from stt_monitor.core.metrics.intervals import Interval, difference, median_interval
from stt_monitor.core.metrics.marks import names_in_data
from stt_monitor.core.metrics.metric import Metric
from stt_monitor.core.metrics.percentiles import Summary, summarise
from stt_monitor.core.metrics.session_metrics import session_value
from stt_monitor.core.metrics.units import in_data, summary_in_data
from stt_monitor.export.json_stream import json_pieces
from stt_monitor.export.table import Row, column_names, csv_row, csv_rows, row
from stt_monitor.report.model import Group, LoadedSession, Report

_OF_SESSION = ("recording", "source", "url", "model", "server")


def csv_report(report: Report) -> Iterator[str]:
    """Yield a row for each turn of all sessions, with columns about its session."""
    rows = (
        {**_session_cells(each), **csv_row(turn, each.schema)}
        for each in report.sessions
        for turn in each.snapshot.finished
    )
    return csv_rows((*_OF_SESSION, *column_names(each.schema for each in report.sessions)), rows)


def json_report(report: Report) -> Iterator[str]:
    """Yield everything that other formats show; times in milliseconds."""
    baseline = report.groups[0]
    return json_pieces(
        {
            "made_by": f"stt-monitor {__version__}",
            "by": report.by.value,
            "definitions": {
                key: {"unit": each.unit.value, "label": each.label, "meaning": each.meaning}
                for key, each in METRICS.items()
            },
            "groups": [_group(group, baseline) for group in report.groups],
            "sessions": (_session(each) for each in report.sessions),
        }
    )


def _session_cells(each: LoadedSession) -> Row:
    session = each.snapshot.session
    return {"recording": each.name, **{name: getattr(session, name) for name in _OF_SESSION[1:]}}


def _group(group: Group, baseline: Group) -> dict[str, Any]:
    compared = {} if group is baseline else {"against_first_group": _differences(group.aggregate, baseline.aggregate)}
    return {"label": group.label, "turns": group.turns, **_metrics(group.aggregate), **compared}


def _session(each: LoadedSession) -> dict[str, Any]:
    snapshot = each.snapshot
    return {
        "recording": each.name,
        "program": each.program,
        "platform": each.platform,
        "session": msgspec.to_builtins(snapshot.session),
        "settings": {name: snapshot.settings.get(name) for name in each.schema.names},
        **_metrics(each.aggregate),
        "turns": (row(turn, each.schema) for turn in snapshot.finished),
    }


def _metrics(aggregate: Aggregate) -> dict[str, Any]:
    return {
        **_by_unit("figures", {metric: _summary(aggregate.values[metric.key], metric) for metric in TURN_METRICS}),
        **_by_unit("first_turns", {metric: _first(aggregate, metric) for metric in TURN_METRICS}),
        "not_applicable": names_in_data(aggregate.marks.absent),
        "derived": names_in_data(aggregate.marks.derived),
        "counts": {metric.key: in_data(session_value(metric, aggregate), metric.unit) for metric in SESSION_METRICS},
    }


def _by_unit(name: str, of: dict[Metric, Any]) -> dict[str, dict[str, Any]]:
    """Group what is said of metrics under keys that end in their units."""
    said: dict[str, dict[str, Any]] = {}
    for metric, value in of.items():
        said.setdefault(f"{name}_{metric.unit.word}", {})[metric.key] = value
    return said


def _first(aggregate: Aggregate, metric: Metric) -> Summary:
    return summary_in_data(summarise(aggregate.first_values[metric.key]), metric.unit)


def _summary(values: Sequence[float], metric: Metric) -> dict[str, Any]:
    summary = summary_in_data(summarise(values), metric.unit)
    return {**msgspec.structs.asdict(summary), "p50_interval": _interval(median_interval(values), metric)}


def _interval(interval: Interval | None, metric: Metric) -> list[float | None] | None:
    return None if interval is None else [in_data(end, metric.unit) for end in (interval.low, interval.high)]


def _differences(aggregate: Aggregate, baseline: Aggregate) -> dict[str, Any]:
    found = {metric: difference(baseline.values[metric.key], aggregate.values[metric.key]) for metric in TURN_METRICS}
    return {
        metric.key: None
        if each is None
        else {
            f"p50_{metric.unit.word}": in_data(each.of_medians, metric.unit),
            f"interval_{metric.unit.word}": _interval(each.interval, metric),
            "sure": each.significant,
        }
        for metric, each in found.items()
    }
