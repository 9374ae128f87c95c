"""Checks sessions against assertions and a baseline: `--assert`, `--reference`, `--baseline`."""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import NamedTuple

import msgspec

from stt_monitor.core.assertions.against_baseline import AgainstBaseline, Judged
from stt_monitor.core.assertions.checks import cannot_tell, check, exit_code
from stt_monitor.core.assertions.expressions import Assertion, parse
from stt_monitor.core.assertions.worst_turns import worst_turns
from stt_monitor.core.errors import InputError
from stt_monitor.core.metrics.aggregate import aggregate_sessions
from stt_monitor.core.metrics.metric import Ability, Need
from stt_monitor.core.metrics.shortfall import shortfalls
from stt_monitor.core.records.summaries import AssertionRecord, Verdict
from stt_monitor.core.snapshot import Snapshot
from stt_monitor.headless.printer import Printer
from stt_monitor.headless.verdict_files import VerdictFiles
from stt_monitor.recording.paths import user_path
from stt_monitor.services.registry import service_of
from stt_monitor.system.streams import ReaderLeftError, TerminalGoneError


class Heard(NamedTuple):
    """What a service made of a recording."""

    name: str
    """Name of the recording."""
    snapshot: Snapshot
    """The last one of the session."""
    reference: str | None
    """The reference transcript; None where it is unknown."""


class AssertionChecker:
    """Collects the sessions of a run, and checks all of them together.

    Services are checked apart: of several, an assertion without a service in front is about each.
    """

    def __init__(
        self,
        assertions: Sequence[Assertion],
        recordings: Sequence[str],
        references: Sequence[str] | None,
        services: Sequence[Sequence[str]],
        against: AgainstBaseline | None = None,
    ) -> None:
        """Prepare to check sessions.

        Args:
            assertions: the assertions.
            recordings: names of what is played.
            references: reference transcripts of each recording, if known.
            services: names of the services that hear each recording.
            against: the baseline, if any.
        """
        self._assertions = assertions
        self._recordings = recordings
        self._references = references
        self._against = against
        self._services = list(dict.fromkeys(name for heard_by in services for name in heard_by))
        self._expected = [(number, name) for number, heard_by in enumerate(services, 1) for name in heard_by]
        self._last: dict[tuple[int, str], Snapshot] = {}

    def add(self, snapshot: Snapshot) -> None:
        """Keep the latest snapshot of each session."""
        for each in snapshot.lanes or (snapshot,):
            self._last[snapshot.playing[0], service_of(each.session).name] = each

    @property
    def heard(self) -> list[list[Heard]]:
        """The sessions that began, together those of services that heard the same recording."""
        by_recording: dict[int, list[Heard]] = {}
        for (number, _), last in sorted(self._last.items(), key=lambda each: each[0][0]):
            said = None if self._references is None else self._references[number - 1]
            by_recording.setdefault(number, []).append(Heard(self._recordings[number - 1], last, said))
        return list(by_recording.values())

    def verdicts(self, *, interrupted: bool = False) -> list[AssertionRecord]:
        """Return the verdicts; "cannot tell" where sessions are missing or were `interrupted`."""
        apart = self._services if len(self._services) > 1 else [""]
        judged = [
            _about(self._verdict(assertion, service, interrupted=interrupted), service)
            for assertion in self._assertions
            for service in ([assertion.service] if assertion.service else apart)
        ]
        compared = (
            _about(each, service)
            for service in apart
            for each in self._against_baseline(service, interrupted=interrupted)
        )
        return [*judged, *compared]

    def missing(self, service: str = "", *, interrupted: bool = False) -> str:
        """Return why sessions of a service are incomplete, in words; without a name, of all. Empty: they are not."""
        about = self._about(service)
        names = (self._recordings[number - 1] for number, _ in about)
        return shortfalls(zip(names, map(self._last.get, about), strict=True), interrupted=interrupted)

    def _about(self, service: str) -> list[tuple[int, str]]:
        """Return the keys of a service's sessions; without a name, of all."""
        return [each for each in self._expected if service in ("", each[1])]

    def _ended(self, service: str) -> list[Judged]:
        """Return the sessions of a service that began; without a name, all."""
        return [
            Judged(self._recordings[number - 1], last, name)
            for number, name in self._about(service)
            if (last := self._last.get((number, name))) is not None
        ]

    def _verdict(self, assertion: Assertion, service: str, *, interrupted: bool) -> AssertionRecord:
        sessions = self._ended(service)
        snapshots = [each.snapshot for each in sessions]
        t = sum(snapshot.at for snapshot in snapshots)
        if why := self.missing(service, interrupted=interrupted) or _unsupported(assertion, snapshots):
            return cannot_tell([assertion], why, t)[0]
        numbers = (number for number, _ in self._about(service))
        references = None if self._references is None else [self._references[number - 1] for number in numbers]
        (judged,) = check([assertion], aggregate_sessions(snapshots, references), t)
        if judged.verdict is not Verdict.FAIL:
            return judged
        worst = worst_turns(assertion, judged, ((each.name, each.snapshot) for each in sessions))
        return msgspec.structs.replace(judged, worst=worst)

    def _against_baseline(self, service: str, *, interrupted: bool) -> list[AssertionRecord]:
        if self._against is None:
            return []
        sessions = self._ended(service)
        t = sum(each.snapshot.at for each in sessions)
        missing = self.missing(service, interrupted=interrupted)
        return self._against.cannot_tell(missing, t) if missing else self._against.verdicts(sessions, t)

    def report(self, printer: Printer, files: VerdictFiles, *, interrupted: bool = False) -> int:
        """Print the verdicts, write them to `files`, and return the exit code of the contract.

        Raises:
            InputError: a file cannot be written.
        """
        records = self.verdicts(interrupted=interrupted)
        with suppress(ReaderLeftError, TerminalGoneError):  # the exit code still says it
            for record in records:
                printer.print(record)
            printer.flush()
        files.write(records, self._recordings)
        return exit_code(records)


