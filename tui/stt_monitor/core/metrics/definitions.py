"""The table of all metrics: records, summaries, the screen, help, reports, exports and assertions loop over it.

A new metric needs an entry here, and a field of its key in its source; nothing else.
"""

from typing import Final

from stt_monitor.core.metrics.metric import Ability, Basis, Metric, Moment, Need, Source
from stt_monitor.core.metrics.units import Unit

_COUNT, _MS, _S, _SHARE, _DB = Unit.COUNT, Unit.MILLISECONDS, Unit.SECONDS, Unit.PERCENT, Unit.DECIBELS
_TURN, _COUNTS, _HEALTH, _ALL = Source.TURN, Source.COUNTS, Source.HEALTH, Source.AGGREGATE

_OF_TURNS: Final = (
    Metric(
        "onset_latency", "onset", _MS, _TURN, "From the onset of speech to turn.start.",
        rank=4, anchors=(Moment.SPEECH_ONSET, Moment.TURN_START), needs=(Need.REFERENCE,), timed=True,
    ),
    Metric(
        "first_text", "text", _MS, _TURN, "From the onset of speech to the first turn.update with text.",
        rank=6, anchors=(Moment.SPEECH_ONSET, Moment.FIRST_TEXT), needs=(Need.REFERENCE,), timed=True,
    ),
    Metric(
        "eager_latency", "eager", _MS, _TURN, "From the end of speech to the confirmed turn.eager_end.",
        rank=3, anchors=(Moment.SPEECH_END, Moment.EAGER_END), needs=(Need.REFERENCE, Need.EAGER_ENDS), timed=True,
        ability=Ability.EAGER_ENDS,
    ),
    Metric(
        "eot_latency", "eot", _MS, _TURN,
        "From the end of speech to turn.end: how long after you stop speaking it arrives.",
        rank=1, anchors=(Moment.SPEECH_END, Moment.TURN_END), needs=(Need.REFERENCE,), timed=True,
    ),
    Metric(
        "eager_lead", "lead", _MS, _TURN,
        "From the confirmed turn.eager_end to turn.end: the head start of an early reply.",
        rank=5, anchors=(Moment.EAGER_END, Moment.TURN_END), needs=(Need.EAGER_ENDS,), timed=True,
        ability=Ability.EAGER_ENDS,
    ),
    Metric(
        "update_gap_max", "gap", _MS, _TURN,
        "The longest time without an event of the turn between onset and end of speech.",
        rank=7, needs=(Need.REFERENCE,), timed=True,
    ),
    Metric(
        "final_text_latency", "final", _MS, _TURN,
        "From the end of speech to the message with the turn's last word: eot_latency where text comes with the end.",
        rank=8, anchors=(Moment.SPEECH_END, Moment.FINAL_TEXT), needs=(Need.REFERENCE,), timed=True,
    ),
    Metric(
        "formatted_latency", "form", _MS, _TURN,
        "From the end of speech to the formatted copy of the turn's text, where a service sends one after turn.end.",
        rank=9, anchors=(Moment.SPEECH_END, Moment.FORMATTED_TEXT), needs=(Need.REFERENCE,), timed=True,
        ability=Ability.COPIES,
    ),
    Metric(
        "service_onset_error", "on ±", _MS, _TURN,
        "Where the service heard speech begin, less where it began: positive is too late.",
        rank=10, needs=(Need.REFERENCE,), ability=Ability.ONSET, signed=True, timed=True,
    ),
    Metric(
        "service_end_error", "end ±", _MS, _TURN,
        "Where the service heard speech end, less where it ended: what of eot_latency is hearing, not deciding.",
        rank=11, needs=(Need.REFERENCE,), ability=Ability.SPEECH_END, signed=True, timed=True,
    ),
    Metric(
        "response_gap", "reply", _MS, _TURN,
        "From the caller's end of speech to the agent's onset that answers it; 0 if up to 0.2 s before the end.",
        rank=2, needs=(Need.REFERENCE,), timed=True, ability=Ability.AGENT,
    ),
    Metric(
        "barge_in_stop", "stop", _MS, _TURN,
        "From the caller's onset while the agent speaks to the agent's silence.",
        rank=12, needs=(Need.REFERENCE,), timed=True, ability=Ability.AGENT,
    ),
    Metric(
        "talk_over_s", "both", _S, _TURN, "How long caller and agent speak at the same time.",
        rank=13, needs=(Need.REFERENCE,), timed=True, ability=Ability.AGENT,
    ),
)  # fmt: skip

