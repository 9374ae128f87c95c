"""Which turns count: one rule for summaries, percentiles, groups, reports, assertions and totals. Pure.

Metrics describe the service. Turns that our own `close` ended (protocol.md 9), turns that the client ended by hand,
turns that never ended, and turns that this machine, its network or the client held up say nothing about it: they are
counted and shown as such, and nothing else.
"""

from enum import Enum
from typing import Final

from stt_monitor.core.metrics.turn_metrics import TurnMetrics
from stt_monitor.core.turns.turn import EndReason, Turn

NOT_ENDED: Final = (EndReason.CLOSED, EndReason.MANUAL, EndReason.DANGLING)
"""How turns end that the service did not end."""


class Inclusion(Enum):
    """Where a turn's metrics count."""

    SUMMARY = "summary"
    """In the summaries."""
    FIRST = "first"
    """Separately: the first turn of a connection, because services warm up."""
    CLOSED = "closed"
    """Nowhere: our own `close` ended it, not a decision of the service."""
    MANUAL = "manual"
    """Nowhere: the client asked for the end."""
    DANGLING = "dangling"
    """Nowhere: it never ended."""
    SLOW = "slow"
    """Nowhere: this machine, its network or the client held it up."""


def inclusion(turn: Turn, metrics: TurnMetrics) -> Inclusion:
    """Return where a finished turn counts; exclusions take precedence over being the first."""
    if turn.end_reason in NOT_ENDED:
        return Inclusion(turn.end_reason.value)
    if metrics.slow:
        return Inclusion.SLOW
    return Inclusion.FIRST if turn.first_of_connection else Inclusion.SUMMARY
