"""Metrics and times in records."""

import msgspec

from stt_monitor.core.metrics.definitions import TURN_METRICS


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """Base of records: lines of `--json`."""

    service: str | msgspec.UnsetType = msgspec.UNSET
    """Name of the service that it is about; missing where there is only one."""
    file: str | msgspec.UnsetType = msgspec.UNSET
    """The file that it is about; missing but with `-j`, where several play at once."""
    call: int | msgspec.UnsetType = msgspec.UNSET
    """Number of the call that it is about; missing but in what a tap prints."""


def with_fields_for_metrics(head: type[msgspec.Struct], kind: object) -> type[msgspec.Struct]:
    """Extend a record by a field for each metric of turns, with its name in data."""
    fields = [(metric.column, kind) for metric in TURN_METRICS]
    return msgspec.defstruct(head.__name__, fields, bases=(head,), module=head.__module__, frozen=True)


def in_record(at: float) -> float:
    """Round seconds of session for records: to a tenth of a millisecond."""
    return round(at, 4)
