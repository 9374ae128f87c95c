"""Tables that compare metrics: a line for each group of turns."""

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Final, NamedTuple

import msgspec
from textual.content import Content

from stt_monitor.core.listed_session import given_name
from stt_monitor.core.metrics.definitions import HEADLINE, METRICS, RANKED_TURN_METRICS, TURN_METRICS
from stt_monitor.core.metrics.marks import Marks, together
from stt_monitor.core.metrics.metric import Metric
from stt_monitor.core.metrics.pauses import Pauses
from stt_monitor.core.metrics.percentiles import Summary
from stt_monitor.core.pairs.in_this_run import Against, row_key
from stt_monitor.core.records.session import SessionRecord
from stt_monitor.core.records.summaries import Counts
from stt_monitor.core.settings.requested import TurnSettings
from stt_monitor.core.snapshot import Group, RowKey, Snapshot
from stt_monitor.core.sound.arms import sound_of
from stt_monitor.core.text.sanitize import clean
from stt_monitor.core.text.wording import NO_VALUE, SERVER_DEFAULT
from stt_monitor.services.registry import schema_of, service_of
from stt_monitor.ui.formatting import figure, settings_in_short
from stt_monitor.ui.widgets.difference_column import column_of

_CELLS: Final = 6
"""Cells for a time."""
_COUNT_CELLS: Final = 5
_SHARE_CELLS: Final = 6
_COUNTED_NAMES: Final = (("cut-", "eager"), ("offs", "ok"))
"""Names of the two columns that are no metrics of a turn, each in two lines."""
_LABEL_MIN: Final = 18
_LABELS_OF_SESSIONS: Final = ((106, 28), (64, 22), (0, 14))
"""The same for several sessions, whose labels say more, by the least width of the table."""
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
    key: RowKey | None = None
    """Of settings in a session."""
    against: Against | None = None
    """How it differs from the baseline; None where nothing is compared."""
    chosen: bool = False
    """Whether the cursor is on it."""


def comparison(what: str, rows: Sequence[Row], width: int) -> list[Content]:
    """Return a heading, and a line for each row: as many metrics as fit, each with its own n."""
    differs = column_of((row.against for row in rows), width)
    lines = _table(what, rows, width - differs.width, _label_min(width) if differs.width else _LABEL_MIN)
    above = len(lines) - len(rows)
    beside = [*differs.heading(above), *(differs.cell(row.against) for row in rows)]
    whole = [Content.assemble(line, cell) for line, cell in zip(lines, beside, strict=True)]
    for place, row in enumerate(rows, above):
        if row.chosen:
            whole[place] = whole[place].stylize("reverse")
    return whole


def _label_min(width: int) -> int:
    return next(cells for least, cells in _LABELS_OF_SESSIONS if width >= least)


def _table(what: str, rows: Sequence[Row], width: int, label_min: int) -> list[Content]:
    room = width - label_min - _COUNT_CELLS - _SHARE_CELLS
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
    told = f"{row.marks.cut_sign}{cuts}" if row.counts.turns_checked else NO_VALUE
    precision = METRICS["eager_precision"]
    right = figure(precision, share, row.marks) + ("" if share is None else precision.unit.suffix)
    parts = [*named(row, label), *([(f"{row.turns:>{_COUNT_CELLS}}", ".number")] if counted else [])]
    for metric, rank in columns:
        summary = row.summaries.get(metric.key, Summary())
        if rank == "n":
            parts.append(_n(summary))
        else:
            median = ".headline" if metric is HEADLINE else "bold"
            style = ".faint" if summary.few else median if rank == "p50" else ""
            parts.append(_value(metric, getattr(summary, rank), row.marks, style))
    parts += [
        (f"{told:>{_COUNT_CELLS}}", ".warn" if cuts else ".faint"),
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
    median, high = (".faint", ".faint") if summary.few else (".headline", "")
    values = (_value(HEADLINE, summary.p50, row.marks, median), _value(HEADLINE, summary.p90, row.marks, high))
    return Content.assemble(*named(row, label), _n(summary), *values).truncate(width)


def _n(summary: Summary) -> tuple[str, str]:
    return f"{summary.n:>{_WIDTHS['n']}}", ".number"


def named(row: Row, label: int) -> list[tuple[str, str]]:
    """Return the name of a row at a given width, with a mark if it is the active one."""
    name = Content(row.label).truncate(label - 3, ellipsis=True)
    gap = " " * (label - 2 - name.cell_length)
    return [("▸ " if row.lit else "  ", ".flash"), (name.plain + gap, "bold" if row.lit else "")]


def _value(metric: Metric, value: float | None, marks: Marks, style: str = "") -> tuple[str, str]:
    return f"{figure(metric, value, marks):>{_CELLS}}", ".faint" if value is None else style


class _Heard(NamedTuple):
    """A session of the run, as its rows name it."""

    number: int
    session: SessionRecord
    source: str
    name: str
    """Of the saved session; empty of a live one."""


def settings_rows(
    snapshot: Snapshot, against: Mapping[RowKey, Against] | None = None, chosen: RowKey | None = None
) -> list[Row]:
    """Return a row for each of the settings of turns, in earlier sessions too; the active ones are highlighted.

    Args:
        snapshot: of the session.
        against: how they differ from the baseline.
        chosen: what the user has chosen.
    """
    several = bool(snapshot.earlier)
    here = _Heard(
        snapshot.number,
        snapshot.session,
        sound_of(snapshot.session),
        snapshot.playback.name if snapshot.playback is not None else "",
    )
    earlier = [(_Heard(one.number, one.session, one.source, one.name), one.groups) for one in snapshot.earlier]
    sources = {here.source, *(of.source for of, _ in earlier)}
    services = {_measured(here.session), *(_measured(of.session) for of, _ in earlier)}

    def label(turn: TurnSettings, of: _Heard) -> str:
        said = SERVER_DEFAULT if not turn else settings_in_short(schema_of(of.session), turn)
        name = clean(given_name(of.name))
        where = _measured(of.session) if len(services) > 1 else ""
        what = clean(of.source) if len(sources) > 1 else ""
        return " · ".join(filter(None, (str(of.number), name, said, where, what))) if several else said

    def row(group: Group, of: _Heard, *, lit: bool = False) -> Row:
        key = row_key(of.number, of.session, group.settings)
        return Row(
            label(group.settings, of), group.turns, group.counts, group.summaries, group.marks, lit, group.pauses, key,
            against.get(key, Against()) if against else None, key == chosen,
        )  # fmt: skip

    rows = [row(group, of) for of, groups in earlier for group in groups]
    rows += (row(group, here, lit=group.settings == snapshot.settings) for group in snapshot.groups)
    if rows and not any(row.lit for row in rows):
        nothing = Group(snapshot.settings, 0, Counts(), {}, snapshot.marks)
        rows.append(row(nothing, here, lit=True))
    return rows


def _measured(session: SessionRecord) -> str:
    title = service_of(session).title
    return f"{title} (local server)" if session.server else title


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
