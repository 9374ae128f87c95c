"""Encodes records as lines of JSON."""

import re

import msgspec

from stt_monitor.core.records.session import (
    ConfigRecord,
    HealthRecord,
    QuietRecord,
    RecordingRecord,
    SessionRecord,
    StallRecord,
    StatusRecord,
    WarningRecord,
)
from stt_monitor.core.records.summaries import AssertionRecord, SummaryRecord, TotalRecord
from stt_monitor.core.records.turns import EventRecord, LikelihoodRecord, TurnRecord, UnknownRecord, ViolationRecord
from stt_monitor.core.text.sanitize import escaped

Record = (
    SessionRecord | EventRecord | TurnRecord | ViolationRecord | UnknownRecord | ConfigRecord | QuietRecord
    | LikelihoodRecord | StatusRecord | WarningRecord | StallRecord | HealthRecord | RecordingRecord | SummaryRecord
    | TotalRecord | AssertionRecord
)  # fmt: skip


def to_json(record: msgspec.Struct) -> str:
    """Encode a record, or a line of a sweep, as one line of JSON, with control characters escaped."""
    try:
        text = msgspec.json.encode(record).decode()
    except UnicodeEncodeError:  # a lone surrogate from the service, which is recorded as it came
        text = _with_lone_surrogates(record)
    return escaped(text)


def _with_lone_surrogates(record: msgspec.Struct) -> str:
    import json  # rarely needed

    wire = record.event if isinstance(record, EventRecord) else None
    told = msgspec.to_builtins(record if wire is None else msgspec.structs.replace(record, event={}))
    told |= {} if wire is None else {"event": wire}

    def dump(mark: str) -> str:
        return json.dumps(
            told, ensure_ascii=False, separators=(",", ":"), default=lambda raw: mark + bytes(raw).decode()
        )

    # Huge numbers are `msgspec.Raw`, which json does not know: mark them as text, then remove the unique mark.
    mark, text = "number ", dump("")
    while mark in text:
        mark += " "
    return re.sub(f'"{mark}([-+.0-9eE]*)"', r"\1", dump(mark))