def _about(record: AssertionRecord, service: str) -> AssertionRecord:
    """Return a verdict that says which service it is about; without a name, as it is."""
    return msgspec.structs.replace(record, service=service) if service else record


def _unsupported(assertion: Assertion, snapshots: Iterable[Snapshot]) -> str:
    """Say why no service of these sessions can have a metric; empty where one can."""
    sessions = list(snapshots)
    if any(assertion.name not in each.marks.absent for each in sessions):
        return ""
    if assertion.metric.ability is Ability.AGENT:
        return "n/a: the agent's side was not heard: give --agent with a recording of two channels"
    titles = dict.fromkeys(service_of(each.session).title for each in sessions)
    return f"n/a: {' and '.join(titles)} cannot have this metric"


def need_words(expressions: Sequence[str], services: Sequence[str]) -> bool:
    """Return whether an assertion needs reference transcripts.

    Raises:
        InputError: an expression cannot be parsed.
    """
    return any(Need.TRANSCRIPT in parse(expression, services).metric.needs for expression in expressions)


def prepare_checker(
    expressions: Sequence[str],
    references: Sequence[str],
    recordings: Sequence[str],
    services: Sequence[Sequence[str]],
    against: AgainstBaseline | None = None,
) -> AssertionChecker:
    """Parse assertions and references before anything runs.

    Args:
        expressions: of `--assert`.
        references: files with the reference transcripts of `recordings`.
        recordings: their names, in the order of the sessions.
        services: names of the services that hear each recording; several are side by side.
        against: the baseline, if any.

    Raises:
        InputError: an expression or a file cannot be read, or cannot be checked.
    """
    if not expressions and references:
        raise InputError("--reference needs assertions: give --assert too")
    known = list(dict.fromkeys(name for heard_by in services for name in heard_by))
    assertions = [parse(expression, known) for expression in expressions]
    if not references and any(Need.TRANSCRIPT in assertion.metric.needs for assertion in assertions):
        raise InputError("--assert: wer needs a reference transcript: give --reference too")
    transcripts = None
    if references:
        from stt_monitor.audio.references.transcripts import read_references  # rarely needed

        transcripts = read_references([user_path(reference) for reference in references], recordings)
    return AssertionChecker(assertions, recordings, transcripts, services, against)
