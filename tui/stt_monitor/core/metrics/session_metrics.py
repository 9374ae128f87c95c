"""Values of the metrics of sessions (`definitions.SESSION_METRICS`)."""

from collections.abc import Callable
from typing import Final

from stt_monitor.core.metrics.aggregate import Aggregate
from stt_monitor.core.metrics.definitions import METRICS
from stt_monitor.core.metrics.metric import Basis, Metric, Need, Source
from stt_monitor.core.records.session import Health
from stt_monitor.core.records.summaries import Counts
from stt_monitor.core.snapshot import Snapshot

_MET: Final[dict[Need, Callable[[Aggregate], bool]]] = {
    Need.REFERENCE: lambda aggregate: aggregate.referenced,
    Need.SPEECH: lambda aggregate: aggregate.speech_checked > 0,
    Need.EAGER_ENDS: lambda aggregate: aggregate.counts.eager_ends_decided > 0,
    Need.TURNS: lambda aggregate: aggregate.counts.turns > 0,
    Need.ENDED_TURNS: lambda aggregate: aggregate.counts.turns_ended > 0,
    Need.JUDGED_TURNS: lambda aggregate: aggregate.counts.turns_checked > 0,
    Need.SURVIVED_PAUSE: lambda aggregate: aggregate.pauses.survived_max is not None,
    Need.CUT_PAUSE: lambda aggregate: aggregate.pauses.cut_min is not None,
    Need.SESSION: lambda aggregate: aggregate.health is not None,
    Need.STALL_OR_SPEECH: lambda aggregate: (
        (aggregate.referenced and aggregate.speech_checked + aggregate.speech_delayed > 0)
        or (aggregate.health is not None and aggregate.health.stalls > 0)
    ),
    Need.TRANSCRIPT: lambda aggregate: aggregate.words is not None,
}

_FOUND_IN: Final[dict[Source, Callable[[Aggregate], object]]] = {
    Source.COUNTS: lambda aggregate: aggregate.counts,
    Source.HEALTH: lambda aggregate: aggregate.health,
    Source.AGGREGATE: lambda aggregate: aggregate,
}

_NUMBER_OF: Final[dict[Basis, Callable[[Aggregate], int]]] = {
    Basis.TURNS: lambda aggregate: aggregate.counts.turns_checked,
    Basis.EAGER_ENDS: lambda aggregate: aggregate.counts.eager_ends_decided,
    Basis.WORDS: lambda aggregate: 0 if aggregate.words is None else aggregate.words.words,
}


def session_value(metric: Metric, aggregate: Aggregate) -> float | None:
    """Return the value of a metric as measured (see `Unit`); None if something that it needs is missing.

    Args:
        metric: one of `SESSION_METRICS`.
        aggregate: of sessions, or of turns picked from them.
    """
    found_in = _FOUND_IN[metric.source](aggregate)
    if (
        found_in is None
        or metric.key in aggregate.marks.absent
        or not all(_MET[need](aggregate) for need in metric.needs)
    ):
        return None
    value: float | None = getattr(found_in, metric.key)
    return value


def counted(name: str, counts: Counts, *, referenced: bool, speech_checked: int = 0) -> float | None:
    """Return one of a session's counts where there is nothing but these; None if something that it needs is missing.

    Args:
        name: key of the metric.
        counts: of the session, or of several.
        referenced: whether there is reference speech.
        speech_checked: spans of it that are known to be missed or not.
    """
    known = Aggregate({}, {}, counts, referenced=referenced, speech_checked=speech_checked, health=Health())
    return session_value(METRICS[name], known)


def count_in(snapshot: Snapshot, name: str) -> float | None:
    """Return one of the counts of a session so far, by the key of its metric; None where nobody knows it."""
    referenced = snapshot.session.reference != "none"
    return counted(name, snapshot.counts, referenced=referenced, speech_checked=snapshot.speech_checked)


def basis_size(metric: Metric, aggregate: Aggregate) -> int | None:
    """Return the size of a metric's basis; None where it has none."""
    return None if metric.basis is None else _NUMBER_OF[metric.basis](aggregate)


def basis_name(metric: Metric, aggregate: Aggregate) -> str:
    """Return the basis in words where it depends on the text: words, characters, or both; else an empty text."""
    return aggregate.words.counted if metric.basis is Basis.WORDS and aggregate.words is not None else ""
