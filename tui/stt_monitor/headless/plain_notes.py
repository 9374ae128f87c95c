"""What `--plain` says of a session beside its turns: changed settings, lost connections, what is wrong."""

from collections.abc import Iterator

from stt_monitor.core.notes import Note, NoteKind, changed_settings
from stt_monitor.core.records.lines import Record
from stt_monitor.core.records.session import (
    ConfigRecord,
    Connection,
    QuietRecord,
    StallRecord,
    StatusRecord,
    WarningRecord,
)
from stt_monitor.core.records.turns import UnknownRecord, ViolationRecord
from stt_monitor.core.settings.requested import Schema, TurnSettings


class PlainNotes:
    """Tells what happens to one session. Its words are raw."""

    def __init__(self, schema: Schema, settings: TurnSettings) -> None:
        """Begin; `schema`: of its service's settings; `settings`: those that it began with."""
        self._schema = schema
        self._settings = settings
        self._lost = False

    def __call__(self, record: Record) -> Iterator[tuple[float, str, str]]:
        """Yield what a record tells of it, if anything: when it was, its name, its words."""
        match record:
            case ViolationRecord(t, rule, detail):
                yield t, "violation", f"{rule}: {detail}"
            case UnknownRecord(t, kind):
                yield t, "unknown", f"{kind}: no type that this program knows"
            case StallRecord(t, blame, sentence, since):
                yield t, "stalled", sentence if blame else f"no more: an event came, after {t - since:.1f} s"
            case WarningRecord(t, sentence):
                yield t, "warning", sentence
            case QuietRecord(t, quiet, how):
                yield t, how, "silence is sent" if quiet else "no more"
            case ConfigRecord():
                yield record.t, "settings", self._changed(record)
            case StatusRecord(t, Connection.RECONNECTING.value as state, reason):
                self._lost = True
                yield t, "connection", f"{state}: {reason}" if reason else state
            case StatusRecord(t, Connection.CONNECTED.value as state) if self._lost:
                self._lost = False
                yield t, "connection", state

    def _changed(self, record: ConfigRecord) -> str:
        before, self._settings = self._settings, record.settings
        kind = NoteKind.REFUSED if record.refused else NoteKind.SETTINGS
        changed = changed_settings(Note(kind, record.t, settings=record.settings, before=before), self._schema)
        if record.refused:
            return f"refused by the service, back to {changed or 'what they were'}"
        return changed or "as before"
