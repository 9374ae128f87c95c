"""Measures the metrics of a turn from the turn and its reference speech; `definitions` says what they mean."""

import re
import unicodedata
from enum import Enum
from functools import lru_cache
from itertools import pairwise
from typing import Any, Final, Self

import msgspec

from stt_monitor.core.events import Trigger
from stt_monitor.core.metrics.claims import CLAIM_WINDOW_S, ClaimBounds, first_span
from stt_monitor.core.metrics.cutoffs import goes_on, judge, known_at, own_speech
from stt_monitor.core.metrics.definitions import TURN_METRICS
from stt_monitor.core.metrics.metric import Moment
from stt_monitor.core.sound.reference_speech import ReferenceSpeech, Span
from stt_monitor.core.sound.slowness import Cause
from stt_monitor.core.text.moments import to_the_millisecond
from stt_monitor.core.turns.turn import Begin, EndReason, Turn

APOSTROPHES: Final = "['\u2018\u2019\u02bc]"
"""Pattern of what stands for an apostrophe."""


class TextMatch(Enum):
    """How the text at the confirmed eager end compares with the final text."""

    EXACT = "exact"
    NORMALISED = "normalised"
    NO = "no"


class TurnMetrics(msgspec.Struct, frozen=True, gc=False):  # no cycles, and there are very many
    """The metrics of one turn. Times are seconds, positions seconds of audio; None: anchors are missing or disagree."""

    speech_start_position: float | None = None
    speech_end_position: float | None = None
    onset_latency: float | None = None
    first_text: float | None = None
    eager_latency: float | None = None
    eot_latency: float | None = None
    eager_lead: float | None = None
    eager_ends: int = 0
    resumes: int = 0
    eager_text_match: TextMatch | None = None
    update_gap_max: float | None = None
    final_text_latency: float | None = None
    formatted_latency: float | None = None
    service_onset_error: float | None = None
    service_end_error: float | None = None
    false_cutoff: bool | None = None
    pause_survived: float | None = None
    """The longest pause in it that did not end it; None without one, or where the service did not end the turn."""
    pause_cut: float | None = None
    """The pause that ended it; None where it is no cut-off, or one in mid-speech."""
    spurious: bool | None = None
    end_reason: str = ""
    end_reason_told: bool | None = None
    """Whether the service says so; False: it is a guess; None: it was no decision of the service, or is unknown."""
    eager_wasted: float | None = None
    wasted_replies: int | None = None
    """Eager ends that were resumed, or whose text is not the final one; None where the service did not end the turn."""
    response_gap: float | None = None
    """This and the next three: what the agent of the call did, where its side is heard (`metrics.agent.side`)."""
    interruption: bool | None = None
    barge_in_stop: float | None = None
    talk_over_s: float | None = None
    speech: tuple[Span, ...] = ()
    """The reference speech that the turn claims, and any after its end that shows a cut-off."""
    speech_start_in_file: float | None = None
    """Start and end of the speech in the file; audio that was sent again has two positions otherwise."""
    speech_end_in_file: float | None = None
    slow: bool = False
    """Something other than the service held it up: its metrics say nothing about the service."""
    slow_because: tuple[Cause, ...] = ()
    """What did; empty where it is not slow."""
    pending: bool = False
    """Reference speech is not decided yet: a None may still become a value."""

    def excused(self) -> Self:
        """Return those of a slow turn: without what would blame the service, or praise it.

        A delayed event may be about earlier speech than that at the time of its arrival.
        """
        return msgspec.structs.replace(
            self,
            spurious=None if self.spurious else self.spurious,
            false_cutoff=None if self.false_cutoff or self.spurious else self.false_cutoff,
            wasted_replies=None,
            pause_survived=None,
            pause_cut=None,
        )


def measure(
    turn: Turn,
    since: float,
    speech: ReferenceSpeech | None,
    end_timeout_s: float | None = None,
) -> TurnMetrics:
    """Measure a finished turn against the speech that it claims (see `claims`).

    Args:
        turn: the finished turn.
        since: no earlier speech belongs to it (`ClaimBounds.since`), seconds of session.
        speech: reference speech on the same clock; None without any.
        end_timeout_s: silence after which the service always ends a turn; None where it does not.

    Returns:
        The metrics as known now. While `pending` is set, call again when more speech is decided.
    """
    confirmed = turn.confirmed_eager_end
    waits = [wait for each in turn.eager_ends if (wait := each.until_resume) is not None]
    own = TurnMetrics(
        **_latencies(moments(turn)),
        eager_ends=len(turn.eager_ends),
        resumes=len(waits),
        eager_wasted=sum(waits) if waits else None,
        eager_text_match=_match(confirmed.transcript, turn.decided_text) if confirmed else None,
        wasted_replies=_wasted_replies(turn),
        **_reason(turn, None, None),
    )
    if speech is None:
        return own
    last = turn.over_at
    if speech.decided_until < last:
        return msgspec.structs.replace(own, pending=True)
    bounds = ClaimBounds(since, turn.started_at, last)
    claimed = [span for span in speech.between(turn.started_at - CLAIM_WINDOW_S, last) if bounds.covers(span)]
    spans = own_speech(turn, claimed, speech)
    first = first_span(spans, bounds)
    onset = first if first is not None and since <= first.onset <= turn.started_at else None
    going_on = any(goes_on(span, last) for span in spans)
    ended = None if going_on else max((s for s in spans if s.end is not None), key=lambda s: s.end or 0.0, default=None)
    judged = judge(turn, spans, speech)
    open_ended = turn.end_reason is EndReason.ENDED and judged.cut is None
    onset_at, silent_since = (onset.onset if onset else None), (ended.end if ended else None)
    # In a pause of a labelled turn its speech has not ended: it has no latency from there.
    end_at = None if speech.labelled_turns and (judged.cut or open_ended) else silent_since
    return msgspec.structs.replace(
        own,
        speech_start_position=onset.onset_position if onset else None,
        speech_end_position=ended.end_position if ended else None,
        **_latencies(moments(turn, onset_at, end_at)),
        service_onset_error=_error(turn.heard_from, onset.onset_position if onset else None),
        service_end_error=_error(turn.heard_until, ended.end_position if ended else None),
        update_gap_max=None if first is None else _longest_gap(turn, max(first.onset, since), silent_since),
        false_cutoff=judged.cut,
        pause_survived=judged.pause_survived,
        pause_cut=judged.pause_cut,
        spurious=_spurious(turn, spans),
        speech=(*spans, *judged.resumed),
        **_reason(turn, silent_since, end_timeout_s),
        pending=open_ended or speech.decided_until < known_at(turn, speech),
    )


