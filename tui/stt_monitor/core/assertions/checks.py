"""Verdicts on assertions, of aggregated turns. Pure."""

from collections.abc import Iterable
from typing import Final

from stt_monitor.core.assertions.expressions import FIRST, Assertion
from stt_monitor.core.metrics.aggregate import Aggregate
from stt_monitor.core.metrics.metric import Need
from stt_monitor.core.metrics.percentiles import MIN_N_FOR_P95, MIN_N_FOR_P99, summarise
from stt_monitor.core.metrics.session_metrics import basis_name, basis_size, session_value
from stt_monitor.core.metrics.units import in_data, summary_in_data
from stt_monitor.core.records.fields import in_record
from stt_monitor.core.records.summaries import AssertionRecord, Verdict
from stt_monitor.core.sound.slowness import HELD_UP
from stt_monitor.core.text.wording import listed, part_of

_MIN_N: Final = {"p95": MIN_N_FOR_P95, "p99": MIN_N_FOR_P99}
"""Values that a percentile needs at least (metrics.md 6)."""

CANNOT_TELL_EXIT: Final = 4


def check(assertions: Iterable[Assertion], aggregate: Aggregate, t: float) -> list[AssertionRecord]:
    """Check assertions.

    Compares values as data has them, rounded. Without a value the verdict is "cannot tell".

    Args:
        assertions: the assertions.
        aggregate: the turns of all sessions.
        t: time for the records, seconds of session.
    """
    return [_checked(assertion, aggregate, t) for assertion in assertions]


def cannot_tell(assertions: Iterable[Assertion], reason: str, t: float = 0.0) -> list[AssertionRecord]:
    """Return a "cannot tell" verdict for each assertion, with the reason."""
    return [_cannot_tell(assertion, reason, t) for assertion in assertions]


def exit_code(records: Iterable[AssertionRecord]) -> int:
    """Return the exit code of the contract: a failure outweighs "cannot tell"."""
    found = {record.verdict for record in records}
    return 1 if Verdict.FAIL in found else CANNOT_TELL_EXIT if Verdict.CANNOT_TELL in found else 0


def _cannot_tell(assertion: Assertion, reason: str, t: float, n: int | None = None) -> AssertionRecord:
    return AssertionRecord(
        in_record(t), assertion.text, passed=False, actual=None, unit=assertion.unit.value, n=n, reason=reason
    )


def _checked(assertion: Assertion, aggregate: Aggregate, t: float) -> AssertionRecord:
    metric, counts = assertion.metric, aggregate.counts
    if metric.timed and 2 * counts.slow > counts.turns:
        slow = f"{part_of(counts.slow, counts.turns, 'turn')} slow: {HELD_UP}"
        return _cannot_tell(assertion, slow, t)
    if Need.SPEECH in metric.needs and aggregate.speech_delayed > aggregate.speech_checked:
        spans = aggregate.speech_delayed + aggregate.speech_checked
        slow = f"{aggregate.speech_delayed} of {spans} utterances cannot be told: {HELD_UP}"
        return _cannot_tell(assertion, slow, t)
    n: int | None = None
    counted = ""
    if assertion.statistic:
        values = (aggregate.first_values if assertion.first_turns else aggregate.values)[assertion.name]
        summary = summary_in_data(summarise(values), metric.unit)
        actual, n = getattr(summary, assertion.statistic), summary.n
        reason = "" if actual is not None else _why_none(assertion, n, aggregate)
    else:
        actual, n = in_data(session_value(metric, aggregate), metric.unit), basis_size(metric, aggregate)
        counted = basis_name(metric, aggregate)
        reason = "there was nothing to measure it on"
    if actual is None:
        return _cannot_tell(assertion, reason, t, n)
    passed = assertion.holds_for(actual)
    return AssertionRecord(in_record(t), assertion.text, passed, actual, assertion.unit.value, n, "", counted)


def _why_none(assertion: Assertion, n: int, aggregate: Aggregate) -> str:
    first, counts = len(aggregate.first_values[assertion.name]), aggregate.counts
    if n:
        return f"{assertion.statistic} needs {_MIN_N[assertion.statistic]} values, not {n}"
    if first and not assertion.first_turns:
        turns = "turn of a connection has it" if first == 1 else f"turns of {first} connections have it"
        return f"only the first {turns}, which summaries exclude: use {FIRST}{assertion.name}"
    excluded = [
        f"{number} {how}"
        for number, how in (
            (counts.closed, "ended by our own close"),
            (counts.manual, "ended by hand"),
            (counts.dangling, "never ended"),
            (counts.slow, "slow"),
        )
        if number
    ]
    return "no turn has this metric" + (f" (of {counts.turns}, {listed(excluded, 'and')})" if excluded else "")
