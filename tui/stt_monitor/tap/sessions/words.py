"""Removes transcripts from records."""

from typing import Final

import msgspec

from stt_monitor.core.records.lines import Record
from stt_monitor.core.records.summaries import SummaryRecord
from stt_monitor.core.records.turns import EventRecord, TurnRecord, UnknownRecord, ViolationRecord

_KINDS: Final = ("type", "event")
"""Fields of a message that say of which kind it is."""


def without_words(record: Record) -> Record:
    """Return a record without transcripts: of a message only its kind and its numbers are left."""
    match record:
        case EventRecord(event=event):
            kept = {name: value for name, value in event.items() if name in _KINDS or isinstance(value, int | float)}
            return msgspec.structs.replace(record, event=kept)
        case TurnRecord():
            return msgspec.structs.replace(record, transcript="")
        case SummaryRecord(first_turn=first):
            bare = None if first is None else msgspec.structs.replace(first, transcript="")
            return msgspec.structs.replace(record, transcript="", first_turn=bare)
        case ViolationRecord():  # it may quote
            return msgspec.structs.replace(record, detail="")
        case UnknownRecord():
            return msgspec.structs.replace(record, type="")
        case _:
            return record
