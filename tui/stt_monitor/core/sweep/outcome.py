"""What a session says of each true turn, and of each pause inside it: decided when, cut off or not. Pure."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate
from math import inf
from typing import Final

import msgspec

from stt_monitor.core.finished_turn import FinishedTurn
from stt_monitor.core.metrics.claims import CLAIM_WINDOW_S
from stt_monitor.core.metrics.cutoffs import FALSE_CUTOFF_WINDOW_S, REACTION_S
from stt_monitor.core.metrics.inclusion import NOT_ENDED
from stt_monitor.core.snapshot import Snapshot
from stt_monitor.core.sound.reference_speech import Span
from stt_monitor.core.sound.truth import TrueTurn, true_turns
from stt_monitor.core.turns.turn import EndReason

LABELS: Final = "labels"
"""Source of reference speech that is exact: the truth, not a proxy."""
NO_REFERENCE: Final = "none"

UNKNOWN: Final = "unknown"
END_UNKNOWN: Final = "end_unknown"

ENDLESS: Final = frozenset((EndReason.CLOSED.value, EndReason.MANUAL.value, END_UNKNOWN))
"""Standings of turns that count for everything but their end."""

_TEXT_KEPT: Final = 300
"""Characters of a turn's text quoted to identify it."""


class PauseOutcome(msgspec.Struct, frozen=True, omit_defaults=True):
    """A pause inside a true turn."""

    position: float
    """Where it begins, seconds of audio."""
    length: float
    """Seconds until speech goes on."""
    cut_after: float | None = None
    """From its beginning to the `turn.end` that fell on it, which may arrive once speech goes on; None: none."""


class TurnOutcome(msgspec.Struct, frozen=True, omit_defaults=True):
    """A true turn. Times are seconds, positions seconds of audio."""

    position: float
    """Where its speech begins."""
    end_position: float
    """Where its speech ends."""
    decided_after: float | None = None
    """From its end to the first `turn.end` after it; None: none came before the next true turn."""
    cut: bool = False
    """Whether a `turn.end` came before its end."""
    missed: bool = False
    """Whether no turn of the service has any of its speech."""
    standing: str = ""
    """Why it says nothing of the service, or less: `slow`, `dangling`, `unknown` (judged again under settings of which
    nothing can be told); `closed`, `manual`, `end_unknown` (cut short when judged again): of its end nothing; else
    empty."""
    first: bool = False
    """Whether it is the first of its connection: services warm up."""
    eager_ends: int = 0
    """Eager ends in it."""
    confirmed: int = 0
    """Eager ends that `turn.end` confirmed."""
    resumed: int = 0
    """Eager ends that were taken back."""
    wasted_replies: int = 0
    """Eager ends whose reply is wasted: taken back, or the text changed after all."""
    lead: float | None = None
    """From the confirmed eager end to the `turn.end` that decided it."""
    pauses: tuple[PauseOutcome, ...] = ()
    """Pauses inside it."""
    text: str = ""
    """What the service heard in it, as it came."""

    @property
    def counts(self) -> bool:
        """Whether its cut-offs, eager ends and pauses are the service's."""
        return self.standing not in {"slow", "dangling", UNKNOWN}

    @property
    def end_counts(self) -> bool:
        """Whether its end was a decision of the service, not of our own `close` or of the client."""
        return not self.standing


class CellOutcome(msgspec.Struct, frozen=True, omit_defaults=True):
    """The result of a cell, in a form that JSON can hold, so that a sweep can resume."""

    reference: str
    """Source of reference speech: `labels` (exact), `vad` (a proxy), `none`."""
    turns: tuple[TurnOutcome, ...] = ()
    """Its true turns, in order."""
    spurious: int = 0
    """Turns that the service ended, without any reference speech."""

    @property
    def exact(self) -> bool:
        """Whether its true turns are known, not guessed by a detector."""
        return self.reference == LABELS

    @property
    def slow_share(self) -> float:
        """Share of its turns that this machine or its network held up."""
        return sum(each.standing == "slow" for each in self.turns) / len(self.turns) if self.turns else 0.0


def outcome_of(snapshot: Snapshot) -> CellOutcome:
    """Judge a session by its last snapshot, when all reference speech is known and all metrics are final."""
    reference = snapshot.session.reference
    if reference == NO_REFERENCE:
        return CellOutcome(reference)
    spans = snapshot.speech if reference == LABELS else _by_pauses(snapshot.speech)
    truth = [_Spoken(each, each.end) for each in true_turns(spans) if each.end is not None]
    missed = [span.onset for span in snapshot.missed]
    finished = list(snapshot.finished)  # may be on disk
    untils = [*(each.true.onset for each in truth[1:]), inf]
    near = _Near(finished)
    turns = [
        _outcome(spoken, until, near.turns(spoken, until), missed, first=spoken is truth[0])
        for spoken, until in zip(truth, untils, strict=False)  # without any there is one `until` too many
    ]
    return CellOutcome(reference, tuple(turns), snapshot.counts.spurious)


def judged(turn: TurnOutcome, ends: Sequence[float]) -> TurnOutcome:
    """Say what the ends that are about a true turn make of it; positions, in order, seconds of audio.

    One that arrives within `REACTION_S` of when speech goes on after a pause counts for that pause.
    """
    return msgspec.structs.replace(
        turn,
        decided_after=next((at - turn.end_position for at in ends if at >= turn.end_position), None),
        cut=any(at < turn.end_position for at in ends),
        pauses=tuple(_judged_pause(each, turn, ends) for each in turn.pauses),
    )


