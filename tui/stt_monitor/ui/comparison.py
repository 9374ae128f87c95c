"""Figures beside each other: a line for each of several groups of turns."""

from collections.abc import Sequence
from typing import Final

import msgspec
from textual.content import Content

from stt_monitor.core.figures import DEFINITIONS, Definition
from stt_monitor.core.records import Counts
from stt_monitor.core.settings import TurnSettings
from stt_monitor.core.snapshot import Snapshot
from stt_monitor.core.statistics import Summary
from stt_monitor.core.text import clean
from stt_monitor.ui.wording import NONE, SERVER_DEFAULT, milliseconds, settings_in_short

_PERCENT: Final = 100
_CELLS: Final = 6
"""Cells for a time."""
_COUNT_CELLS: Final = 5
_SHARE_CELLS: Final = 6
_LABEL_MIN: Final = 18
_NARROW_LABEL: Final = 12

_BY_IMPORTANCE: Final = ("eot_latency", "eager_latency", "onset_latency", "eager_lead", "first_text", "update_gap_max")
"""Which figures are compared, the most wanted first; each by p50 and p90."""
_FEWEST: Final = 2

_HEADLINE: Final = "eot_latency"


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
    """Return a heading, and a line for each row: as many figures as there is room for."""
    room = (width - _LABEL_MIN - 2 * _COUNT_CELLS - _SHARE_CELLS) // (2 * _CELLS)
    if room < _FEWEST:
        return [_narrow_heading(what, width), *(_narrow_line(row, width) for row in rows)]
    wanted = _BY_IMPORTANCE[:room]
    figures = [definition for definition in DEFINITIONS if definition.name in wanted]
    label = width - 2 * _COUNT_CELLS - _SHARE_CELLS - 2 * _CELLS * len(figures)
    return [*_heading(what, label, figures), *(_line(row, label, figures) for row in rows)]


def _heading(what: str, label: int, figures: list[Definition]) -> list[Content]:
    names = "".join(f"{figure.label + ' ms':>{2 * _CELLS}}" for figure in figures)
    ranks = f"{'p50':>{_CELLS}}{'p90':>{_CELLS}}" * len(figures)
    rest = f"{'cuts':>{_COUNT_CELLS}}{'right':>{_SHARE_CELLS}}"
    return [
        Content.assemble((f"{'':{label + _COUNT_CELLS}}{names}", ".label")),
        Content.assemble((f"  {what:<{label - 2}}{'n':>{_COUNT_CELLS}}{ranks}{rest}", ".label")),
    ]


def _line(row: Row, label: int, figures: list[Definition]) -> Content:
    share, cuts = row.counts.eager_precision, row.counts.false_cutoffs
    right = NONE if share is None else f"{round(share * _PERCENT)} %"
    parts = [*_name(row, label), (f"{row.turns:>{_COUNT_CELLS}}", ".number")]
    for figure in figures:
        summary = row.summaries.get(figure.name, Summary())
        parts += [_time(summary.p50, ".headline" if figure.name == _HEADLINE else "bold"), _time(summary.p90)]
    parts += [
        (f"{cuts:>{_COUNT_CELLS}}", ".warn" if cuts else ".faint"),
        (f"{right:>{_SHARE_CELLS}}", ".faint" if share is None else ""),
    ]
    return Content.assemble(*parts)


def _narrow_heading(what: str, width: int) -> Content:
    label = max(_NARROW_LABEL, width - _COUNT_CELLS - 3 * _CELLS)
    text = f"  {what:<{label - 2}}{'n':>{_COUNT_CELLS}}{'eager':>{_CELLS}}{'eot':>{_CELLS}}{'p90':>{_CELLS}}"
    return Content.assemble((text, ".label")).truncate(width)


def _narrow_line(row: Row, width: int) -> Content:
    label = max(_NARROW_LABEL, width - _COUNT_CELLS - 3 * _CELLS)
    eager, eot = (row.summaries.get(name, Summary()) for name in ("eager_latency", _HEADLINE))
    count = (f"{row.turns:>{_COUNT_CELLS}}", ".number")
    times = (_time(eager.p50), _time(eot.p50, ".headline"), _time(eot.p90))
    return Content.assemble(*_name(row, label), count, *times).truncate(width)


def _name(row: Row, label: int) -> list[tuple[str, str]]:
    name = Content(row.label).truncate(label - 3, ellipsis=True)
    gap = " " * (label - 2 - name.cell_length)
    return [("▸ " if row.lit else "  ", ".flash"), (name.plain + gap, "bold" if row.lit else "")]


def _time(seconds: float | None, style: str = "") -> tuple[str, str]:
    return f"{milliseconds(seconds):>{_CELLS}}", ".faint" if seconds is None else style


def settings_rows(snapshot: Snapshot) -> list[Row]:
    """Return a row for each of the settings that turns ran under, and for those in force, which are lit."""
    rows = [
        Row(_settings(one.settings), one.turns, one.counts, one.summaries, lit=one.settings == snapshot.settings)
        for one in snapshot.groups
    ]
    if rows and not any(row.lit for row in rows):
        rows.append(Row(_settings(snapshot.settings), 0, Counts(), {}, lit=True))
    return rows


def _settings(turn: TurnSettings) -> str:
    return SERVER_DEFAULT if turn == TurnSettings() else settings_in_short(turn)


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
