"""Draws the rows of the metrics: headline, column names, a row per turn, summaries."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from math import ceil
from typing import Final

from textual.content import Content

from stt_monitor.core.finished_turn import FinishedTurn
from stt_monitor.core.metrics.definitions import HEADLINE, METRICS, RANKED_TURN_METRICS, TURN_METRICS
from stt_monitor.core.metrics.inclusion import Inclusion, inclusion
from stt_monitor.core.metrics.marks import Marks
from stt_monitor.core.metrics.metric import Metric
from stt_monitor.core.metrics.percentiles import Summary
from stt_monitor.core.metrics.units import Unit
from stt_monitor.core.snapshot import Snapshot
from stt_monitor.core.why.account import word_of
from stt_monitor.core.why.words import Word
from stt_monitor.ui.formatting import LONGEST_MS, MS, figure
from stt_monitor.ui.toolkit.fitting import lit, richest

NUMBER: Final = 5
_VALUE: Final = 6
"""Cells for a value, more for a longer heading."""
_WHY: Final = 13
"""Cells for the word that says why a turn ended."""
_WHY_STYLES: Final = {Word.DANGLING.value: ".bad", Word.SLOW.value: ".warn"}

_BEFORE_WHY: Final = 3
"""Metrics shown before that word; more only if it fits too."""

_RECENT: Final = 24
"""Turns in the headline's chart."""
_FEWEST_BARS: Final = 6
"""Fewest bars of the chart, unless there are fewer turns."""
_BARS: Final = " ▁▂▃▄▅▆▇█"

NO_MARKS: Final = Marks()
_ENOUGH_TO_JUDGE: Final = 10
"""Fewest turns before values are marked as slow."""


@lru_cache
def columns(width: int, chosen: Metric = HEADLINE, marks: Marks = NO_MARKS) -> tuple[Metric, ...]:
    """Return the metrics worth showing that fit, the chosen one among them, in the order of the definitions."""
    shown: list[Metric] = []
    left = width - NUMBER
    ranked = marks.worth_showing(RANKED_TURN_METRICS)
    for metric in (chosen, *(one for one in ranked if one is not chosen)):
        left -= cells(metric)
        if shown and left < (0 if len(shown) < _BEFORE_WHY else _WHY):
            break
        shown.append(metric)
    return tuple(metric for metric in TURN_METRICS if metric in shown)


def cells(metric: Metric) -> int:
    """Return how wide a column is."""
    return max(_VALUE, len(metric.heading) + 1)


def _cell(metric: Metric, value: float | None, style: str, marks: Marks) -> tuple[str, str]:
    return f"{figure(metric, value, marks):>{cells(metric)}}", ".faint" if value is None else style


def row(
    finished: FinishedTurn,
    slow_above: dict[str, int],
    width: int,
    chosen: Metric = HEADLINE,
    marks: Marks = NO_MARKS,
    *,
    noted: str = "",
) -> Content:
    """Return the line of a turn; values above their limit (`limits`) are marked.

    Args:
        finished: the turn.
        slow_above: the limits.
        width: cells.
        chosen: the metric to highlight.
        marks: of the session, by which columns are chosen.
        noted: a sign of what happened before the turn; left out where its number leaves no room.
    """
    turn, figures = finished.turn, finished.metrics
    number = f"{turn.number:>4}{'*' if turn.first_of_connection else ' '}"
    parts: list[tuple[str, str]] = [(number, ".number")]
    if noted and number[0] == " ":
        parts = [(noted, ".label"), (number[1:], ".number")]
    shown = columns(width, chosen, marks)
    for metric in shown:
        value = getattr(figures, metric.key)
        style = ".headline" if metric is chosen else ""
        if value is None or figures.slow:
            style = ".faint"
        elif round(value * MS) > slow_above.get(metric.key, LONGEST_MS):
            style = ".slow"
        text = figure(metric, value, finished.marks, pending=figures.pending)
        parts += [(" " * (cells(metric) - len(text)), ""), (text, style)]
    used = NUMBER + sum(map(cells, shown))
    if width >= used + _WHY:
        why = word_of(finished)
        parts.append((f"  {why}", ".cut" if figures.false_cutoff else _WHY_STYLES.get(why, ".label")))
    elif figures.false_cutoff:
        parts.append((finished.marks.cut_sign or "c", ".cut"))
    return Content.assemble(*parts).truncate(width)


def as_chosen(line: Content, width: int) -> Content:
    """Highlight the whole line; of its styles only `slow` is kept, because reversed colours make patches."""
    whole = Content(line.plain).pad_right(max(0, width - line.cell_length)).stylize("reverse")
    for span in line.spans:
        if span.style == ".slow":
            whole = whole.stylize("bold underline", span.start, span.end)
    return whole


