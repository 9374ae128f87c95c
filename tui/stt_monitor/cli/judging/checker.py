"""Judges the sessions of a run: assertions, a baseline, and where the verdicts go."""

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING

from stt_monitor.cli.judging.baselines import against_baseline, keep_as_baseline
from stt_monitor.core.assertions.checks import cannot_tell
from stt_monitor.core.assertions.expressions import parse
from stt_monitor.core.errors import InputError
from stt_monitor.headless.printer import Printer
from stt_monitor.headless.verdict_files import VerdictFiles
from stt_monitor.headless.verdicts import prepare_checker

if TYPE_CHECKING:
    from stt_monitor.report.model import LoadedSession

_UNFINISHED = "the run did not finish"


class Judging:
    """Collects the sessions of a run, and judges them at its end."""

    def __init__(
        self,
        options: argparse.Namespace,
        references: Sequence[str],
        recordings: Sequence[str],
        services: Sequence[Sequence[str]],
    ) -> None:
        """Read all that is needed, and replace an earlier run's verdicts, before anything runs.

        Args:
            options: the command line.
            references: files with the reference transcripts of the recordings.
            recordings: their names, in the order of the sessions.
            services: names of the services that hear each recording; several are side by side.

        Raises:
            InputError: something cannot be read, written or judged.
        """
        self._options = options
        self._files = VerdictFiles(options.junit, options.summary, options.report)
        if self._files.option and not options.assertions and options.baseline is None:
            raise InputError(f"{self._files.option} needs something to judge: give --assert or --baseline too")
        if options.report is not None:
            from stt_monitor.cli.judging.run_report import check_report  # loads the formats of reports

            check_report(options.report)
        against = against_baseline(options)
        unknown = cannot_tell(map(parse, options.assertions), _UNFINISHED)
        self._files.prepare([*unknown, *(against.cannot_tell(_UNFINISHED) if against else [])], recordings)
        self._checker = prepare_checker(options.assertions, references, recordings, services, against)
        self.add = self._checker.add

    def conclude(
        self, printer: Printer, sessions: "Sequence[LoadedSession] | None" = None, *, interrupted: bool = False
    ) -> int:
        """Print and write the verdicts and other requested files; return the exit code of the contract.

        Args:
            printer: prints records.
            sessions: for the report; None: those that were added.
            interrupted: a signal ended the run.

        Raises:
            InputError: a file cannot be written.
        """
        code = self._checker.report(printer, self._files, interrupted=interrupted)
        if self._options.report is not None:
            from stt_monitor.cli.judging.run_report import loaded, write_report  # as above

            write_report(self._options.report, loaded(self._checker.heard) if sessions is None else sessions)
        if self._options.write_baseline is not None:
            missing = self._checker.missing(interrupted=interrupted)
            kept = keep_as_baseline(self._options.write_baseline, self._checker.heard, missing)
            return code or kept
        return code
