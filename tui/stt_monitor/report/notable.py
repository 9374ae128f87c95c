"""Which turns of a session are worth a look, and in which order."""

from collections.abc import Iterator, Sequence
from heapq import nlargest

from stt_monitor.core.finished_turn import FinishedTurn


def notable(turns: Sequence[FinishedTurn], most: int, *, slowest_first: bool = False) -> list[FinishedTurn]:
    """Pick the turns worth a look: up to half of them went wrong, the others are the slowest.

    Returns:
        At most `most`, in their order, or the slowest first; all, if there are no more.
    """
    picked = list(turns) if len(turns) <= most else _notable(turns, most)
    return sorted(picked, key=_slowness, reverse=True) if slowest_first else picked


def ranked(turns: Sequence[FinishedTurn]) -> Iterator[tuple[FinishedTurn, int]]:
    """Yield turns as they are, each with its place among them, the slowest first."""
    order = sorted(range(len(turns)), key=lambda place: _slowness(turns[place]), reverse=True)
    ranks = {place: rank for rank, place in enumerate(order)}
    return ((turn, ranks[place]) for place, turn in enumerate(turns))


def _notable(turns: Sequence[FinishedTurn], most: int) -> list[FinishedTurn]:
    wrong = nlargest(most // 2, filter(went_wrong, turns), key=_slowness)
    picked = {each.turn.number for each in wrong}
    rest = nlargest(most - len(wrong), (each for each in turns if each.turn.number not in picked), key=_slowness)
    return sorted([*wrong, *rest], key=lambda each: each.turn.number)


def _slowness(each: FinishedTurn) -> float:
    """Return the latency of the service (s); turns that machine or line held up come last, for it is unknown."""
    return -1.0 if each.metrics.slow else each.metrics.eot_latency or 0.0


def went_wrong(each: FinishedTurn) -> bool:
    """Return whether a turn was cut off, resumed, spurious or never ended; what line or machine slowed is excused."""
    figures = each.metrics
    if figures.slow:
        return each.turn.ended_at is None
    return bool(figures.false_cutoff or figures.resumes or figures.spurious or each.turn.ended_at is None)
