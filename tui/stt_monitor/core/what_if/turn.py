"""What other settings would have made of one turn, as far as its likelihood tells."""

from typing import Final

import msgspec

from stt_monitor.core.finished_turn import FinishedTurn
from stt_monitor.core.metrics.turn_metrics import TurnMetrics, measure
from stt_monitor.core.settings.requested import Schema, TurnSettings
from stt_monitor.core.turns.turn import EndReason, Turn, TurnEagerEnd
from stt_monitor.core.what_if.evidence import SELDOM, SILENCE, Evidence, TurnEvidence
from stt_monitor.core.what_if.judge import Guess, Verdict, judge, may_have_crossed, rises_again
from stt_monitor.core.what_if.limits import Limits, unjudged

START: Final = "another start threshold: words are heard from another moment on"
FOLLOWS: Final = "the turn before it might have gone on"
ERROR_S: Final = 0.1
"""How far an end that is told may be from one that a session would have had (metrics.md 11)."""


class WhatIfTurn(msgspec.Struct, frozen=True, gc=False):
    """A turn under other settings."""

    before: FinishedTurn
    """As it was."""
    after: FinishedTurn | None = None
    """As it would have been, up to its end there; None where that cannot be told. Nothing is measured of what cannot be
    known of it: the text at its end."""
    unknown: str = ""
    """Why it cannot be told, in words that follow “cannot tell:”; empty where it can."""
    cut: bool = False
    """Whether it would have been a cut-off, as `false_cutoff` says."""
    split: bool = False
    """Whether it would have ended in a pause that it survived, at `after`: then nothing is known of the rest of it."""
    coarse: bool = False
    """Whether its likelihood was told seldom: its end is known to within a step of it, and of eager ends nothing."""

    @property
    def was_cut(self) -> bool:
        """Whether it is a cut-off as it is."""
        return self.before.metrics.false_cutoff is True

    @property
    def newly_cut(self) -> bool:
        """Whether it would have been a cut-off, and is none."""
        return self.cut and not self.was_cut

    @property
    def split_besides(self) -> bool:
        """Whether it would have been one turn more without being `newly_cut`.

        It is cut off later as it is, or the pause is too long for a cut-off.
        """
        return self.split and not self.newly_cut

    @property
    def later(self) -> float | None:
        """Seconds by which it would have ended later, negative for sooner; None where that cannot be told."""
        if self.after is None or self.after.turn.ended_at is None:
            return None
        return self.after.turn.ended_at - self.before.turn.over_at


def what_if_turn(
    evidence: Evidence, number: int, settings: TurnSettings, previous: WhatIfTurn | None = None
) -> WhatIfTurn:
    """Judge one turn again.

    Args:
        evidence: of its session.
        number: index of the turn among those of the evidence.
        settings: that it is judged by; those not set have their published defaults.
        previous: the turn before it under the same settings; None: it is as it was.
    """
    one = evidence.turns[number]
    turn = one.finished.turn
    limits = Limits.of(evidence.schema, settings)
    as_it_was = limits == one.limits and not turn.settings_changed
    if as_it_was and not unjudged(evidence.schema, turn.settings, settings):
        return WhatIfTurn(one.finished, one.finished, cut=one.finished.metrics.false_cutoff is True)
    if reason := _unknown(evidence, one, limits, settings):
        return WhatIfTurn(one.finished, unknown=reason)
    found = judge(evidence.points, one.open, limits, silence_known=one.dense)
    told = one.open if found.end is None else range(one.open.start, found.end)
    if not one.dense and limits.end is not None and may_have_crossed(evidence.points, told, limits.end):
        return WhatIfTurn(one.finished, unknown=SELDOM)
    if found.end is None and (reason := _later(evidence.schema, one, limits)):
        return WhatIfTurn(one.finished, unknown=reason)
    if previous is not None and _may_go_on(previous, turn, limits):
        return WhatIfTurn(one.finished, unknown=FOLLOWS)
    return _changed(evidence, one, limits, found)


def _unknown(evidence: Evidence, one: TurnEvidence, limits: Limits, settings: TurnSettings) -> str:
    """Return why nothing can be told whatever the likelihood did; empty where that is not so."""
    if one.flaw:
        return one.flaw
    if other := unjudged(evidence.schema, one.finished.turn.settings, settings):
        return f"no likelihood tells what {other} does"
    if limits.start != one.limits.start:
        return START
    if not one.dense and (limits.min_silence or (limits.timeout or 0.0) < (one.limits.timeout or 0.0)):
        return SILENCE
    return ""


