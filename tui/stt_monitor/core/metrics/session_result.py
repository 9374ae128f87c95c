"""What a session came to, in the few figures that lists of sessions show. Pure."""

import msgspec

from stt_monitor.core.metrics.definitions import HEADLINE
from stt_monitor.core.metrics.units import Unit, format_value, in_unit
from stt_monitor.core.snapshot import Snapshot
from stt_monitor.core.text.wording import DERIVED, NO_VALUE


class SessionResult(msgspec.Struct, frozen=True):
    """The figures of a session that has ended."""

    eot_n: int = 0
    """Turns that count for them (metrics.md 3)."""
    eot_p50_s: float | None = None
    """Median of `eot_latency`, seconds; None without values."""
    eot_p90_s: float | None = None
    false_cutoffs: int | None = None
    """None without turns or without reference speech: then nobody can tell."""
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
    eot = snapshot.summaries[HEADLINE.key]
    known = snapshot.counts.turns > 0 and snapshot.session.reference != "none"
    cutoffs = snapshot.counts.false_cutoffs if known else None
    return SessionResult(eot.n, eot.p50, eot.p90, cutoffs, snapshot.marks.exact)


def in_ms(value: float | None) -> str:
    """Format seconds as milliseconds, without the unit."""
    return NO_VALUE if value is None else format_value(in_unit(value, Unit.MILLISECONDS), Unit.MILLISECONDS)
