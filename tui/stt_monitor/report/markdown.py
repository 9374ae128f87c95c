"""Reports as Markdown (CommonMark with tables), for pull requests and chats."""

from collections.abc import Iterator
from typing import Final

from stt_monitor.core.finished_turn import FinishedTurn
from stt_monitor.core.metrics.aggregate import Aggregate
from stt_monitor.core.metrics.definitions import HEADLINE, SESSION_METRICS, TURN_METRICS
from stt_monitor.core.metrics.intervals import median_interval
from stt_monitor.core.metrics.marks import together
from stt_monitor.core.metrics.metric import Metric
from stt_monitor.core.metrics.percentiles import summarise
from stt_monitor.core.why.account import Account, word_of
from stt_monitor.core.why.accounts import Accounts
from stt_monitor.report.agent import TITLE, agent_rows
from stt_monitor.report.comparison import (
    compared_counts,
    compared_metrics,
    difference_in_words,
    group_names,
    how_sure,
    interval_in_words,
    letter,
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
from stt_monitor.report.happened import happened
from stt_monitor.report.headline import comparison_headlines, session_headline
from stt_monitor.report.markup import escape, paragraph, table
from stt_monitor.report.model import Group, LoadedSession, Report, SavedRun
from stt_monitor.report.notable import notable
from stt_monitor.report.stretches import HOW_READ, Cell, stretches
from stt_monitor.report.turn_by_turn import HOW_CHANGED, turn_by_turn

_BRIEF: Final = 60
"""Characters of a turn's words where these only tell which it is."""


def markdown(report: Report) -> Iterator[str]:
    """Yield the report line by line."""
    return (f"{line}\n" for line in _lines(report))


def _lines(report: Report) -> Iterator[str]:
    if len(report.groups) > 1:
        yield f"# {escape(report.title)}, compared by {report.by.value}"
        yield ""
        for verdict in comparison_headlines(report):
            yield from paragraph(f"**{verdict.sentence}**")
            yield ""
        yield from _comparison(report)
        yield from _turn_by_turn(report)
    elif report.named:
        yield f"# {escape(report.title)}"
        yield ""
    for run in report.runs:
        yield from _stretches(run, report.listed)
    for each in report.sessions:
        yield f"# {escape(report.title_of(each))}"
        yield ""
        headline = session_headline(each)
        yield from paragraph(f"**{headline.figures}** {headline.worst}".rstrip())
        yield ""
        if what := local_server_note(each):
            yield escape(what)
            yield ""
        yield from _session(each, report)
    yield from _meanings(report)


def _comparison(report: Report) -> Iterator[str]:
    yield from (f"- {escape(name)}" for name in group_names(report))
    yield ""
    yield from table(
        ["median, ms", "", "p50", "interval", "n", "p90", f"against {letter(0)}", "turns"], _compared(report)
    )
    yield ""
    counts = (
        [f"`{metric.key}`", *(_counted(metric, each) for each in report.groups)] for metric in compared_counts(report)
    )
    yield from table(["count", *(letter(place) for place in range(len(report.groups)))], counts)
    yield ""
    yield from paragraph(how_sure(report))
    yield ""


def _compared(report: Report) -> Iterator[list[str]]:
    """Yield a row for each group and metric of turns."""
    for metric in compared_metrics(report):
        for place, group in enumerate(report.groups):
            values, marks = group.aggregate.values[metric.key], group.aggregate.marks
            summary, found = summarise(values), difference_in_words(metric, group, report)
            yield [
                "" if place else f"`{metric.key}`",
                letter(place),
                f"**{figure(metric, summary.p50, marks)}**",
                interval_in_words(median_interval(values), metric.unit),
                str(summary.n),
                bare_figure(metric, summary.p90, marks),
                found.words,
                "; ".join(filter(None, (found.turns, found.unpaired))),
            ]


def _turn_by_turn(report: Report) -> Iterator[str]:
    for each in turn_by_turn(report):
        before, after = each.letters
        yield f"## Turn by turn: {after} against {before}"
        yield ""
        yield from paragraph(escape(" ".join(filter(None, (f"{each.summary}.", each.remarks)))))
        yield ""
        if each.changed:
            rows = (
                map(escape, (one.difference, one.source, one.at, one.before, one.after, _brief(one.words)))
                for one in each.changed
            )
            yield from table([f"changed most, {HEADLINE.key}", "file", "at", before, after, "words"], rows)
            yield ""
        if each.remarks:
            yield from paragraph(HOW_CHANGED)
            yield ""


def _counted(metric: Metric, group: Group) -> str:
    return f"{session_metric(metric, group.aggregate)} {share_in_words(metric, group)}".strip()


def _stretches(run: SavedRun, most: int) -> Iterator[str]:
    yield f"## By stretch of speech: {escape(run.source)}"
    yield ""
    rows = ([row.at, *map(_answer, row.cells)] for row in stretches(run, most))
    yield from table(["at", *(escape(each.measured) for each in run.sessions)], rows)
    yield ""
    yield from paragraph(HOW_READ)
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
    yield from table(["figure, ms", *SHOWN, "n", "first turn"], _figures(aggregate))
    yield ""
    yield from paragraph(HOW_MEASURED)
    yield ""
    counts = aggregate.marks.worth_showing(SESSION_METRICS)
    yield from table(["count", "value"], ([f"`{each.key}`", session_metric(each, aggregate)] for each in counts))
    yield ""
    yield from _turns(each, report.listed, slowest_first=report.slowest_first)
    yield from _agent(each)
    yield from _happened(each)
    yield "## Settings and environment"
    yield ""
    facts = (*environment(each), *settings_rows(each.schema, each.snapshot.settings))
    yield from table(["", ""], (map(escape, fact) for fact in facts))
    yield ""


def _agent(each: LoadedSession) -> Iterator[str]:
    rows = [map(escape, (row.turn, row.at, row.what, _brief(row.transcript))) for row in agent_rows(each)]
    if rows:
        yield f"## {TITLE}"
        yield ""
        yield from table(["turn", "at", "what the agent does", "words"], rows)
        yield ""


def _happened(each: LoadedSession) -> Iterator[str]:
    rows = [map(escape, row) for row in happened(each)]
    if rows:
        yield "## What else happened"
        yield ""
        yield from table(["at", "what"], rows)
        yield ""


def _figures(aggregate: Aggregate) -> Iterator[list[str]]:
    for metric in aggregate.marks.worth_showing(TURN_METRICS):
        summary, first = summarise(aggregate.values[metric.key]), summarise(aggregate.first_values[metric.key])
        shown = [figure(metric, getattr(summary, name), aggregate.marks) for name in SHOWN]
        yield [f"`{metric.key}`", *shown, str(summary.n), figure(metric, first.p50, aggregate.marks)]


def _turns(each: LoadedSession, most: int, *, slowest_first: bool) -> Iterator[str]:
    listed = notable(each.snapshot.finished, most, slowest_first=slowest_first)
    yield "## Turns"
    yield ""
    metrics = list(each.aggregate.marks.worth_showing(TURN_METRICS))
    rows = (
        [
            str(turn.turn.number),
            clock(turn.start_position),
            *(bare_figure(metric, getattr(turn.metrics, metric.key), turn.marks) for metric in metrics),
            escape(word_of(turn)),
            ", ".join(map(escape, remarks(turn))),
        ]
        for turn in listed
    )
    yield from table(["turn", "at", *(metric.heading for metric in metrics), "why", "remarks"], rows)
    yield ""
    accounts = Accounts(each.snapshot, each.schema)
    for turn in listed:
        yield from _said(turn, accounts.of(turn))
    if len(listed) < len(each.snapshot.finished):
        shown = f"{len(listed)} of {len(each.snapshot.finished)} turns"
        yield f"Showing {shown}: up to {len(listed) // 2} that went wrong, and the slowest. All: `--format csv`."
        yield ""


def _said(turn: FinishedTurn, account: Account) -> Iterator[str]:
    """Yield what a turn said, and why it ended when it did."""
    why = f"at {clock(turn.start_position)}, {escape(account.in_full)}"
    yield from paragraph(why, f"**{turn.turn.number}** ", "")
    yield ""
    yield from paragraph(escape(turn.turn.transcript) or "*no words*", "> ")
    yield ""


def _meanings(report: Report) -> Iterator[str]:
    """Yield what the figures mean, each once."""
    marks = together(each.aggregate.marks for each in report.sessions)
    yield "# What the figures mean"
    yield ""
    for metric in marks.worth_showing((*TURN_METRICS, *SESSION_METRICS)):
        yield from paragraph(f"`{metric.key}`: {escape(metric.meaning)}", "- ", "  ")
    yield ""


def _brief(text: str) -> str:
    return f"{text[:_BRIEF].rstrip()}…" if len(text) > _BRIEF else text
