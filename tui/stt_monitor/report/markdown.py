"""Reports as Markdown (CommonMark with tables), for pull requests and chats."""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from stt_monitor.core.metrics.definitions import HEADLINE, SESSION_METRICS, TURN_METRICS
from stt_monitor.core.metrics.intervals import median_interval
from stt_monitor.core.metrics.metric import Metric
from stt_monitor.core.metrics.percentiles import summarise
from stt_monitor.core.text.sanitize import clean
from stt_monitor.core.why.account import account_of
from stt_monitor.report.comparison import (
    compared_counts,
    compared_metrics,
    difference_in_words,
    group_names,
    how_sure,
    interval_in_words,
    share_in_words,
)
from stt_monitor.report.environment import environment, local_server_note
from stt_monitor.report.formatting import (
    HOW_MEASURED,
    SHOWN,
    bare_figure,
    clock,
    figure,
    remarks,
    session_metric,
    settings_rows,
)
from stt_monitor.report.headline import comparison_headlines, session_headline
from stt_monitor.report.model import Group, LoadedSession, Report, SavedRun, notable
from stt_monitor.report.stretches import HOW_READ, Cell, stretches
from stt_monitor.report.turn_by_turn import HOW_CHANGED, turn_by_turn

_MARKUP: Final = re.compile(
    r"[\\`*\[\]<|~$]"
    r"|(?<![^\W_])_|_(?![^\W_])"  # inside a word it is a character like any other
    r"|#(?=[\d#]|$)|&(?=#?\w+;)|@(?=\w)"  # issues, characters by name, people
    r"|:(?=//)|(?<=www)\.|(?<!\w):(?=\w+:)"  # addresses, emoji by name
)
"""Characters where Markdown or a dialect takes them for markup or an address; elsewhere they are harmless."""

_PAIRED: Final = "~$"
"""Characters that are markup in pairs only."""


def markdown(report: Report) -> Iterator[str]:
    """Yield the report line by line."""
    return (f"{line}\n" for line in _lines(report))


def escape(text: str) -> str:
    """Return text from outside in one line, with nothing in it that Markdown takes for markup.

    All text from outside goes through here.
    """
    text = clean(text)
    alone = {character for character in _PAIRED if text.count(character) == 1}
    return _MARKUP.sub(lambda match: match[0] if match[0] in alone else f"\\{match[0]}", text)


def _lines(report: Report) -> Iterator[str]:
    if len(report.groups) > 1:
        yield f"# {escape(report.title)}, compared by {report.by.value}"
        yield ""
        for verdict in comparison_headlines(report):
            yield f"**{verdict.sentence}**"
            yield ""
        yield from _comparison(report)
        yield from _turn_by_turn(report)
    elif report.named:
        yield f"# {escape(report.title)}"
        yield ""
    for run in report.runs:
        yield from _stretches(run, report.listed)
    for each in report.sessions:
        yield f"# {escape(each.title)}"
        yield ""
        headline = session_headline(each)
        yield f"**{headline.figures}** {headline.worst}".rstrip()
        yield ""
        if what := local_server_note(each):
            yield escape(what)
            yield ""
        yield from _session(each, report)


def _comparison(report: Report) -> Iterator[str]:
    yield from table_head(["median, ms", *map(escape, group_names(report))])
    for metric in compared_metrics(report):
        cells = []
        for group in report.groups:
            values = group.aggregate.values[metric.key]
            summary, where = summarise(values), interval_in_words(median_interval(values), metric.unit)
            median = f"**{figure(metric, summary.p50, group.aggregate.marks)}** {where}"
            spread = f"n {summary.n}, p90 {bare_figure(metric, summary.p90, group.aggregate.marks)}"
            differs = difference_in_words(metric, group, report).words
            cells.append("; ".join(filter(None, (f"{median} {spread}" if summary.n else median, differs))).strip())
        yield table_row([f"`{metric.key}`", *cells])
    for metric in compared_counts(report):
        yield table_row([f"`{metric.key}`", *(_counted(metric, group) for group in report.groups)])
    yield ""
    yield how_sure(report)
    yield ""


