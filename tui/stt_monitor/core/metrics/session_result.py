"""What a session came to, in the few figures that lists of sessions show. Pure."""

from collections.abc import Iterable
from typing import Final

import msgspec

from stt_monitor.core.metrics.definitions import HEADLINE
from stt_monitor.core.metrics.units import Unit, format_value, in_unit
from stt_monitor.core.snapshot import AllFiles, FileResult, Snapshot
from stt_monitor.core.text.wording import DERIVED, NO_VALUE

_NO_REFERENCE: Final = "none"


class SessionResult(msgspec.Struct, frozen=True):
    """The figures of a session that has ended."""

    eot_n: int = 0
    """Turns that count for them (metrics.md 3)."""
    eot_p50_s: float | None = None
    """Median of `eot_latency`, seconds; None without values."""
    eot_p90_s: float | None = None
    false_cutoffs: int | None = None
    """None where no turn could be checked: without reference speech, or where none counts."""
    exact: bool = False
    """Whether cut-offs are counted by labels; else they are a proxy."""

    @property
    def cutoffs(self) -> str:
        """The number of cut-offs, `~` before it where it is a proxy."""
        if self.false_cutoffs is None:
            return NO_VALUE
        return f"{'' if self.exact else DERIVED}{self.false_cutoffs}"


def result_of(snapshot: Snapshot) -> SessionResult:
    """Return the result of a session from its last snapshot."""
    return _result(snapshot)


def file_result(file: FileResult) -> SessionResult:
    """Return the result of one of several files."""
    return _result(file)


def files_result(everything: AllFiles, files: Iterable[FileResult]) -> SessionResult:
    """Return the result of all files together; their cut-offs are known where each file's are."""
    return _result(everything, referenced=all(file.reference != _NO_REFERENCE for file in files))


def _result(one: Snapshot | FileResult | AllFiles, *, referenced: bool = True) -> SessionResult:
    eot = one.summaries[HEADLINE.key]
    cutoffs = one.counts.false_cutoffs if referenced and one.counts.turns_checked else None
    return SessionResult(eot.n, eot.p50, eot.p90, cutoffs, one.marks.exact)


def in_ms(value: float | None) -> str:
    """Format seconds as milliseconds, without the unit."""
    return NO_VALUE if value is None else format_value(in_unit(value, Unit.MILLISECONDS), Unit.MILLISECONDS)
