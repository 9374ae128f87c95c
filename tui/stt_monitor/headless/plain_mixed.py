"""`--plain` of sessions whose lines come mixed: each line, or block of lines, begins with the one that it is about."""

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from stt_monitor.core.records.lines import Record
from stt_monitor.core.records.summaries import SummaryRecord
from stt_monitor.core.text.sanitize import printable
from stt_monitor.headless.plain import PlainLines

_CALL_WIDTH: Final = len("call 999")


class PlainLinesMixed:
    """Yields the lines of each record, often none.

    Args:
        name_of: names what a record is about; "" for all together.
        width: of the longest name, cells.
    """

    def __init__(self, name_of: Callable[[Record], str], width: int) -> None:
        self._name_of = name_of
        self._width = width
        self._lines_of: dict[str, PlainLines] = {}
        self._of_all = PlainLines(several=True)

    def __call__(self, record: Record) -> Iterator[str]:
        """Yield the lines of the next record."""
        name = self._name_of(record)
        if not name:
            yield from self._of_all(record)
            return
        own = self._lines_of.setdefault(name, PlainLines())
        if not isinstance(record, SummaryRecord):
            yield from (f"{name:<{self._width}}  {line}" for line in own(record))
            return
        for number, line in enumerate(own(record)):
            yield from ("", f"=== {name}") if not number else ()
            yield line


def lines_of_files(files: Sequence[str]) -> PlainLinesMixed:
    """Return the lines of several files at once; `files` are the names that records have."""
    width = max(len(printable(file)) for file in files)
    return PlainLinesMixed(lambda record: printable(record.file or ""), width)


def lines_of_calls() -> PlainLinesMixed:
    """Return the lines of calls."""
    return PlainLinesMixed(lambda record: call_name(record.call) if record.call else "", _CALL_WIDTH)


def call_name(call: int) -> str:
    """Return how a call is named."""
    return f"call {call}"
