"""Turns in order, the worst first: for the key that goes to them, reports, failed assertions. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from stt_monitor.core.finished_turn import FinishedTurn, index_of
from stt_monitor.core.metrics.definitions import HEADLINE
from stt_monitor.core.metrics.inclusion import Inclusion, inclusion

_LISTED: Final = (Inclusion.SUMMARY, Inclusion.FIRST)
"""What is looked at in turn: first turns only where there are no others."""


def measured(turns: Iterable[FinishedTurn], key: str, listed: Inclusion | None) -> Iterator[tuple[float, FinishedTurn]]:
    """Yield the turns that have a value of a metric, each with its value, as measured.

    `listed`: only those that are listed so; None: all that nothing slowed.
    """
    for each in turns:
        value = getattr(each.metrics, key)
        counts = not each.metrics.slow if listed is None else inclusion(each.turn, each.metrics) is listed
        if value is not None and counts:
            yield value, each


def worst_turns(finished: Sequence[FinishedTurn]) -> tuple[int, ...]:
    """Return the numbers of the turns that ended latest after speech, the worst first; empty if unknown.

    As in summaries, turns that say nothing of the service are left out, as is the first of a connection if there are
    others.
    """
    for listed in _LISTED:
        found = [(-value, each.turn.number) for value, each in measured(finished, HEADLINE.key, listed)]
        if found:
            return tuple(number for _, number in sorted(found))
    return ()


def worst_turn(finished: Sequence[FinishedTurn]) -> FinishedTurn | None:
    """Return the first of `worst_turns`; None if unknown."""
    worst = worst_turns(finished)
    index = index_of(finished, worst[0]) if worst else None
    return None if index is None else finished[index]


def cut_offs(finished: Iterable[FinishedTurn]) -> tuple[int, ...]:
    """Return the numbers of the turns that were cut off, in order."""
    return tuple(each.turn.number for each in finished if each.metrics.false_cutoff and not each.metrics.slow)
