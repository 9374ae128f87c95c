"""Where verdicts go beside standard output: JUnit XML, the summary of a CI step, annotations."""

from collections.abc import Sequence

import msgspec

from stt_monitor.core.records.summaries import AssertionRecord, Verdict
from stt_monitor.core.text.sanitize import printable
from stt_monitor.headless.output_file import check_output_file
from stt_monitor.recording.paths import user_path
from stt_monitor.report.verdicts import VERDICTS, verdict, what_is_asserted, worst_lines
from stt_monitor.system.streams import command_actions
from stt_monitor.system.workflow_commands import command, in_actions
from stt_monitor.system.writer import append_text, is_stream, write_text


class VerdictFiles(msgspec.Struct, frozen=True):
    """Files for verdicts, named by the user; None: not wanted."""

    junit: str | None = None
    """JUnit XML, replaced."""
    summary: str | None = None
    """Markdown, appended: the file may belong to the step."""
    report: str | None = None
    """A report on the run, which the command writes."""

    @property
    def option(self) -> str:
        """The first option that is given; empty without any."""
        return next((f"--{name}" for name in self.__struct_fields__ if getattr(self, name) is not None), "")

    def prepare(self, unknown: Sequence[AssertionRecord], about: Sequence[str]) -> None:
        """Check the files, and replace an earlier run's verdicts, in case this run does not finish.

        Args:
            unknown: verdicts that say so.
            about: names of the recordings or sessions.

        Raises:
            InputError: a file cannot be written.
        """
        if self.summary is not None:
            check_output_file(user_path(self.summary))
        if self.junit is not None and unknown:
            check_output_file(user_path(self.junit))
            if not is_stream(user_path(self.junit)):
                _write_junit(self.junit, unknown, about)

    def write(self, records: Sequence[AssertionRecord], about: Sequence[str]) -> None:
        """Write verdicts; show those that are no passes at the run, where GitHub Actions runs it.

        Raises:
            InputError: a file cannot be written.
        """
        if in_actions():
            command_actions(*(_annotation(each) for each in records if each.verdict is not Verdict.PASS))
        if self.summary is not None:
            from stt_monitor.report.step_summary import step_summary  # rarely needed

            append_text(user_path(self.summary), step_summary(records, ", ".join(about)))
        if self.junit is not None:  # last: it must also say where the above has failed, and a pipe takes one document
            _write_junit(self.junit, records, about)


def write_errors(junit: str, expressions: Sequence[str], reason: str) -> None:
    """Write an error for each of the `expressions`, which may be malformed, to `junit`; without any, for the run.

    Raises:
        InputError: the file cannot be written.
    """
    names = [printable(expression) for expression in expressions] or ["no assertion"]
    errors = [AssertionRecord(0.0, name, passed=False, actual=None, unit="", n=None, reason=reason) for name in names]
    _write_junit(junit, errors, ["stt-monitor"])


def _annotation(record: AssertionRecord) -> str:
    """Return what GitHub Actions shows of an assertion: an error, or a warning where nobody can tell."""
    failed = record.verdict is Verdict.FAIL
    lines = (f"{VERDICTS[record.verdict]}: {verdict(record)}", *worst_lines(record))
    return command("error" if failed else "warning", f"stt-monitor: {what_is_asserted(record)}", "\n".join(lines))


def _write_junit(junit: str, records: Sequence[AssertionRecord], about: Sequence[str]) -> None:
    from stt_monitor.report.junit import junit_xml  # loads the XML library

    path = user_path(junit)
    check_output_file(path)  # here, too: an error of the command line is written before anything was checked
    write_text(path, [junit_xml(records, ", ".join(about))])