def _may_go_on(previous: WhatIfTurn, turn: Turn, limits: Limits) -> bool:
    """Return whether the turn before, which would have ended later, may not have ended before a turn started."""
    later = previous.unknown.startswith(_LATER) or previous.unknown == FOLLOWS
    return later and (limits.timeout is None or turn.started_at - previous.before.turn.over_at < limits.timeout)


_LATER: Final = "a later "


def _later(schema: Schema, one: TurnEvidence, limits: Limits) -> str:
    """Return what would have ended a turn later, where no likelihood is known; empty if it ends as before."""
    in_force = one.limits
    if one.finished.turn.end_reason is not EndReason.ENDED:
        return ""
    if one.by_timeout:
        later = limits.timeout is None or (in_force.timeout is not None and limits.timeout > in_force.timeout)
        return f"{_LATER}{schema[schema.end_timeout].label}" if later else ""
    assert limits.end is not None, "turns without such a threshold are not judged"
    assert in_force.end is not None, "turns without such a threshold are not judged"
    threshold = schema.threshold("idle")
    if limits.end < in_force.end and (one.end_value is None or one.end_value >= limits.end):
        return f"{_LATER}{threshold.label if threshold else ''} threshold"
    if limits.min_silence > max(in_force.min_silence, one.silence):
        return f"{_LATER}end by {schema[schema.min_silence].label}"
    return ""


def _changed(evidence: Evidence, one: TurnEvidence, limits: Limits, found: Verdict) -> WhatIfTurn:
    """Return a turn that is known up to its end, at `found` or where it was."""
    finished = one.finished
    delay = evidence.delay if one.delay is None else one.delay
    if delay is None:
        return WhatIfTurn(finished, unknown="nothing shows how long the service takes to tell")
    turn = finished.turn
    if found.end is not None:
        told = evidence.points[found.end].at + delay
        turn = _cut_short(turn, told if limits.eager_end != one.limits.eager_end else _after_guess(turn, told))
    if one.dense and limits.eager_end != one.limits.eager_end and limits.eager_end is not None:
        guesses = tuple(_eager_end(evidence, guess, delay) for guess in found.guesses)
        turn = msgspec.structs.replace(turn, eager_ends=guesses)
    split = found.end is not None and rises_again(evidence.points, range(found.end, one.open.stop), limits)
    metrics = finished.metrics if turn == finished.turn else _measured(evidence, one, turn)
    after = msgspec.structs.replace(
        finished,
        turn=turn,
        metrics=metrics,
        end_position=finished.position_at(turn.over_at),
    )
    return WhatIfTurn(finished, after, cut=metrics.false_cutoff is True, split=split, coarse=not one.dense)


def _after_guess(turn: Turn, ended_at: float) -> float:
    """Return an end that is no sooner than the eager end that came with it: where both are near, that one is known."""
    return max((each.at for each in turn.eager_ends if ended_at < each.at <= ended_at + ERROR_S), default=ended_at)


def _cut_short(turn: Turn, ended_at: float) -> Turn:
    """Return a turn that the service ends sooner."""
    guesses = tuple(_unresumed(each, ended_at) for each in turn.eager_ends if each.at <= ended_at)
    return msgspec.structs.replace(
        turn,
        ended_at=ended_at,
        end_reason=EndReason.ENDED,
        eager_ends=guesses,
        event_times=(*(at for at in turn.event_times if at < ended_at), ended_at),
    )


def _unresumed(guess: TurnEagerEnd, ended_at: float) -> TurnEagerEnd:
    """Return an eager end that is not resumed any more where its turn has ended before."""
    late = guess.resumed_at is not None and guess.resumed_at > ended_at
    return msgspec.structs.replace(guess, resumed_at=None) if late else guess


def _eager_end(evidence: Evidence, guess: Guess, delay: float) -> TurnEagerEnd:
    resumed = None if guess.resumed is None else evidence.points[guess.resumed].at + delay
    return TurnEagerEnd(evidence.points[guess.at].at + delay, "", resumed)


def _measured(evidence: Evidence, one: TurnEvidence, turn: Turn) -> TurnMetrics:
    """Measure a turn that ended sooner; of its onset, and of its text, there is nothing new."""
    before = one.finished.metrics
    after = measure(turn, one.since, evidence.speech_around(one.finished.turn))
    return msgspec.structs.replace(
        after,
        speech_start_position=before.speech_start_position,
        onset_latency=before.onset_latency,
        first_text=before.first_text,
        service_onset_error=before.service_onset_error,
        service_end_error=None,
        eager_text_match=None,
        wasted_replies=None,
        final_text_latency=None,
        formatted_latency=None,
        speech_start_in_file=before.speech_start_in_file,
        speech_end_in_file=None,
        end_reason=before.end_reason,
        end_reason_told=before.end_reason_told,
        slow=before.slow,
        slow_because=before.slow_because,
        pending=before.pending,
    )
