"""Which metrics a service supports, by its declaration."""

from enum import Enum
from typing import Final

from stt_monitor.core.dialect import Dialect, Onset, TextAfterEnd
from stt_monitor.core.metrics.definitions import METRICS
from stt_monitor.core.metrics.metric import Ability, Metric, Moment, Source
from stt_monitor.core.settings.requested import TurnSettings


class Support(Enum):
    """How a metric of a service comes about."""

    MEASURED = "measured"
    DERIVED = "derived"
    """From a moment that the service does not tell, and that is inferred."""
    NOT_APPLICABLE = "n/a"


AGENT_METRICS: Final = tuple(metric for metric in METRICS.values() if metric.ability is Ability.AGENT)
"""Metrics of the agent's side of a call."""

SERVICE_METRICS: Final = tuple(
    metric for metric in METRICS.values() if metric.source is not Source.HEALTH and metric not in AGENT_METRICS
)
"""Metrics of a service; the others are about this machine and its network, or about the agent."""


def support(metric: Metric, dialect: Dialect, settings: TurnSettings) -> Support:
    """Return how a metric comes about with a service under these turn settings."""
    eager_ends = dialect.eager_ends and (not dialect.eager_setting or dialect.eager_setting in settings)
    able = {
        None: True,
        Ability.EAGER_ENDS: eager_ends,
        Ability.RESUMES: eager_ends and dialect.resumes,
        Ability.PROMISES: bool(dialect.promises),
        Ability.COPIES: dialect.text_after_end is TextAfterEnd.COPY
        and (not dialect.copy_setting or bool(settings.get(dialect.copy_setting))),
        Ability.ONSET: dialect.tells_onset,
        Ability.SPEECH_END: dialect.tells_speech_end,
    }
    if not able[metric.ability]:
        return Support.NOT_APPLICABLE
    derived = dialect.onset is Onset.DERIVED and metric.anchors is not None and Moment.TURN_START in metric.anchors
    return Support.DERIVED if derived else Support.MEASURED
