"""`--assert`: parses and checks expressions about metrics. Pure.

An expression is `[SERVICE.]NAME[.STATISTIC] OPERATOR LIMIT[UNIT]`, such as `eot_latency.p90<=900ms` or
`false_cutoffs==0`. Names are those of `definitions.TURN_METRICS`, which need a statistic, and of `SESSION_METRICS`,
which have none. The prefix `first.` selects the first turn of each connection, which summaries exclude. The name of a
service in front selects its session, of several side by side.
"""

import operator
import re
from collections.abc import Callable, Collection, Iterable, Sequence
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
from stt_monitor.core.text.sanitize import printable
from stt_monitor.core.text.wording import plural

_OF_TURNS: Final = tuple(metric.key for metric in TURN_METRICS)
_OF_SESSIONS: Final = tuple(metric.key for metric in SESSION_METRICS)
_STATISTICS: Final = Summary.__struct_fields__
_FIRST: Final = "first."
_MIN_N: Final = {"p95": MIN_N_FOR_P95, "p99": MIN_N_FOR_P99}
"""Values that a percentile needs at least (metrics.md 6)."""

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
"""Units of a limit, by the metric's unit, and their factors."""

_NAME: Final = re.compile("[A-Za-z0-9_]*")
_PREFIX: Final = re.compile(r"([A-Za-z0-9_]+)\.([A-Za-z0-9_]*)(\.?)")
"""A word in front of a name, that name, and whether a statistic follows."""
_OPERATOR: Final = re.compile("[<>=!]*")
_LIMIT: Final = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)")
_UNIT: Final = re.compile("[A-Za-z%/]*")


class Assertion(msgspec.Struct, frozen=True):
    """A parsed expression. `limit` is in `unit`; only metrics of turns have a statistic."""

    text: str
    """The expression, without control characters."""
    name: str
    statistic: str
    first_turns: bool
    operator: str
    limit: float
    unit: Unit
    service: str = ""
    """Name of the service in front; empty without one."""


def parse(text: str, services: Collection[str] | None = None) -> Assertion:
    """Parse an expression.

    Args:
        text: the expression.
        services: names of the services that it can be about; None: unknown as yet, so any.

    Raises:
        InputError: not valid; the error's lines point to the place, and list what is allowed there.
    """
    return _Parser(printable(text), services).assertion()


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
    metric, counts = METRICS[assertion.name], aggregate.counts
    if metric.timed and 2 * counts.slow > counts.turns:
        slow = f"this machine or its network was too slow in {counts.slow} of {plural(counts.turns, 'turn')}"
        return _cannot_tell(assertion, slow, t)
    if Need.SPEECH in metric.needs and aggregate.speech_delayed > aggregate.speech_checked:
        spans = aggregate.speech_delayed + aggregate.speech_checked
        slow = f"this machine or its network was too slow for {aggregate.speech_delayed} of {spans} utterances"
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
    passed = _OPERATORS[assertion.operator](actual, assertion.limit)
    return AssertionRecord(in_record(t), assertion.text, passed, actual, assertion.unit.value, n, "", counted)


def _why_none(assertion: Assertion, n: int, aggregate: Aggregate) -> str:
    first, counts = len(aggregate.first_values[assertion.name]), aggregate.counts
    if n:
        return f"{assertion.statistic} needs {_MIN_N[assertion.statistic]} values, not {n}"
    if first and not assertion.first_turns:
        turns = "turn of a connection has it" if first == 1 else f"turns of {first} connections have it"
        return f"only the first {turns}, which summaries exclude: use {_FIRST}{assertion.name}"
    excluded = [
        f"{number} {how}"
        for number, how in (
            (counts.closed, "ended by our own close"),
            (counts.manual, "ended by hand"),
            (counts.dangling, "never ended"),
            (counts.slow, "too slow because of this machine or its network"),
        )
        if number
    ]
    return "no turn has this metric" + (f" (of {counts.turns}, {_listed(excluded, 'and')})" if excluded else "")


