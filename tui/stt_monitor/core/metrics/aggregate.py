"""Aggregates the turns of one or more sessions: values, counts and health as if they were one session's."""

from array import array
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from math import fsum
from typing import Final

import msgspec

from stt_monitor.core.finished_turn import FinishedTurn
from stt_monitor.core.metrics.definitions import SESSION_METRICS, TURN_METRICS
from stt_monitor.core.metrics.inclusion import NOT_ENDED, Inclusion, inclusion
from stt_monitor.core.metrics.marks import Marks, together
from stt_monitor.core.metrics.metric import Source
from stt_monitor.core.metrics.pauses import Pauses
from stt_monitor.core.metrics.pauses import together as pauses_together
from stt_monitor.core.metrics.percentiles import Summary, summarise
from stt_monitor.core.metrics.units import Unit
from stt_monitor.core.metrics.wer import WordErrors, total_word_errors, word_errors
from stt_monitor.core.records.session import Health
from stt_monitor.core.records.summaries import Counts
from stt_monitor.core.snapshot import Snapshot
from stt_monitor.core.turns.turn import transcript

_ADDITIVE: Final = {
    metric.key
    for metric in SESSION_METRICS
    if metric.source is Source.HEALTH and metric.unit in (Unit.COUNT, Unit.SECONDS)
}
"""The fields of `Health` to add up: counts of events, amounts of audio."""


class Aggregate(msgspec.Struct, frozen=True):
    """Aggregated turns. Values are as measured (see `Unit`), sorted, by metric key."""

    values: Mapping[str, Sequence[float]]
    """Of the turns that count in summaries (see `inclusion`)."""
    first_values: Mapping[str, Sequence[float]]
    """Of the first turns of connections, which are listed separately."""
    counts: Counts
    referenced: bool = True
    """Whether all sessions have reference speech, to their end: a detector that is too slow gives up."""
    speech_checked: int = 0
    """Spans of reference speech that are known to be missed or not."""
    speech_delayed: int = 0
    """Spans for which that is unknown: something other than the service delayed them."""
    eager_gained: float = 0.0
    """Total of `eager_lead`, seconds: the head starts of all confirmed eager ends."""
    eager_wasted: float = 0.0
    """Total time from each false eager end to its resume, seconds."""
    health: Health | None = None
    """None for turns picked from sessions."""
    words: WordErrors | None = None
    """None without reference transcripts."""
    marks: Marks = Marks()
    """What is special about their metrics."""
    pauses: Pauses = Pauses()

    @property
    def eager_precision(self) -> float | None:
        """Share of the decided eager ends that were confirmed."""
        return self.counts.eager_precision

    @property
    def pause_survived_max(self) -> float | None:
        """The longest pause inside a turn that did not end it, seconds."""
        return self.pauses.survived_max

    @property
    def pause_cut_min(self) -> float | None:
        """The shortest pause that ended a turn, seconds."""
        return self.pauses.cut_min

    @property
    def wer(self) -> float | None:
        """Word error rate; None without a reference transcript."""
        return None if self.words is None else self.words.rate

    @property
    def summaries(self) -> dict[str, Summary]:
        """Summary of each metric's values, by key."""
        return {name: summarise(values) for name, values in self.values.items()}

    @property
    def first_summaries(self) -> dict[str, Summary]:
        """The same of the first turns of connections."""
        return {name: summarise(values) for name, values in self.first_values.items()}


class Aggregator:
    """Aggregates turns one by one, without keeping them.

    Missed speech, violations and errors belong to no turn: it counts none of them.
    """

    def __init__(self) -> None:
        self._values = {metric.key: array("d") for metric in TURN_METRICS}
        self._first_values = {metric.key: array("d") for metric in TURN_METRICS}
        self._listed = {Inclusion.SUMMARY: self._values, Inclusion.FIRST: self._first_values}
        self._counted = Counter[str]()
        self._marks: Marks | None = None
        self._gained = array("d")
        self._wasted = array("d")
        self._pauses = Pauses()

    def add(self, finished: FinishedTurn) -> None:
        """Add a finished turn."""
        turn, metrics = finished.turn, finished.metrics
        where = inclusion(turn, metrics)
        self._marks = finished.marks if self._marks is None else together([self._marks, finished.marks])
        for name, values in self._listed.get(where, {}).items():
            value = getattr(metrics, name)
            if value is not None:
                values.append(value)
        self._counted["turns"] += 1
        if turn.end_reason in NOT_ENDED:
            self._counted[turn.end_reason.value] += 1
        self._counted["slow"] += metrics.slow
        self._counted["eager_ends"] += metrics.eager_ends
        self._counted["eager_ends_confirmed"] += turn.confirmed_eager_end is not None
        self._counted["resumes"] += metrics.resumes
        self._counted["wasted_replies"] += metrics.wasted_replies or 0
        self._counted["turns_ended"] += metrics.wasted_replies is not None
        self._pauses = self._pauses.with_turn(metrics)
        self._counted["interruptions"] += metrics.interruption is True
        self._counted["referenced"] += metrics.spurious is not None
        if metrics.slow:
            return
        self._gained.append(metrics.eager_lead or 0.0)
        self._wasted.append(metrics.eager_wasted or 0.0)
        self._counted["false_cutoffs"] += metrics.false_cutoff is True
        self._counted["spurious"] += metrics.spurious is True
        self._counted["turns_checked"] += metrics.false_cutoff is not None

    def result(self) -> Aggregate:
        """Return the aggregate of the turns so far."""
        return Aggregate(
            values={name: _ascending(values) for name, values in self._values.items()},
            first_values={name: _ascending(values) for name, values in self._first_values.items()},
            counts=Counts(
                **{name: number for name, number in self._counted.items() if name in Counts.__struct_fields__}
            ),
            referenced=self._counted["referenced"] > 0,
            eager_gained=fsum(self._gained),
            eager_wasted=fsum(self._wasted),
            marks=self._marks or Marks(),
            pauses=self._pauses,
        )


