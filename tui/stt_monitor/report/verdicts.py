"""Text for verdicts on assertions."""

from typing import Final

from stt_monitor.core.records.summaries import AssertionRecord, Verdict
from stt_monitor.core.text.sanitize import printable

_WORDS: Final = {Verdict.PASS: "PASS", Verdict.FAIL: "FAIL", Verdict.CANNOT_TELL: "CANNOT TELL"}


def verdict_line(record: AssertionRecord) -> str:
    """Format in one line whether an assertion holds."""
    return f"{_WORDS[record.verdict]}  {what_is_asserted(record)}  {verdict(record)}"


def what_is_asserted(record: AssertionRecord) -> str:
    """Return the expression, with its service in front where there are several."""
    expression = printable(record.expression)
    named = not record.service or expression.startswith(f"{record.service}.")
    return expression if named else f"{record.service}: {expression}"


def verdict(record: AssertionRecord) -> str:
    """Format the actual value, or why there is none."""
    if record.actual is None:
        return printable(record.reason)
    value = f"{record.actual:.4f}".rstrip("0").rstrip(".")
    unit = f" {record.unit}" if record.unit else ""
    counted = record.counted.removesuffix("s") if record.n == 1 else record.counted
    among = "" if record.n is None else f" (n {record.n} {counted}".rstrip() + ")"
    return f"actual {value}{unit}{among}"
