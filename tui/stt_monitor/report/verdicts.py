"""Text for verdicts on assertions."""

from collections.abc import Iterator
from typing import Final

from stt_monitor.core.records.summaries import AssertionRecord, Compared, Verdict, WorstTurn
from stt_monitor.core.text.sanitize import beginning, printable
from stt_monitor.report.formatting import clock

VERDICTS: Final = {Verdict.PASS: "PASS", Verdict.FAIL: "FAIL", Verdict.CANNOT_TELL: "CANNOT TELL"}
_SHOWN: Final = 60
"""Characters of a turn's text."""


def verdict_lines(record: AssertionRecord) -> Iterator[str]:
    """Yield whether an assertion holds, and below a failure the worst turns behind it, a line each."""
    yield f"{VERDICTS[record.verdict]}  {what_is_asserted(record)}  {verdict(record)}"
    yield from (f"      {line}" for line in worst_lines(record))


def what_is_asserted(record: AssertionRecord) -> str:
    """Return the expression, with its service in front where there are several."""
    expression = printable(record.expression)
    named = not record.service or expression.startswith(f"{record.service}.")
    return expression if named else f"{record.service}: {expression}"


def verdict(record: AssertionRecord) -> str:
    """Format the actual value, or why there is none."""
    if record.actual is None:
        return printable(record.reason)
    counted = record.counted.removesuffix("s") if record.n == 1 else record.counted
    among = "" if record.n is None else f" (n {record.n} {counted}".rstrip() + ")"
    if record.compared is not None:
        return f"{_difference(record.actual, record.compared, record.unit)}{among}"
    return f"actual {_value(record.actual, record.unit)}{among}"


def worst_lines(record: AssertionRecord) -> Iterator[str]:
    """Yield the worst turns behind a failure: file, place in it, value, words."""
    for each in record.worst:
        place = f"{printable(each.source)} {place_of(each)}".rstrip()
        yield ", ".join(filter(None, (place, figure_of(each, record.unit), words_of(each))))


def place_of(turn: WorstTurn) -> str:
    """Return where a turn is in its file, as `m:ss.s`; else its number."""
    at = turn.end_file_s if turn.start_file_s is None else turn.start_file_s
    number = "" if turn.turn is None else f"turn {turn.turn}"
    return number if at is None else f"at {clock(at)}"


def figure_of(turn: WorstTurn, unit: str) -> str:
    """Format the value of a turn, and that of the baseline; empty without one, and for a bare number."""
    if turn.value is None or not unit:
        return ""
    return _value(turn.value, unit) + ("" if turn.before is None else f" (before {_value(turn.before, unit)})")


def words_of(turn: WorstTurn) -> str:
    """Return the beginning of a turn's text in quotes; say so where nothing was heard."""
    if turn.turn is None:
        return "no turn"
    text = beginning(turn.transcript, _SHOWN + 1)
    return f"“{text[:_SHOWN].rstrip()}{'…' if len(text) > _SHOWN else ''}”" if text else "no words"


def _difference(by: float, compared: Compared, unit: str) -> str:
    """Format by how much a metric differs from the baseline's, with the interval."""
    sure = "" if compared.significant or not by else ", not significant"
    if compared.low is None or compared.high is None:
        told = _signed(by) if by else "no difference"
        return f"{told}{sure}, {_value(compared.after, '')} after {_value(compared.before, '')}"
    interval = f"[{_signed(compared.low)} … {_signed(compared.high)}]"
    return f"{_signed(by)} {unit} {interval}{sure}, before {_value(compared.before, '')}"


def _signed(value: float) -> str:
    return f"{'+' if value > 0 else ''}{_value(value, '')}"


def _value(value: float, unit: str) -> str:
    text = f"{value:.4f}".rstrip("0").rstrip(".")
    return f"{text} {unit}" if unit else text
