"""The value that a metric of sessions has: see `definitions.SESSION_METRICS`."""

from collections.abc import Callable
from typing import Final

from stt_monitor.core.metrics.aggregate import Aggregate
from stt_monitor.core.metrics.metric import Basis, Metric, Need, Source

_MET: Final[dict[Need, Callable[[Aggregate], bool]]] = {
    Need.REFERENCE: lambda pool: pool.referenced,
    Need.SPEECH: lambda pool: pool.speech_judged > 0,
    Need.EAGER_ENDS: lambda pool: pool.counts.eager_ends_decided > 0,
    Need.TURNS: lambda pool: pool.counts.turns > 0,
    Need.JUDGED_TURNS: lambda pool: pool.judged > 0,
    Need.SESSION: lambda pool: pool.health is not None,
    Need.TRANSCRIPT: lambda pool: pool.words is not None,
}

_FOUND_IN: Final[dict[Source, Callable[[Aggregate], object]]] = {
    Source.COUNTS: lambda pool: pool.counts,
    Source.HEALTH: lambda pool: pool.health,
    Source.AGGREGATE: lambda pool: pool,
}

_NUMBER_OF: Final[dict[Basis, Callable[[Aggregate], int]]] = {
    Basis.TURNS: lambda pool: pool.judged,
    Basis.EAGER_ENDS: lambda pool: pool.counts.eager_ends_decided,
    Basis.WORDS: lambda pool: 0 if pool.words is None else pool.words.words,
}


def session_value(metric: Metric, pool: Aggregate) -> float | None:
    """Return a metric of sessions as measured (see `Unit`); None if something that it needs is missing.

    Args:
        metric: one of `SESSION_METRICS`.
        pool: the sessions, or turns picked from them.
    """
    found_in = _FOUND_IN[metric.source](pool)
    if found_in is None or not all(_MET[need](pool) for need in metric.needs):
        return None
    value: float | None = getattr(found_in, metric.key)
    return value


def basis_size(metric: Metric, pool: Aggregate) -> int | None:
    """Return of how many things a metric is a number or a share; None where that does not matter."""
    return None if metric.basis is None else _NUMBER_OF[metric.basis](pool)


def basis_name(metric: Metric, pool: Aggregate) -> str:
    """Return what those things are, where it depends on the text: words, characters, or both."""
    return pool.words.counted if metric.basis is Basis.WORDS and pool.words is not None else ""
