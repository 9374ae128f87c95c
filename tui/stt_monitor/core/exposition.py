"""What is counted and timed over all calls for Prometheus, and what each finished turn adds to it. Pure."""

from collections.abc import Iterator
from enum import Enum
from typing import Final, NamedTuple

import msgspec

from stt_monitor.core.finished_turn import FinishedTurn
from stt_monitor.core.metrics.definitions import METRICS
from stt_monitor.core.metrics.inclusion import Inclusion, inclusion
from stt_monitor.core.metrics.units import Unit
from stt_monitor.core.settings.requested import Schema, TurnSettings
from stt_monitor.core.sweep.grid import settings_text

BUCKETS_S: Final = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.25, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0)
"""Upper bounds of the histograms: fine where turn detection is, up to the longest timeouts."""

MOST_SETTINGS: Final = 50
"""Settings of a service that have series of their own: an agent may ask for others with each call."""

OTHER_SETTINGS: Final = "other"
"""Label of all settings beyond those."""

_SERVICE: Final = ("service",)
_SETTINGS: Final = ("service", "settings")


class Kind(Enum):
    """How values become series; values are the words of Prometheus."""

    HISTOGRAM = "histogram"
    COUNTER = "counter"


class Exposed(msgspec.Struct, frozen=True):
    """A metric as Prometheus has it."""

    name: str
    """With its base unit: seconds, or `_total` for a counter."""
    kind: Kind
    meaning: str
    labels: tuple[str, ...]
    """Names of its labels."""


class Observation(NamedTuple):
    """What to add to a metric."""

    metric: Exposed
    amount: float
    """Seconds for a histogram, a number for a counter."""
    labels: tuple[str, ...]
    """Values of its labels, in their order."""


def _histogram(key: str) -> Exposed:
    metric = METRICS[key]
    assert metric.unit in (Unit.MILLISECONDS, Unit.SECONDS)  # both are measured in seconds
    return Exposed(f"stt_monitor_{key}_seconds", Kind.HISTOGRAM, metric.meaning, _SETTINGS)


def _counter(key: str, meaning: str = "", labels: tuple[str, ...] = _SETTINGS) -> Exposed:
    return Exposed(f"stt_monitor_{key}_total", Kind.COUNTER, meaning or METRICS[key].meaning, labels)


TIMES: Final = {key: _histogram(key) for key in ("eot_latency", "eager_lead", "first_text")}
"""The histograms, by the key of their metric. They have what summaries have (`inclusion`), and nothing else."""

TURNS: Final = _counter(
    "turns",
    "Finished turns, by where they count (inclusion): only those of the summary are in the histograms.",
    (*_SETTINGS, "inclusion"),
)
FALSE_CUTOFFS: Final = _counter("false_cutoffs")
TURNS_CHECKED: Final = _counter("turns_checked")
WASTED_REPLIES: Final = _counter("wasted_replies")
CALLS: Final = _counter("calls", "Calls whose websocket the service accepted.", _SERVICE)
CALLS_DROPPED: Final = _counter(
    "calls_dropped", "Calls that are watched no more, because monitoring fell behind or failed. They go on.", _SERVICE
)
STALLS: Final = _counter(
    "stalls", "Times that no event came while somebody spoke, and whose fault.", (*_SERVICE, "blame")
)

EXPOSED: Final = (*TIMES.values(), TURNS, FALSE_CUTOFFS, TURNS_CHECKED, WASTED_REPLIES, CALLS, CALLS_DROPPED, STALLS)
"""All metrics."""


class SettingsNames:
    """Names settings for a label: in short words, and not in ever more of them."""

    def __init__(self) -> None:
        self._known: dict[str, set[str]] = {}

    def name(self, service: str, schema: Schema, settings: TurnSettings) -> str:
        """Return the name of settings of a service: `end 0.3`, `defaults`, or `other` beyond the limit."""
        known = self._known.setdefault(service, set())
        name = settings_text(schema, TurnSettings({each: settings.get(each) for each in schema.names}))
        if name not in known and len(known) >= MOST_SETTINGS:
            return OTHER_SETTINGS
        known.add(name)
        return name


def observations(finished: FinishedTurn, service: str, settings: str) -> Iterator[Observation]:
    """Yield what a turn adds, once its metrics are final.

    Args:
        finished: the turn.
        service: name of its service.
        settings: name of its settings.
    """
    turn, metrics = finished.turn, finished.metrics
    labels, where = (service, settings), inclusion(turn, metrics)
    yield Observation(TURNS, 1, (*labels, where.value))
    if where is Inclusion.SUMMARY:
        for key, exposed in TIMES.items():
            value = getattr(metrics, key)
            if value is not None:
                yield Observation(exposed, value, labels)
    if metrics.slow:
        return
    if metrics.false_cutoff is not None:
        yield Observation(TURNS_CHECKED, 1, labels)
        yield Observation(FALSE_CUTOFFS, int(metrics.false_cutoff), labels)
    if metrics.wasted_replies is not None and "wasted_replies" not in finished.marks.absent:
        yield Observation(WASTED_REPLIES, metrics.wasted_replies, labels)
