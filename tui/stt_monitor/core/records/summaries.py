"""Records that summarise sessions, runs over several files, and assertions, as `--json` prints them."""

from collections.abc import Mapping
from enum import Enum
from typing import TYPE_CHECKING, Any

import msgspec

from stt_monitor.core.metrics.definitions import TURN_METRICS
from stt_monitor.core.metrics.pauses import Pauses
from stt_monitor.core.metrics.percentiles import Summary
from stt_monitor.core.metrics.units import Unit, in_data, summary_in_data
from stt_monitor.core.records.fields import Line, with_fields_for_metrics
from stt_monitor.core.records.session import Health
from stt_monitor.core.records.turns import TurnRecord


class Counts(msgspec.Struct, frozen=True):
    """Counts of the session."""

    turns: int = 0
    eager_ends: int = 0
    eager_ends_confirmed: int = 0
    resumes: int = 0
    false_cutoffs: int = 0
    missed: int = 0
    spurious: int = 0
    violations: int = 0
    unknown_events: int = 0
    errors: int = 0
    closed: int = 0
    """Turns that our own `close` ended."""
    dangling: int = 0
    """Turns that never ended."""
    slow: int = 0
    """Turns that this machine, its network or the client held up."""
    repeats: int = 0
    """Messages that repeat an ended turn."""
    manual: int = 0
    """Turns that the client ended by hand."""
    late_texts: int = 0
    """Texts of turns that came too late."""
    wasted_replies: int = 0
    """Eager ends at which an early reply would be wasted."""
    turns_checked: int = 0
    """Turns of which it is known whether they were cut off: ended by the service, not slow, with reference speech."""
    interruptions: int = 0
    """Turns in which the agent interrupts the caller; 0 without the agent's channel."""
    turns_ended: int = 0
    """Turns that the service ended, not slow: of others nobody knows what is wasted."""

    @property
    def eager_ends_decided(self) -> int:
        """Eager ends that the service confirmed or resumed: none that is open, was lost, or that `close` ended."""
        return self.eager_ends_confirmed + self.resumes

    @property
    def eager_precision(self) -> float | None:
        """Share of the decided eager ends that were confirmed; None without any."""
        return self.eager_ends_confirmed / self.eager_ends_decided if self.eager_ends_decided else None


class _SummaryHead(Line, frozen=True, tag_field="kind", tag="summary"):
    t: float
    turns: int
    """Turns reported by the service."""
    transcript: str
    """The texts of ended turns as they came, joined by the service's rule: without a separator, or by a space. Those of
    different connections are apart by a space."""


if TYPE_CHECKING:
    _SummarisedSession = _SummaryHead
else:
    _SummarisedSession = with_fields_for_metrics(_SummaryHead, Summary)


class SummaryRecord(_SummarisedSession, frozen=True, tag_field="kind", tag="summary"):
    """The end of a session. Summaries cover the turns that count (metrics.md 3), without the first."""

    first_turn: TurnRecord | None
    """The first turn, as in `turn`; null without one."""
    counts: Counts
    """Counts of the session."""
    health: Health
    """Health at the end."""
    recording_stopped: str | msgspec.UnsetType = msgspec.UNSET
    """Why recording stopped before the session; missing otherwise."""
    not_applicable: tuple[str, ...] = ()
    """Metrics that the service cannot have under the settings of this session: neither 0 nor unknown."""
    derived: tuple[str, ...] = ()
    """Metrics with values from moments that the service does not tell, and that are inferred."""
    pause_survived_max_ms: float | None = None
    """The longest pause inside a turn that did not end it; null without one."""
    pause_cut_min_ms: float | None = None
    """The shortest pause inside a turn that ended it; null without one."""


class FileTotal(msgspec.Struct, frozen=True):
    """One of several files."""

    source: str
    """Name of the file."""
    turns: int
    """Turns in it."""
    error: str
    """Its error, in a sentence; empty without one."""


class _TotalHead(Line, frozen=True, tag_field="kind", tag="total"):
    t: float
    files: tuple[FileTotal, ...]
    """The files played; an error of the last one may have ended the run."""
    files_asked: int
    """Number of files given."""
    turns: int
    """Turns of all files."""


