"""Every metric, once: records, summaries, the screen, help, reports, exports and assertions loop over this table.

A new one needs an entry here, and a field of its key where its source measures it; nothing else.
"""

from typing import Final

from stt_monitor.core.metrics.metric import Basis, Metric, Moment, Need, Source
from stt_monitor.core.metrics.units import Unit

_COUNT, _MS, _S, _SHARE, _DB = Unit.COUNT, Unit.MILLISECONDS, Unit.SECONDS, Unit.PERCENT, Unit.DECIBELS
_TURN, _COUNTS, _HEALTH, _ALL = Source.TURN, Source.COUNTS, Source.HEALTH, Source.AGGREGATE

_OF_TURNS: Final = (
    Metric(
        "onset_latency", "onset", _MS, _TURN, "From the onset of speech to turn.start.",
        rank=3, anchors=(Moment.SPEECH_ONSET, Moment.TURN_START), needs=(Need.REFERENCE,), timed=True,
    ),
    Metric(
        "first_text", "text", _MS, _TURN, "From the onset of speech to the first turn.update with text.",
        rank=5, anchors=(Moment.SPEECH_ONSET, Moment.FIRST_TEXT), needs=(Need.REFERENCE,), timed=True,
    ),
    Metric(
        "eager_latency", "eager", _MS, _TURN, "From the end of speech to the turn.eager_end that stood.",
        rank=2, anchors=(Moment.SPEECH_END, Moment.EAGER_END), needs=(Need.REFERENCE, Need.EAGER_ENDS), timed=True,
    ),
    Metric(
        "eot_latency", "eot", _MS, _TURN,
        "From the end of speech to turn.end: how late the service knows that you are done.",
        rank=1, anchors=(Moment.SPEECH_END, Moment.TURN_END), needs=(Need.REFERENCE,), timed=True,
    ),
    Metric(
        "eager_lead", "lead", _MS, _TURN,
        "From the turn.eager_end that stood to turn.end: the head start of an early reply.",
        rank=4, anchors=(Moment.EAGER_END, Moment.TURN_END), needs=(Need.EAGER_ENDS,), timed=True,
    ),
    Metric(
        "update_gap_max", "gap", _MS, _TURN,
        "The longest silence of the service from the onset of speech to its end.",
        rank=6, needs=(Need.REFERENCE,), timed=True,
    ),
)  # fmt: skip