def _turn_by_turn(report: Report) -> Iterator[str]:
    for each in turn_by_turn(report):
        before, after = each.letters
        yield f"## Turn by turn: {after} against {before}"
        yield ""
        yield escape(" ".join(filter(None, (f"{each.summary}.", each.remarks))))
        yield ""
        if each.changed:
            yield from table_head([f"changed most, {HEADLINE.key}", "file", "at", before, after, "words"])
            for one in each.changed:
                yield table_row(map(escape, (one.difference, one.source, one.at, one.before, one.after, one.words)))
            yield ""
        if each.remarks:
            yield HOW_CHANGED
            yield ""


def _counted(metric: Metric, group: Group) -> str:
    return f"{session_metric(metric, group.aggregate)} {share_in_words(metric, group)}".strip()


def _stretches(run: SavedRun, most: int) -> Iterator[str]:
    yield f"## By stretch of speech: {escape(run.source)}"
    yield ""
    yield from table_head(["at", *(escape(each.measured) for each in run.sessions)])
    for row in stretches(run, most):
        yield table_row([row.at, *map(_answer, row.cells)])
    yield ""
    yield HOW_READ
    if most < len(run.rows):
        yield f"Showing the first {most} of {len(run.rows)}; all: `--format json`."
    yield ""


def _answer(cell: Cell) -> str:
    """Format what a service made of a stretch: figure, remarks, words."""
    value = f"**{cell.value}** \\*" if cell.is_best else cell.value
    words = "".join(piece.text for piece in cell.words)
    return " ".join(filter(None, (value, ", ".join(map(escape, cell.remarks)), escape(words))))


def _session(each: LoadedSession, report: Report) -> Iterator[str]:
    aggregate = each.aggregate
    yield from table_head(["figure", *SHOWN, "n", "first turn", "meaning"])
    for metric in aggregate.marks.worth_showing(TURN_METRICS):
        summary, first = summarise(aggregate.values[metric.key]), summarise(aggregate.first_values[metric.key])
        values = [
            figure(metric, value, aggregate.marks) for value in (*(getattr(summary, name) for name in SHOWN), first.p50)
        ]
        yield table_row([f"`{metric.key}`", *values[:-1], str(summary.n), values[-1], metric.meaning])
    yield ""
    yield HOW_MEASURED
    yield ""
    yield from table_head(["count", "value", "meaning"])
    for metric in aggregate.marks.worth_showing(SESSION_METRICS):
        yield table_row([f"`{metric.key}`", session_metric(metric, aggregate), metric.meaning])
    yield ""
    yield from _turns(each, report.listed, slowest_first=report.slowest_first)
    yield "## Settings and environment"
    yield ""
    yield from table_head(["", ""])
    for name, value in (*environment(each), *settings_rows(each.schema, each.snapshot.settings)):
        yield table_row([escape(name), escape(value)])
    yield ""


def _turns(each: LoadedSession, most: int, *, slowest_first: bool) -> Iterator[str]:
    listed = notable(each.snapshot.finished, most, slowest_first=slowest_first)
    yield "## Turns"
    yield ""
    metrics = list(each.aggregate.marks.worth_showing(TURN_METRICS))
    yield from table_head(["turn", "at", *(metric.heading for metric in metrics), "why", "remarks", "words"])
    for turn in listed:
        figures = [bare_figure(metric, getattr(turn.metrics, metric.key), turn.marks) for metric in metrics]
        account = account_of(turn, each.schema)
        why = f"{account.word}: {account.equation}" if account.equation else account.word
        said = why, ", ".join(remarks(turn)), turn.turn.transcript
        yield table_row([str(turn.turn.number), clock(turn.start_position), *figures, *map(escape, said)])
    yield ""
    if len(listed) < len(each.snapshot.finished):
        shown = f"{len(listed)} of {len(each.snapshot.finished)} turns"
        yield f"Showing {shown}: up to {len(listed) // 2} that went wrong, and the slowest. All: `--format csv`."
        yield ""


def table_head(names: Sequence[str]) -> Iterator[str]:
    """Yield the head of a table, of escaped names."""
    yield table_row(names)
    yield table_row(["---"] * len(names))


def table_row(cells: Iterable[str]) -> str:
    """Return a row of a table, of escaped cells."""
    return f"| {' | '.join(cells)} |"
