"""Which metrics a service allows, by what it declares."""

from enum import Enum
from typing import Final

from stt_monitor.core.dialect import Dialect, Onset
from stt_monitor.core.metrics.definitions import METRICS
from stt_monitor.core.metrics.metric import Ability, Metric, Moment, Source


class Support(Enum):
    """How a metric of a service comes about."""

    MEASURED = "measured"
    DERIVED = "derived"
    """From a moment that the service does not tell, and that is inferred."""
    NOT_APPLICABLE = "n/a"


SERVICE_METRICS: Final = tuple(metric for metric in METRICS.values() if metric.source is not Source.HEALTH)
"""Metrics of a service; the others are about this machine and its network."""


def support(metric: Metric, dialect: Dialect) -> Support:
    """Return how a metric comes about with a service."""
    able = {
        None: True,
        Ability.EAGER_ENDS: dialect.eager_ends,
        Ability.RESUMES: dialect.eager_ends and dialect.resumes,
        Ability.PROMISES: bool(dialect.promises),
    }
    if not able[metric.ability]:
        return Support.NOT_APPLICABLE
    derived = dialect.onset is Onset.DERIVED and metric.anchors is not None and Moment.TURN_START in metric.anchors
    return Support.DERIVED if derived else Support.MEASURED
