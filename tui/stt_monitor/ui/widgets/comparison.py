"""Figures beside each other: a line for each of several groups of turns."""

from collections.abc import Sequence
from itertools import groupby
from typing import Final

import msgspec
from textual.content import Content

from stt_monitor.core.metrics.percentiles import Summary
from stt_monitor.core.metrics.turn_metrics import DEFINITIONS, Definition
from stt_monitor.core.records import Counts
from stt_monitor.core.settings import TurnSettings
from stt_monitor.core.snapshot import Snapshot
from stt_monitor.core.text.sanitize import clean
from stt_monitor.ui.formatting import NONE, SERVER_DEFAULT, milliseconds, settings_in_short

_PERCENT: Final = 100
_CELLS: Final = 6
"""Cells for a time."""
_COUNT_CELLS: Final = 5
_SHARE_CELLS: Final = 6
_LABEL_MIN: Final = 18
_NARROW_LABEL: Final = 12

_BY_IMPORTANCE: Final = ("eot_latency", "eager_latency", "onset_latency", "eager_lead", "first_text", "update_gap_max")
"""Which figures are compared, the most wanted first; each by n, p50 and p90."""
_FEWEST: Final = 2

_HEADLINE: Final = "eot_latency"

_RANKS: Final = ("n", "p50", "p90")
_WIDTHS: Final = {"n": 5, "p50": _CELLS, "p90": _CELLS}
_WHOLE: Final = sum(_WIDTHS.values())
"""Cells for a figure with what its percentiles count."""

_Column = tuple[Definition, str]
"""A figure, and which of `_RANKS` of it."""


class Row(msgspec.Struct, frozen=True):
    """A group of turns, with a name."""

    label: str
    """Fit for the screen."""
    turns: int
    counts: Counts
    summaries: dict[str, Summary]
    lit: bool = False
    """Whether it is the one that is being added to."""


def comparison(what: str, rows: Sequence[Row], width: int) -> list[Content]:
    """Return a heading, and a line for each row: as many figures as there is room for, each with its own n."""
    room = width - _LABEL_MIN - _COUNT_CELLS - _SHARE_CELLS
    if room < _WHOLE:
        return [_narrow_heading(what, width), *(_narrow_line(row, width) for row in rows)]
    columns = _columns(room)
    counted = room - _COUNT_CELLS >= sum(_WIDTHS[rank] for _, rank in columns) >= _FEWEST * _WHOLE
    used = sum(_WIDTHS[rank] for _, rank in columns) + (_COUNT_CELLS if counted else 0)
    label = width - _COUNT_CELLS - _SHARE_CELLS - used
    return [
        *_heading(what, label, columns, counted=counted),
        *(_line(row, label, columns, counted=counted) for row in rows),
    ]


def _columns(room: int) -> list[_Column]:
    """Return what is shown of which figures: all of each, or, where only one has room for all, less of a second."""
    most = max(room - _COUNT_CELLS, 0) // _WHOLE
    if most >= _FEWEST:
        wanted: dict[str, tuple[str, ...]] = dict.fromkeys(_BY_IMPORTANCE[:most], _RANKS)
    else:
        second = room - _WHOLE >= sum(_WIDTHS[rank] for rank in _RANKS[:-1])
        wanted = {_HEADLINE: _RANKS} | ({_BY_IMPORTANCE[1]: _RANKS[:-1]} if second else {})
    return [(figure, rank) for figure in DEFINITIONS for rank in wanted.get(figure.name, ())]


def _heading(what: str, label: int, columns: list[_Column], *, counted: bool) -> list[Content]:
    turns = f"{'turns':>{_COUNT_CELLS}}" if counted else ""
    names = "".join(
        f"{figure.label + ' ms':>{sum(_WIDTHS[rank] for _, rank in group)}}"
        for figure, group in groupby(columns, lambda column: column[0])
    )
    ranks = "".join(f"{rank:>{_WIDTHS[rank]}}" for _, rank in columns)
    rest = f"{'cuts':>{_COUNT_CELLS}}{'right':>{_SHARE_CELLS}}"
    return [
        Content.assemble((f"{'':{label + len(turns)}}{names}", ".label")),
        Content.assemble((f"  {what:<{label - 2}}{turns}{ranks}{rest}", ".label")),
    ]


