"""Turns of one session or of several, taken together: their values, counts and health as if they were one session's."""

from array import array
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from math import fsum
from typing import Final

import msgspec

from stt_monitor.core.metrics.definitions import SESSION_METRICS, TURN_METRICS
from stt_monitor.core.metrics.inclusion import Inclusion, inclusion
from stt_monitor.core.metrics.metric import Source
from stt_monitor.core.metrics.percentiles import Summary, summarise
from stt_monitor.core.metrics.units import Unit
from stt_monitor.core.metrics.wer import WordErrors, together, word_errors
from stt_monitor.core.records.session import Health
from stt_monitor.core.records.summaries import Counts
from stt_monitor.core.snapshot import FinishedTurn, Snapshot, transcript

_ADDED_UP: Final = {
    metric.key
    for metric in SESSION_METRICS
    if metric.source is Source.HEALTH and metric.unit in (Unit.COUNT, Unit.SECONDS)
}
"""The parts of `Health` that are numbers of events or amounts of audio."""


class Aggregate(msgspec.Struct, frozen=True):
    """What some turns come to. Values are seconds, in ascending order, by key."""

    values: Mapping[str, Sequence[float]]
    """Of the turns that summaries are about (see `inclusion`)."""
    first_values: Mapping[str, Sequence[float]]
    """Of the first turns of connections, which are listed apart."""
    counts: Counts
    judged: int = 0
    """Turns of which it is known whether they were cut off: the service ended them, there is reference speech, and none
    of them is slow."""
    referenced: bool = True
    """Whether there is reference speech everywhere."""
    speech_judged: int = 0
    """Stretches of reference speech of which it is known whether they were missed."""
    speech_held_up: int = 0
    """Stretches of which nobody can tell, because this machine or its line was too slow."""
    eager_gained: float = 0.0
    """Seconds: the head starts of all eager ends that were confirmed."""
    eager_wasted: float = 0.0
    """Seconds from each eager end that was taken back to its resume."""
    health: Health | None = None
    """None where turns were picked from sessions."""
    words: WordErrors | None = None
    """None where nobody told what was really said."""

    @property
    def eager_precision(self) -> float | None:
        """The share of the eager ends decided that were confirmed."""
        return self.counts.eager_precision

    @property
    def wer(self) -> float | None:
        """Word errors for each word said."""
        return None if self.words is None else self.words.rate

    @property
    def summaries(self) -> dict[str, Summary]:
        """Summarise the values of each figure."""
        return {name: summarise(values) for name, values in self.values.items()}

    @property
    def first_summaries(self) -> dict[str, Summary]:
        """Summarise the values of each connection's first turn."""
        return {name: summarise(values) for name, values in self.first_values.items()}


class Aggregating:
    """Turns being pooled, one after another; they themselves are not kept.

    Of missed speech, violations and errors no turn tells: there are none.
    """

    def __init__(self) -> None:
        self._values = {metric.key: array("d") for metric in TURN_METRICS}
        self._first_values = {metric.key: array("d") for metric in TURN_METRICS}
        self._listed = {Inclusion.SUMMARY: self._values, Inclusion.FIRST: self._first_values}
        self._counted = Counter[str]()
        self._gained = array("d")
        self._wasted = array("d")

    def add(self, finished: FinishedTurn) -> None:
        """Add a turn that is over."""
        turn, figures = finished.turn, finished.figures
        where = inclusion(turn, figures)
        for name, values in self._listed.get(where, {}).items():
            value = getattr(figures, name)
            if value is not None:
                values.append(value)
        self._counted["turns"] += 1
        if where in (Inclusion.CLOSED, Inclusion.DANGLING):
            self._counted[where.value] += 1
        self._counted["slow"] += figures.slow
        self._counted["eager_ends"] += figures.eager_ends
        self._counted["eager_ends_confirmed"] += turn.standing_guess is not None
        self._counted["resumes"] += figures.resumes
        self._counted["referenced"] += figures.spurious is not None
        if figures.slow:
            return
        self._gained.append(figures.eager_lead or 0.0)
        self._wasted.append(figures.eager_wasted or 0.0)
        self._counted["false_cutoffs"] += figures.false_cutoff is True
        self._counted["spurious"] += figures.spurious is True
        self._counted["judged"] += figures.false_cutoff is not None

    def pool(self) -> Aggregate:
        """Return what the turns so far come to."""
        return Aggregate(
            values={name: _ascending(values) for name, values in self._values.items()},
            first_values={name: _ascending(values) for name, values in self._first_values.items()},
            counts=Counts(
                **{name: number for name, number in self._counted.items() if name in Counts.__struct_fields__}
            ),
            referenced=self._counted["referenced"] > 0,
            judged=self._counted["judged"],
            eager_gained=fsum(self._gained),
            eager_wasted=fsum(self._wasted),
        )


