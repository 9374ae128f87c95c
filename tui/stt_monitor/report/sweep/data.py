"""The result of a sweep as data: JSON with everything, CSV with a row for each setting and silence (sweep.md 6)."""

from collections.abc import Iterator
from math import isfinite
from typing import Any, Final

import msgspec

from stt_monitor import __version__
from stt_monitor.core.metrics.units import Unit, in_data
from stt_monitor.core.sweep.columns import COLUMNS, Column
from stt_monitor.core.sweep.result import (
    Figure,
    Figures,
    FloorPoint,
    MissingCell,
    OperatingPoint,
    OperatingPoints,
    Part,
    SettingResult,
    SweepResult,
)
from stt_monitor.export.json_stream import json_pieces
from stt_monitor.export.table import csv_rows

SCHEMA_VERSION: Final = 1
"""Of the JSON. Adding fields keeps it; renaming or removing one raises it."""

_FIRST: Final = ("kind", "arm", "setting", "silence_ms")
_PLACES: Final = ("cells", "missing", "on_front", "ahead_of_silence_ms", "turns")


def json_result(result: SweepResult) -> Iterator[str]:
    """Yield everything that other formats show; times in milliseconds, shares in percent, positions in seconds."""
    return json_pieces(
        {
            "made_by": f"stt-monitor {__version__}",
            "schema_version": SCHEMA_VERSION,
            "service": result.service,
            "model": result.model,
            "recordings": list(result.recordings),
            "arms": list(result.arms),
            "repetitions": result.repetitions,
            "cells": result.cells,
            "missing": [_missing(each) for each in result.missing],
            "exact": result.exact,
            "left_out": result.left_out,
            "fixed": result.fixed,
            "floor_by": result.floor_by,
            "definitions": {each.name: each.meaning for each in COLUMNS},
            "parts": (_part(each) for each in result.parts),
        }
    )


def csv_result(result: SweepResult) -> Iterator[str]:
    """Yield a row for each setting, and for each silence of the plain detector, of each arm."""
    names = [name for column in COLUMNS for name in _csv_names(column)]
    varied = dict.fromkeys(name for part in result.parts for each in part.settings for name in each.settings)
    rows = (row for part in result.parts for row in _rows(part))
    return csv_rows((*_FIRST, *varied, *_PLACES, *names), rows)


def _missing(each: MissingCell) -> dict[str, Any]:
    cell = msgspec.to_builtins(each.cell)
    return {**cell, "label": each.label, "why": each.why}


def _part(part: Part) -> dict[str, Any]:
    found = part.recommendation
    return {
        "arm": part.name,
        "turns": part.turns,
        "settings": (_setting(each) for each in part.settings),
        "operating_points": _points(part.points),
        "silence": [_silence(each) for each in part.floor],
        "silence_operating_points": _points(part.floor_points),
        "recommendation": None
        if found is None
        else {
            "budget_percent": in_data(found.budget, Unit.PERCENT),
            "verdict": found.verdict.value,
            "sentence": found.sentence,
            "setting": found.label,
            "options": found.options,
            "turns_needed": found.needed,
        },
    }


def _setting(each: SettingResult) -> dict[str, Any]:
    return {
        "settings": dict(each.settings),
        "setting": each.label,
        "options": each.options,
        "cells": each.cells,
        "missing": each.missing,
        "on_front": each.on_front,
        "ahead_of_silence_ms": in_data(each.ahead_of_silence, Unit.MILLISECONDS),
        "figures": _figures(each.figures),
        "compared": None if each.compared is None else _figures(each.compared),
        "worst": [
            {
                "recording": worst.recording,
                "arm": worst.arm,
                "repetition": worst.repetition,
                "position_s": round(worst.position, 3),
                "what": worst.what,
                "text": worst.text,
            }
            for worst in each.worst
        ],
    }


def _silence(each: FloorPoint) -> dict[str, Any]:
    return {"silence_ms": in_data(each.silence, Unit.MILLISECONDS), "figures": _figures(each.figures)}


def _figures(figures: Figures) -> dict[str, Any]:
    return {
        "turns": figures.turns,
        "left_out": figures.left_out,
        **{column.name: _figure(column.of(figures), column.unit) for column in COLUMNS},
    }


def _figure(figure: Figure, unit: Unit) -> dict[str, Any]:
    low, high = _interval(figure, unit)
    return {"value": _rounded(figure.value, unit), "low": low, "high": high, "n": figure.n}


def _rounded(value: float | None, unit: Unit) -> float | None:
    """Convert a figure for data; a rate is in no unit, and rounded all the same."""
    found = in_data(value, unit)
    return found if found is None else round(found, 4)


def _interval(figure: Figure, unit: Unit) -> tuple[float | None, float | None]:
    """Return an interval; no upper end where it reaches to turns that never ended."""
    if figure.interval is None:
        return None, None
    low, high = figure.interval.low, figure.interval.high
    return _rounded(low, unit), _rounded(high, unit) if isfinite(high) else None


def _points(points: OperatingPoints) -> dict[str, Any]:
    return {name: _point(getattr(points, name)) for name in points.__struct_fields__}


def _point(point: OperatingPoint | None) -> dict[str, Any] | None:
    if point is None:
        return None
    return {
        "setting": point.label,
        "action_delay_ms": in_data(point.action_delay, Unit.MILLISECONDS),
        "timeout_ms": in_data(point.timeout, Unit.MILLISECONDS),
        "cutoffs_percent": _figure(point.cutoffs, Unit.PERCENT),
        "latency_ms": _figure(point.latency, Unit.MILLISECONDS),
    }


def _rows(part: Part) -> Iterator[dict[str, Any]]:
    for each in part.settings:
        yield {
            "kind": "setting",
            "arm": part.name,
            "setting": each.label,
            **each.settings,
            "cells": each.cells,
            "missing": each.missing,
            "on_front": each.on_front,
            "ahead_of_silence_ms": in_data(each.ahead_of_silence, Unit.MILLISECONDS),
            **_cells(each.shown),
        }
    for point in part.floor:
        silence = in_data(point.silence, Unit.MILLISECONDS)
        yield {"kind": "silence", "arm": part.name, "silence_ms": silence, **_cells(point.figures)}


def _cells(figures: Figures) -> dict[str, Any]:
    cells: dict[str, Any] = {"turns": figures.turns}
    for column in COLUMNS:
        figure = column.of(figures)
        values = (_rounded(figure.value, column.unit), *_interval(figure, column.unit), figure.n)
        cells |= zip(_csv_names(column), values, strict=True)
    return cells


def _csv_names(column: Column) -> tuple[str, ...]:
    return column.name, f"{column.name}_low", f"{column.name}_high", f"{column.key}_n"
