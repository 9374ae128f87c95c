"""Splits the time from the end of speech to the end of a turn at its eager ends and resumes."""

from collections.abc import Iterator
from enum import Enum
from itertools import chain, pairwise
from typing import Final

import msgspec

from stt_monitor.core.metrics.units import Unit, in_data, in_text
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
    """The service ended it, nobody knows why."""


class Part(msgspec.Struct, frozen=True):
    """A part of the time from the end of speech to the end of the turn. Times are seconds since the end of speech."""

    until: Until
    start: float
    """Where the part before it ends, so that all of them add up exactly."""
    end: float
    resumes: int = 0
    """Resumed eager ends in it, where it has several."""

    @property
    def shown_ms(self) -> int:
        """Whole milliseconds, so that what is shown adds up too."""
        return int(in_text(self.end, Unit.MILLISECONDS)) - int(in_text(self.start, Unit.MILLISECONDS))

    @property
    def in_data_ms(self) -> float:
        """Milliseconds to a tenth, so that those in data add up too."""
        start, end = in_data(self.start, Unit.MILLISECONDS), in_data(self.end, Unit.MILLISECONDS)
        assert start is not None, "a number stays one"
        assert end is not None, "a number stays one"
        return round(end - start, 1)


class _Mark(msgspec.Struct, frozen=True):
    """Where a part ends."""

    until: Until
    at: float
    resumes: int = 0


def split(turn: Turn, speech_end: float, eot: float, until: Until) -> tuple[Part, ...]:
    """Split a turn's end-of-turn latency.

    Args:
        turn: that the service ended.
        speech_end: when its speech ended, seconds of session.
        eot: its latency from there, seconds.
        until: what ended it.

    Returns:
        The parts in order: only what came between the end of speech and the end of the turn.
    """
    marks = [each for each in _marks(turn.eager_ends, speech_end) if 0.0 < each.at < eot]
    places = chain([_Mark(until, 0.0)], marks, [_Mark(until, eot)])
    return tuple(Part(after.until, before.at, after.at, after.resumes) for before, after in pairwise(places))


def _marks(guesses: tuple[TurnEagerEnd, ...], speech_end: float) -> Iterator[_Mark]:
    """Yield what came after the end of speech: eager ends and resumes, and of many the first and the last one."""
    after = [each for each in guesses if each.at > speech_end or (each.resumed_at or 0.0) > speech_end]
    resumes = sum(each.resumed_at is not None for each in after)
    if resumes > _MOST_RESUMES:
        first, last = after[0], after[-1]
        yield _Mark(Until.EAGER_END, first.at - speech_end)
        if last.resumed_at is None:
            yield _Mark(Until.RESUMES, last.at - speech_end, resumes)
        else:
            yield _Mark(Until.RESUME, last.resumed_at - speech_end, resumes)
        return
    for each in after:
        yield _Mark(Until.EAGER_END, each.at - speech_end)
        if each.resumed_at is not None:
            yield _Mark(Until.RESUME, each.resumed_at - speech_end)
