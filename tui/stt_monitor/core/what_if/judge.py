"""Judges the likelihood of one turn under limits, as a service does that compares the two at each step."""

from collections.abc import Sequence
from math import inf
from typing import Final

import msgspec

from stt_monitor.core.sound.likelihood import LikelihoodPoint
from stt_monitor.core.what_if.limits import Limits

_TOP: Final = 0.9995
"""A likelihood that stays as high as this does so because of voice: in silence it falls, after a moment."""
_HELD_S: Final = 0.096
"""Silence that the local server ignores; no other service tells its likelihood so often that silence shows."""
_SLACK_S: Final = 1e-6


class Guess(msgspec.Struct, frozen=True, gc=False):
    """An eager end, and where it was resumed, if it was: indices of points."""

    at: int
    resumed: int | None = None


class Verdict(msgspec.Struct, frozen=True):
    """What limits make of the points of a turn: indices of points; None: it did not come to that."""

    guesses: tuple[Guess, ...] = ()
    end: int | None = None
    silence: float = 0.0
    """Seconds of silence at the end."""


def judge(points: Sequence[LikelihoodPoint], within: range, limits: Limits, *, silence_known: bool) -> Verdict:
    """Judge points in order up to the end of the turn.

    Args:
        points: of a session.
        within: indices of those to judge: the turn has started at the first of them.
        limits: to compare them with.
        silence_known: whether the points are close enough to tell silence; otherwise its limits count for nothing.
    """
    silence = _Silence()
    guesses: list[Guess] = []
    guessed: int | None = None
    rise, eager, end = _resumes_above(limits), limits.eager_end, limits.end
    timeout = inf if limits.timeout is None or not silence_known else limits.timeout
    min_silence = limits.min_silence if silence_known else 0.0
    for index in within:
        value, quiet = points[index].value, silence.at(points[index])
        if guessed is not None and value > rise:
            guesses.append(Guess(guessed, index))
            guessed = None
        may_end = quiet >= min_silence
        if guessed is None and eager is not None and may_end and value < eager:
            guessed = index
        if (may_end and end is not None and value < end) or quiet >= timeout:
            return Verdict(_with(guesses, guessed), index, quiet)
    return Verdict(_with(guesses, guessed))


class _Silence:
    """Tells silence by a likelihood that does not rise."""

    def __init__(self) -> None:
        self._heard = self._rose = -inf
        self._before = 0.0

    def at(self, point: LikelihoodPoint) -> float:
        """Return the seconds of silence up to the next point."""
        value, before = point.value, self._before
        if value > before or self._heard == -inf:
            self._heard = self._rose = point.position
        elif value == before >= _TOP:
            self._heard = point.position
        elif before >= _TOP:
            self._heard = max(self._rose, self._heard - _HELD_S)
        self._before = value
        return point.position - self._heard + _SLACK_S


def rises_again(points: Sequence[LikelihoodPoint], within: range, limits: Limits) -> bool:
    """Return whether the likelihood comes back to where a turn is going on, after it was over at the first of them.

    A timeout may end a turn whose likelihood is that high still: only voice makes it rise, or stay at the top.
    """
    limit = _resumes_above(limits)
    values = ((points[index - 1].value, points[index].value) for index in within[1:])
    return any(value > limit and (value > before or value >= _TOP) for before, value in values)


def may_have_crossed(points: Sequence[LikelihoodPoint], within: range, limit: float) -> bool:
    """Return whether a likelihood that is told seldom may have been below a limit between two points.

    It may have where it falls and rises again: then it fell on after the lowest point, for less than a step, and at
    most twice as fast as before, for the fall may have begun in the middle of a step.
    """
    for index in within[1:-1]:
        before, value, after = (points[index + step].value for step in (-1, 0, 1))
        if value >= limit and value <= before and value < after and value - 2 * (before - value) < limit:
            return True
    return False


def _resumes_above(limits: Limits) -> float:
    """Return the likelihood above which the user is speaking again: that of a start, where the service has a limit."""
    if limits.start is not None:
        return limits.start
    return max(each for each in (limits.eager_end, limits.end, 0.5) if each is not None)


def _with(guesses: list[Guess], guessed: int | None) -> tuple[Guess, ...]:
    return (*guesses, Guess(guessed)) if guessed is not None else tuple(guesses)
