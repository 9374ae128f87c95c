"""Draws rows of services side by side: when something was said, and a column with the figure of each service."""

from collections.abc import Sequence
from typing import Final

from textual.content import Content

from stt_monitor.core.metrics.definitions import METRICS
from stt_monitor.core.metrics.metric import Metric
from stt_monitor.core.metrics.percentiles import Summary
from stt_monitor.core.metrics.session_metrics import count_in
from stt_monitor.core.side_by_side.figures import Figure, Kind, best, figures
from stt_monitor.core.side_by_side.rows import Row
from stt_monitor.core.snapshot import Snapshot
from stt_monitor.core.text.wording import DERIVED, NO_VALUE, NOT_APPLICABLE
from stt_monitor.ui.formatting import PENDING, clock, figure, measured
from stt_monitor.ui.lanes import name_of

BEST: Final = "★"

_TIME: Final = 8
_LENGTH: Final = 9
_WITH_LENGTH: Final = 60
"""Narrower views have no room for the length of a stretch."""
_NUMBER: Final = 6
"""Cells of a mark and a number."""

Cell = tuple[str, str]
"""A text, and its style."""

_WORDS: Final[dict[Kind, tuple[tuple[str, ...], str]]] = {
    Kind.NONE: ((NO_VALUE,), ".faint"),
    Kind.PENDING: ((PENDING,), ".faint"),
    Kind.NOT_APPLICABLE: ((NOT_APPLICABLE,), ".faint"),
    Kind.SPEAKING: (("● speaking", "●"), ".speaking"),
    Kind.EAGER_END: (("◐ eager end", "◐"), ".eager"),
    Kind.GOES_ON: (("┊ same turn", "┊"), ".faint"),
    Kind.MISSED: (("✗ missed", "missed", "✗"), ".bad"),
    Kind.UNHEARD: (("× not sent", "×"), ".faint"),
    Kind.SPURIOUS: (("+ spurious", "spurious", "+"), ".warn"),
    Kind.CLOSED: (("closed",), ".label"),
    Kind.DANGLING: (("✗ dangling", "dangling", "✗"), ".bad"),
    Kind.SLOW: (("slow",), ".warn"),
}
"""Placeholder of a metric without a value, the longest wording first, and its style."""

STATISTICS: Final = ("p50", "p90", "n", "missed", "cut off", "spurious")
"""Lines above the rows, in the order of the screen."""
WANTED: Final = ("p50", "n", "p90", "missed", "cut off", "spurious")
"""The same, the most wanted first."""
_COUNTED: Final = {
    "missed": ("missed", ".bad"),
    "cut off": ("false_cutoffs", ".cut"),
    "spurious": ("spurious", ".warn"),
}


def column_cells(width: int, services: int) -> int:
    """Return the cells of one service's column."""
    return max(1, (width - label_cells_of(width)) // max(1, services))


def label_cells_of(width: int) -> int:
    """Return the cells before the first column."""
    return _TIME + (_LENGTH if width >= _WITH_LENGTH else 1)


def draw_heading(lanes: Sequence[Snapshot], width: int, chosen: str) -> Content:
    """Return the names of the services over their columns."""
    cells, label = column_cells(width, len(lanes)), label_cells_of(width)
    heading = f"{'speech':>{_TIME}}" + ("  length" if width >= _WITH_LENGTH else "")
    parts: list[Cell] = [(heading.ljust(label), ".label")]
    for lane in lanes:
        name = name_of(lane)
        marked = f"▸{name}" if name == chosen else f" {name}"
        text = marked if len(marked) < cells else f"{marked[: max(0, cells - 2)]}…"
        parts.append((text.ljust(cells), ".headline" if name == chosen else "bold"))
    return Content.assemble(*parts).truncate(width)


def draw_statistic(name: str, lanes: Sequence[Snapshot], width: int, metric: Metric) -> Content:
    """Return the line of one of `STATISTICS`."""
    cells, label = column_cells(width, len(lanes)), label_cells_of(width)
    parts: list[Cell] = [(f"{name:>{_TIME}}".ljust(label), ".label")]
    for lane in lanes:
        text, style = _statistic(name, lane, metric)
        text = text if len(text) < cells else PENDING
        gap = max(0, min(_NUMBER, cells) - len(text))
        parts += [(" " * gap, ""), (text, style), (" " * max(0, cells - gap - len(text)), "")]
    return Content.assemble(*parts).truncate(width)


def _statistic(name: str, lane: Snapshot, metric: Metric) -> Cell:
    if name in _COUNTED:
        key, style = _COUNTED[name]
        number = count_in(lane, key)
        sign = lane.marks.sign(METRICS[key], number)
        return sign if number is None else f"{sign}{number:.0f}", style if number else ".faint"
    summary = lane.summaries.get(metric.key, Summary())
    if name == "n":
        return str(summary.n), ".number"
    value = getattr(summary, name)
    return figure(metric, value, lane.marks), ".faint" if summary.few else "bold"


def draw_row(row: Row, width: int, metric: Metric) -> Content:
    """Return the line of a row."""
    cells = column_cells(width, len(row.answers))
    shown = figures(row, metric)
    winners = best(metric, shown)
    parts: list[Cell] = [(_label(row, width), ".faint" if row.speech is None else ".label")]
    for index, each in enumerate(shown):
        parts += _cell(each, metric, cells, is_best=index in winners)
    return Content.assemble(*parts).truncate(width)


def _label(row: Row, width: int) -> str:
    text = f"{clock(row.at, tenths=True):>{_TIME}}"
    if width >= _WITH_LENGTH:
        text += f"{_length(row):>{_LENGTH - 3}}"
    return text.ljust(label_cells_of(width))


def _length(row: Row) -> str:
    """Return how long the speech was; between stretches that there was none."""
    if row.speech is None:
        return "none"
    return PENDING if row.speech.end is None else f"{row.speech.end - row.speech.onset:.1f} s"


def _cell(shown: Figure, metric: Metric, cells: int, *, is_best: bool) -> list[Cell]:
    """Return a figure in so many cells, the last one blank."""
    room = cells - 1
    if shown.value is None:
        words, style = _WORDS[shown.kind]
        text = next((f" {word}" for word in words if len(word) < room), words[-1][:room])
        parts = [(text, style)]
    else:
        sign = DERIVED if shown.derived else "+" if metric.signed and shown.value > 0 else ""
        number = sign + measured(shown.value, metric.unit)
        number = number if len(number) < room else PENDING  # part of a number would be another one
        mark, style = (BEST, ".headline") if is_best else (" ", ".cut" if shown.cut else "")
        first = "*" if shown.first else ""
        gap = max(0, min(_NUMBER, room) - 1 - len(number))
        parts = [(mark, ".headline"), (" " * gap, ""), (number[: max(0, room - 1 - gap)], style), (first, ".label")]
    if shown.cut:
        used = sum(len(text) for text, _ in parts)
        whole, begun = f" {shown.cut}", shown.cut[: min(1, max(0, room - used))]
        parts.append((whole if room - used >= len(whole) else begun, ".cut"))
    used = sum(len(text) for text, _ in parts)
    return [*parts, (" " * max(0, cells - used), "")]
