"""Sessions with something to hold them to: `--assert`, `--reference`, `--junit`."""

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from stt_monitor.core.errors import InputError
from stt_monitor.core.metrics.aggregate import aggregate_sessions
from stt_monitor.core.metrics.assertions import Assertion, cannot_tell, exit_code, judge, parse
from stt_monitor.core.metrics.shortfall import shortfalls
from stt_monitor.core.records.summaries import AssertionRecord
from stt_monitor.core.snapshot import Snapshot
from stt_monitor.core.text.sanitize import printable
from stt_monitor.headless.printer import Printer
from stt_monitor.system.streams import ReaderLeftError, TerminalGoneError
from stt_monitor.system.writer import check_writable, is_stream, write_text


class Judge:
    """Sees the sessions of a run go by, and says in the end what held of all of them together."""

    def __init__(self, assertions: Sequence[Assertion], recordings: Sequence[str], said: Sequence[str] | None) -> None:
        """Prepare to judge sessions over `recordings`; `said` is what is said in each, where it is known."""
        self._assertions = assertions
        self._recordings = recordings
        self._said = said
        self._last: dict[int, Snapshot] = {}

    def see(self, snapshot: Snapshot) -> None:
        """Remember the newest picture of each session."""
        self._last[snapshot.playing[0]] = snapshot

    def verdicts(self, *, interrupted: bool = False) -> list[AssertionRecord]:
        """Judge what was seen, if all of it was: a signal may have `interrupted` it."""
        t = sum(snapshot.at for snapshot in self._last.values())
        if missing := shortfalls(self._last, self._recordings, interrupted=interrupted):
            return cannot_tell(self._assertions, missing, t)
        numbers = sorted(self._last)
        snapshots = [self._last[number] for number in numbers]
        said = None if self._said is None else [self._said[number - 1] for number in numbers]
        return judge(self._assertions, aggregate_sessions(snapshots, said), t)

    def announce(self, printer: Printer, junit: str | None, *, interrupted: bool = False) -> int:
        """Print the verdicts, and write them as JUnit XML to the file `junit`; returns the exit code of the contract.

        Raises:
            InputError: the file cannot be written.
        """
        records = self.verdicts(interrupted=interrupted)
        with suppress(ReaderLeftError, TerminalGoneError):  # who reads on is told by the exit code
            for record in records:
                printer.print(record)
            printer.flush()
        if junit is not None:  # last: a pipe takes one document, and may get that the above has failed
            _write(junit, records, self._recordings)
        return exit_code(records)


def clear_verdicts(expressions: Sequence[str], junit: str | None, about: Sequence[str]) -> None:
    """Have the file `junit` say that nobody can tell: however the run ends, no earlier run's verdicts stay.

    Args:
        expressions: of `--assert`.
        junit: the file, if one is wanted.
        about: the names of the recordings or sessions.

    Raises:
        InputError: an expression cannot be read, or the file not be written.
    """
    assertions = [] if junit is None else [parse(expression) for expression in expressions]
    if junit is not None and assertions:
        check_writable(Path(junit))
        if not is_stream(Path(junit)):
            _write(junit, cannot_tell(assertions, "the run did not come to its end"), about)


def write_errors(junit: str, expressions: Sequence[str], reason: str) -> None:
    """Write to the file `junit` that nobody can tell about expressions, which may be malformed, or about any.

    Raises:
        InputError: the file cannot be written.
    """
    names = [printable(expression) for expression in expressions] or ["no assertion"]
    errors = [AssertionRecord(0.0, name, passed=False, actual=None, unit="", n=None, reason=reason) for name in names]
    _write(junit, errors, ["stt-monitor"])


def _write(junit: str, records: Sequence[AssertionRecord], about: Sequence[str]) -> None:
    from stt_monitor.report.junit import junit_xml  # loads the XML library

    write_text(Path(junit), [junit_xml(records, ", ".join(about))])


def prepare_judge(
    expressions: Sequence[str], references: Sequence[str], recordings: Sequence[str], junit: str | None
) -> Judge | None:
    """Read all that is asked for, before anything runs; None when nothing is.

    Args:
        expressions: of `--assert`.
        references: files that tell what is really said in `recordings`.
        recordings: their names, in the order of the sessions.
        junit: the file that the verdicts will be written to, if any.

    Raises:
        InputError: something cannot be read, or cannot be judged.
    """
    if not expressions and (references or junit):
        raise InputError(f"--{'reference' if references else 'junit'} is about assertions: give --assert too")
    assertions = [parse(expression) for expression in expressions]
    if not assertions:
        return None
    if not references and any(assertion.name == "wer" for assertion in assertions):
        raise InputError("--assert: wer is counted against what was really said: give --reference too")
    said = None
    if references:
        from stt_monitor.audio.references.transcripts import read_references  # asked for rarely

        said = read_references([Path(reference) for reference in references], recordings)
    return Judge(assertions, recordings, said)