_OF_SESSIONS: Final = (
    Metric("turns", "turns", _COUNT, _COUNTS, "Turns reported by the service.", rank=1),
    Metric(
        "closed", "closed", _COUNT, _COUNTS,
        "Turns that our own close ended: no decision of the service, so summaries exclude them.",
    ),
    Metric(
        "manual", "ended by hand", _COUNT, _COUNTS,
        "Turns that the client asked to end: no decision of the service, so summaries exclude them.",
    ),
    Metric(
        "dangling", "dangling", _COUNT, _COUNTS,
        "Turns that never ended: the connection was lost, or another turn began.",
    ),
    Metric(
        "slow", "slow", _COUNT, _COUNTS,
        "Turns that this machine, its network or the client held up by over 0.3 s: summaries exclude them.",
    ),
    Metric(
        "eager_ends", "eager ends", _COUNT, _COUNTS, "Times that the service signalled a possible end of a turn.",
        needs=(Need.TURNS,), timed=True, ability=Ability.EAGER_ENDS,
    ),
    Metric(
        "eager_ends_confirmed", "eager ends confirmed", _COUNT, _COUNTS, "Eager ends that turn.end confirmed.",
        needs=(Need.TURNS,), timed=True, ability=Ability.EAGER_ENDS,
    ),
    Metric(
        "eager_precision", "eager precision", _SHARE, _ALL,
        "Share of the eager ends that were confirmed, of those confirmed or resumed.",
        rank=3, needs=(Need.EAGER_ENDS,), basis=Basis.EAGER_ENDS, timed=True, ability=Ability.RESUMES,
    ),
    Metric(
        "eager_gained", "time gained", _S, _ALL,
        "Time gained by trusting eager ends: total from each confirmed one to its turn.end.",
        rank=8, needs=(Need.ENDED_TURNS,), timed=True, ability=Ability.EAGER_ENDS,
    ),
    Metric(
        "eager_wasted", "time wasted", _S, _ALL,
        "Time wasted by trusting eager ends: total from each false one to its turn.resume.",
        rank=9, needs=(Need.TURNS,), timed=True, ability=Ability.RESUMES,
    ),
    Metric(
        "resumes", "resumes", _COUNT, _COUNTS, "Eager ends that turn.resume revoked.",
        rank=4, needs=(Need.TURNS,), timed=True, ability=Ability.RESUMES,
    ),
    Metric(
        "wasted_replies", "wasted replies", _COUNT, _COUNTS,
        "Eager ends at which an early reply would be wasted: resumed, or the final text differs (eager_text_match).",
        rank=5, needs=(Need.ENDED_TURNS,), timed=True, ability=Ability.EAGER_ENDS,
    ),
    Metric(
        "false_cutoffs", "false cut-offs", _COUNT, _COUNTS,
        "Turns ended before their labelled end; without labels (~), while speech went on or resumed within 1 s.",
        rank=2, needs=(Need.JUDGED_TURNS,), basis=Basis.TURNS, proxy=True, timed=True,
    ),
    Metric(
        "turns_checked", "turns checked", _COUNT, _COUNTS,
        "Turns of which it is known whether they were cut off: ended by the service, not slow, with reference speech.",
    ),
    Metric(
        "turns_ended", "turns ended", _COUNT, _COUNTS,
        "Turns that the service ended, not slow: of others nobody knows what is wasted.",
    ),
    Metric(
        "interruptions", "interruptions", _COUNT, _COUNTS,
        "Turns in which the agent starts while the caller speaks, but for echoes and sounds under 0.5 s.",
        needs=(Need.REFERENCE, Need.TURNS), ability=Ability.AGENT,
    ),
    Metric(
        "pause_survived_max", "longest pause survived", _MS, _ALL,
        "The longest pause inside a turn that did not end it; without labels (~), a gap in its reference speech.",
        rank=7, needs=(Need.REFERENCE, Need.SURVIVED_PAUSE), proxy=True, timed=True,
    ),
    Metric(
        "pause_cut_min", "shortest pause that cut", _MS, _ALL,
        "The shortest pause inside a turn that ended it, as a false cut-off; a proxy without labels (~).",
        rank=6, needs=(Need.REFERENCE, Need.CUT_PAUSE), proxy=True, timed=True,
    ),
    Metric(
        "missed", "missed", _COUNT, _COUNTS,
        "Spans of reference speech without a turn, where this machine and its network were fast enough to tell.",
        rank=10, needs=(Need.REFERENCE, Need.SPEECH, Need.SESSION), timed=True,
    ),
    Metric(
        "spurious", "spurious", _COUNT, _COUNTS, "Turns that the service ended, without any reference speech.",
        rank=11, needs=(Need.JUDGED_TURNS,), timed=True,
    ),
    Metric(
        "wer", "word error rate", _SHARE, _ALL,
        "Word error rate: words inserted, deleted or substituted, per word of the reference. Ignores case, punctuation "
        "and number formats; counts characters in scripts without spaces (Chinese, Japanese, Thai).",
        rank=12, needs=(Need.TRANSCRIPT,), basis=Basis.WORDS,
    ),
    Metric(
        "violations", "violations", _COUNT, _COUNTS, "Violations of the protocol's guarantees by the service.",
        rank=13, needs=(Need.SESSION,), ability=Ability.PROMISES,
    ),
    Metric(
        "unknown_events", "unknown events", _COUNT, _COUNTS,
        "Messages of a type that this program does not know: no violations.",
        needs=(Need.SESSION,),
    ),
    Metric(
        "repeats", "repeats", _COUNT, _COUNTS,
        "Messages that said again what the service had said of an ended turn: ignored.", needs=(Need.SESSION,),
    ),
    Metric(
        "late_texts", "late texts", _COUNT, _COUNTS,
        "Texts that came too long after the end of their turn: no part of it.", needs=(Need.SESSION,),
    ),
    Metric("errors", "errors", _COUNT, _COUNTS, "Error events.", needs=(Need.SESSION,)),
    Metric(
        "send_lag", "lag", _MS, _HEALTH,
        "From the last sample of the newest chunk to its handover to the socket, less the jitter asked for.",
    ),
    Metric("send_lag_max", "longest lag", _MS, _HEALTH, "The longest send_lag of the session.", rank=15),
    Metric(
        "round_trip", "round trip", _MS, _HEALTH,
        "Round trip of the last answered websocket ping, or the age of an unanswered one once that is more.",
    ),
    Metric("audio_sent_s", "audio sent", _S, _HEALTH, "Audio handed to the socket, including resent_s."),
    Metric("waiting_s", "audio waiting", _S, _HEALTH, "Audio captured but not sent yet."),
    Metric(
        "dropped_s", "audio dropped", _S, _HEALTH,
        "Audio captured but never sent, because it had waited too long.",
    ),
    Metric(
        "unconfirmed_s", "audio unconfirmed", _S, _HEALTH,
        "Audio sent but not confirmed: no ping has been answered since.",
    ),
    Metric(
        "resent_s", "audio sent again", _S, _HEALTH,
        "Audio sent again, because its connection turned out to be dead.",
    ),
    Metric(
        "overruns", "overruns", _COUNT, _HEALTH, "Times that the system lost audio before capture.",
    ),
    Metric("clipped", "clipped chunks", _COUNT, _HEALTH, "Chunks whose peak reached full scale."),
    Metric("peak_db", "peak", _DB, _HEALTH, "The highest peak, relative to full scale."),
    Metric(
        "reconnects", "reconnects", _COUNT, _HEALTH,
        "Connections after the first, but for those that other settings needed.", rank=14,
    ),
    Metric(
        "stalls", "stalls", _COUNT, _HEALTH,
        "Times that no event came while somebody spoke, whosever fault: line, service or this machine.", rank=16,
        needs=(Need.STALL_OR_SPEECH,),
    ),
    Metric(
        "server_lag", "server lag", _MS, _HEALTH,
        "Audio that the local server has received but not processed, by its last report.",
    ),
    Metric("server_lag_max", "longest server lag", _MS, _HEALTH, "The longest server_lag of the session."),
)  # fmt: skip

METRICS: Final = {metric.key: metric for metric in (*_OF_TURNS, *_OF_SESSIONS)}
"""All metrics by key, in display order."""

TURN_METRICS: Final = tuple(metric for metric in METRICS.values() if metric.source is Source.TURN)
"""Metrics of a turn, which are summarised."""

SESSION_METRICS: Final = tuple(metric for metric in METRICS.values() if metric.source is not Source.TURN)
"""Metrics with one value for a session, or for several."""


def _by_rank(metrics: tuple[Metric, ...]) -> tuple[Metric, ...]:
    return tuple(sorted((metric for metric in metrics if metric.rank), key=lambda metric: metric.rank))


RANKED_TURN_METRICS: Final = _by_rank(TURN_METRICS)
"""By importance, for where not all columns fit."""

RANKED_SESSION_METRICS: Final = _by_rank(SESSION_METRICS)
"""Those to compare sessions by, the most important first."""

HEADLINE: Final = RANKED_TURN_METRICS[0]
"""The metric to highlight by default."""
