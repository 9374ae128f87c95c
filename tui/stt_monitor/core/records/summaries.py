"""Records that sum up: sessions, runs over several files, assertions, as `--json` prints them."""

from collections.abc import Mapping
from enum import Enum
from typing import TYPE_CHECKING, Any

import msgspec

from stt_monitor.core.metrics.definitions import TURN_METRICS
from stt_monitor.core.metrics.percentiles import Summary
from stt_monitor.core.metrics.units import summary_in_data
from stt_monitor.core.records.fields import with_fields_for_metrics
from stt_monitor.core.records.session import Health
from stt_monitor.core.records.turns import TurnRecord


class Counts(msgspec.Struct, frozen=True):
    """What was counted over the session."""

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
    """Turns that this machine or its line was too slow for."""

    @property
    def eager_ends_decided(self) -> int:
        """Eager ends that the service confirmed or took back: not one that is open, was lost, or that `close` ended."""
        return self.eager_ends_confirmed + self.resumes

    @property
    def eager_precision(self) -> float | None:
        """The share of those that were confirmed; None when there were none."""
        return self.eager_ends_confirmed / self.eager_ends_decided if self.eager_ends_decided else None


class _SummaryHead(msgspec.Struct, frozen=True, tag_field="kind", tag="summary"):
    t: float
    turns: int
    """Turns that the service told of."""
    transcript: str
    """The texts of turns that ended, as they came, joined as the service wants it: by nothing, or by a space."""


if TYPE_CHECKING:
    _SummarisedSession = _SummaryHead
else:
    _SummarisedSession = with_fields_for_metrics(_SummaryHead, Summary)


class SummaryRecord(_SummarisedSession, frozen=True, tag_field="kind", tag="summary"):
    """The end of a session. Its summaries are about the turns that count (metrics.md 3); the first is apart."""

    first_turn: TurnRecord | None
    """The record of the first turn, as in `turn`; null where there was none."""
    counts: Counts
    """What was counted over the session."""
    health: Health
    """How sound and line were doing in the end."""
    recording_stopped: str | msgspec.UnsetType = msgspec.UNSET
    """Why no more of the session was kept from some moment on; not there otherwise."""


class FileTotal(msgspec.Struct, frozen=True):
    """One of several files."""

    source: str
    """Its name."""
    turns: int
    """Its turns."""
    error: str
    """What went wrong with it, in a sentence; empty where nothing did."""


class _TotalHead(msgspec.Struct, frozen=True, tag_field="kind", tag="total"):
    t: float
    files: tuple[FileTotal, ...]
    """Those that were played; the last one's failure may have ended the run."""
    files_asked: int
    """How many were to be played."""
    turns: int
    """Turns of all of them."""


if TYPE_CHECKING:
    _SummarisedFiles = _TotalHead
else:
    _SummarisedFiles = with_fields_for_metrics(_TotalHead, Summary)


class TotalRecord(_SummarisedFiles, frozen=True, tag_field="kind", tag="total"):
    """The end of a run over several files: the turns of all of them, pooled. `t` is seconds since the first began."""

    first_turns: dict[str, Summary]
    """The same figures of each connection's first turn, which the summaries leave out, by name: `eot_latency_ms` …"""
    counts: Counts
    """What was counted over all of them."""


class Verdict(Enum):
    """What came of something that was asked for."""

    PASS = "pass"  # noqa: S105  no password
    FAIL = "fail"
    CANNOT_TELL = "cannot_tell"


class AssertionRecord(msgspec.Struct, frozen=True, tag_field="kind", tag="assertion"):
    """Whether something that `--assert` asked for held."""

    t: float
    expression: str
    """As it was written."""
    passed: bool
    """Whether it held; false where nobody can tell."""
    actual: float | None
    """The value, in `unit`; null where there is none, for `reason`."""
    unit: str
    """As `Unit` writes it: `ms`, `s`, `%`, `/s`, `dB`, or empty for a count."""
    n: int | None
    """Of how many values it is a statistic or a share; null where it is none."""
    reason: str
    """Why nobody can tell; empty where somebody can."""
    counted: str = ""
    """What `n` counts, where the expression does not say it: `words`, `characters`, or both."""
    verdict: Verdict = Verdict.CANNOT_TELL
    """What came of it: without a value nobody can tell."""

    def __post_init__(self) -> None:
        """Derive the verdict."""
        found = Verdict.CANNOT_TELL if self.actual is None else Verdict.PASS if self.passed else Verdict.FAIL
        msgspec.structs.force_setattr(self, "verdict", found)


def by_column(summaries: Mapping[str, Summary]) -> dict[str, Any]:
    """Return summaries of turns, given by key of their metric, as records have them."""
    return {metric.column: summary_in_data(summaries[metric.key], metric.unit) for metric in TURN_METRICS}
