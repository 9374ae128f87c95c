"""`--assert`: parses expressions about metrics. Pure.

An expression is `[SERVICE.][first.]NAME[.STATISTIC] OPERATOR LIMIT[UNIT]`, such as `eot_latency.p90<=900ms` or
`false_cutoffs==0`. A name is that of data or the screen's (`names`); metrics of turns need a statistic, those of
sessions have none. The prefix `first.` selects the first turn of each connection, which summaries exclude. The name of
a service in front selects its session, of several side by side.
"""

import operator
import re
from collections.abc import Callable, Collection, Iterable, Sequence
from math import isinf
from typing import Final

import msgspec

from stt_monitor.core.assertions.names import described, is_metric, keys_of, suggestion
from stt_monitor.core.errors import InputError
from stt_monitor.core.metrics.definitions import METRICS, SESSION_METRICS, TURN_METRICS
from stt_monitor.core.metrics.metric import Metric
from stt_monitor.core.metrics.percentiles import Summary
from stt_monitor.core.metrics.units import Unit
from stt_monitor.core.text.sanitize import printable
from stt_monitor.core.text.suggestion import did_you_mean
from stt_monitor.core.text.wording import listed

_STATISTICS: Final = Summary.__struct_fields__
FIRST: Final = "first."

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

_NAME: Final = re.compile(r"(?:[A-Za-z0-9_]+(?:[ -]+[A-Za-z][A-Za-z0-9_]*)*(?: *±)?)?")
"""A name of data, or one of the screen, which may be several words."""
_STATISTIC: Final = re.compile("[A-Za-z0-9_]*")
_PREFIX: Final = re.compile(rf"([A-Za-z0-9_]+)\.({_NAME.pattern})(\.?)")
"""A word in front of a name, that name, and whether a statistic follows."""
_OPERATOR: Final = re.compile("[<>=!]*")
_LIMIT: Final = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)")
_UNIT: Final = re.compile("[A-Za-z%/]*")


class Assertion(msgspec.Struct, frozen=True):
    """A parsed expression. `limit` is in `unit`; only metrics of turns have a statistic."""

    text: str
    """The expression, without control characters."""
    name: str
    """Key of the metric, whatever it was called."""
    statistic: str
    first_turns: bool
    operator: str
    limit: float
    unit: Unit
    service: str = ""
    """Name of the service in front; empty without one."""

    @property
    def metric(self) -> Metric:
        """What it is about."""
        return METRICS[self.name]

    @property
    def wants_more(self) -> bool:
        """Whether the limit is one from below: then low values are to blame."""
        return self.operator in (">", ">=")

    def holds_for(self, value: float) -> bool:
        """Return whether a value, in `unit`, is within the limit."""
        return _OPERATORS[self.operator](value, self.limit)


def parse(text: str, services: Collection[str] | None = None) -> Assertion:
    """Parse an expression.

    Args:
        text: the expression.
        services: names of the services that it can be about; None: unknown as yet, so any.

    Raises:
        InputError: not valid; the error's lines point to the place, and list what is allowed there.
    """
    return _Parser(printable(text), services).assertion()


class _Parser:
    """Parses one expression from left to right."""

    def __init__(self, text: str, services: Collection[str] | None) -> None:
        self._text = text
        self._services = services
        self._at = 0

    def assertion(self) -> Assertion:
        self._skip_spaces()
        service = self._service()
        first_turns = self._text.startswith(FIRST, self._at)
        self._at += len(FIRST) if first_turns else 0
        name = self._name(TURN_METRICS if first_turns else (*TURN_METRICS, *SESSION_METRICS))
        statistic = self._statistic() if METRICS[name] in TURN_METRICS else ""
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
        is_name = is_metric(word) or f"{word}." == FIRST
        about_metric = is_metric(name) or f"{name}." == FIRST or bool(statistic_follows)
        if is_name or not (about_metric or word in (self._services or ())):
            return ""
        if self._services is not None and word not in self._services:
            what = f"no service called {word} here{did_you_mean(word, self._services)}"
            raise self._error(self._at, what, f"services: {', '.join(self._services)}")
        self._at += len(word) + 1
        return word

    def _name(self, known: Sequence[Metric]) -> str:
        """Read a name; return the key of its metric."""
        start, name = self._match(_NAME)
        keys = keys_of(name, known) if name else []
        if len(keys) == 1:
            return keys[0]
        if keys:
            raise self._error(start, f"{name} may be {_or(keys)}: write one of them")
        what = f"no metric called {name}{suggestion(name, known)}" if name else "expected the name of a metric"
        others = [] if known is TURN_METRICS else [f"metrics without a statistic: {_named(SESSION_METRICS)}"]
        raise self._error(start, what, f"metrics with a statistic ({_EACH}): {_named(TURN_METRICS)}", *others)

    def _statistic(self) -> str:
        start = self._at
        if not self._text.startswith(".", start):
            raise self._error(start, f"this metric needs a statistic: {_EACH}")
        self._at += 1
        start, statistic = self._match(_STATISTIC)
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


def _named(metrics: Iterable[Metric]) -> str:
    return ", ".join(map(described, metrics))


def _or(words: Iterable[str]) -> str:
    return listed(words, "or")


_EACH: Final = _or(f".{statistic}" for statistic in _STATISTICS)
