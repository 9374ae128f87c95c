"""What records say to people beside the output: on standard error."""

from stt_monitor.core.records.lines import Record
from stt_monitor.core.records.session import Connection, RecordingRecord, StatusRecord, WarningRecord
from stt_monitor.headless.plain_mixed import call_name
from stt_monitor.services.registry import service
from stt_monitor.system.streams import diagnose


class Diagnoses:
    """Says each thing once.

    Args:
        statuses: whether changes of a connection are said.
    """

    def __init__(self, *, statuses: bool = True) -> None:
        self._statuses = statuses
        self._told = ""  # services side by side have one recording

    def say(self, record: Record) -> None:
        """Say what a record tells of connections and recordings, and its warning."""
        match record:
            case StatusRecord(_, connection, detail) if self._statuses and connection != Connection.CLOSED.value:
                diagnose(_about(record) + ": ".join(part for part in (connection, detail) if part))
            case WarningRecord(_, sentence):
                diagnose(f"{_about(record)}warning: {sentence}")
            case RecordingRecord() if (sentence := _recording(record)) != self._told:
                self._told = sentence
                diagnose(sentence)


def _about(record: Record) -> str:
    if record.call:
        return f"{call_name(record.call)}: "
    of = service(record.service).title if record.service else record.file
    return f"{of}: " if of else ""


def _recording(record: RecordingRecord) -> str:
    if record.stopped:
        goes_on = "the call goes" if record.call else "the sessions go" if record.service else "the session goes"
        about = _about(record) if record.call else ""
        return f"{about}recording stopped: {record.stopped}; {goes_on} on"
    deleted = f" (deleted the oldest {record.deleted} there to stay within --record-limit)" if record.deleted else ""
    first = ", and every session from now on; --no-record saves none" if record.first is True else ""
    return f"recording to {record.path}{deleted}{first}"
