"""`--assert`: expressions about figures, read and judged. Pure.

An expression is `NAME[.STATISTIC] OPERATOR LIMIT[UNIT]`, say `eot_latency.p90<=900ms` or `false_cutoffs==0`. Names are
those of `definitions.TURN_METRICS`, which need a statistic, and of `SESSION_METRICS`, which have none. `first.` in
front of a metric of turns asks about the first turn of each connection, which no summary includes.
"""

import operator
import re
from collections.abc import Callable, Iterable, Sequence
from difflib import get_close_matches
from math import isinf
from typing import Final

import msgspec

from stt_monitor.core.errors import InputError
from stt_monitor.core.metrics.aggregate import Aggregate
from stt_monitor.core.metrics.definitions import METRICS, SESSION_METRICS, TURN_METRICS
from stt_monitor.core.metrics.metric import Need
from stt_monitor.core.metrics.percentiles import MIN_N_FOR_P95, MIN_N_FOR_P99, Summary, summarise
from stt_monitor.core.metrics.session_metrics import basis_name, basis_size, session_value
from stt_monitor.core.metrics.units import Unit, in_data, summary_in_data
from stt_monitor.core.records.fields import in_record
from stt_monitor.core.records.summaries import AssertionRecord, Verdict
from stt_monitor.core.text.sanitize import plural, printable

_FIGURES: Final = tuple(metric.key for metric in TURN_METRICS)
_NUMBERS: Final = tuple(metric.key for metric in SESSION_METRICS)
_STATISTICS: Final = Summary.__struct_fields__
_FIRST: Final = "first."
_NEEDED: Final = {"p95": MIN_N_FOR_P95, "p99": MIN_N_FOR_P99}
"""Values without which a percentile is none (metrics.md 6)."""

CANNOT_TELL_EXIT: Final = 4

_OPERATORS: Final[dict[str, Callable[[float, float], bool]]] = {
    "<=": operator.le, "<": operator.lt, ">=": operator.ge, ">": operator.gt, "==": operator.eq, "!=": operator.ne,
}  # fmt: skip
_UNITS: Final[dict[Unit, dict[str, float]]] = {
    Unit.COUNT: {"": 1.0},
    Unit.MILLISECONDS: {"ms": 1.0, "s": 1000.0},
    Unit.SECONDS: {"s": 1.0, "ms": 0.001, "": 1.0},
    Unit.PERCENT: {"%": 1.0, "": 100.0},
    Unit.PER_SECOND: {"/s": 1.0, "": 1.0},
    Unit.DECIBELS: {"dB": 1.0, "": 1.0},
}
"""What a limit may be written in, and how many of the unit that it is judged in each is."""

_NAME: Final = re.compile("[A-Za-z0-9_]*")
_OPERATOR: Final = re.compile("[<>=!]*")
_LIMIT: Final = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)")
_UNIT: Final = re.compile("[A-Za-z%/]*")


class Assertion(msgspec.Struct, frozen=True):
    """What must hold. `limit` is in `unit`; a figure that is summarised has a statistic, another none."""

    text: str
    """As it was written, but for what a terminal obeys."""
    name: str
    statistic: str
    first_turns: bool
    operator: str
    limit: float
    unit: Unit


def parse(text: str) -> Assertion:
    """Read an expression.

    Raises:
        InputError: it is none; the error's lines point to the place, and list what may stand there.
    """
    return _Reader(printable(text)).assertion()


def check(assertions: Iterable[Assertion], pool: Aggregate, t: float) -> list[AssertionRecord]:
    """Say of each assertion whether it holds.

    A value is judged as it is written: rounded as in all data. Where there is none, nobody can tell.

    Args:
        assertions: what must hold.
        pool: the turns of all sessions together.
        t: the time to put on record, seconds of session.
    """
    return [_judged(assertion, pool, t) for assertion in assertions]


def cannot_tell(assertions: Iterable[Assertion], reason: str, t: float = 0.0) -> list[AssertionRecord]:
    """Say of each assertion that nobody can tell whether it holds, and why."""
    return [_untold(assertion, reason, t) for assertion in assertions]


def exit_code(records: Iterable[AssertionRecord]) -> int:
    """Return the exit code of the contract: one that fails is certain, and goes before those that nobody can tell."""
    found = {record.verdict for record in records}
    return 1 if Verdict.FAIL in found else CANNOT_TELL_EXIT if Verdict.CANNOT_TELL in found else 0


def _untold(assertion: Assertion, reason: str, t: float, n: int | None = None) -> AssertionRecord:
    return AssertionRecord(
        in_record(t), assertion.text, passed=False, actual=None, unit=assertion.unit.value, n=n, reason=reason
    )