def _judged_pause(pause: PauseOutcome, turn: TurnOutcome, ends: Sequence[float]) -> PauseOutcome:
    later = (each.position for each in turn.pauses if each.position > pause.position)
    until = min(next(later, turn.end_position), pause.position + pause.length + REACTION_S)
    cut = next((at - pause.position for at in ends if pause.position <= at < until), None)
    return msgspec.structs.replace(pause, cut_after=cut)


def _by_pauses(spans: Iterable[Span]) -> Iterator[Span]:
    """Say of detected speech that it goes on with a turn where a cut-off would be one: the proxy for labels."""
    before: Span | None = None
    for span in spans:
        goes_on = before is not None and before.end is not None and span.onset - before.end <= FALSE_CUTOFF_WINDOW_S
        yield msgspec.structs.replace(span, continues=True) if goes_on else span
        before = span


class _Spoken(msgspec.Struct, frozen=True):
    """A true turn that is over."""

    true: TrueTurn
    end: float

    @property
    def first_end(self) -> float:
        """Where its speech stops for the first time."""
        return self.true.pauses[0].start if self.true.pauses else self.end

    def position(self, at: float) -> float:
        """Return where a time in it is, seconds of audio."""
        return self.true.onset_position + (at - self.true.onset)


class _Near:
    """Finds the turns of the service around a true turn: an hour has many of both."""

    def __init__(self, finished: Sequence[FinishedTurn]) -> None:
        self._finished = finished
        self._starts = [each.turn.started_at for each in finished]
        self._ends = list(accumulate((each.turn.over_at for each in finished), max))

    def turns(self, spoken: _Spoken, until: float) -> Sequence[FinishedTurn]:
        """Return those that can end in a true turn, or before the next at `until`, or have its speech."""
        first = bisect_left(self._ends, spoken.true.onset)
        return self._finished[first : bisect_right(self._starts, max(until, spoken.end + CLAIM_WINDOW_S))]


def _outcome(
    spoken: _Spoken, until: float, finished: Sequence[FinishedTurn], missed: Sequence[float], *, first: bool
) -> TurnOutcome:
    """Judge a true turn.

    Args:
        spoken: the true turn.
        until: onset of the next one; infinite for the last.
        finished: the turns of the service around it.
        missed: onsets of the spans that the service missed without an excuse.
        first: whether it is the first of the session.
    """
    true, end = spoken.true, spoken.end
    own = [each for each in finished if _ends_in(each, spoken, until)]
    ends = [each.turn.over_at for each in own if each.turn.end_reason is EndReason.ENDED]
    claiming = [each for each in finished if _claims(each, spoken)]
    decisive = next(
        (each for each in own if each.turn.end_reason is EndReason.ENDED and each.turn.over_at >= end), None
    )
    bare = TurnOutcome(
        true.onset_position,
        spoken.position(end),
        pauses=tuple(PauseOutcome(spoken.position(each.start), each.length) for each in true.pauses),
    )
    is_missed = not claiming and any(true.onset <= at <= end for at in missed)
    return msgspec.structs.replace(
        judged(bare, [spoken.position(at) for at in ends]),
        missed=is_missed,
        standing=_standing(claiming, decided=decisive is not None, missed=is_missed),
        first=first or any(each.turn.first_of_connection and each.turn.started_at >= true.onset for each in claiming),
        eager_ends=sum(each.metrics.eager_ends for each in own),
        confirmed=sum(each.turn.confirmed_eager_end is not None for each in own),
        resumed=sum(each.metrics.resumes for each in own),
        wasted_replies=sum(each.metrics.wasted_replies or 0 for each in own),
        lead=None if decisive is None else decisive.metrics.eager_lead,
        text=" ".join(each.turn.transcript for each in own)[:_TEXT_KEPT],
    )


def _ends_in(each: FinishedTurn, spoken: _Spoken, until: float) -> bool:
    """Return whether a turn of the service ends in a true turn, or after it before the next.

    One that began before it, and ends within `REACTION_S` of its first words, is late: it ends the true turn before.
    """
    at, onset = each.turn.over_at, spoken.true.onset
    late = each.turn.started_at < onset and at < spoken.first_end and at - onset <= REACTION_S
    return onset < at < until and not late


def _claims(each: FinishedTurn, spoken: _Spoken) -> bool:
    """Return whether a turn of the service has some speech of a true turn."""
    until = min(spoken.end, each.turn.over_at)
    return any(spoken.true.onset <= span.onset <= until for span in each.metrics.speech)


def _standing(claiming: Sequence[FinishedTurn], *, decided: bool, missed: bool) -> str:
    """Say why a true turn says nothing of the service; one that it neither has nor missed did not reach it in time."""
    if any(each.metrics.slow for each in claiming) or not (claiming or missed):
        return "slow"
    reasons = [each.turn.end_reason for each in claiming]
    if EndReason.DANGLING in reasons:
        return EndReason.DANGLING.value
    last = reasons[-1] if reasons else None
    return "" if decided or last is None or last not in NOT_ENDED else last.value
