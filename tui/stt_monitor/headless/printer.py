"""Prints records as lines on standard output."""

from collections.abc import Callable, Iterable, Iterator, Sequence

from stt_monitor.core.records.lines import Record, to_json
from stt_monitor.core.records.turns import LikelihoodRecord
from stt_monitor.headless.plain import PlainLines
from stt_monitor.headless.plain_mixed import lines_of_calls, lines_of_files
from stt_monitor.system.streams import Output
from stt_monitor.system.workflow_commands import disarmed, disarmed_json, in_actions

_Lines = Callable[[Record], Iterable[str]]


class Printer:
    """Prints records in one format. Methods raise what `Output` raises."""

    def __init__(self, lines: _Lines, *, for_programs: bool = False) -> None:
        self._lines = lines
        self._output = Output(for_programs=for_programs)

    @property
    def written(self) -> int:
        """Bytes written so far; may be read on any thread."""
        return self._output.written

    def print(self, record: Record) -> None:
        """Print a record; the lines may wait in a buffer until `flush`."""
        self._output.write_lines(self._lines(record))

    def print_lines(self, lines: Iterable[str]) -> None:
        """Print lines that are no record; they may wait as well."""
        self._output.write_lines(lines)

    def flush(self) -> None:
        """Write out the buffer."""
        self._output.flush()


def _safe(lines: _Lines, disarm: Callable[[str], str]) -> _Lines:
    """Keep what is printed from commanding GitHub Actions, which reads the output of a step."""
    return (lambda record: map(disarm, lines(record))) if in_actions() else lines


def json_printer(*, trace: bool = True) -> Printer:
    """Return a printer of JSON lines; without `trace` it leaves out what comes ten times a second."""
    lines = _json_lines if trace else _json_lines_without_trace
    return Printer(_safe(lines, disarmed_json), for_programs=True)


def plain_printer(*, several: bool = False, services: Sequence[str] = (), files: Sequence[str] = ()) -> Printer:
    """Return a printer of plain text, of `several` sessions in turn, `services` side by side, or `files` at once."""
    lines = lines_of_files(files) if files else PlainLines(several=several, services=services)
    return Printer(_safe(lines, disarmed))


def call_printer(*, json: bool) -> Printer:
    """Return a printer of the records of calls, whose lines are interleaved."""
    return json_printer() if json else Printer(_safe(lines_of_calls(), disarmed))


def _json_lines(record: Record) -> Iterator[str]:
    yield to_json(record)


def _json_lines_without_trace(record: Record) -> Iterator[str]:
    if not isinstance(record, LikelihoodRecord):
        yield to_json(record)
