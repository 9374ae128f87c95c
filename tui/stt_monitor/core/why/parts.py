"""Splits the time from the end of speech to the end of a turn at its eager ends and resumes."""

from collections.abc import Iterator
from enum import Enum
from itertools import chain, pairwise
from typing import Final

import msgspec

from stt_monitor.core.text.moments import to_the_millisecond
from stt_monitor.core.turns.turn import Turn, TurnEagerEnd

_MOST_RESUMES: Final = 1
"""With more resumes than this, those after the first eager end are one part."""


class Until(Enum):
    """What ends a part of the time; values are those of records."""

    EAGER_END = "eager_end"
    RESUMES = "resumes"
    """The last eager end, after others that were resumed."""
    RESUME = "resume"
    THRESHOLD = "end_threshold"
    """The likelihood fell below the threshold for the end, or the service says that its model decided."""
    TIMEOUT = "timeout"
    VAD = "vad"
    END = "end"
    """The service ended it, for an unknown reason."""


class Part(msgspec.Struct, frozen=True):
    """A part of the time from the end of speech to the end of the turn. Times are seconds since the end of speech."""

    until: Until
    start: float
    """Where the part before it ends, so that all of them add up exactly."""
    end: float
    resumes: int = 0
    """Resumed eager ends in it, where it has several."""

    @property
    def ms(self) -> int:
        """Its milliseconds: whole, as moments are told to the millisecond."""
        return round((self.end - self.start) * 1000)


class _Mark(msgspec.Struct, frozen=True):
    """Where a part ends."""

    until: Until
    at: float
    resumes: int = 0


def split(turn: Turn, eot: float, eager: float | None, until: Until) -> tuple[Part, ...]:
    """Split a turn's end-of-turn latency. Latencies are seconds from the end of speech, to the millisecond.

    Args:
        turn: that the service ended.
        eot: of its end.
        eager: of its confirmed eager end; None: it has none, or that came before the end of speech.
        until: what ended it.

    Returns:
        The parts in order: only what came between the end of speech and the end of the turn.
    """
    marks = [each for each in _marks(turn, eot, eager) if 0.0 < each.at < eot]
    places = chain([_Mark(until, 0.0)], marks, [_Mark(until, eot)])
    return tuple(Part(after.until, before.at, after.at, after.resumes) for before, after in pairwise(places))


def _marks(turn: Turn, eot: float, eager: float | None) -> Iterator[_Mark]:
    """Yield what came after the end of speech: eager ends and resumes, and of many the first and the last one."""
    speech_end = turn.over_at - eot
    after = [each for each in turn.eager_ends if each.at > speech_end or (each.resumed_at or 0.0) > speech_end]
    resumes = sum(each.resumed_at is not None for each in after)
    latest = eot if eager is None else eager

    def since(at: float) -> float:
        return min(to_the_millisecond(at - speech_end), latest)  # speech did not end at a whole millisecond

    def eager_end(each: TurnEagerEnd) -> float:
        return since(each.at) if eager is None or each is not turn.confirmed_eager_end else eager

    if resumes > _MOST_RESUMES:
        first, last = after[0], after[-1]
        yield _Mark(Until.EAGER_END, since(first.at))
        if last.resumed_at is None:
            yield _Mark(Until.RESUMES, eager_end(last), resumes)
        else:
            yield _Mark(Until.RESUME, since(last.resumed_at), resumes)
        return
    for each in after:
        yield _Mark(Until.EAGER_END, eager_end(each))
        if each.resumed_at is not None:
            yield _Mark(Until.RESUME, since(each.resumed_at))
