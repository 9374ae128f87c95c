"""The two moments between which a metric of a turn was measured."""

import msgspec

from stt_monitor.core.finished_turn import FinishedTurn
from stt_monitor.core.metrics.metric import Metric, Moment
from stt_monitor.core.metrics.turn_metrics import moments
from stt_monitor.core.text.moments import to_the_millisecond


class Anchor(msgspec.Struct, frozen=True):
    """A moment and its time, seconds of session."""

    moment: Moment
    at: float


def anchors(finished: FinishedTurn, metric: Metric) -> tuple[Anchor, Anchor] | None:
    """Return start and end of a turn's metric; None without a value, or where it is no time between two moments."""
    value: float | None = getattr(finished.metrics, metric.key)
    if value is None or metric.anchors is None:
        return None
    begin, end = metric.anchors
    at = moments(finished.turn)[end]
    if at is None:
        return None
    at = to_the_millisecond(at)  # as it is shown: then the two are as far apart as the value says
    return Anchor(begin, at - value), Anchor(end, at)
