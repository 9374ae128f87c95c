"""Everything about sessions that is one number, by its name: what it means, its unit, and where it is found.

The figures that are summarised are in `figures.DEFINITIONS`; these are the others.
"""

from collections.abc import Callable
from enum import Enum
from typing import Final

import msgspec

from stt_monitor.core.metrics.aggregate import Aggregate
from stt_monitor.core.records import milliseconds


class Unit(Enum):
    """What a number counts; the value is how the unit is written."""

    COUNT = ""
    MILLISECONDS = "ms"
    SECONDS = "s"
    PERCENT = "%"
    DECIBELS = "dB"


class Quantity(msgspec.Struct, frozen=True):
    """A number about sessions: its unit, what it means in one sentence, and how to find it (None: there is none)."""

    unit: Unit
    meaning: str
    of: Callable[[Aggregate], float | None]
    among: Callable[[Aggregate], int] | None = None
    """Of how many things it is a count or a share, where that matters."""
    things: Callable[[Aggregate], str] | None = None
    """What those things are, where it depends."""


def _count(name: str, meaning: str) -> Quantity:
    return Quantity(Unit.COUNT, meaning, lambda pool: getattr(pool.counts, name))


def _turn_count(name: str, meaning: str) -> Quantity:
    """What happens in turns: where there is none, nobody can tell how often it would."""
    return Quantity(Unit.COUNT, meaning, lambda pool: getattr(pool.counts, name) if pool.counts.turns else None)


def _session_count(name: str, meaning: str) -> Quantity:
    """What no turn tells: it is known of whole sessions only."""
    return Quantity(Unit.COUNT, meaning, lambda pool: None if pool.health is None else getattr(pool.counts, name))


def _health(name: str, unit: Unit, meaning: str) -> Quantity:
    def find(pool: Aggregate) -> float | None:
        value: float | None = None if pool.health is None else getattr(pool.health, name)
        return milliseconds(value) if unit is Unit.MILLISECONDS else value

    return Quantity(unit, meaning, find)


def _percent(share: float | None) -> float | None:
    return None if share is None else round(100 * share, 2)


QUANTITIES: Final = {
    "turns": _count("turns", "Turns that the service told of."),
    "closed": _count("closed", "Turns that our own close ended: nobody decided anything, they are in no summary."),
    "dangling": _count("dangling", "Turns that never ended: the connection was lost, or another turn began."),
    "slow": _count(
        "slow",
        "Turns in which this machine or its line held sound or answers up for over 0.3 s: they are in no summary.",
    ),
    "eager_ends": _turn_count("eager_ends", "How often the service thought that a turn might be over."),
    "eager_ends_confirmed": _turn_count("eager_ends_confirmed", "Eager ends that stood until turn.end."),
    "eager_precision": Quantity(
        Unit.PERCENT,
        "Eager ends confirmed, of all that were confirmed or taken back.",
        lambda pool: _percent(pool.counts.eager_precision),
        lambda pool: pool.counts.eager_ends_decided,
    ),
    "eager_gained": Quantity(
        Unit.SECONDS,
        "Time gained by trusting eager ends: from each one that stood to its turn.end, added up.",
        lambda pool: round(pool.eager_gained, 3) if pool.counts.turns else None,
    ),
    "eager_wasted": Quantity(
        Unit.SECONDS,
        "Time wasted by trusting eager ends: from each one that was taken back to its turn.resume, added up.",
        lambda pool: round(pool.eager_wasted, 3) if pool.counts.turns else None,
    ),
    "resumes": _turn_count("resumes", "How often an eager end was taken back."),
    "false_cutoffs": Quantity(
        Unit.COUNT,
        "Turns that ended while reference speech went on or came back within 1 s: exact with labels, else a proxy (~).",
        lambda pool: pool.counts.false_cutoffs if pool.judged else None,
        lambda pool: pool.judged,
    ),
    "missed": Quantity(
        Unit.COUNT,
        "Stretches of reference speech without a turn, of those that this machine and its line were quick enough for.",
        lambda pool: pool.counts.missed if pool.referenced and pool.speech_judged and pool.health is not None else None,
    ),
    "spurious": Quantity(
        Unit.COUNT,
        "Turns without any reference speech.",
        lambda pool: pool.counts.spurious if pool.referenced and pool.counts.turns > pool.counts.slow else None,
    ),
    "wer": Quantity(
        Unit.PERCENT,
        "Word error rate: words inserted, left out or mistaken, of the words said. Case, punctuation and how numbers "
        "are written do not count; of scripts without spaces (Chinese, Japanese, Thai) characters are counted.",
        lambda pool: None if pool.words is None else _percent(pool.words.rate),
        lambda pool: 0 if pool.words is None else pool.words.words,
        lambda pool: "" if pool.words is None else pool.words.counted,
    ),
    "violations": _session_count("violations", "Guarantees of the protocol that the service broke."),
    "unknown_events": _session_count("unknown_events", "Events of a type that the protocol does not have."),
    "errors": _session_count("errors", "Error events."),
    "send_lag": _health(
        "send_lag", Unit.MILLISECONDS, "From the last sample of the newest chunk to its having been sent."
    ),
    "send_lag_max": _health("send_lag_max", Unit.MILLISECONDS, "The longest send_lag of the session."),
    "round_trip": _health(
        "round_trip", Unit.MILLISECONDS, "Of the last answered websocket ping, or, once it is more, how old another is."
    ),
    "audio_sent_s": _health("audio_sent_s", Unit.SECONDS, "Audio handed to the socket, resent_s of it again."),
    "waiting_s": _health("waiting_s", Unit.SECONDS, "Audio captured, and not sent yet."),
    "dropped_s": _health("dropped_s", Unit.SECONDS, "Audio captured and never sent, because it had waited too long."),
    "unconfirmed_s": _health(
        "unconfirmed_s", Unit.SECONDS, "Audio sent of which nobody knows if it was heard: no ping was answered since."
    ),
    "resent_s": _health(
        "resent_s", Unit.SECONDS, "Audio taken back from connections that were found dead, and sent again."
    ),
    "overruns": _health("overruns", Unit.COUNT, "How often the system lost audio before it could be captured."),
    "clipped": _health("clipped", Unit.COUNT, "Chunks whose peak reached full scale."),
    "peak_db": _health("peak_db", Unit.DECIBELS, "The highest peak, below full scale."),
    "reconnects": _health("reconnects", Unit.COUNT, "Connections after the first."),
    "server_lag": _health(
        "server_lag", Unit.MILLISECONDS, "Audio that the local server had received and not judged yet, as it told last."
    ),
    "server_lag_max": _health("server_lag_max", Unit.MILLISECONDS, "The longest server_lag of the session."),
}
"""By name; times are milliseconds rounded to a tenth, as everywhere in data."""