class _Parser:
    """Parses one expression from left to right."""

    def __init__(self, text: str, services: Collection[str] | None) -> None:
        self._text = text
        self._services = services
        self._at = 0

    def assertion(self) -> Assertion:
        self._skip_spaces()
        service = self._service()
        first_turns = self._text.startswith(_FIRST, self._at)
        self._at += len(_FIRST) if first_turns else 0
        name = self._name(_OF_TURNS if first_turns else (*_OF_TURNS, *_OF_SESSIONS))
        statistic = self._statistic() if name in _OF_TURNS else ""
        unit = Unit.COUNT if statistic == "n" else METRICS[name].unit
        compare = self._operator(name, statistic)
        limit = self._limit(unit)
        return Assertion(self._text.strip(), name, statistic, first_turns, compare, limit, unit, service)

    def _service(self) -> str:
        """Read the service in front; empty where there is none."""
        found = _PREFIX.match(self._text, self._at)
        if found is None:
            return ""
        word, name, statistic_follows = found.groups()
        is_name = word in METRICS or f"{word}." == _FIRST
        about_metric = name in METRICS or f"{name}." == _FIRST or bool(statistic_follows)
        if is_name or not (about_metric or word in (self._services or ())):
            return ""
        if self._services is not None and word not in self._services:
            near = get_close_matches(word, self._services, 1)
            hint = f"; did you mean {near[0]}?" if near else ""
            raise self._error(
                self._at, f"no service called {word} here{hint}", f"services: {', '.join(self._services)}"
            )
        self._at += len(word) + 1
        return word

    def _name(self, known: Sequence[str]) -> str:
        start, name = self._match(_NAME)
        if name in known:
            return name
        near = get_close_matches(name, known, 1)
        hint = f"; did you mean {near[0]}?" if near else ""
        what = f"no metric called {name}{hint}" if name else "expected the name of a metric"
        others = [] if known is _OF_TURNS else [f"metrics without a statistic: {', '.join(_OF_SESSIONS)}"]
        raise self._error(start, what, f"metrics with a statistic ({_EACH}): {', '.join(_OF_TURNS)}", *others)

    def _statistic(self) -> str:
        start = self._at
        if not self._text.startswith(".", start):
            raise self._error(start, f"this metric needs a statistic: {_EACH}")
        self._at += 1
        start, statistic = self._match(_NAME)
        if statistic not in _STATISTICS:
            raise self._error(start, f"expected a statistic: {_or(_STATISTICS)}")
        return statistic

    def _operator(self, name: str, statistic: str) -> str:
        if not statistic and self._text.startswith(".", self._at):
            raise self._error(self._at, f"{name} is a single number: leave the statistic out")
        self._skip_spaces()
        start, compare = self._match(_OPERATOR)
        if compare not in _OPERATORS:
            raise self._error(start, f"expected a comparison: {_or(_OPERATORS)}")
        return compare

    def _limit(self, unit: Unit) -> float:
        self._skip_spaces()
        start, number = self._match(_LIMIT)
        if not number:
            raise self._error(start, "expected a number")
        if isinf(1000 * float(number)):  # in whatever unit
            raise self._error(start, "this number is too large")
        self._skip_spaces()
        start, suffix = self._match(_UNIT)
        factors = _UNITS[unit]
        if suffix not in factors:
            allowed = _or(factor or "nothing" for factor in factors)
            what = f"expected the unit {allowed}" if unit.value else "this is a count: leave the unit out"
            raise self._error(start, what)
        self._skip_spaces()
        if self._at < len(self._text):
            raise self._error(self._at, "unexpected text after the expression; repeat --assert for another")
        return round(float(number) * factors[suffix], 9)  # 1.1 s are 1100 ms, not 1100.0000000000002

    def _match(self, pattern: re.Pattern[str]) -> tuple[int, str]:
        start = self._at
        found = pattern.match(self._text, start)
        taken = found[0] if found else ""
        self._at += len(taken)
        return start, taken

    def _skip_spaces(self) -> None:
        while self._text[self._at : self._at + 1] == " ":
            self._at += 1

    def _error(self, at: int, what: str, *more: str) -> InputError:
        return InputError(f"--assert: {what}", f"  {self._text}", f"  {' ' * at}^", *more)


def _or(words: Iterable[str]) -> str:
    return _listed(words, "or")


def _listed(words: Iterable[str], conjunction: str) -> str:
    *others, last = words
    return f"{', '.join(others)} {conjunction} {last}" if others else last


_EACH: Final = _or(f".{statistic}" for statistic in _STATISTICS)