def moments(turn: Turn, onset: float | None = None, end: float | None = None) -> dict[Moment, float | None]:
    """Return the times of a finished turn's moments, seconds of session, given those of its speech.

    None: no such moment. Only a turn that the service ended has a `TURN_END`, and a text that came with it or later.
    """
    confirmed = turn.confirmed_eager_end
    ended_at = turn.ended_at if turn.end_reason is EndReason.ENDED else None
    copied_at = None if ended_at is None else turn.formatted_at
    final_at = None if ended_at is None or not turn.decided_text else turn.text_at or ended_at
    return {
        Moment.SPEECH_ONSET: onset,
        Moment.SPEECH_END: end,
        Moment.TURN_START: None if turn.begin is Begin.MISSING else turn.started_at,
        Moment.FIRST_TEXT: turn.first_text_at,
        Moment.EAGER_END: confirmed.at if confirmed else None,
        Moment.TURN_END: ended_at,
        Moment.FINAL_TEXT: final_at,
        Moment.FORMATTED_TEXT: copied_at,
    }


_ZEROS: Final = (Moment.SPEECH_END, Moment.TURN_END, Moment.EAGER_END, Moment.TURN_START)
"""Moments that the others are relative to: the first one that exists."""


def _latencies(at: dict[Moment, float | None]) -> dict[str, Any]:
    """Return the metrics between two moments, by key.

    All moments of a turn are told to the millisecond, from one of them: so whatever is made of the metrics adds up, and
    they are the same wherever the session's clock began.
    """
    zero = next((zero for moment in _ZEROS if (zero := at[moment]) is not None), 0.0)
    told = {moment: None if each is None else to_the_millisecond(each - zero) for moment, each in at.items()}
    return {
        metric.key: _difference(*(told[moment] for moment in metric.anchors))
        for metric in TURN_METRICS
        if metric.anchors is not None
    }


def _difference(earlier: float | None, later: float | None) -> float | None:
    """Return a latency; None when an anchor is missing, or when the anchors disagree (metrics.md 1)."""
    if earlier is None or later is None or later < earlier:
        return None
    return later - earlier


def _error(heard: float | None, true: float | None) -> float | None:
    """Return how far the service's position is from ours; None where one is unknown."""
    return None if heard is None or true is None else heard - true


def _wasted_replies(turn: Turn) -> int | None:
    """Count the eager ends whose reply is wasted; None if the service did not end the turn: nobody decided them."""
    if turn.end_reason is not EndReason.ENDED:
        return None
    text = turn.decided_text
    return sum(each.resumed_at is not None or _match(each.transcript, text) is TextMatch.NO for each in turn.eager_ends)


@lru_cache(maxsize=16)
def _match(eager: str, final: str) -> TextMatch:
    """Compare two texts; cached, because a turn is measured with each snapshot until it is final."""
    if eager == final:
        return TextMatch.EXACT
    return TextMatch.NORMALISED if normalised_words(eager) == normalised_words(final) else TextMatch.NO


def normalised_words(text: str) -> list[str]:
    """Return the words without case, apostrophes and punctuation (metrics.md 2): so agent frameworks compare texts."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return re.findall(r"[^\W_]+", re.sub(APOSTROPHES, "", folded))


def _longest_gap(turn: Turn, begun: float, ended: float | None) -> float | None:
    """Return the longest time without an event of the turn, from onset to end of its speech.

    Speech that goes on after the turn counts up to the turn's end.
    """
    until = turn.over_at if ended is None else ended
    if until < begun:
        return None
    moments = [begun, *(at for at in turn.event_times if begun < at < until), until]
    return max(b - a for a, b in pairwise(moments))


def _spurious(turn: Turn, spans: list[Span]) -> bool | None:
    """Return whether a turn has no speech; None if the service did not end it: its speech may still be to come."""
    return None if not spans and turn.end_reason is not EndReason.ENDED else not spans


def _reason(turn: Turn, end_at: float | None, end_timeout_s: float | None) -> dict[str, Any]:
    """Tell threshold from timeout by the time since the end of speech; without it the reason stays open.

    What the service says of it counts more.
    """
    if turn.end_reason is not None and turn.end_reason is not EndReason.ENDED:
        return {"end_reason": turn.end_reason.value, "end_reason_told": None}
    if turn.trigger is not None:
        reason = "threshold" if turn.trigger is Trigger.MODEL else turn.trigger.value
        return {"end_reason": reason, "end_reason_told": True}
    waited = _difference(end_at, turn.ended_at)
    if waited is None:
        return {"end_reason": "", "end_reason_told": None}
    guess = "timeout" if end_timeout_s is not None and waited >= end_timeout_s else "threshold"
    return {"end_reason": guess, "end_reason_told": False}
