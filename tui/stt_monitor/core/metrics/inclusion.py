"""Which turns count: one rule for summaries, percentiles, groups, reports, assertions and totals over files. Pure.

A figure is about the service. A turn that our own `close` ended (protocol.md 9), one that never ended, and one that
this machine or its line made slow say nothing about it: they are counted and shown as what they are, and nothing else.
"""

from enum import Enum

from stt_monitor.core.metrics.turn_metrics import TurnFigures
from stt_monitor.core.state_machine import EndReason, Turn


class Inclusion(Enum):
    """Where the figures of a turn are listed."""

    SUMMARY = "summary"
    """In the summaries."""
    FIRST = "first"
    """Apart: the first turn of a connection, because services warm up."""
    CLOSED = "closed"
    """Nowhere: our own `close` ended the turn, nobody decided anything."""
    DANGLING = "dangling"
    """Nowhere: it never ended."""
    SLOW = "slow"
    """Nowhere: this machine or its line was too slow while the turn went on."""


def inclusion(turn: Turn, figures: TurnFigures) -> Inclusion:
    """Say where the figures of a finished turn are listed; what keeps a turn out goes before its being the first."""
    if turn.end_reason is EndReason.CLOSED:
        return Inclusion.CLOSED
    if turn.end_reason is EndReason.DANGLING:
        return Inclusion.DANGLING
    if figures.slow:
        return Inclusion.SLOW
    return Inclusion.FIRST if turn.first_of_connection else Inclusion.SUMMARY
