"""Cut-offs, and pauses that ended a turn or did not: exact with labels, else a proxy (metrics.md 2). Pure."""

from collections.abc import Sequence
from itertools import pairwise
from math import inf
from typing import Final

import msgspec

from stt_monitor.core.sound.reference_speech import ReferenceSpeech, Span
from stt_monitor.core.turns.turn import EndReason, Turn

FALSE_CUTOFF_WINDOW_S: Final = 1.0
"""Without labels, speech that resumes this soon after `turn.end` shows a cut-off, seconds."""

REACTION_S: Final = 1.0
"""An end this soon after speech began again is about the silence before it: it was decided there, or on its way."""


class Judged(msgspec.Struct, frozen=True, gc=False):
    """What reference speech says of a turn's end. Lengths are seconds."""

    cut: bool | None = None
    """Whether it is a cut-off: only the service makes them. None: it did not end the turn, or that is not known yet."""
    pause_cut: float | None = None
    """Length of the pause that ended it."""
    pause_survived: float | None = None
    """Length of the longest pause in it that did not."""
    resumed: tuple[Span, ...] = ()
    """The speech after its end that shows the cut-off."""


def known_at(turn: Turn, speech: ReferenceSpeech | None) -> float:
    """Return the session time up to which speech must be known before a turn can be judged.

    Labels say at once that a turn is over; without them, speech may resume. Only what the service ended can be cut off.
    """
    waits = turn.end_reason is EndReason.ENDED and speech is not None and not speech.labelled_turns
    return turn.over_at + (FALSE_CUTOFF_WINDOW_S if waits else 0.0)


def own_speech(turn: Turn, spans: list[Span], speech: ReferenceSpeech) -> list[Span]:
    """Leave out the beginning of the next labelled turn, where a late end falls into it."""
    if not speech.labelled_turns or turn.end_reason is not EndReason.ENDED or len(spans) < 2:  # noqa: PLR2004  a pair
        return spans
    last = spans[-1]
    is_next = not last.continues and last.onset > turn.started_at
    late = goes_on(last, turn.over_at) and turn.over_at - last.onset <= REACTION_S
    return spans[:-1] if is_next and late else spans


def goes_on(span: Span, at: float) -> bool:
    """Return whether a span has not ended by a time."""
    return span.end is None or span.end > at


def judge(turn: Turn, spans: Sequence[Span], speech: ReferenceSpeech) -> Judged:
    """Judge the end of a turn by the speech that it claims, without any of the next turn (`own_speech`)."""
    pauses = [
        (before.end, after.onset)
        for before, after in pairwise(spans)
        if before.end is not None and (after.continues or not speech.labelled_turns)
    ]
    over, ended = turn.over_at, turn.end_reason is EndReason.ENDED
    resumed = _resumed(spans[-1], over, speech) if spans and ended else ()
    cut, pause_cut = None, None
    if not ended:
        pass
    elif any(goes_on(span, over) for span in spans):
        cut = True
        if pauses and pauses[-1][1] == spans[-1].onset and over - spans[-1].onset <= REACTION_S:
            pause_cut = _length(pauses.pop())
    elif resumed and (silent_since := spans[-1].end) is not None:
        cut, pause_cut = True, resumed[0].onset - silent_since
    elif not spans or _decided(turn, spans[-1], speech):
        cut = False
    survived = (_length(pause) for pause in pauses if ended and turn.started_at <= pause[0])
    return Judged(cut, pause_cut, max(survived, default=None), resumed)


def _resumed(last: Span, over: float, speech: ReferenceSpeech) -> tuple[Span, ...]:
    """Return the speech after a turn's end that was still of the turn."""
    after = [span for span in speech.between(over, over + FALSE_CUTOFF_WINDOW_S) if over < span.onset]
    if not speech.labelled_turns:
        return tuple(after)
    following = [span for span in speech.between(over, inf) if span.onset > over]
    return tuple(span for span in following[:1] if span.continues and last.pauses and not goes_on(last, over))


def _decided(turn: Turn, last: Span, speech: ReferenceSpeech) -> bool:
    """Return whether it is known that the turn was not cut off, as no speech of it has come."""
    awaits_rest = last.pauses and not any(span.onset > turn.over_at for span in speech.between(turn.over_at, inf))
    return speech.decided_until >= known_at(turn, speech) and not (awaits_rest and speech.decided_until < inf)


def _length(pause: tuple[float, float]) -> float:
    return pause[1] - pause[0]
