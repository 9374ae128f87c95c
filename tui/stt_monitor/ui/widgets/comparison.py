"""Tables that compare metrics: a line for each group of turns."""

from collections.abc import Sequence
from itertools import groupby
from typing import Final

import msgspec
from textual.content import Content

from stt_monitor.core.metrics.definitions import HEADLINE, METRICS, RANKED_TURN_METRICS, TURN_METRICS
from stt_monitor.core.metrics.marks import Marks, together
from stt_monitor.core.metrics.metric import Metric
from stt_monitor.core.metrics.pauses import Pauses
from stt_monitor.core.metrics.percentiles import Summary
from stt_monitor.core.records.summaries import Counts
from stt_monitor.core.settings import TurnSettings
from stt_monitor.core.snapshot import Snapshot
from stt_monitor.core.sound.arms import sound_of
from stt_monitor.core.text.sanitize import clean
from stt_monitor.core.text.wording import SERVER_DEFAULT
from stt_monitor.services.registry import schema_of
from stt_monitor.ui.formatting import figure, settings_in_short

_CELLS: Final = 6
"""Cells for a time."""
_COUNT_CELLS: Final = 5
_SHARE_CELLS: Final = 6
_COUNTED_NAMES: Final = (("cut-", "eager"), ("offs", "ok"))
"""Names of the two columns that are no metrics of a turn, each in two lines."""
_LABEL_MIN: Final = 18
_NARROW_LABEL: Final = 12

_FEWEST: Final = 2

_RANKS: Final = ("n", "p50", "p90")
"""Statistics of each metric."""
_WIDTHS: Final = {"n": 5, "p50": _CELLS, "p90": _CELLS}
_WHOLE: Final = sum(_WIDTHS.values())
"""Cells for a metric with its n and percentiles."""

_Column = tuple[Metric, str]
"""A metric, and one of `_RANKS`."""


class Row(msgspec.Struct, frozen=True):
    """Named group of turns."""

    label: str
    """Sanitized for the screen."""
    turns: int
    counts: Counts
    summaries: dict[str, Summary]
    marks: Marks = Marks()
    """What is special about its metrics."""
    lit: bool = False
    """Whether it is the active one."""
    pauses: Pauses = Pauses()


def comparison(what: str, rows: Sequence[Row], width: int) -> list[Content]:
    """Return a heading, and a line for each row: as many metrics as fit, each with its own n."""
    room = width - _LABEL_MIN - _COUNT_CELLS - _SHARE_CELLS
    if room < _WHOLE:
        return [_narrow_heading(what, width), *(_narrow_line(row, width) for row in rows)]
    columns = _columns(room, together(row.marks for row in rows))
    counted = room - _COUNT_CELLS >= sum(_WIDTHS[rank] for _, rank in columns) >= _FEWEST * _WHOLE
    used = sum(_WIDTHS[rank] for _, rank in columns) + (_COUNT_CELLS if counted else 0)
    label = width - _COUNT_CELLS - _SHARE_CELLS - used
    return [
        *_heading(what, label, columns, counted=counted),
        *(_line(row, label, columns, counted=counted) for row in rows),
    ]


def _columns(room: int, marks: Marks) -> list[_Column]:
    """Return the columns that fit: whole metrics, or, if only one fits as a whole, part of a second."""
    ranked = list(marks.worth_showing(RANKED_TURN_METRICS))
    most = max(room - _COUNT_CELLS, 0) // _WHOLE
    if most >= _FEWEST:
        wanted: dict[Metric, tuple[str, ...]] = dict.fromkeys(ranked[:most], _RANKS)
    else:
        second = room - _WHOLE >= sum(_WIDTHS[rank] for rank in _RANKS[:-1])
        wanted = {HEADLINE: _RANKS} | ({ranked[1]: _RANKS[:-1]} if second else {})
    return [(metric, rank) for metric in TURN_METRICS for rank in wanted.get(metric, ())]


def _heading(what: str, label: int, columns: list[_Column], *, counted: bool) -> list[Content]:
    turns = f"{'turns':>{_COUNT_CELLS}}" if counted else ""
    names = "".join(
        f"{metric.label + metric.unit.suffix:>{sum(_WIDTHS[rank] for _, rank in group)}}"
        for metric, group in groupby(columns, lambda column: column[0])
    )
    ranks = "".join(f"{rank:>{_WIDTHS[rank]}}" for _, rank in columns)
    above, beneath = (f"{cuts:>{_COUNT_CELLS}}{share:>{_SHARE_CELLS}}" for cuts, share in _COUNTED_NAMES)
    return [
        Content.assemble((f"{'':{label + len(turns)}}{names}{above}", ".label")),
        Content.assemble((f"  {what:<{label - 2}}{turns}{ranks}{beneath}", ".label")),
    ]


