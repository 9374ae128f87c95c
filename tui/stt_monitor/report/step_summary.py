"""Verdicts as Markdown, for the summary of a step in CI."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

from stt_monitor.core.records.summaries import AssertionRecord, Verdict
from stt_monitor.core.text.wording import plural
from stt_monitor.report.markup import escape, table
from stt_monitor.report.verdicts import VERDICTS, figure_of, place_of, verdict, what_is_asserted, words_of

_SIGNS: Final = {Verdict.PASS: "✅", Verdict.FAIL: "❌", Verdict.CANNOT_TELL: "⚠️"}


def step_summary(records: Sequence[AssertionRecord], about: str) -> str:
    """Return the verdicts and the worst turns behind failures.

    Args:
        records: the verdicts.
        about: what they are about, such as the recordings' names.
    """
    return "".join(f"{line}\n" for line in _lines(records, about))


def _lines(records: Sequence[AssertionRecord], about: str) -> Iterator[str]:
    yield f"### stt-monitor: {_outcome(records)}"
    yield ""
    yield escape(about)
    yield ""
    rows = (
        [f"{_SIGNS[each.verdict]} {VERDICTS[each.verdict]}", escape(what_is_asserted(each)), escape(verdict(each))]
        for each in records
    )
    yield from table(["", "assertion", "found"], rows)
    yield ""
    for each in records:
        yield from _worst(each)


def _outcome(records: Sequence[AssertionRecord]) -> str:
    found = Counter(record.verdict for record in records)
    if failed := found[Verdict.FAIL]:
        return f"{failed} of {plural(len(records), 'assertion')} failed"
    if unknown := found[Verdict.CANNOT_TELL]:
        return f"cannot tell {unknown} of {plural(len(records), 'assertion')}"
    return f"{plural(len(records), 'assertion')} passed"


def _worst(record: AssertionRecord) -> Iterator[str]:
    if not record.worst:
        return
    yield f"Behind {escape(what_is_asserted(record))}:"
    yield ""
    rows = (
        map(escape, (each.source, place_of(each), figure_of(each, record.unit), words_of(each)))
        for each in record.worst
    )
    yield from table(["file", "where", "value", "words"], rows)
    yield ""
