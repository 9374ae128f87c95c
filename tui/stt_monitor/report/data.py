"""A report as data: JSON with everything in it, or CSV with a row for each turn."""

from collections.abc import Iterator
from typing import Any

import msgspec

from stt_monitor import __version__
from stt_monitor.core.metrics.aggregate import Aggregate
from stt_monitor.core.metrics.intervals import difference, median_interval
from stt_monitor.core.metrics.percentiles import summarise
from stt_monitor.core.metrics.session_metrics import QUANTITIES
from stt_monitor.core.metrics.turn_metrics import DEFINITIONS
from stt_monitor.core.records import in_milliseconds, milliseconds
from stt_monitor.export.json_stream import json_pieces
from stt_monitor.export.table import ROW_NAMES, Row, csv_rows, row
from stt_monitor.report.model import Group, Kept, Report

_OF_SESSION = ("recording", "source", "url", "model", "server")


def csv_report(report: Report) -> Iterator[str]:
    """Give a row for each turn of all sessions, each with its session."""
    rows = ({**_session_cells(each), **row(turn)} for each in report.sessions for turn in each.snapshot.finished)
    return csv_rows((*_OF_SESSION, *ROW_NAMES), rows)


def json_report(report: Report) -> Iterator[str]:
    """Give everything that the other forms show; times in milliseconds."""
    baseline = report.groups[0]
    return json_pieces(
        {
            "made_by": f"stt-monitor {__version__}",
            "by": report.by.value,
            "definitions": {
                **{figure.name: {"unit": "ms", "meaning": figure.meaning} for figure in DEFINITIONS},
                **{name: {"unit": each.unit.value, "meaning": each.meaning} for name, each in QUANTITIES.items()},
            },
            "groups": [_group(group, baseline) for group in report.groups],
            "sessions": (_session(each) for each in report.sessions),
        }
    )


def _session_cells(each: Kept) -> Row:
    session = each.snapshot.session
    return {"recording": each.name, **{name: getattr(session, name) for name in _OF_SESSION[1:]}}


def _group(group: Group, baseline: Group) -> dict[str, Any]:
    compared = {} if group is baseline else {"against_first_group": _differences(group.pool, baseline.pool)}
    return {"label": group.label, "turns": group.turns, **_pool(group.pool), **compared}


def _session(each: Kept) -> dict[str, Any]:
    snapshot = each.snapshot
    return {
        "recording": each.name,
        "program": each.program,
        "platform": each.platform,
        "session": msgspec.to_builtins(snapshot.session),
        "settings": msgspec.structs.asdict(snapshot.settings),
        **_pool(each.pool),
        "turns": (row(turn) for turn in snapshot.finished),
    }


def _pool(pool: Aggregate) -> dict[str, Any]:
    return {
        "figures_ms": {name: _figure(pool, name) for name in pool.values},
        "first_turns_ms": {name: in_milliseconds(summarise(values)) for name, values in pool.first_values.items()},
        "counts": {name: quantity.of(pool) for name, quantity in QUANTITIES.items()},
    }


def _figure(pool: Aggregate, name: str) -> dict[str, Any]:
    summary = in_milliseconds(summarise(pool.values[name]))
    interval = median_interval(pool.values[name])
    return {
        **msgspec.structs.asdict(summary),
        "p50_interval": None if interval is None else [milliseconds(interval.low), milliseconds(interval.high)],
    }


def _differences(pool: Aggregate, baseline: Aggregate) -> dict[str, Any]:
    found = {name: difference(baseline.values[name], pool.values[name]) for name in pool.values}
    return {
        name: None
        if each is None
        else {
            "p50_ms": milliseconds(each.of_medians),
            "interval_ms": None
            if each.interval is None
            else [milliseconds(each.interval.low), milliseconds(each.interval.high)],
            "sure": each.sure,
        }
        for name, each in found.items()
    }
