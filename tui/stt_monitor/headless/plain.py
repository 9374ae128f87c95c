"""`--plain`: the output of the vendor's own examples, plus times and a line of metrics for each finished turn."""

from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import TYPE_CHECKING, Final

from stt_monitor.core.metrics.definitions import TURN_METRICS
from stt_monitor.core.metrics.units import Unit, written
from stt_monitor.core.records.lines import Record
from stt_monitor.core.records.session import Connection, SessionRecord, StatusRecord
from stt_monitor.core.records.summaries import AssertionRecord, Counts, SummaryRecord, TotalRecord
from stt_monitor.core.records.turns import EventRecord, TurnRecord, ViolationRecord
from stt_monitor.core.text.sanitize import plural, printable
from stt_monitor.report.verdicts import verdict_line

if TYPE_CHECKING:
    from stt_monitor.core.metrics.metric import Metric
    from stt_monitor.core.metrics.percentiles import Summary

_NAME_WIDTH: Final = 14
_EXCLUDED: Final = ("closed", "dangling", "slow")
_NO_VALUE: Final = "–"


def plain_lines(record: Record) -> Iterator[str]:
    """Yield the lines of a record, often none."""
    match record:
        case SessionRecord(source=source, channel=channel) if channel:
            yield _line(f"{0:9.3f}", "audio", f"{source}, {channel}; choose another with --channel")
        case EventRecord(t, _, _, event):
            yield _line(f"{t:9.3f}", str(event.get("type", "?")), _event_text(event))
        case StatusRecord(t, connection, server=server) if server and connection == Connection.CONNECTED.value:
            yield _line(f"{t:9.3f}", "server", server)
        case TurnRecord():
            yield _line(f"{record.t:9.3f}", f"  turn {record.turn}", _metrics(record))
        case ViolationRecord(t, rule, detail):
            yield _line(f"{t:9.3f}", "  violation", f"{rule}: {detail}")
        case SummaryRecord():
            yield from _summary(record)
        case TotalRecord():
            yield from _total(record)
        case AssertionRecord():
            yield verdict_line(record)
        case _:
            return


def plain_blocks(record: Record) -> Iterator[str]:
    """Yield the lines of a record in a run of several sessions: each begins with its name."""
    if isinstance(record, SessionRecord):
        yield f"=== {printable(record.source)}"
    yield from plain_lines(record)
    if isinstance(record, SummaryRecord):
        yield ""


def _line(time: str, name: str, text: str) -> str:
    # The transcript's leading space is part of it and stays.
    return f"{time}  {printable(name):<{_NAME_WIDTH}} | {printable(text)}".rstrip()


def _event_text(event: dict[str, object]) -> str:
    """Return the text of an event, as the vendor's examples print it (protocol.md 14.1)."""
    for field in ("transcript", "message", "error"):
        if isinstance(text := event.get(field), str):
            return text
    return f"request {event.get('request_id', '')}" if event.get("type") == "connected" else ""


def _metrics(turn: TurnRecord) -> str:
    values = ", ".join(
        ", ".join(f"{metric.label} {_number(getattr(turn, metric.column), unit)}" for metric in metrics) + unit.suffix
        for unit, metrics in _by_unit()
    )
    notes = [
        f"{turn.eager_ends} eager, {turn.resumes} resumed" if turn.eager_ends else "no eager end",
        *(["text changed after the eager end"] if turn.eager_text_match == "no" else []),
        *(["~cut off"] if turn.false_cutoff else []),
        *(["no speech"] if turn.spurious else []),
        *([turn.end_reason] if turn.end_reason else []),
        *(["first of the connection"] if turn.first_of_connection else []),
        *(["slow: delayed by this machine or its network, excluded from summaries"] if turn.slow else []),
    ]
    return f"{values}; {', '.join(notes)}"


def _summary(summary: SummaryRecord) -> Iterator[str]:
    if not summary.health.audio_sent_s:
        return  # no audio was sent; standard error says why
    yield ""
    yield f"{plural(summary.turns, 'turn')}, {_counts(summary.counts)}"
    if summary.turns > 1:
        yield from _table(_summaries(summary), "without the first turn of the connection")
    if summary.recording_stopped:
        yield f"recording stopped: {printable(summary.recording_stopped)}"
    yield ""
    yield "transcript:"
    yield printable(summary.transcript)


def _total(total: TotalRecord) -> Iterator[str]:
    yield f"=== total: {len(total.files)} of {plural(total.files_asked, 'file')}"
    for file in total.files:
        failure = f" ({printable(file.error)})" if file.error else ""
        yield f"{plural(file.turns, 'turn'):>11}  {printable(file.source)}{failure}"
    yield ""
    yield f"{plural(total.turns, 'turn')}, {_counts(total.counts)}"
    yield from _table(_summaries(total), "without the first turn of each connection")
    yield from _table(total.first_turns, "the first turn of each connection")


def _counts(counts: Counts) -> str:
    excluded = [f"{n} {how}" for how in _EXCLUDED if (n := getattr(counts, how))]
    return (
        f"{plural(counts.eager_ends, 'eager end')} ({counts.eager_ends_confirmed} confirmed), "
        f"{plural(counts.resumes, 'resume')}, {counts.missed} missed, {counts.spurious} spurious, "
        f"{plural(counts.violations, 'violation')}" + (f"; excluded: {', '.join(excluded)}" if excluded else "")
    )


def _summaries(record: SummaryRecord | TotalRecord) -> "Mapping[str, Summary]":
    return {metric.column: getattr(record, metric.column) for metric in TURN_METRICS}


def _table(summaries: "Mapping[str, Summary]", scope: str) -> Iterator[str]:
    for unit, metrics in _by_unit():
        yield f"{unit.title:<16}{'n':>5}{'p50':>8}{'p90':>8}{'max':>8}   ({scope})"
        for metric in metrics:
            values = summaries[metric.column]
            shown = "".join(f"{_number(value, unit):>8}" for value in (values.p50, values.p90, values.max))
            yield f"{metric.key:<16}{values.n:>5}{shown}"


def _by_unit() -> "Iterator[tuple[Unit, Iterator[Metric]]]":
    return groupby(TURN_METRICS, lambda metric: metric.unit)


def _number(value: float | None, unit: Unit) -> str:
    """Format a value that is in `unit` already."""
    return _NO_VALUE if value is None else written(value, unit)