def _judged(assertion: Assertion, pool: Aggregate, t: float) -> AssertionRecord:
    metric, counts = METRICS[assertion.name], pool.counts
    if metric.timed and 2 * counts.slow > counts.turns:
        slow = f"this machine or its line was too slow in {counts.slow} of {plural(counts.turns, 'turn')}"
        return _untold(assertion, slow, t)
    if Need.SPEECH in metric.needs and pool.speech_held_up > pool.speech_judged:
        spans = pool.speech_held_up + pool.speech_judged
        slow = f"this machine or its line was too slow for {pool.speech_held_up} of {spans} spoken utterances"
        return _untold(assertion, slow, t)
    n: int | None = None
    counted = ""
    if assertion.statistic:
        values = (pool.first_values if assertion.first_turns else pool.values)[assertion.name]
        summary = summary_in_data(summarise(values), metric.unit)
        actual, n = getattr(summary, assertion.statistic), summary.n
        reason = "" if actual is not None else _why_none(assertion, n, pool)
    else:
        actual, n = in_data(session_value(metric, pool), metric.unit), basis_size(metric, pool)
        counted = basis_name(metric, pool)
        reason = "nothing was found that it could be told from"
    if actual is None:
        return _untold(assertion, reason, t, n)
    passed = _OPERATORS[assertion.operator](actual, assertion.limit)
    return AssertionRecord(in_record(t), assertion.text, passed, actual, assertion.unit.value, n, "", counted)


def _why_none(assertion: Assertion, n: int, pool: Aggregate) -> str:
    first, counts = len(pool.first_values[assertion.name]), pool.counts
    if n:
        there = "there is" if n == 1 else "there are"
        return f"{assertion.statistic} needs {_NEEDED[assertion.statistic]} values, {there} {n}"
    if first and not assertion.first_turns:
        turns = "turn of a connection, which is" if first == 1 else f"turns of {first} connections, which are"
        return f"only the first {turns} left out of summaries: ask for {_FIRST}{assertion.name}"
    left_out = [
        f"{number} {how}"
        for number, how in (
            (counts.closed, "ended by our own close"),
            (counts.dangling, "never ended"),
            (counts.slow, "too slow because of this machine or its line"),
        )
        if number
    ]
    return "no turn has this figure" + (f" (of {counts.turns}, {_listed(left_out, 'and')})" if left_out else "")


class _Reader:
    """Reads one expression from left to right."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    def assertion(self) -> Assertion:
        self._skip_blanks()
        first_turns = self._text.startswith(_FIRST, self._at)
        self._at += len(_FIRST) if first_turns else 0
        name = self._name(_FIGURES if first_turns else (*_FIGURES, *_NUMBERS))
        statistic = self._statistic() if name in _FIGURES else ""
        unit = Unit.COUNT if statistic == "n" else METRICS[name].unit
        compare = self._operator(name, statistic)
        limit = self._limit(unit)
        return Assertion(self._text.strip(), name, statistic, first_turns, compare, limit, unit)

    def _name(self, known: Sequence[str]) -> str:
        start, name = self._take(_NAME)
        if name in known:
            return name
        near = get_close_matches(name, known, 1)
        hint = f"; did you mean {near[0]}?" if near else ""
        what = f"there is no figure called {name}{hint}" if name else "the name of a figure must stand here"
        numbers = [] if known is _FIGURES else [f"numbers: {', '.join(_NUMBERS)}"]
        raise self._refused(start, what, f"figures, each with {_EACH}: {', '.join(_FIGURES)}", *numbers)

    def _statistic(self) -> str:
        start = self._at
        if not self._text.startswith(".", start):
            raise self._refused(start, f"a statistic must follow this figure: {_EACH}")
        self._at += 1
        start, statistic = self._take(_NAME)
        if statistic not in _STATISTICS:
            raise self._refused(start, f"a statistic is {_or(_STATISTICS)}")
        return statistic

    def _operator(self, name: str, statistic: str) -> str:
        if not statistic and self._text.startswith(".", self._at):
            raise self._refused(self._at, f"{name} is one number and has no statistics: leave this out")
        self._skip_blanks()
        start, compare = self._take(_OPERATOR)
        if compare not in _OPERATORS:
            raise self._refused(start, f"a comparison must stand here: {_or(_OPERATORS)}")
        return compare

    def _limit(self, unit: Unit) -> float:
        self._skip_blanks()
        start, number = self._take(_LIMIT)
        if not number:
            raise self._refused(start, "a number must stand here")
        if isinf(1000 * float(number)):  # in whatever unit
            raise self._refused(start, "this number is too large")
        self._skip_blanks()
        start, suffix = self._take(_UNIT)
        factors = _UNITS[unit]
        if suffix not in factors:
            allowed = _or(factor or "nothing" for factor in factors)
            what = f"the unit here is {allowed}" if unit.value else "this is a count and has no unit: leave this out"
            raise self._refused(start, what)
        self._skip_blanks()
        if self._at < len(self._text):
            raise self._refused(self._at, "the expression is over here; give --assert again for another")
        return round(float(number) * factors[suffix], 9)  # 1.1 s are 1100 ms, not 1100.0000000000002

    def _take(self, pattern: re.Pattern[str]) -> tuple[int, str]:
        start = self._at
        found = pattern.match(self._text, start)
        taken = found[0] if found else ""
        self._at += len(taken)
        return start, taken

    def _skip_blanks(self) -> None:
        while self._text[self._at : self._at + 1] == " ":
            self._at += 1

    def _refused(self, at: int, what: str, *more: str) -> InputError:
        return InputError(f"--assert: {what}", f"  {self._text}", f"  {' ' * at}^", *more)


def _or(words: Iterable[str]) -> str:
    return _listed(words, "or")


def _listed(words: Iterable[str], by: str) -> str:
    *others, last = words
    return f"{', '.join(others)} {by} {last}" if others else last


_EACH: Final = _or(f".{statistic}" for statistic in _STATISTICS)