def heading(width: int, chosen: Metric = HEADLINE, marks: Marks = NO_MARKS) -> Content:
    """Return the column names."""
    shown = columns(width, chosen, marks)
    parts = [(f"{'turn':>4} ", ".label")]
    for metric in shown:
        style = ".headline" if metric is chosen else ".label"
        parts += [(" " * (cells(metric) - len(metric.heading)), ""), (metric.heading, style)]
    if width >= NUMBER + sum(map(cells, shown)) + _WHY:
        parts.append(("  why", ".label"))
    return Content.assemble(*parts).truncate(width)


def summary_row(
    label: str, summaries: Mapping[str, Summary], width: int, chosen: Metric = HEADLINE, marks: Marks = NO_MARKS
) -> Content:
    """Return the line of one statistic: `p50`, `p90`, `p95`, `max` or `n`."""
    parts = [(f"{label:>4} ", ".label")]
    for metric in columns(width, chosen, marks):
        summary = summaries.get(metric.key, Summary())
        value = getattr(summary, label)
        style = ".headline" if metric is chosen else ""
        if label.startswith("p") and summary.few:
            style = ".faint"
        parts.append((f"{value:>{cells(metric)}}", style) if label == "n" else _cell(metric, value, style, marks))
    return Content.assemble(*parts).truncate(width)


def first_row(first: FinishedTurn | None, width: int, chosen: Metric = HEADLINE, marks: Marks = NO_MARKS) -> Content:
    """Return the line of the first turn, which no summary contains."""
    parts = [("1st* ", ".label")]
    for metric in columns(width, chosen, marks):
        value = getattr(first.metrics, metric.key) if first else None
        parts.append(_cell(metric, value, ".headline" if metric is chosen else "", first.marks if first else marks))
    return Content.assemble(*parts).truncate(width)


def headline(snapshot: Snapshot | None, width: int, metric: Metric = HEADLINE) -> Content:
    """Return the chosen metric in the richest wording that fits, and a chart in the rest."""
    summary = snapshot.summaries.get(metric.key, Summary()) if snapshot else Summary()
    recent, marks = _recent(snapshot, metric), snapshot.marks if snapshot else NO_MARKS
    last, p50, p90, top = (
        figure(metric, value, marks)
        for value in (recent[-1] if recent else None, summary.p50, summary.p90, summary.max)
    )
    short = lit(f" {metric.label} ", ".headline-name")
    name = lit(" end of turn ", ".headline-name") if metric is HEADLINE else short
    unit = "" if metric.key in marks.absent else metric.unit.suffix
    newest = Content.assemble((f" {last}{unit}", ".headline"), (" last", ".label"))
    ranked = ".faint" if summary.few else "bold"
    middle = Content.assemble((f"  {p50}", ranked), (" p50", ".label"))
    high = Content.assemble((f"  {p90}", ranked), (" p90", ".label"))
    most = Content.assemble(f"  {top}", (" max", ".label"))
    wordings = [name + newest + middle + high + most, name + newest + middle + high, short + newest + middle, newest]
    line = richest(wordings, width)
    room = min(_RECENT, width - line.cell_length - 2)
    if room < min(len(recent), _FEWEST_BARS):
        return line
    return Content.assemble(line, "  ", (bars(recent[-room:]), ".chart"))


def _recent(snapshot: Snapshot | None, metric: Metric) -> list[float]:
    """Return the known values of the metric in the latest turns."""
    turns = snapshot.finished[-_RECENT:] if snapshot else ()
    listed = (one.metrics for one in turns if inclusion(one.turn, one.metrics) in (Inclusion.SUMMARY, Inclusion.FIRST))
    return [value for figures in listed if (value := getattr(figures, metric.key)) is not None]


def bars(values: Sequence[float]) -> str:
    """Draw values as bars, scaled to the largest, whatever their sign; zero is blank."""
    sizes = [abs(value) for value in values]
    top = max(sizes, default=0.0) or 1.0
    return "".join(_BARS[ceil(size / top * (len(_BARS) - 1))] for size in sizes)


def limits(summaries: dict[str, Summary]) -> dict[str, int]:
    """Return the p90 of each latency in ms, by key, if there are enough turns: higher values are marked."""
    return {
        name: round(summary.p90 * MS)
        for name, summary in summaries.items()
        if METRICS[name].unit is Unit.MILLISECONDS
        and not METRICS[name].signed
        and summary.n >= _ENOUGH_TO_JUDGE
        and summary.p90 is not None
    }
