"""How a session ended: for the exit code, for the user, and as a snapshot."""

from typing import TYPE_CHECKING

import msgspec

from stt_monitor.core.errors import BugError, ServiceUnavailableError, UserError
from stt_monitor.core.records.session import Connection, SessionRecord
from stt_monitor.core.settings.requested import Settings
from stt_monitor.core.snapshot import Snapshot
from stt_monitor.services import registry

if TYPE_CHECKING:
    from stt_monitor.transport.failures import Failure


class Outcome(msgspec.Struct, frozen=True):
    """How a session ended: an exit code (architecture.md 4), and a sentence when there is something to say."""

    exit_code: int = 0
    sentence: str = ""
    more: bool = False
    """Another session of the same run follows."""
    busy: bool = False
    """The service responded, but was busy (429, 503) until we gave up."""
    final: bool = False
    """The service refused what must be changed first: trying again does not help."""


def incomplete(what: str) -> Outcome:
    """Return the outcome of a session that ended before the service's last events."""
    return Outcome(ServiceUnavailableError.exit_code, f"{what}: events may be missing")


def given_up(failure: "Failure", attempts: int) -> Outcome:
    """Return the outcome of a session that could not connect, or not again, because of the last failure."""
    tried = f" (tried {attempts} times)" if attempts > 1 else ""
    code, sentence = ServiceUnavailableError.exit_code, f"{failure.sentence}{tried}"
    return Outcome(code, sentence, busy=failure.busy, final=not failure.passing)


def sentence_of(error: Exception) -> str:
    """Describe an error; of a bug, its place too."""
    if isinstance(error, UserError):
        return str(error)
    from stt_monitor.system.bugs import report_bug  # only now that something went wrong

    return report_bug(error)


def outcome_of(error: Exception) -> Outcome:
    """Return the outcome of a session that an exception ended."""
    return Outcome(error.exit_code if isinstance(error, UserError) else BugError.exit_code, sentence_of(error))


def no_session(service: str) -> Snapshot:
    """Return the snapshot of a session with a service that has not begun."""
    from stt_monitor.core.monitoring.monitor import Monitor  # not before the first paint

    unknown = SessionRecord(
        started_at="", source="", url="", model="", encoding="", sample_rate=0, chunk_ms=0,
        settings=Settings(), reference="none", service=service,
    )  # fmt: skip
    return Monitor(unknown, registry.dialect_of(unknown)).snapshot(0.0, running=False)


def failed(snapshot: Snapshot, sentence: str) -> Snapshot:
    """Return a snapshot of the ended session, with the reason as its error."""
    return msgspec.structs.replace(
        snapshot, connection=Connection.CLOSED, detail=sentence, retry=None, running=False, error=sentence
    )
