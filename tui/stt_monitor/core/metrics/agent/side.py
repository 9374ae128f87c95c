"""Measures how the agent of a call meets the caller's turns (metrics.md 12). Pure; times are seconds of session."""

from collections.abc import Iterable, Sequence
from enum import Enum
from math import inf
from typing import Final, TypeVar

import msgspec

from stt_monitor.core.metrics.turn_metrics import TurnMetrics
from stt_monitor.core.sound.reference_speech import ReferenceSpeech, Span
from stt_monitor.core.turns.turn import Turn

PAUSE_S: Final = 0.5
"""Shorter pauses of the agent, seconds, are inside an utterance; after a longer one a new one starts."""

GRACE_S: Final = 0.2
"""Overlap that is turn-taking as between people, and within what a detector knows: neither side interrupts."""

BACKCHANNEL_S: Final = 0.5
"""A sound shorter than this, while the other speaks on, is a "mhm": neither interruption nor barge-in."""

ANSWER_S: Final = 10.0
"""An agent that starts later than this after the caller's end answers nothing any more."""

REACTION_S: Final = 2.0
"""An agent that starts this soon after the end of a turn reacts to it, even if the caller's speech goes on into the
next turn."""

HORIZON_S: Final = 30.0
"""What is not known of a turn this long after its end stays unknown: a record does not wait longer."""


class _Open(Enum):
    """Placeholder for a pending value."""

    STILL = "still open"


class _Utterance(msgspec.Struct, frozen=True, gc=False):
    """What the agent says without a pause of `PAUSE_S`."""

    start: float
    end: float | None
    """None: it is open, or may go on after a pause."""


class _Scope(msgspec.Struct, frozen=True, gc=False):
    """A stretch of the caller's speech, and the times within which the agent's doing counts for this turn."""

    onset: float
    end: float
    """Infinite while it goes on."""
    begins_here: bool
    """Whether the turn has its onset: else the turn before claims it too."""
    first: float
    last: float

    def counts(self, at: float) -> bool:
        """Return whether what the agent begins at a time counts for this turn."""
        return self.first < at <= self.last


def with_agent(
    figures: TurnMetrics, turn: Turn, since: float, speech: ReferenceSpeech, agent: ReferenceSpeech
) -> TurnMetrics:
    """Return the metrics of a finished turn with what the agent did about it.

    Args:
        figures: the metrics without that.
        turn: the turn.
        since: end of the turn before it.
        speech: all of the caller's.
        agent: the agent's.
    """
    scopes = _scopes(turn, since, [span for span in figures.speech if span.onset <= turn.over_at])
    if not scopes:
        return figures
    heard = list(agent.between(scopes[0].onset - 2 * PAUSE_S, turn.over_at + HORIZON_S))
    spoken = _utterances(heard, agent.decided_until)
    gap = _response_gap(turn, scopes[-1].end, spoken, speech, agent)
    stop = _barge_in_stop(scopes, spoken)
    interrupts = _interrupts(scopes, spoken)
    passed = min(scopes[-1].end, scopes[-1].last) <= agent.decided_until
    known = passed and all(each is not _Open.STILL for each in (gap, stop, interrupts))
    late = turn.over_at + HORIZON_S <= agent.decided_until
    return msgspec.structs.replace(
        figures,
        response_gap=_if_known(gap),
        barge_in_stop=_if_known(stop),
        interruption=_if_known(interrupts),
        talk_over_s=sum(_overlap(span, scope, agent.decided_until) for span in heard for scope in scopes),
        pending=figures.pending or not (known or late),
    )


def _scopes(turn: Turn, since: float, claimed: Sequence[Span]) -> list[_Scope]:
    """Return the stretches of the caller's speech; pauses inside a labelled turn are no silence of the caller."""
    joined: list[tuple[float, float]] = []
    for before, span in zip((None, *claimed), claimed, strict=False):
        end = inf if span.end is None else span.end
        onset = joined.pop()[0] if before is not None and before.pauses and span.continues else span.onset
        joined.append((onset, end))
    return [
        _Scope(
            onset,
            end,
            begins_here=onset >= since,
            first=-1.0 if onset >= since else since + REACTION_S,
            last=turn.over_at + REACTION_S,
        )
        for onset, end in joined
    ]


def _utterances(spans: Iterable[Span], decided_until: float) -> list[_Utterance]:
    found: list[_Utterance] = []
    for span in spans:
        going_on = span.end is None or decided_until < span.end + PAUSE_S
        end = None if going_on else span.end
        if found and found[-1].end is not None and span.onset - found[-1].end < PAUSE_S:
            found[-1] = _Utterance(found[-1].start, end)
        else:
            found.append(_Utterance(span.onset, end))
    return found


def _interrupts(scopes: Sequence[_Scope], spoken: Sequence[_Utterance]) -> bool | _Open:
    """Return whether the agent starts while the caller speaks."""
    starts = [each for each in spoken if any(_cuts_in(each, scope) for scope in scopes)]
    if any(not _is_backchannel(each, scopes) for each in starts if each.end is not None):
        return True
    return _Open.STILL if any(each.end is None for each in starts) else False


def _cuts_in(said: _Utterance, scope: _Scope) -> bool:
    """Return whether it starts in the caller's speech, neither with the onset nor with the end of it."""
    return scope.onset + GRACE_S < said.start < scope.end - GRACE_S and scope.counts(said.start)


def _is_backchannel(said: _Utterance, scopes: Sequence[_Scope]) -> bool:
    """Return whether it is short, and the caller speaks on behind it."""
    assert said.end is not None, "it is over"
    speaks_on = any(scope.onset <= said.start and said.end + GRACE_S < scope.end for scope in scopes)
    return said.end - said.start < BACKCHANNEL_S and speaks_on


def _response_gap(
    turn: Turn, end: float, spoken: Sequence[_Utterance], speech: ReferenceSpeech, agent: ReferenceSpeech
) -> float | _Open | None:
    """Return the time from the caller's end to the agent's answer."""
    if end > turn.over_at:  # cut off in mid-speech: the caller has not ended
        return None
    again = min((span.onset for span in speech.between(end, end + ANSWER_S) if span.onset > end), default=None)
    until = end + ANSWER_S if again is None else again
    start = next((each.start for each in spoken if end - GRACE_S <= each.start <= until), None)
    if start is not None and start <= speech.decided_until:
        return max(0.0, start - end)
    return None if until <= agent.decided_until else _Open.STILL


def _barge_in_stop(scopes: Sequence[_Scope], spoken: Sequence[_Utterance]) -> float | _Open | None:
    """Return how long the agent speaks on after the caller has started."""
    for scope in scopes:
        if not scope.begins_here or scope.end - scope.onset < BACKCHANNEL_S:
            continue
        for said in spoken:
            if said.start < scope.onset and said.end is None:
                return _Open.STILL
            if said.start < scope.onset and said.end is not None and said.end > scope.onset + GRACE_S:
                return said.end - scope.onset
    return None


def _overlap(span: Span, scope: _Scope, decided_until: float) -> float:
    """Return how long both speak, seconds."""
    end = min(decided_until if span.end is None else span.end, scope.end, scope.last)
    return max(0.0, end - max(span.onset, scope.onset, scope.first))


_T = TypeVar("_T")


def _if_known(value: _T | _Open) -> _T | None:
    return None if isinstance(value, _Open) else value
