"""How verdicts on assertions are said."""

from stt_monitor.core.records import AssertionRecord
from stt_monitor.core.text import printable


def verdict_line(record: AssertionRecord) -> str:
    """Say in one line whether an assertion holds."""
    return f"{'PASS' if record.passed else 'FAIL'}  {printable(record.expression)}  {verdict(record)}"


def verdict(record: AssertionRecord) -> str:
    """Say what was found."""
    if record.actual is None:
        return f"no value: {record.reason}"
    value = f"{record.actual:.4f}".rstrip("0").rstrip(".")
    unit = f" {record.unit}" if record.unit else ""
    among = "" if record.n is None else f" (n {record.n} {record.counted}".rstrip() + ")"
    return f"actual {value}{unit}{among}"
