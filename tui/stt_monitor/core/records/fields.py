"""Metrics and times in records."""

import msgspec

from stt_monitor.core.metrics.definitions import TURN_METRICS


def with_fields_for_metrics(head: type[msgspec.Struct], kind: object) -> type[msgspec.Struct]:
    """Extend a record by a field for each metric of turns, with its name in data."""
    fields = [(metric.column, kind) for metric in TURN_METRICS]
    return msgspec.defstruct(head.__name__, fields, bases=(head,), module=head.__module__, frozen=True)


def in_record(at: float) -> float:
    """Round seconds of session for records: to a tenth of a millisecond."""
    return round(at, 4)