_OF_SESSIONS: Final = (
    Metric("turns", "turns", _COUNT, _COUNTS, "Turns that the service told of.", rank=1),
    Metric(
        "closed", "closed", _COUNT, _COUNTS,
        "Turns that our own close ended: nobody decided anything, they are in no summary.",
    ),
    Metric(
        "dangling", "dangling", _COUNT, _COUNTS,
        "Turns that never ended: the connection was lost, or another turn began.",
    ),
    Metric(
        "slow", "slow", _COUNT, _COUNTS,
        "Turns in which this machine or its line held sound or answers up for over 0.3 s: they are in no summary.",
    ),
    Metric(
        "eager_ends", "eager ends", _COUNT, _COUNTS, "How often the service thought that a turn might be over.",
        needs=(Need.TURNS,), timed=True,
    ),
    Metric(
        "eager_ends_confirmed", "eager ends that held", _COUNT, _COUNTS, "Eager ends that stood until turn.end.",
        needs=(Need.TURNS,), timed=True,
    ),
    Metric(
        "eager_precision", "eager precision", _SHARE, _ALL,
        "Eager ends confirmed, of all that were confirmed or taken back.",
        rank=3, needs=(Need.EAGER_ENDS,), basis=Basis.EAGER_ENDS, timed=True,
    ),
    Metric(
        "eager_gained", "time gained", _S, _ALL,
        "Time gained by trusting eager ends: from each one that stood to its turn.end, added up.",
        rank=5, needs=(Need.TURNS,), timed=True,
    ),
    Metric(
        "eager_wasted", "time wasted", _S, _ALL,
        "Time wasted by trusting eager ends: from each one that was taken back to its turn.resume, added up.",
        rank=6, needs=(Need.TURNS,), timed=True,
    ),
    Metric(
        "resumes", "resumes", _COUNT, _COUNTS, "How often an eager end was taken back.",
        rank=4, needs=(Need.TURNS,), timed=True,
    ),
    Metric(
        "false_cutoffs", "false cut-offs", _COUNT, _COUNTS,
        "Turns that ended while reference speech went on or came back within 1 s: exact with labels, else a proxy (~).",
        rank=2, needs=(Need.JUDGED_TURNS,), basis=Basis.TURNS, timed=True,
    ),
    Metric(
        "missed", "missed", _COUNT, _COUNTS,
        "Stretches of reference speech without a turn, of those that this machine and its line were quick enough for.",
        rank=7, needs=(Need.REFERENCE, Need.SPEECH, Need.SESSION), timed=True,
    ),
    Metric(
        "spurious", "spurious", _COUNT, _COUNTS, "Turns without any reference speech, of those that the service ended.",
        rank=8, needs=(Need.JUDGED_TURNS,), timed=True,
    ),
    Metric(
        "wer", "word error rate", _SHARE, _ALL,
        "Word error rate: words inserted, left out or mistaken, of the words said. Case, punctuation and how numbers "
        "are written do not count; of scripts without spaces (Chinese, Japanese, Thai) characters are counted.",
        rank=9, needs=(Need.TRANSCRIPT,), basis=Basis.WORDS,
    ),
    Metric(
        "violations", "violations", _COUNT, _COUNTS, "Guarantees of the protocol that the service broke.",
        rank=10, needs=(Need.SESSION,),
    ),
    Metric(
        "unknown_events", "unknown events", _COUNT, _COUNTS, "Events of a type that the protocol does not have.",
        needs=(Need.SESSION,),
    ),
    Metric("errors", "errors", _COUNT, _COUNTS, "Error events.", needs=(Need.SESSION,)),
    Metric("send_lag", "lag", _MS, _HEALTH, "From the last sample of the newest chunk to its having been sent."),
    Metric("send_lag_max", "longest lag", _MS, _HEALTH, "The longest send_lag of the session.", rank=12),
    Metric(
        "round_trip", "round trip", _MS, _HEALTH,
        "Of the last answered websocket ping, or, once it is more, how old another is.",
    ),
    Metric("audio_sent_s", "audio sent", _S, _HEALTH, "Audio handed to the socket, resent_s of it again."),
    Metric("waiting_s", "audio waiting", _S, _HEALTH, "Audio captured, and not sent yet."),
    Metric(
        "dropped_s", "audio dropped", _S, _HEALTH,
        "Audio captured and never sent, because it had waited too long.",
    ),
    Metric(
        "unconfirmed_s", "audio unconfirmed", _S, _HEALTH,
        "Audio sent of which nobody knows if it was heard: no ping was answered since.",
    ),
    Metric(
        "resent_s", "audio sent again", _S, _HEALTH,
        "Audio taken back from connections that were found dead, and sent again.",
    ),
    Metric(
        "overruns", "overruns", _COUNT, _HEALTH, "How often the system lost audio before it could be captured.",
    ),
    Metric("clipped", "clipped chunks", _COUNT, _HEALTH, "Chunks whose peak reached full scale."),
    Metric("peak_db", "peak", _DB, _HEALTH, "The highest peak, below full scale."),
    Metric("reconnects", "reconnects", _COUNT, _HEALTH, "Connections after the first.", rank=11),
    Metric(
        "server_lag", "server lag", _MS, _HEALTH,
        "Audio that the local server had received and not judged yet, as it told last.",
    ),
    Metric("server_lag_max", "longest server lag", _MS, _HEALTH, "The longest server_lag of the session."),
)  # fmt: skip

METRICS: Final = {metric.key: metric for metric in (*_OF_TURNS, *_OF_SESSIONS)}
"""All of them by key, in the order in which they are shown."""

TURN_METRICS: Final = tuple(metric for metric in METRICS.values() if metric.source is Source.TURN)
"""Those that every turn has and that are summarised."""

SESSION_METRICS: Final = tuple(metric for metric in METRICS.values() if metric.source is not Source.TURN)
"""Those of which a session, or several, have one value."""


def _by_rank(metrics: tuple[Metric, ...]) -> tuple[Metric, ...]:
    return tuple(sorted((metric for metric in metrics if metric.rank), key=lambda metric: metric.rank))


RANKED_TURN_METRICS: Final = _by_rank(TURN_METRICS)
"""Which column goes first where there is no room for all."""

RANKED_SESSION_METRICS: Final = _by_rank(SESSION_METRICS)
"""What sessions are compared by, the most wanted first."""

HEADLINE: Final = RANKED_TURN_METRICS[0]
"""The metric that stands out as long as nobody chooses another."""
