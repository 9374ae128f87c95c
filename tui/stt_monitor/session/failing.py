"""What is told and shown of a session that did not come about, or that an exception ended."""

from typing import TYPE_CHECKING

import msgspec

from stt_monitor.core.errors import BugError, UserError
from stt_monitor.core.records import Connection, SessionRecord
from stt_monitor.core.settings import Settings
from stt_monitor.core.snapshot import Snapshot

if TYPE_CHECKING:
    from stt_monitor.session.client import Outcome


def sentence_of(error: Exception) -> str:
    """Say what went wrong; of a bug, where."""
    if isinstance(error, UserError):
        return str(error)
    from stt_monitor.system.bugs import told  # only now that something went wrong

    return told(error)


def outcome_of(error: Exception) -> "Outcome":
    """Return the outcome of a session that an exception ended."""
    from stt_monitor.session.client import Outcome  # loads numpy and websockets: after the first paint

    return Outcome(error.exit_code if isinstance(error, UserError) else BugError.exit_code, sentence_of(error))


def no_session() -> Snapshot:
    """Return the snapshot of a session that has not begun."""
    from stt_monitor.core.monitor import Monitor  # not before the first paint

    unknown = SessionRecord(
        started_at="", source="", url="", model="", encoding="", sample_rate=0, chunk_ms=0,
        settings=Settings(), reference="none",
    )  # fmt: skip
    return Monitor(unknown).snapshot(0.0, running=False)


def failed(snapshot: Snapshot, sentence: str) -> Snapshot:
    """Return a snapshot as it is when the session is over, for a reason that the user should read."""
    return msgspec.structs.replace(
        snapshot, connection=Connection.CLOSED, detail=sentence, retry=None, running=False, error=sentence
    )