def _line(row: Row, label: int, columns: list[_Column], *, counted: bool) -> Content:
    share, cuts = row.counts.eager_precision, row.counts.false_cutoffs
    precision = METRICS["eager_precision"]
    right = figure(precision, share, row.marks) + ("" if share is None else precision.unit.suffix)
    parts = [*named(row, label), *([(f"{row.turns:>{_COUNT_CELLS}}", ".number")] if counted else [])]
    for metric, rank in columns:
        summary = row.summaries.get(metric.key, Summary())
        if rank == "n":
            parts.append(_n(summary))
        else:
            median = ".headline" if metric is HEADLINE else "bold"
            parts.append(_value(metric, getattr(summary, rank), row.marks, median if rank == "p50" else ""))
    parts += [
        (f"{row.marks.cut_sign + str(cuts):>{_COUNT_CELLS}}", ".warn" if cuts else ".faint"),
        (f"{right:>{_SHARE_CELLS}}", ".faint" if share is None else ""),
    ]
    return Content.assemble(*parts)


def _narrow_heading(what: str, width: int) -> Content:
    label = max(_NARROW_LABEL, width - _WHOLE)
    text = f"  {what:<{label - 2}}{'n':>{_WIDTHS['n']}}{HEADLINE.label:>{_CELLS}}{'p90':>{_CELLS}}"
    return Content.assemble((text, ".label")).truncate(width)


def _narrow_line(row: Row, width: int) -> Content:
    label = max(_NARROW_LABEL, width - _WHOLE)
    summary = row.summaries.get(HEADLINE.key, Summary())
    values = (_value(HEADLINE, summary.p50, row.marks, ".headline"), _value(HEADLINE, summary.p90, row.marks))
    return Content.assemble(*named(row, label), _n(summary), *values).truncate(width)


def _n(summary: Summary) -> tuple[str, str]:
    return f"{summary.n:>{_WIDTHS['n']}}", ".number"


def named(row: Row, label: int) -> list[tuple[str, str]]:
    """Return the name of a row in so many cells, with a mark if it is the active one."""
    name = Content(row.label).truncate(label - 3, ellipsis=True)
    gap = " " * (label - 2 - name.cell_length)
    return [("▸ " if row.lit else "  ", ".flash"), (name.plain + gap, "bold" if row.lit else "")]


def _value(metric: Metric, value: float | None, marks: Marks, style: str = "") -> tuple[str, str]:
    return f"{figure(metric, value, marks):>{_CELLS}}", ".faint" if value is None else style


def settings_rows(snapshot: Snapshot) -> list[Row]:
    """Return a row for each of the settings of turns, in earlier sessions too; the active ones are highlighted."""
    several = bool(snapshot.earlier)
    sources = {sound_of(snapshot.session), *(one.source for one in snapshot.earlier)}

    schema = schema_of(snapshot.session)

    def name(turn: TurnSettings, number: int, source: str) -> str:
        said = SERVER_DEFAULT if not turn else settings_in_short(schema, turn)
        what = f" · {clean(source)}" if len(sources) > 1 else ""
        return f"{number} · {said}{what}" if several else said

    rows = [
        Row(
            name(group.settings, one.number, one.source),
            group.turns,
            group.counts,
            group.summaries,
            group.marks,
            pauses=group.pauses,
        )
        for one in snapshot.earlier
        for group in one.groups
    ]
    number, source = snapshot.number, sound_of(snapshot.session)
    for one in snapshot.groups:
        lit = one.settings == snapshot.settings
        label = name(one.settings, number, source)
        rows.append(Row(label, one.turns, one.counts, one.summaries, one.marks, lit, one.pauses))
    if rows and not any(row.lit for row in rows):
        rows.append(Row(name(snapshot.settings, number, source), 0, Counts(), {}, snapshot.marks, lit=True))
    return rows


def file_rows(snapshot: Snapshot) -> list[Row]:
    """Return a row for each of several files, the current one last, and a row of all files."""
    present, of = snapshot.playing
    rows = [
        Row(clean(one.name), one.turns, one.counts, one.summaries, one.marks, pauses=one.pauses)
        for one in snapshot.files
    ]
    if of > 1 and present > len(rows):
        source = clean(snapshot.session.source)
        counts, marks = snapshot.counts, snapshot.marks
        rows.append(
            Row(source, counts.turns, counts, snapshot.summaries, marks, lit=snapshot.running, pauses=snapshot.pauses)
        )
    if snapshot.all_files is not None and len(snapshot.files) > 1:
        pooled = snapshot.all_files
        rows.append(Row("all files", pooled.turns, pooled.counts, pooled.summaries, pooled.marks, pauses=pooled.pauses))
    return rows