def pool_turns(turns: Iterable[FinishedTurn]) -> Aggregate:
    """Aggregate turns, wherever they come from."""
    pooling = Aggregating()
    for each in turns:
        pooling.add(each)
    return pooling.pool()


def pool_session(snapshot: Snapshot, said: str | None = None) -> Aggregate:
    """Pool a whole session, given as its last snapshot; `said` is what was really said in it, where that is known."""
    # A blank between turns: word errors are not the place to judge how the service joins its texts.
    words = None if said is None else word_errors(said, transcript(snapshot.finished, " "))
    return msgspec.structs.replace(
        pool_turns(snapshot.finished),
        counts=snapshot.counts,
        referenced=snapshot.session.reference != "none",
        speech_judged=snapshot.speech_judged,
        speech_held_up=snapshot.speech_held_up,
        health=snapshot.health,
        words=words,
    )


def aggregate_sessions(snapshots: Sequence[Snapshot], said: Sequence[str] | None = None) -> Aggregate:
    """Aggregate several whole sessions; `said` is what was really said in each, where that is known of all."""
    texts = [None] * len(snapshots) if said is None else said
    return join([pool_session(*each) for each in zip(snapshots, texts, strict=True)])


def join(pools: Sequence[Aggregate]) -> Aggregate:
    """Join pools: all values of all, no mean of means. Health and words are known where they are of all."""
    reports = [pool.health for pool in pools if pool.health is not None]
    errors = [pool.words for pool in pools if pool.words is not None]
    return Aggregate(
        values=_merged([pool.values for pool in pools]),
        first_values=_merged([pool.first_values for pool in pools]),
        counts=Counts(*(sum(getattr(pool.counts, name) for pool in pools) for name in Counts.__struct_fields__)),
        judged=sum(pool.judged for pool in pools),
        referenced=all(pool.referenced for pool in pools),
        speech_judged=sum(pool.speech_judged for pool in pools),
        speech_held_up=sum(pool.speech_held_up for pool in pools),
        eager_gained=sum(pool.eager_gained for pool in pools),
        eager_wasted=sum(pool.eager_wasted for pool in pools),
        health=_pooled_health(reports) if len(reports) == len(pools) else None,
        words=together(errors) if pools and len(errors) == len(pools) else None,
    )


def _pooled_health(reports: Sequence[Health]) -> Health:
    """What is counted is added up; of lags, round trips and levels the worst counts."""
    pooled: dict[str, float] = {}
    for name in Health.__struct_fields__:
        values = [value for value in (getattr(report, name) for report in reports) if value is not None]
        if values:
            pooled[name] = sum(values) if name in _ADDED_UP else max(values)
    return Health(**pooled)  # type: ignore[arg-type]  # counts stay whole when they are added up


def _merged(all_values: Sequence[Mapping[str, Sequence[float]]]) -> dict[str, Sequence[float]]:
    return {
        metric.key: _ascending(chain.from_iterable(values[metric.key] for values in all_values))
        for metric in TURN_METRICS
    }


def _ascending(values: Iterable[float]) -> Sequence[float]:
    return array("d", sorted(values))
