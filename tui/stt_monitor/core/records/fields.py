"""How records hold metrics and times."""

import msgspec

from stt_monitor.core.metrics.definitions import TURN_METRICS


def with_fields_for_metrics(head: type[msgspec.Struct], kind: object) -> type[msgspec.Struct]:
    """Extend a record by a field for each metric of turns, called as data calls it."""
    fields = [(metric.column, kind) for metric in TURN_METRICS]
    return msgspec.defstruct(head.__name__, fields, bases=(head,), module=head.__module__, frozen=True)


def in_record(at: float) -> float:
    """Return seconds of session as they are written: to a tenth of a millisecond."""
    return round(at, 4)
