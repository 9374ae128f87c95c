"""Table of the pauses that turns survived or did not, and of wasted replies: a line for each group of turns."""

from collections.abc import Sequence
from typing import Final

from textual.content import Content

from stt_monitor.core.metrics.definitions import METRICS
from stt_monitor.core.metrics.pauses import Pauses
from stt_monitor.ui.formatting import figure
from stt_monitor.ui.widgets.comparison import Row, named

MIN_WIDTH: Final = 44
"""Narrower views have no room for it."""
_CELLS: Final = 10
_SURVIVED: Final = METRICS["pause_survived_max"]
_CUT: Final = METRICS["pause_cut_min"]
_WASTED: Final = METRICS["wasted_replies"]


def pauses_table(what: str, rows: Sequence[Row], width: int) -> list[Content]:
    """Return a heading, and a line for each row; nothing where there is no room, or nothing to tell."""
    if width < MIN_WIDTH or not any(_tells(row) for row in rows):
        return []
    label = width - 3 * _CELLS
    above = f"{'':{label}}{'pause ms':>{2 * _CELLS}}{'wasted':>{_CELLS}}"
    beneath = f"  {what:<{label - 2}}{'survived':>{_CELLS}}{'cut':>{_CELLS}}{'replies':>{_CELLS}}"
    headings = (Content.assemble((text, ".label")) for text in (above, beneath))
    return [*headings, *(_line(row, label) for row in rows)]


def _tells(row: Row) -> bool:
    return row.pauses != Pauses() or row.counts.wasted_replies > 0


def _line(row: Row, label: int) -> Content:
    wasted = None if _WASTED.key in row.marks.absent else row.counts.wasted_replies
    parts = named(row, label)
    for metric, value in ((_SURVIVED, row.pauses.survived_max), (_CUT, row.pauses.cut_min), (_WASTED, wasted)):
        parts.append((f"{figure(metric, value, row.marks):>{_CELLS}}", ".faint" if value is None else ""))
    return Content.assemble(*parts)
