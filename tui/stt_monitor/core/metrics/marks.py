"""What is special about the metrics of a service: which it cannot have, and which are derived. Pure."""

from collections.abc import Callable, Collection, Iterable, Iterator
from functools import reduce
from typing import Final

import msgspec

from stt_monitor.core.dialect import Dialect, TextAfterEnd
from stt_monitor.core.metrics.definitions import METRICS, TURN_METRICS
from stt_monitor.core.metrics.metric import Ability, Metric, Moment
from stt_monitor.core.metrics.support import AGENT_METRICS, SERVICE_METRICS, Support, support
from stt_monitor.core.settings.requested import TurnSettings
from stt_monitor.core.text.wording import DERIVED, NO_VALUE, NOT_APPLICABLE
from stt_monitor.core.turns.turn import Begin, Turn

_OF_EAGER_ENDS: Final = frozenset(
    metric.key for metric in SERVICE_METRICS if metric.ability in (Ability.EAGER_ENDS, Ability.RESUMES)
)
_RARE: Final = (Ability.COPIES, Ability.ONSET, Ability.SPEECH_END)
"""Abilities that few services have: others hide their metrics instead of showing n/a."""
FROM_START: Final = frozenset(
    metric.key for metric in TURN_METRICS if metric.anchors is not None and Moment.TURN_START in metric.anchors
)
"""Metrics of turns that are derived where the start of the turn is."""


class Marks(msgspec.Struct, frozen=True, gc=False):
    """Keys of metrics about which something must be said: of a turn, of a session, or of several."""

    absent: frozenset[str] = frozenset()
    """The service cannot have them: n/a, which is neither 0 nor unknown."""
    derived: frozenset[str] = frozenset()
    """From a moment that the service does not tell, and that is inferred."""
    redundant: frozenset[str] = frozenset()
    """They always equal another metric with this service."""
    exact: bool = False
    """Reference speech has labelled turns: what is a proxy otherwise (`Metric.proxy`) is exact."""
    tells_reason: bool = False
    """The service says why a turn ended: where it does not, the reason is a guess, and is marked as one."""
    with_agent: bool = False
    """The agent's side of the call is heard: else nothing shows its metrics."""

    def sign(self, metric: Metric, value: object) -> str:
        """Return what to write in the place of a value that is None, else before it; often nothing."""
        if value is None:
            return NOT_APPLICABLE if metric.key in self.absent else NO_VALUE
        return DERIVED if metric.key in self.derived or self.proxies(metric) else ""

    @property
    def cut_sign(self) -> str:
        """What to write before the word for a cut-off: `~` where it is a proxy."""
        return "" if self.exact else DERIVED

    def proxies(self, metric: Metric) -> bool:
        """Return whether the values of a metric are a proxy here."""
        return metric.proxy and not self.exact

    def worth_showing(self, metrics: Iterable[Metric]) -> Iterator[Metric]:
        """Leave out metrics that say nothing here: those that equal others, rare ones that are n/a, the agent's."""
        for metric in metrics:
            is_rare = metric.key in self.absent and metric.ability in _RARE
            unheard = metric.ability is Ability.AGENT and not self.with_agent
            if metric.key not in self.redundant and not is_rare and not unheard:
                yield metric

    def text(self, metric: Metric, value: float | None, write: Callable[[float], str]) -> str:
        """Return a value with its sign, or what stands in its place.

        Args:
            metric: of the value.
            value: as measured; None: there is none.
            write: formats a value without its sign.
        """
        sign = self.sign(metric, value)
        return sign if value is None else f"{sign}{'+' if metric.signed and value > 0 else ''}{write(value)}"

    def of_turn(self, turn: Turn) -> "Marks":
        """Return the marks of a turn, given those of its service under its settings."""
        absent = self.absent - _OF_EAGER_ENDS if turn.eager_ends and self.absent & _OF_EAGER_ENDS else self.absent
        derived = self.derived | FROM_START if turn.begin is Begin.DERIVED else self.derived
        if (absent, derived) == (self.absent, self.derived):
            return self
        return msgspec.structs.replace(self, absent=absent, derived=derived)

    def of_record(self, not_applicable: Collection[str], derived: frozenset[str]) -> "Marks":
        """Return the marks of a record: its own names of what is n/a, and keys of what is derived."""
        return msgspec.structs.replace(self, absent=keys_in_data(not_applicable), derived=derived)


def marks_of(
    dialect: Dialect, settings: TurnSettings, *, labelled_turns: bool = False, with_agent: bool = False
) -> Marks:
    """Return the marks of a service under these turn settings.

    Args:
        dialect: of the service.
        settings: its turn settings.
        labelled_turns: whether reference speech knows turns.
        with_agent: whether the agent's side of the call is heard.
    """
    supports = {metric.key: support(metric, dialect, settings) for metric in SERVICE_METRICS}
    return Marks(
        absent=frozenset(key for key, how in supports.items() if how is Support.NOT_APPLICABLE)
        | frozenset(() if with_agent else (metric.key for metric in AGENT_METRICS)),
        derived=frozenset(key for key, how in supports.items() if how is Support.DERIVED),
        redundant=frozenset() if dialect.text_after_end is TextAfterEnd.ALWAYS else frozenset({"final_text_latency"}),
        exact=labelled_turns,
        tells_reason=dialect.tells_reason,
        with_agent=with_agent,
    )


def together(marks: Iterable[Marks]) -> Marks:
    """Return the marks of several: what one can have is not n/a; one derived value or one proxy marks all."""
    return reduce(_both, marks, None) or Marks()


def _both(one: Marks | None, other: Marks) -> Marks:
    if one is None or one is other or one == other:
        return other
    return Marks(
        one.absent & other.absent,
        one.derived | other.derived,
        one.redundant & other.redundant,
        one.exact and other.exact,
        one.tells_reason or other.tells_reason,
        one.with_agent or other.with_agent,
    )


def names_in_data(keys: frozenset[str]) -> tuple[str, ...]:
    """Return the names of metrics in records, in the order of their definitions."""
    return tuple(metric.column for metric in METRICS.values() if metric.key in keys)


def keys_in_data(names: Collection[str]) -> frozenset[str]:
    """Return the keys of metrics by their names in records."""
    return frozenset(metric.key for metric in METRICS.values() if metric.column in names)
