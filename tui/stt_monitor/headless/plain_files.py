"""`--plain` of several files at once: each line, or block of lines, says which file it is about."""

from collections.abc import Iterator, Sequence

from stt_monitor.core.records.lines import Record
from stt_monitor.core.records.summaries import SummaryRecord
from stt_monitor.core.text.sanitize import printable
from stt_monitor.headless.plain import PlainLines


class PlainLinesOfFiles:
    """Yields the lines of each record, often none."""

    def __init__(self, files: Sequence[str]) -> None:
        """Start; `files` are the names that records have."""
        self._width = max(len(printable(file)) for file in files)
        self._of_file = {file: PlainLines() for file in files}
        self._of_all = PlainLines(several=True)

    def __call__(self, record: Record) -> Iterator[str]:
        """Yield the lines of the next record."""
        if not record.file:
            yield from self._of_all(record)
            return
        lines, name = self._of_file[record.file](record), printable(record.file)
        if not isinstance(record, SummaryRecord):
            yield from (f"{name:<{self._width}}  {line}" for line in lines)
            return
        for number, line in enumerate(lines):
            yield from ("", f"=== {name}") if not number else ()
            yield line
