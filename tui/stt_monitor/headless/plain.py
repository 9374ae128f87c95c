"""`--plain`: a line for each event, as in vendors' examples, and lines of metrics for each finished turn.

It is the mode for screen readers too: words and plain punctuation, no sign without its word.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Final

from stt_monitor.core.local_server import with_protocol
from stt_monitor.core.metrics.agent.faults import AgentFault, faults_of, worst
from stt_monitor.core.metrics.definitions import METRICS, TURN_METRICS
from stt_monitor.core.metrics.marks import FROM_START, Marks, keys_in_data, marks_of
from stt_monitor.core.metrics.percentiles import MIN_N
from stt_monitor.core.metrics.session_metrics import counted
from stt_monitor.core.metrics.units import format_value
from stt_monitor.core.records.lines import Record
from stt_monitor.core.records.session import Connection, SessionRecord, StatusRecord
from stt_monitor.core.records.summaries import AssertionRecord, Counts, SummaryRecord, TotalRecord
from stt_monitor.core.records.turns import EventRecord, TurnRecord, Why
from stt_monitor.core.sound.arms import arms_of, sound_of
from stt_monitor.core.sound.slowness import Cause
from stt_monitor.core.text.sanitize import printable
from stt_monitor.core.text.wording import NO_VALUE, NOT_APPLICABLE, plural
from stt_monitor.core.turns.turn import Begin
from stt_monitor.headless.plain_notes import PlainNotes
from stt_monitor.report.verdicts import verdict_lines
from stt_monitor.services.base import Service
from stt_monitor.services.registry import dialect_of, schema_of, service, service_of

if TYPE_CHECKING:
    from stt_monitor.core.metrics.metric import Metric
    from stt_monitor.core.metrics.percentiles import Summary
    from stt_monitor.core.metrics.units import Unit

_NONE: Final = "none"
"""Stands where there is no value: a screen reader says a word, and skips a dash."""
_NAME_WIDTH: Final = 14
_NAME_CELLS: Final = 16
_FAULTS: Final = 3
"""What to list of the agent at the end."""
_EXCLUDED: Final = ("closed", "manual", "dangling", "slow")


class PlainLines:
    """Yields the lines of each record, often none, of one session or of several one after another."""

    def __init__(self, *, several: bool = False, services: Sequence[str] = ()) -> None:
        """Start.

        Args:
            several: sessions follow one another; the lines of each begin with its name.
            services: names of several services side by side: each line, or block of lines, begins with one.
        """
        self._several = several
        self._service = service()
        self._width = max((len(service(name).title) for name in services), default=0)
        self._side_by_side = len(services) > 1
        self._begun: set[str] = set()
        self._marks: dict[str, Marks] = {}
        self._notes: dict[str, PlainNotes] = {}
        self._referenced = True
        self._of_agent: dict[str, list[AgentFault]] = {}  # the worst so far, by service

    def __call__(self, record: Record) -> Iterator[str]:
        """Yield the lines of the next record."""
        if isinstance(record, SessionRecord):
            self._service = service_of(record)
            self._referenced = record.reference != "none"
            self._marks[self._service.name] = marks_of(
                dialect_of(record),
                record.settings.turn,
                with_agent=bool(record.agent),
                labelled_turns=record.labelled_turns,
            )
            self._notes[self._service.name] = PlainNotes(schema_of(record), record.settings.turn)
            self._of_agent[self._service.name] = []
            if self._several and self._begins():
                yield f"=== {printable(record.source)}"
        if self._side_by_side and record.service:
            yield from self._by_service(record, service(record.service))
        else:
            yield from self._lines(record, self._service)
        if self._several and isinstance(record, SummaryRecord):
            yield ""

    def _lines(self, record: Record, about: Service) -> Iterator[str]:
        worst_of_agent = self._of_agent.setdefault(about.name, [])
        if isinstance(record, TurnRecord):
            worst_of_agent[:] = worst([*worst_of_agent, *_faults(record)], _FAULTS)
        marks, notes = self._marks.get(about.name, Marks()), self._notes.get(about.name)
        for at, name, words in notes(record) if notes is not None else ():
            yield _line(f"{at:9.3f}", f"  {name}", words)
        yield from _lines(record, about, marks, referenced=self._referenced)
        if isinstance(record, SummaryRecord) and worst_of_agent:
            yield ""
            yield "the agent, worst first:"
            yield from (f"{f'turn {fault.turn}':>11}  {fault.words}" for fault in worst_of_agent)

    def _begins(self) -> bool:
        """Whether the session is the first one of its input."""
        if self._service.name in self._begun:
            self._begun.clear()
        self._begun.add(self._service.name)
        return len(self._begun) == 1

    def _by_service(self, record: Record, about: Service) -> Iterator[str]:
        """Yield the lines of a record, with its service in front or as their heading."""
        match record:
            case AssertionRecord():  # says it itself
                yield from self._lines(record, about)
            case SummaryRecord(health=health):
                yield from ["", f"=== {about.title}"] if health.audio_sent_s else []
                yield from self._lines(record, about)
            case TotalRecord():
                yield f"=== {about.title}"
                yield from self._lines(record, about)
            case _:
                yield from (f"{about.title:<{self._width}}  {line}" for line in self._lines(record, about))


def _lines(record: Record, service: Service, marks: Marks, *, referenced: bool) -> Iterator[str]:
    match record:
        case SessionRecord(sent_channel=channel) if channel or arms_of(record) or record.anchor:
            chosen = f", {channel}; choose another with --channel" if channel else ""
            yield _line(f"{0:9.3f}", "audio", f"{sound_of(record, ', ')}{chosen}")
        case EventRecord(t, _, _, event):
            label = service.label(event)
            yield _line(f"{t:9.3f}", label.kind or "?", label.text)
        case StatusRecord(t, connection, server=server) if server and connection == Connection.CONNECTED.value:
            yield _line(f"{t:9.3f}", "server", with_protocol(server, service.title))
        case TurnRecord():
            yield _line(f"{record.t:9.3f}", f"  turn {record.turn}", _metrics(record, marks))
            yield _line(f"{record.t:9.3f}", "  why", _why(record.why))
        case SummaryRecord():
            yield from _summary(record, marks, referenced=referenced)
        case TotalRecord():
            yield from _total(record, marks, referenced=referenced)
        case AssertionRecord():
            yield from verdict_lines(record)
        case _:
            return


def _faults(turn: TurnRecord) -> Iterator[AgentFault]:
    gap, both = (getattr(turn, METRICS[name].column) for name in ("response_gap", "talk_over_s"))
    return faults_of(
        turn.turn,
        interruption=turn.interruption,
        talk_over_s=both,
        response_gap_s=None if gap is None else gap / 1000,
    )


def _line(time: str, name: str, text: str) -> str:
    # Keep the leading space of a transcript: it is part of it.
    return f"{time}  {printable(name):<{_NAME_WIDTH}} | {printable(text)}".rstrip()


def _metrics(turn: TurnRecord, marks: Marks) -> str:
    marks = marks.of_record(turn.not_applicable, FROM_START if turn.start == Begin.DERIVED.value else frozenset())
    values = ", ".join(
        ", ".join(f"{metric.label} {_value(metric, getattr(turn, metric.column), marks)}" for metric in metrics)
        + unit.suffix
        for unit, metrics in _by_unit(marks)
    )
    notes = [
        *_eager_note(turn, marks),
        *(["text changed after the eager end"] if turn.eager_text_match == "no" else []),
        *([f"{marks.cut_sign}cut off"] if turn.false_cutoff else []),
        *(["no speech"] if turn.spurious else []),
        *(["the agent interrupts"] if turn.interruption else []),
        *_end_note(turn, marks),
        *(["first of the connection"] if turn.first_of_connection else []),
        *([f"slow: {_causes(turn)}"] if turn.slow else []),
    ]
    return f"{values}; {', '.join(notes)}"


def _causes(turn: TurnRecord) -> str:
    """Say what delayed a slow turn, and the consequence."""
    return ", ".join([*(Cause(each).words for each in turn.slow_because), "excluded from summaries"])


def _end_note(turn: TurnRecord, marks: Marks) -> Iterator[str]:
    """Yield why it ended, and how that is known where the service says it of other turns."""
    if turn.end_reason:
        known = f" ({turn.end_reason_source})" if turn.end_reason_source and marks.tells_reason else ""
        yield f"{turn.end_reason}{known}"


def _why(why: Why) -> str:
    """Explain in a few sentences why a turn ended, and what other settings would have done; for screen readers."""
    parts = why.equation.replace(" = ", ": ").replace(" + ", ", then ")
    said = [*([f"{parts}."] if parts else []), *why.sentences[: 2 if why.other else 1]]
    return f"{why.word}: {' '.join(said)}".removesuffix(": ")


def _eager_note(turn: TurnRecord, marks: Marks) -> Iterator[str]:
    if turn.eager_ends:
        yield f"{turn.eager_ends} eager, {turn.resumes} resumed"
    elif "eager_ends" not in marks.absent:
        yield "no eager end"


def _summary(summary: SummaryRecord, marks: Marks, *, referenced: bool) -> Iterator[str]:
    if not summary.health.audio_sent_s:
        return  # no audio was sent; standard error says why
    yield ""
    marks = marks.of_record(summary.not_applicable, keys_in_data(summary.derived))
    yield f"{plural(summary.turns, 'turn')}, {_counts(summary.counts, marks, referenced=referenced)}"
    yield from _pauses(summary, marks)
    if summary.turns > 1:
        yield from _table(_summaries(summary), "without the first turn of the connection", marks)
    if summary.recording_stopped:
        yield f"recording stopped: {printable(summary.recording_stopped)}"
    yield ""
    yield "transcript:"
    yield printable(summary.transcript)


def _total(total: TotalRecord, marks: Marks, *, referenced: bool) -> Iterator[str]:
    marks = marks.of_record(total.not_applicable, keys_in_data(total.derived))
    yield f"=== total: {len(total.files)} of {plural(total.files_asked, 'file')}"
    for file in total.files:
        failure = f" ({printable(file.error)})" if file.error else ""
        yield f"{plural(file.turns, 'turn'):>11}  {printable(file.source)}{failure}"
    yield ""
    yield f"{plural(total.turns, 'turn')}, {_counts(total.counts, marks, referenced=referenced)}"
    yield from _pauses(total, marks)
    yield from _table(_summaries(total), "without the first turn of each connection", marks)
    yield from _table(total.first_turns, "the first turn of each connection", marks)


def _counts(counts: Counts, marks: Marks, *, referenced: bool) -> str:
    eager_ends = (
        f"eager ends {NOT_APPLICABLE}"
        if "eager_ends" in marks.absent
        else f"{plural(counts.eager_ends, 'eager end')} ({counts.eager_ends_confirmed} confirmed)"
    )
    resumes = f"resumes {NOT_APPLICABLE}" if "resumes" in marks.absent else plural(counts.resumes, "resume")
    wasted = (
        f"wasted {NOT_APPLICABLE}"
        if "wasted_replies" in marks.absent
        else _known("wasted", counted("wasted_replies", counts, referenced=referenced))
    )
    spurious = _known("spurious", counted("spurious", counts, referenced=referenced))
    judged = f"{_cut_off(counts, marks)}, {counts.missed} missed, {spurious}" if referenced else "no reference speech"
    excluded = [f"{n} {how}" for how in _EXCLUDED if (n := getattr(counts, how))]
    return (
        f"{eager_ends}, {resumes}, {wasted}, {judged}, {plural(counts.violations, 'violation')}"
        + (f", {plural(counts.interruptions, 'interruption')} by the agent" if marks.with_agent else "")
        + (f"; excluded: {', '.join(excluded)}" if excluded else "")
    )


def _known(what: str, number: float | None) -> str:
    return f"{what} unknown" if number is None else f"{number:.0f} {what}"


def _cut_off(counts: Counts, marks: Marks) -> str:
    return f"{marks.cut_sign}{counts.false_cutoffs} cut off" if counts.turns_checked else "cut-offs unknown"


def _pauses(record: SummaryRecord | TotalRecord, marks: Marks) -> Iterator[str]:
    lengths = [
        f"{metric.label} {_value(metric, value, marks)}{metric.unit.suffix}"
        for metric in (METRICS["pause_survived_max"], METRICS["pause_cut_min"])
        if (value := getattr(record, metric.column)) is not None
    ]
    if lengths:
        yield f"inside turns: {', '.join(lengths)}"


def _summaries(record: SummaryRecord | TotalRecord) -> "Mapping[str, Summary]":
    return {metric.column: getattr(record, metric.column) for metric in TURN_METRICS}


def _table(summaries: "Mapping[str, Summary]", scope: str, marks: Marks) -> Iterator[str]:
    for unit, metrics in _by_unit(marks):
        wide = max(_NAME_CELLS, *(len(metric.key) + 1 for metric in metrics))
        yield f"{unit.title:<{wide}}{'n':>5}{'p50':>8}{'p90':>8}{'max':>8}   ({scope})"
        for metric in metrics:
            values = summaries[metric.column]
            shown = "".join(f"{_value(metric, value, marks):>8}" for value in (values.p50, values.p90, values.max))
            few = f"   n < {MIN_N}: says little" if 0 < values.n < MIN_N else ""
            yield f"{metric.key:<{wide}}{values.n:>5}{shown}{few}"


def _by_unit(marks: Marks) -> "Iterator[tuple[Unit, list[Metric]]]":
    for unit, metrics in groupby(marks.worth_showing(TURN_METRICS), lambda metric: metric.unit):
        yield unit, list(metrics)


def _value(metric: "Metric", value: float | None, marks: Marks) -> str:
    """Format a value given in the unit of its metric; a word where there is none."""
    text = marks.text(metric, value, lambda known: format_value(known, metric.unit))
    return _NONE if text == NO_VALUE else text