def aggregate_turns(turns: Iterable[FinishedTurn]) -> Aggregate:
    """Aggregate turns of any sessions."""
    aggregator = Aggregator()
    for each in turns:
        aggregator.add(each)
    return aggregator.result()


def aggregate_session(snapshot: Snapshot, reference: str | None = None) -> Aggregate:
    """Aggregate a whole session from its last snapshot; `reference`: its reference transcript, if known."""
    words = None
    if reference is not None:
        # A space between turns: how the service joins its texts is no word error.
        words = word_errors(reference, transcript((each.turn for each in snapshot.finished), " "))
    return msgspec.structs.replace(
        aggregate_turns(snapshot.finished),
        counts=snapshot.counts,
        referenced=snapshot.session.reference != "none" and snapshot.audio.speaking is not None,
        speech_checked=snapshot.speech_checked,
        speech_delayed=snapshot.speech_delayed,
        health=snapshot.health,
        words=words,
        marks=snapshot.marks,
    )


def aggregate_sessions(snapshots: Sequence[Snapshot], references: Sequence[str] | None = None) -> Aggregate:
    """Aggregate whole sessions; `references`: their reference transcripts, if known for all."""
    texts = [None] * len(snapshots) if references is None else references
    return combine([aggregate_session(*each) for each in zip(snapshots, texts, strict=True)])


def combine(aggregates: Sequence[Aggregate]) -> Aggregate:
    """Combine aggregates over all their values: no mean of means. Health and words need all to have them."""
    reports = [aggregate.health for aggregate in aggregates if aggregate.health is not None]
    errors = [aggregate.words for aggregate in aggregates if aggregate.words is not None]
    return Aggregate(
        values=_merged([aggregate.values for aggregate in aggregates]),
        first_values=_merged([aggregate.first_values for aggregate in aggregates]),
        counts=Counts(
            *(sum(getattr(aggregate.counts, name) for aggregate in aggregates) for name in Counts.__struct_fields__)
        ),
        referenced=all(aggregate.referenced for aggregate in aggregates),
        speech_checked=sum(aggregate.speech_checked for aggregate in aggregates),
        speech_delayed=sum(aggregate.speech_delayed for aggregate in aggregates),
        eager_gained=sum(aggregate.eager_gained for aggregate in aggregates),
        eager_wasted=sum(aggregate.eager_wasted for aggregate in aggregates),
        health=_combined_health(reports) if len(reports) == len(aggregates) else None,
        marks=together(aggregate.marks for aggregate in aggregates),
        pauses=pauses_together(aggregate.pauses for aggregate in aggregates),
        words=total_word_errors(errors) if aggregates and len(errors) == len(aggregates) else None,
    )


def _combined_health(reports: Sequence[Health]) -> Health:
    """Add up counts and amounts; take the worst of lags, round trips and levels."""
    combined: dict[str, float] = {}
    for name in Health.__struct_fields__:
        values = [value for value in (getattr(report, name) for report in reports) if value is not None]
        if values:
            combined[name] = sum(values) if name in _ADDITIVE else max(values)
    return Health(**combined)  # type: ignore[arg-type]  # sums of counts are whole numbers


def _merged(all_values: Sequence[Mapping[str, Sequence[float]]]) -> dict[str, Sequence[float]]:
    return {
        metric.key: _ascending(chain.from_iterable(values[metric.key] for values in all_values))
        for metric in TURN_METRICS
    }


def _ascending(values: Iterable[float]) -> Sequence[float]:
    return array("d", sorted(values))