if TYPE_CHECKING:
    _SummarisedFiles = _TotalHead
else:
    _SummarisedFiles = with_fields_for_metrics(_TotalHead, Summary)


class TotalRecord(_SummarisedFiles, frozen=True, tag_field="kind", tag="total"):
    """The end of a run over several files, with the turns of all of them. `t` is seconds since the first began."""

    first_turns: dict[str, Summary]
    """Summaries of the first turns of connections, which the others exclude, by name: `eot_latency_ms` …"""
    counts: Counts
    """Counts of all files."""
    not_applicable: tuple[str, ...] = ()
    """As in `summary`."""
    derived: tuple[str, ...] = ()
    """As in `summary`."""
    pause_survived_max_ms: float | None = None
    """As in `summary`, over all files."""
    pause_cut_min_ms: float | None = None
    """As in `summary`, over all files."""


class Verdict(Enum):
    """Outcome of an assertion."""

    PASS = "pass"  # noqa: S105  no password
    FAIL = "fail"
    CANNOT_TELL = "cannot_tell"


class WorstTurn(msgspec.Struct, frozen=True):
    """A turn that is to blame for a failed assertion."""

    source: str
    """Name of the file or microphone."""
    turn: int | None
    """Number of the turn; null for speech without one (`missed`)."""
    value: float | None
    """Its value, in the unit of the assertion; null where turns are only counted."""
    transcript: str
    """Its text; empty without one."""
    start_file_s: float | None
    """Where its speech begins in the file, seconds; null where it has none, or that is unknown."""
    end_file_s: float | None
    """Where its speech ends in the file, seconds."""
    before: float | None = None
    """Against a baseline: its value there."""


class Compared(msgspec.Struct, frozen=True):
    """How a metric compares with the baseline's, over the same speech. Values are in the unit of the assertion."""

    baseline: str
    """Name of the baseline, as given."""
    before: float
    """The baseline's: the median of the turns that have pairs, or a count."""
    after: float
    """The same now."""
    low: float | None
    """Lower end of the interval of the median difference, at 95 %; null for counts."""
    high: float | None
    """Upper end of it."""
    significant: bool
    """Whether it is more than chance explains: else it is not called worse."""


class AssertionRecord(Line, frozen=True, tag_field="kind", tag="assertion"):
    """The result of an assertion (`--assert`)."""

    t: float
    expression: str
    """The expression as given."""
    passed: bool
    """Whether it passed; false for "cannot tell"."""
    actual: float | None
    """The value, in `unit`; against a baseline, the difference; null without one, for `reason`."""
    unit: str
    """`ms`, `s`, `%`, `/s`, `dB`, or empty for a count."""
    n: int | None
    """Number of values behind the statistic or share; null for others."""
    reason: str
    """Why the verdict is "cannot tell"; empty otherwise."""
    counted: str = ""
    """What `n` counts, where the expression does not say so: `words`, `characters`, or both; `pairs` of turns,
    `spans` of speech."""
    verdict: Verdict = Verdict.CANNOT_TELL
    """The outcome; "cannot tell" without a value."""
    worst: tuple[WorstTurn, ...] = ()
    """The worst three turns behind a failure, the worst first."""
    compared: Compared | None = None
    """With `--baseline`: what `actual`, the difference, is made of; null for other assertions."""

    def __post_init__(self) -> None:
        """Derive the verdict."""
        found = Verdict.CANNOT_TELL if self.actual is None else Verdict.PASS if self.passed else Verdict.FAIL
        msgspec.structs.force_setattr(self, "verdict", found)


def by_column(summaries: Mapping[str, Summary]) -> dict[str, Any]:
    """Convert summaries of turns, by metric key, to the fields of records."""
    return {metric.column: summary_in_data(summaries[metric.key], metric.unit) for metric in TURN_METRICS}


def pauses_by_column(pauses: Pauses) -> dict[str, Any]:
    """Convert pauses to the fields of records."""
    return {
        "pause_survived_max_ms": in_data(pauses.survived_max, Unit.MILLISECONDS),
        "pause_cut_min_ms": in_data(pauses.cut_min, Unit.MILLISECONDS),
    }