def _line(row: Row, label: int, columns: list[_Column], *, counted: bool) -> Content:
    share, cuts = row.counts.eager_precision, row.counts.false_cutoffs
    right = NONE if share is None else f"{round(share * _PERCENT)} %"
    parts = [*_name(row, label), *([(f"{row.turns:>{_COUNT_CELLS}}", ".number")] if counted else [])]
    for figure, rank in columns:
        summary = row.summaries.get(figure.name, Summary())
        if rank == "n":
            parts.append(_n(summary))
        else:
            median = ".headline" if figure.name == _HEADLINE else "bold"
            parts.append(_time(getattr(summary, rank), median if rank == "p50" else ""))
    parts += [
        (f"{cuts:>{_COUNT_CELLS}}", ".warn" if cuts else ".faint"),
        (f"{right:>{_SHARE_CELLS}}", ".faint" if share is None else ""),
    ]
    return Content.assemble(*parts)


def _narrow_heading(what: str, width: int) -> Content:
    label = max(_NARROW_LABEL, width - _WHOLE)
    text = f"  {what:<{label - 2}}{'n':>{_WIDTHS['n']}}{'eot':>{_CELLS}}{'p90':>{_CELLS}}"
    return Content.assemble((text, ".label")).truncate(width)


def _narrow_line(row: Row, width: int) -> Content:
    label = max(_NARROW_LABEL, width - _WHOLE)
    eot = row.summaries.get(_HEADLINE, Summary())
    return Content.assemble(*_name(row, label), _n(eot), _time(eot.p50, ".headline"), _time(eot.p90)).truncate(width)


def _n(summary: Summary) -> tuple[str, str]:
    return f"{summary.n:>{_WIDTHS['n']}}", ".number"


def _name(row: Row, label: int) -> list[tuple[str, str]]:
    name = Content(row.label).truncate(label - 3, ellipsis=True)
    gap = " " * (label - 2 - name.cell_length)
    return [("▸ " if row.lit else "  ", ".flash"), (name.plain + gap, "bold" if row.lit else "")]


def _time(seconds: float | None, style: str = "") -> tuple[str, str]:
    return f"{milliseconds(seconds):>{_CELLS}}", ".faint" if seconds is None else style


def settings_rows(snapshot: Snapshot) -> list[Row]:
    """Return a row for each of the settings that turns ran under, in earlier sessions too; those in force are lit."""
    several = bool(snapshot.earlier)
    sources = {snapshot.session.source, *(one.source for one in snapshot.earlier)}

    def name(turn: TurnSettings, number: int, source: str) -> str:
        said = SERVER_DEFAULT if turn == TurnSettings() else settings_in_short(turn)
        what = f" · {clean(source)}" if len(sources) > 1 else ""
        return f"{number} · {said}{what}" if several else said

    rows = [
        Row(name(group.settings, one.number, one.source), group.turns, group.counts, group.summaries)
        for one in snapshot.earlier
        for group in one.groups
    ]
    number, source = snapshot.number, snapshot.session.source
    for one in snapshot.groups:
        lit = one.settings == snapshot.settings
        rows.append(Row(name(one.settings, number, source), one.turns, one.counts, one.summaries, lit=lit))
    if rows and not any(row.lit for row in rows):
        rows.append(Row(name(snapshot.settings, number, source), 0, Counts(), {}, lit=True))
    return rows


def file_rows(snapshot: Snapshot) -> list[Row]:
    """Return a row for each of several files, the one that is playing last but for all of them together."""
    present, of = snapshot.playing
    rows = [Row(clean(one.name), one.turns, one.counts, one.summaries) for one in snapshot.files]
    if of > 1 and present > len(rows):
        source = clean(snapshot.session.source)
        rows.append(Row(source, snapshot.counts.turns, snapshot.counts, snapshot.summaries, lit=snapshot.running))
    if snapshot.together is not None and len(snapshot.files) > 1:
        pooled = snapshot.together
        rows.append(Row("together", pooled.turns, pooled.counts, pooled.summaries))
    return rows
