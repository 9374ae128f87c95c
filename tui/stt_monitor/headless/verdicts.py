"""Checks sessions against assertions: `--assert`, `--reference`, `--junit`."""

from collections.abc import Sequence
from contextlib import suppress

from stt_monitor.core.errors import InputError
from stt_monitor.core.metrics.aggregate import aggregate_sessions
from stt_monitor.core.metrics.assertions import Assertion, cannot_tell, check, exit_code, parse
from stt_monitor.core.metrics.shortfall import shortfalls
from stt_monitor.core.records.summaries import AssertionRecord
from stt_monitor.core.snapshot import Snapshot
from stt_monitor.core.text.sanitize import printable
from stt_monitor.headless.printer import Printer
from stt_monitor.recording.paths import user_path
from stt_monitor.system.streams import ReaderLeftError, TerminalGoneError
from stt_monitor.system.writer import check_writable, is_stream, write_text


class AssertionChecker:
    """Collects the sessions of a run and checks assertions against all of them together."""

    def __init__(
        self, assertions: Sequence[Assertion], recordings: Sequence[str], references: Sequence[str] | None
    ) -> None:
        """Prepare to check sessions over `recordings`; `references`: their reference transcripts, if known."""
        self._assertions = assertions
        self._recordings = recordings
        self._references = references
        self._last: dict[int, Snapshot] = {}

    def add(self, snapshot: Snapshot) -> None:
        """Keep the latest snapshot of each session."""
        self._last[snapshot.playing[0]] = snapshot

    def verdicts(self, *, interrupted: bool = False) -> list[AssertionRecord]:
        """Return one verdict per assertion; "cannot tell" where sessions are missing or were `interrupted`."""
        t = sum(snapshot.at for snapshot in self._last.values())
        if missing := shortfalls(self._last, self._recordings, interrupted=interrupted):
            return cannot_tell(self._assertions, missing, t)
        numbers = sorted(self._last)
        snapshots = [self._last[number] for number in numbers]
        references = None if self._references is None else [self._references[number - 1] for number in numbers]
        return check(self._assertions, aggregate_sessions(snapshots, references), t)

    def report(self, printer: Printer, junit: str | None, *, interrupted: bool = False) -> int:
        """Print the verdicts, write them to `junit` as JUnit XML, and return the exit code of the contract.

        Raises:
            InputError: the file cannot be written.
        """
        records = self.verdicts(interrupted=interrupted)
        with suppress(ReaderLeftError, TerminalGoneError):  # the exit code still says it
            for record in records:
                printer.print(record)
            printer.flush()
        if junit is not None:  # last: it must also say where the above has failed, and a pipe takes one document
            _write(junit, records, self._recordings)
        return exit_code(records)


def clear_verdicts(expressions: Sequence[str], junit: str | None, about: Sequence[str]) -> None:
    """Replace an earlier run's verdicts in `junit` by "cannot tell", in case this run does not finish.

    Args:
        expressions: of `--assert`.
        junit: the file; None: nothing to do.
        about: names of the recordings or sessions.

    Raises:
        InputError: an expression cannot be parsed, or the file cannot be written.
    """
    assertions = [] if junit is None else [parse(expression) for expression in expressions]
    if junit is not None and assertions:
        check_writable(user_path(junit))
        if not is_stream(user_path(junit)):
            _write(junit, cannot_tell(assertions, "the run did not finish"), about)


def write_errors(junit: str, expressions: Sequence[str], reason: str) -> None:
    """Write an error for each of the `expressions`, which may be malformed, to `junit`; without any, for the run.

    Raises:
        InputError: the file cannot be written.
    """
    names = [printable(expression) for expression in expressions] or ["no assertion"]
    errors = [AssertionRecord(0.0, name, passed=False, actual=None, unit="", n=None, reason=reason) for name in names]
    _write(junit, errors, ["stt-monitor"])


def _write(junit: str, records: Sequence[AssertionRecord], about: Sequence[str]) -> None:
    from stt_monitor.report.junit import junit_xml  # loads the XML library

    write_text(user_path(junit), [junit_xml(records, ", ".join(about))])


def prepare_checker(
    expressions: Sequence[str], references: Sequence[str], recordings: Sequence[str], junit: str | None
) -> AssertionChecker | None:
    """Parse assertions and references before anything runs; None without assertions.

    Args:
        expressions: of `--assert`.
        references: files with the reference transcripts of `recordings`.
        recordings: their names, in the order of the sessions.
        junit: the file for the verdicts, if any.

    Raises:
        InputError: an expression or a file cannot be read, or cannot be checked.
    """
    if not expressions and (references or junit):
        raise InputError(f"--{'reference' if references else 'junit'} needs assertions: give --assert too")
    assertions = [parse(expression) for expression in expressions]
    if not assertions:
        return None
    if not references and any(assertion.name == "wer" for assertion in assertions):
        raise InputError("--assert: wer needs a reference transcript: give --reference too")
    transcripts = None
    if references:
        from stt_monitor.audio.references.transcripts import read_references  # rarely needed

        transcripts = read_references([user_path(reference) for reference in references], recordings)
    return AssertionChecker(assertions, recordings, transcripts)
