"""The figure of each service in a row, and which of them are the best. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from enum import Enum
from typing import Final

import msgspec

from stt_monitor.core.metrics.inclusion import Inclusion, inclusion
from stt_monitor.core.metrics.metric import Metric, Moment
from stt_monitor.core.metrics.units import in_unit
from stt_monitor.core.side_by_side.rows import Answer, Row, TurnPart
from stt_monitor.core.turns.state import State


class Kind(Enum):
    """Content of a row for a service; values are for display."""

    VALUE = ""
    NONE = "none"
    """Its anchors are missing or disagree."""
    PENDING = "pending"
    """Reference speech is not decided yet."""
    NOT_APPLICABLE = "n/a"
    """The service cannot have the metric."""
    SPEAKING = "speaking"
    EAGER_END = "eager end"
    GOES_ON = "same turn"
    """The turn's value is in another row: it goes on, or began before."""
    MISSED = "missed"
    UNHEARD = "not sent"
    """The service did not get this speech."""
    SPURIOUS = "spurious"
    CLOSED = "closed"
    MANUAL = "manual"
    DANGLING = "dangling"
    SLOW = "slow"


_EXCLUDED: Final = {
    Inclusion.CLOSED: Kind.CLOSED,
    Inclusion.MANUAL: Kind.MANUAL,
    Inclusion.DANGLING: Kind.DANGLING,
    Inclusion.SLOW: Kind.SLOW,
}
_OPEN: Final = {State.SPEAKING: Kind.SPEAKING, State.EAGER_END: Kind.EAGER_END, State.IDLE: Kind.SPEAKING}
_FEWEST: Final = 2
"""One value is not the best of anything."""


class Figure(msgspec.Struct, frozen=True):
    """The figure of one service in a row."""

    kind: Kind
    value: float | None = None
    """In the metric's unit of measurement, seconds; only of a `VALUE`."""
    cut: str = ""
    """`cut` if a turn was cut off in this speech, `~cut` where that is a proxy; else empty."""
    first: bool = False
    """It is of the first turn of a connection, which no summary contains."""
    derived: bool = False
    """It is measured from a moment that the service does not tell."""
    turn: int | None = None
    """Number of the turn that it is of."""


def figures(row: Row, metric: Metric) -> tuple[Figure, ...]:
    """Return the figures of all services in a row."""
    return tuple(_figure(answer, metric, spurious=row.speech is None) for answer in row.answers)


def best(metric: Metric, shown: Sequence[Figure]) -> frozenset[int]:
    """Return which services have the best value of a row; with ties several, with nothing to compare none.

    Only latencies from reference speech are compared: of others, less is not always better. Values are compared with
    their kind: first turns with first turns, derived starts with derived starts. A cut-off is never the best.
    """
    if not has_best(metric):
        return frozenset()
    kinds: defaultdict[tuple[bool, bool], dict[int, int]] = defaultdict(dict)
    for index, figure in enumerate(shown):
        if figure.value is not None and not figure.cut:
            kinds[figure.first, figure.derived][index] = round(in_unit(figure.value, metric.unit))
    comparable = [values for values in kinds.values() if len(values) >= _FEWEST]
    if len(comparable) != 1:
        return frozenset()
    (values,) = comparable
    return frozenset(index for index, value in values.items() if value == min(values.values()))


def has_best(metric: Metric) -> bool:
    """Return whether a lower value of a metric is the better one, whatever the others are."""
    return metric.anchors is not None and metric.anchors[0].of_reference and not metric.signed


def _figure(answer: Answer, metric: Metric, *, spurious: bool) -> Figure:
    cut = _cut(answer.parts)
    part = _relevant(answer.parts, metric)
    if answer.open is not None and (part is None or not _of_onset(metric)):
        return Figure(Kind.GOES_ON if answer.goes_on else _OPEN[answer.open], cut=cut)
    if part is None:
        return Figure(_without_turn(answer, spurious=spurious), cut=cut)
    turn, metrics, marks = part.finished.turn, part.finished.metrics, part.finished.marks
    where, value = inclusion(turn, metrics), getattr(metrics, metric.key)
    if where in _EXCLUDED:
        kind = _EXCLUDED[where]
    elif metrics.spurious:
        kind = Kind.SPURIOUS
    elif metric.key in marks.absent:
        kind = Kind.NOT_APPLICABLE
    elif value is None:
        kind = Kind.PENDING if metrics.pending else Kind.NONE
    else:
        derived = metric.key in marks.derived
        return Figure(Kind.VALUE, value, cut, where is Inclusion.FIRST, derived, turn.number)
    return Figure(kind, cut=cut, turn=turn.number)


def _without_turn(answer: Answer, *, spurious: bool) -> Kind:
    """Return the placeholder of a service without a turn in the row."""
    if answer.parts:
        return Kind.GOES_ON
    if answer.missed:
        return Kind.MISSED
    return Kind.NONE if answer.heard or spurious else Kind.UNHEARD


def _of_onset(metric: Metric) -> bool:
    """Return whether a metric begins with the onset of a turn's speech, and belongs into the row of that."""
    return metric.anchors is not None and metric.anchors[0] is Moment.SPEECH_ONSET


def _relevant(parts: Sequence[TurnPart], metric: Metric) -> TurnPart | None:
    """Return the turn whose value stands in the row: of several the first by onset, otherwise the last."""
    if _of_onset(metric):
        return next((part for part in parts if part.begins), None)
    return next((part for part in reversed(parts) if part.ends), None)


def _cut(parts: Iterable[TurnPart]) -> str:
    """Return the word for a cut-off of one of the turns that end in the row."""
    ending = (part.finished for part in parts if part.ends and not part.finished.metrics.slow)
    return next((f"{each.marks.cut_sign}cut" for each in ending if each.metrics.false_cutoff), "")
