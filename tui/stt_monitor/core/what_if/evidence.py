"""What a session tells of the likelihood behind its turns, made ready to be judged under other settings."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from math import inf
from statistics import median
from typing import Final, Self

import msgspec

from stt_monitor.core.events import Trigger
from stt_monitor.core.finished_turn import FinishedTurn
from stt_monitor.core.metrics.claims import CLAIM_WINDOW_S
from stt_monitor.core.settings.requested import Schema
from stt_monitor.core.snapshot import Snapshot
from stt_monitor.core.sound.likelihood import LikelihoodPoint
from stt_monitor.core.sound.reference_speech import ReferenceSpeech, Span
from stt_monitor.core.text.wording import listed
from stt_monitor.core.turns.turn import EndReason, Turn
from stt_monitor.core.what_if.judge import Verdict, judge
from stt_monitor.core.what_if.limits import Limits

_DENSE_S: Final = 0.05
"""Points as close as this tell when the service hears silence: a likelihood that falls, or does not rise."""
_APART_S: Final = 0.3
"""Between points farther apart than this a likelihood may have been anywhere."""
_AFTERWARDS_S: Final = 30.0
"""Speech that comes later than this after a turn says nothing of its end."""
_LATEST_S: Final = 1.0
"""An event that comes later than this after the point that explains it has another cause."""
HAIR_S: Final = 1e-6
"""Times that are the same are no farther apart than this."""
_GAPS_SHARE: Final = 0.02
"""Share of wider gaps in points that are close all the same: audio was lost, or sent again."""
_SILENCE_SLACK_S: Final = 0.05
"""Precision of silence, seconds."""


class TurnEvidence(msgspec.Struct, frozen=True):
    """The likelihood of one finished turn."""

    finished: FinishedTurn
    since: float
    """End of the turn before it, seconds of session."""
    limits: Limits
    """Those in force."""
    open: range
    """The points from its start to its end, without that of the end: a turn that ends begins the likelihood anew."""
    delay: float | None
    """Seconds from the audio that decided its end until its event came; None where no likelihood decided."""
    end_value: float | None
    """Likelihood that ended it; None where the service did not say."""
    silence: float
    """Seconds of silence at its end."""
    by_timeout: bool
    dense: bool
    """Whether its points tell silence."""
    flaw: str = ""
    """Why nothing can be told of it, in words that follow “cannot tell:”; empty where it can."""


class Evidence:
    """The turns of a session with their likelihood. Making it takes a look at each point; judging it, another."""

    def __init__(
        self,
        points: Sequence[LikelihoodPoint],
        finished: Sequence[FinishedTurn],
        schema: Schema,
        speech: Sequence[Span] | None,
        *,
        exact: bool,
        since: float = -inf,
        delays: Iterable[float] = (),
    ) -> None:
        """Prepare turns.

        Args:
            points: of the likelihood, as far as it is to be judged.
            finished: the turns, in order.
            schema: of their service's settings.
            speech: reference speech around them; None without any.
            exact: whether reference speech has labelled turns, so that cut-offs are no proxy.
            since: end of the turn before the first one, seconds of session.
            delays: of earlier turns, seconds from the audio that decided until the event came.
        """
        self.schema: Final = schema
        self.exact: Final = exact
        self._speech: Final = speech
        self.points: Final = points
        self.turns: Final = tuple(self._turns(finished, since)) if points else ()
        known = [*delays, *(each.delay for each in self.turns if each.delay is not None)]
        self.delay: Final = median(known) if known else None
        """Usual seconds from the audio that decides until an event comes; None where unknown."""

    @classmethod
    def of(cls, snapshot: Snapshot, schema: Schema) -> Self:
        """Prepare a session: its snapshot with all of the likelihood that is to be judged."""
        session = snapshot.session
        speech = None if session.reference == "none" else snapshot.speech
        return cls(snapshot.likelihood, snapshot.finished, schema, speech, exact=session.labelled_turns)

    @classmethod
    def of_newest(cls, snapshot: Snapshot, schema: Schema) -> Self:
        """Prepare the turns of a session that the likelihood it keeps is of: earlier ones are not even read."""
        oldest = snapshot.likelihood[0].at - _APART_S if snapshot.likelihood else inf
        first = bisect_left(snapshot.finished, oldest, key=lambda each: each.turn.started_at)
        return cls.of(msgspec.structs.replace(snapshot, finished=snapshot.finished[first:]), schema)

    def speech_around(self, turn: Turn) -> ReferenceSpeech | None:
        """Return the reference speech from shortly before a turn to some time after it; None without any."""
        if self._speech is None:
            return None
        first = max(0, bisect_left(self._speech, turn.started_at - CLAIM_WINDOW_S, key=_onset) - 1)
        stop = bisect_right(self._speech, turn.over_at + _AFTERWARDS_S, key=_onset)
        return ReferenceSpeech.known(self._speech[first:stop], labelled_turns=self.exact)

    def _turns(self, finished: Iterable[FinishedTurn], since: float) -> Iterator[TurnEvidence]:
        after = 0
        for each in finished:
            evidence = self._turn(each, after, since)
            yield evidence
            after, since = max(after, evidence.open.stop), each.turn.over_at

    def _turn(self, finished: FinishedTurn, after: int, since: float) -> TurnEvidence:
        turn = finished.turn
        first = max(after, bisect_left(self.points, turn.started_at - HAIR_S, key=_time))
        stop = max(first, bisect_right(self.points, turn.over_at, key=_time))
        limits = Limits.of(self.schema, turn.settings)
        within = range(first, stop)
        dense = self._dense(within)
        real = judge(self.points, within, limits, silence_known=dense)
        by_timeout = _by_timeout(finished, real, limits)
        ended = turn.end_reason is EndReason.ENDED
        end = real.end if ended and real.end is not None else stop
        delay = turn.over_at - self.points[end].at if ended and end < stop else None
        flaw = self._flaw(finished, within, real, limits)
        if not flaw and not self._explains(turn, real, by_timeout=by_timeout):
            flaw = "the likelihood does not explain its end"
        return TurnEvidence(
            finished,
            since,
            limits,
            open=range(first, end),
            delay=None if flaw else delay,
            end_value=_end_value(turn),
            silence=real.silence,
            by_timeout=by_timeout,
            dense=dense,
            flaw=flaw,
        )

    def _flaw(self, finished: FinishedTurn, within: range, real: Verdict, limits: Limits) -> str:
        """Return why the likelihood cannot be judged; empty where it can."""
        if limits.end is None:
            return "the service has no threshold to compare its likelihood with"
        if finished.metrics.slow:
            return listed([cause.words for cause in finished.metrics.slow_because] or ["it is slow"], "and")
        return CHANGED if finished.turn.settings_changed else self._gaps(finished, within, real, limits)

    def _gaps(self, finished: FinishedTurn, within: range, real: Verdict, limits: Limits) -> str:
        """Return what is missing in the likelihood; empty where nothing is."""
        if not within or self.points[within.start].at - finished.turn.started_at > _APART_S:
            return NOT_KEPT
        last = within.stop - 1 if real.end is None else real.end
        if any(self._gap(index) > _APART_S for index in range(within.start + 1, last)):
            return SELDOM
        if limits.min_silence and not self._dense(within):
            return SILENCE
        return ""

    def _explains(self, turn: Turn, real: Verdict, *, by_timeout: bool) -> bool:
        """Return whether the limits in force end a turn where it ended."""
        if real.end is None:
            return turn.end_reason is not EndReason.ENDED or by_timeout
        return turn.over_at - self.points[real.end].at <= _LATEST_S

    def _dense(self, within: range) -> bool:
        """Return whether points tell silence."""
        wide = sum(self._gap(index) > _DENSE_S for index in within[1:])
        return bool(within) and wide <= _GAPS_SHARE * len(within)

    def _gap(self, index: int) -> float:
        return self.points[index].position - self.points[index - 1].position


SILENCE: Final = "the service does not tell when it heard silence"
SELDOM: Final = "the service told its likelihood too seldom"
CHANGED: Final = "its settings changed meanwhile"
NOT_KEPT: Final = "its likelihood is not kept"
NOT_TOLD: Final = "the service does not tell its likelihood"


def _by_timeout(finished: FinishedTurn, real: Verdict, limits: Limits) -> bool:
    """Return whether a turn ended by its timeout: as the service says, else as its silence or its speech does."""
    if finished.turn.trigger is not None:
        return finished.turn.trigger is Trigger.TIMEOUT
    if real.end is None:
        return finished.metrics.end_reason == "timeout"
    return limits.timeout is not None and real.silence >= limits.timeout - _SILENCE_SLACK_S


def _end_value(turn: Turn) -> float | None:
    """Return the likelihood that the end of a turn named; None if it named none."""
    told = next((each for each in reversed(turn.said) if each.name == "turn.end"), None)
    return None if told is None or told.confidence is None else 1 - told.confidence


def _onset(span: Span) -> float:
    return span.onset


def _time(point: LikelihoodPoint) -> float:
    return point.at
